"""What texts put in the place of something else: kernel, plain code, and what people expect."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.config import Rule
from dedup.corpus_model import CorpusModel
from dedup.kernels.alignment import N_COUNTS
from dedup.kernels.alignment import align as kernel_align
from dedup.kernels.numbers import WORD_TABLE_BITS
from dedup.reference.alignment import NameWords, Replacements, align
from dedup.text.batch import kernel_number_words
from dedup.text.normalise import normalise
from dedup.text.number_words import TABLE_BITS, meanings, number_words
from dedup.text.numbers import number_hash, value
from dedup.text.tokens import token_hash, tokens

WIDTH = 5
RARE = 3
MODEL = replace(CorpusModel.empty(), n_units=100, term_counts=np.arange(1 << 20) % 7)
"""Made-up counts of units that hold a term: three of seven are rare, two of these known."""
NUMBERS = ["three", "seven", "7", "sept", "million", "21", "twenty", "one", "a"]
FILLER = [f"{first}{second}" for first in "abcdefgh" for second in "qrstuvwxyz"]


def by_kernel(pairs: list[tuple[list[int], list[int]]]) -> list[Replacements]:
    """Align the pairs by the kernel, all in one call."""
    texts = [text for pair in pairs for text in pair]
    flat = np.array([token for text in texts for token in text], np.uint32)
    bounds = np.cumsum([0, *map(len, texts)])
    flat.flags.writeable = False  # mapped, as in a scan: the kernel is compiled for that
    shared, counts = np.empty((len(pairs), 2), np.int64), np.empty((len(pairs), N_COUNTS), np.int64)
    kernel_align(
        (flat, bounds),
        WIDTH,
        MODEL.weights(),
        np.zeros(1 << 18, np.uint8),
        (
            *MODEL.name_weights(Rule(rare_word_share=RARE / MODEL.n_units)),
            kernel_number_words(),
        ),
        (np.arange(0, len(texts), 2), np.arange(1, len(texts), 2)),
        shared,
        counts,
        np.empty(len(pairs)),
    )
    return [Replacements(*row) for row in counts.tolist()]


def n_holders(word: int) -> int:
    return (word >> 12) % 7


NAMES = NameWords(lambda word: n_holders(word) <= RARE, lambda word: n_holders(word) >= 2)


def by_plain_code(left: list[int], right: list[int]) -> Replacements:
    return align(left, right, WIDTH, NAMES)


def hashes(text: str) -> list[int]:
    return [token_hash(token) for token in tokens(normalise(text))]


WORDS = st.sampled_from(
    [*"abcdefg", "1", "2", "1.5", "1,5", "15", "-1", "1 000", "1,000", "x7", "two"]
)
TEXTS = st.lists(WORDS, min_size=1, max_size=70).map(" ".join)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_the_kernel_counts_what_plain_code_counts(texts: list[tuple[str, str]]) -> None:
    pairs = [(hashes(left), hashes(right)) for left, right in texts]
    assert by_kernel(pairs) == [by_plain_code(*pair) for pair in pairs]


def test_the_kernel_counts_what_plain_code_counts_in_edited_texts() -> None:
    draw = random.Random(3)
    pairs = []
    for _ in range(300):
        left = draw.choices([*FILLER, "12", "3.5", "1,000", "six"], k=draw.randint(20, 200))
        right = list(left)
        for _ in range(draw.randint(0, 8)):
            at = draw.randrange(len(right))
            words = draw.choice(
                (["new", "77", "9", *FILLER], [f"{n}th" for n in range(99)], NUMBERS)
            )
            n_gone, n_come = draw.choice(((draw.randint(0, 6), 3), (12, 12)))
            right[at : at + n_gone] = draw.choices(words, k=n_come)
        pairs.append((hashes(" ".join(left)), hashes(" ".join(right))))
    found = by_kernel(pairs)
    assert found == [by_plain_code(*pair) for pair in pairs]
    for name in Replacements._fields:
        assert any(getattr(counts, name) for counts in found), name


def replaced(left: str, right: str) -> Replacements:
    return by_plain_code(hashes(left), hashes(right))


BEGIN, END = " ".join(FILLER[:30]), " ".join(FILLER[30:60])
MORE = " ".join(FILLER[60:])


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (f"{BEGIN} {END} 5", f"{BEGIN} {END} 6", Replacements(gaps=1)),  # an edge is a footer
        (f"{BEGIN} 5 {END}", f"{BEGIN} {END}", Replacements(gaps=1)),  # left out, not replaced
        (f"{BEGIN} 5 {END}", f"{END} {BEGIN} 6", Replacements(gaps=2)),  # moved
        (f"{BEGIN} 5 {END}", f"{BEGIN} 6 {END}", Replacements(0, 1, gaps=1)),
        (f"{BEGIN} red {END}", f"{BEGIN} blue {END}", Replacements(0, 0, 1, gaps=1)),
        (
            f"{BEGIN} Ann {END} Ann {BEGIN} Ann {END}",
            f"{BEGIN} Bob {END} Bob {BEGIN} Bob {END}",
            Replacements(0, 0, 3, 2, gaps=3),
        ),
        (
            f"{BEGIN} red {END} green {BEGIN}",
            f"{BEGIN} blue {END} yellow {BEGIN}",
            Replacements(0, 0, 2, gaps=2),
        ),
        (
            f"{BEGIN} {'5 ' * 49} {END}",
            f"{BEGIN} {'6 ' * 49} {END}",
            # too wide a gap to say which number stands for which
            Replacements(0, 0, 0, 0, 49, 1, 49, 49),
        ),
    ],
)
def test_replacements_are_what_stands_in_the_place_of_something_else(
    left: str, right: str, expected: Replacements
) -> None:
    assert replaced(left, right) == expected
    assert by_kernel([(hashes(left), hashes(right))]) == [expected]


KNOWN, UNKNOWN, FREQUENT = (
    ("Ann", "Leo", "Carl", "York"),
    ("Hal", "Wes", "Oslo", "Ulm"),
    ("Bob", "Pam"),
)
"""Rare words that other texts hold, rare words of one text, and words of many."""


def test_the_words_of_the_cases_are_as_rare_as_they_are_said_to_be() -> None:
    for words, counts in ((KNOWN, {2, 3}), (UNKNOWN, {1}), (FREQUENT, {5})):
        assert {n_holders(hashes(word)[0]) for word in words} == counts


@pytest.mark.parametrize(
    ("gone", "come", "n_names"),
    [
        (["Hal Oslo"], ["Wes Ulm"], 1),
        (["Hal Oslo"], ["Wes Bob"], 0),  # one rare word
        (["Hal Oslo"], [f"Wes Ulm {'Bob ' * 11}"], 0),  # too much beside it
        (["Ann", "Ann"], ["Leo", "Leo"], 2),  # the second shows what the first is
        (["Hal", "Hal"], ["Wes", "Wes"], 1),  # misprints, as far as anybody knows
        (["Bob", "Bob"], ["Pam", "Pam"], 1),  # no name, but again the same
        (["Ann", "Ann"], ["Leo", "Leo York"], 1),  # may be one word in two
        (["Ann", "Carl"], ["Leo", "York"], 0),  # this and that
        (["Ann Hal Oslo", "Ann"], ["Leo Wes Ulm", "Leo"], 2),  # no gap counts twice
    ],
)
def test_names_are_told_by_repetition_and_rarity(
    gone: list[str], come: list[str], n_names: int
) -> None:
    left, right = (f"{BEGIN} {f' {END} '.join(words)} {BEGIN}" for words in (gone, come))
    found = replaced(left, right)
    assert (found.words_replaced, found.names_replaced) == (len(gone), n_names)
    assert by_kernel([(hashes(left), hashes(right))]) == [found]


def check_passage_words(left: list[str], right: list[str], n_words: int) -> None:
    """Assert how many words of passages are replaced, whichever text is the base."""
    one, other = " ".join(left), " ".join(right)
    assert replaced(one, other).passage_words == n_words
    assert replaced(other, one).passage_words == n_words
    pairs = [(hashes(one), hashes(other)), (hashes(other), hashes(one))]
    assert by_kernel(pairs) == [replaced(one, other), replaced(other, one)]


GONE, COME = ([f"{word}{n}" for n in range(300)] for word in ("gone", "come"))


@pytest.mark.parametrize(
    ("gone", "come", "n_words"),
    [
        (GONE[:8], COME[:20], 8),
        (GONE[:7], COME[:20], 0),  # a phrase
        (GONE[:20], COME[:7], 0),
        (GONE[:256], COME[:256], 256),
        (GONE[:8], COME[:257], 0),  # too wide to say what stands for what
        ([*GONE[:4], *FILLER[:6]], COME[:10], 4 + 6),
        ([*GONE[:4], *FILLER[:7]], COME[:11], 0),  # reworded: most stands elsewhere too
        (COME[:11], [*GONE[:4], *FILLER[:7]], 0),
    ],
)
def test_passages_are_words_that_the_other_text_lacks(
    gone: list[str], come: list[str], n_words: int
) -> None:
    pairs = [(hashes(f"{BEGIN} {' '.join(gone)} {END}"), hashes(f"{BEGIN} {' '.join(come)} {END}"))]
    assert by_plain_code(*pairs[0]).passage_words == n_words
    assert by_kernel(pairs) == [by_plain_code(*pairs[0])]


@pytest.mark.parametrize(
    ("left", "right", "n_replaced"),
    [
        (f"{BEGIN} 1,250 {END} {MORE}", f"{BEGIN} {END} 4,800 {MORE}", 1),
        (f"{BEGIN} 125 {END} 371 {MORE}", f"{BEGIN} {END} 4,800 {MORE}", 1),
        (f"{BEGIN} {'red ' * 49} 125 {END} {MORE}", f"{BEGIN} {END} 4,800 {MORE}", 1),
        (f"{BEGIN} 12 {END} {MORE}", f"{BEGIN} {END} 4,800 {MORE}", 0),  # a day, an age
        (f"{BEGIN} b1250 {END} {MORE}", f"{BEGIN} {END} 4,800 {MORE}", 0),  # a code
        (f"{BEGIN} 1,250 {END} {MORE}", f"{BEGIN} {END} {MORE} 4,800", 0),  # a footer
        (f"{BEGIN} 1,250 {END} {MORE}", f"{BEGIN} {END} 1250 {MORE}", 0),  # moved
    ],
)
def test_amounts_are_replaced_by_others_in_another_place(
    left: str, right: str, n_replaced: int
) -> None:
    assert replaced(left, right).numbers_replaced == n_replaced
    assert replaced(right, left).numbers_replaced == n_replaced
    assert by_kernel([(hashes(left), hashes(right))]) == [replaced(left, right)]


@pytest.mark.parametrize(
    ("first", "second", "n_names"),
    [("Hal Oslo", "Wes Ulm", 2), ("Hal Oslo", "Wes", 0), ("Hal Bob", "Wes Pam", 0)],
)
def test_names_may_stand_in_each_others_place(first: str, second: str, n_names: int) -> None:
    left, right = f"{BEGIN} {first} {END} {second} {MORE}", f"{BEGIN} {second} {END} {first} {MORE}"
    assert replaced(left, right) == Replacements(0, 0, n_names, n_names, gaps=2)
    assert by_kernel([(hashes(left), hashes(right))]) == [replaced(left, right)]


@pytest.mark.parametrize(
    ("left", "right", "n_words"),
    [
        ([BEGIN, *GONE[:12], END, MORE], [BEGIN, END, *COME[:20], MORE], 12),
        ([BEGIN, *GONE[:11], END, MORE], [BEGIN, END, *COME[:20], MORE], 0),
        ([BEGIN, *GONE[:20], END, MORE], [BEGIN, END, *COME[:11], MORE], 0),
        ([BEGIN, *GONE[:20], END, MORE], [BEGIN, END, MORE, *COME[:20]], 0),  # a footer
        ([*GONE[:20], BEGIN, END, MORE], [BEGIN, END, *COME[:20], MORE], 0),
        ([BEGIN, *GONE[:20], END, MORE], [BEGIN, END, MORE], 0),  # left out
        (
            [BEGIN, *"a b c d A e f g h B k".split(), "l", END],
            [BEGIN, *"a b c d X e f g h Y k".split(), "l", END],
            0,
        ),  # shares too little, but edited
        (
            [BEGIN, *GONE[:4], "u", *GONE[4:8], "v", *GONE[8:12], END],
            [BEGIN, *GONE[:4], "x", *GONE[4:8], "y", *GONE[8:12], END],
            0,
        ),  # edited, word by word
        ([BEGIN, MORE, BEGIN, *GONE[:20], END], [BEGIN, END, *COME[:20], MORE], 20),
    ],
)
def test_each_text_may_have_a_passage_of_its_own_in_another_place(
    left: list[str], right: list[str], n_words: int
) -> None:
    check_passage_words(left, right, n_words)


def edited(kept: str) -> list[str]:
    """Return the words of GONE that are named by letters, and other words for dots."""
    return [
        COME[at] if letter == "." else GONE["abcdefghijkl".index(letter)]
        for at, letter in enumerate(kept)
    ]


@pytest.mark.parametrize(
    ("left", "right", "own"),
    [
        ([BEGIN, END], [BEGIN, *COME[:12], END], (0, 12)),
        ([BEGIN, END], [BEGIN, *COME[:11], END], (0, 0)),
        ([BEGIN, END], [BEGIN, END, *COME[:12]], (0, 12)),  # a footer as well
        ([BEGIN, END], [*COME[:12], BEGIN, END], (0, 12)),
        ([*GONE[:15], BEGIN, END], [BEGIN, *COME[:20], END], (15, 20)),
        ([*GONE[:15], BEGIN, *GONE[15:30], END], [BEGIN, END], (30, 0)),  # all of them
        ([BEGIN, MORE, END], [BEGIN, END, MORE], (0, 0)),  # moved
        ([BEGIN, MORE, *GONE[:13], END], [BEGIN, END, MORE], (13, 0)),  # beside what moved
        ([BEGIN, *GONE[:6], *COME[:6], END], [BEGIN, *COME[:6], END], (0, 0)),  # edited: half stays
        ([BEGIN, *GONE[:7], *COME[:5], END], [BEGIN, *COME[:5], END], (0, 0)),  # too short alone
        ([*GONE[:8], *COME[:4], BEGIN], [*COME[:4], BEGIN], (0, 0)),
        ([BEGIN, *GONE[:12], END], [BEGIN, *GONE[11::-1], END], (12, 12)),  # in another order
        ([BEGIN, *GONE[:12], END], [BEGIN, *edited(".ab..cd....."), END], (12, 12)),
        ([BEGIN, *GONE[:12], END], [BEGIN, *edited(".abc..de...."), END], (0, 0)),  # by pairs
        ([BEGIN, *GONE[:12], END], [BEGIN, *edited(".a.c.e.g.i.k"), END], (12, 12)),
    ],
)
def test_each_text_has_its_own_words_in_passages_that_the_other_lacks(
    left: list[str], right: list[str], own: tuple[int, int]
) -> None:
    one, other = " ".join(left), " ".join(right)
    found, turned = replaced(one, other), replaced(other, one)
    assert (found.own_words_left, found.own_words_right) == own
    assert (turned.own_words_right, turned.own_words_left) == own
    pairs = [(hashes(one), hashes(other)), (hashes(other), hashes(one))]
    assert by_kernel(pairs) == [found, turned]


def test_a_phrase_that_stands_elsewhere_does_not_hide_what_is_replaced() -> None:
    phrase = " ".join(GONE[:6])
    left, right = f"{BEGIN} 50 {END} {phrase} {MORE}", f"{BEGIN} {phrase} 60 {END} {MORE}"
    assert replaced(left, right).numbers_replaced == 1
    assert replaced(right, left).numbers_replaced == 1
    assert by_kernel([(hashes(left), hashes(right))]) == [replaced(left, right)]


@pytest.mark.parametrize("sides", [("{} " + BEGIN, "{} " + BEGIN), (BEGIN + " {}", BEGIN + " {}")])
def test_what_stands_before_and_after_all_that_is_shared_is_no_passage(
    sides: tuple[str, str],
) -> None:
    left, right = (side.format(" ".join(w)) for side, w in zip(sides, (GONE, COME), strict=True))
    assert replaced(left, right).passage_words == 0
    assert by_kernel([(hashes(left), hashes(right))]) == [replaced(left, right)]


def test_the_kernel_tells_as_many_gaps_apart_as_plain_code() -> None:
    words = [f"{a}{b}" for a in FILLER for b in "xyz"]
    rare = [word for word in words if 2 <= n_holders(hashes(word)[0]) <= RARE][:60]
    names = [rare[k % 30] for k in range(70)], [rare[30 + k % 30] for k in range(70)]
    left, right = (" ".join(f"{BEGIN} {word}" for word in side) + f" {END}" for side in names)
    pair = hashes(left), hashes(right)
    assert by_kernel([pair]) == [by_plain_code(*pair)]
    assert by_plain_code(*pair).names_replaced == 64 + 6


@pytest.mark.parametrize(
    "same", [("5", "-5", "$5", "5%", "5mg"), ("1,250", "1250", "1.250"), ("4.5", "4,5", "€4.5")]
)
def test_numbers_have_a_value_whatever_they_are_dressed_in(same: tuple[str, ...]) -> None:
    assert len({value(number_hash(token, 0)) for token in same}) == 1
    assert len({number_hash(token, 0) for token in same}) == len(same)


@pytest.mark.parametrize(
    "different",
    [("1.5", "15", "1.50"), ("10", "10²", "10³"), ("a5", "b5", "5"), ("4x4", "44"), ("½", "¼")],
)
def test_different_numbers_have_different_values(different: tuple[str, ...]) -> None:
    found = {value(token_hash(token)) for token in different}
    assert len(found) == len(different)


def test_numbers_of_up_to_five_digits_never_share_a_value() -> None:
    assert len({value(number_hash(str(n), 0)) for n in range(100_000)}) == 100_000


@pytest.mark.parametrize(
    ("gone", "come", "n_replaced"),
    [
        ("three", "seven", 1),
        ("three", "7", 1),
        ("3", "seven", 1),
        ("three", "3", 0),
        ("five million", "six billion", 2),
        ("twenty five", "25", 0),  # more numbers on one side: perhaps the same
        ("25", "twenty five", 0),
        ("drei", "sieben", 1),
        ("三", "八", 1),
        ("three", "zeta", 0),
        ("250 000 three", "250,000 seven", 0),  # not as many numbers on either side
        (f"three {'zeta ' * 12}", "seven", 0),  # too much beside it
        ("4 three", "5 seven", 2),
        ("4 three", "5 three", 1),
        ("tuesday", "thursday", 1),
        ("on tuesday", "on tue", 0),
        ("вторник", "четверг", 1),
        ("3 may", "3 june", 1),
        ("3 may", "may 3", 0),
        ("may", "5", 0),
        ("1.5", "15", 1),
        ("tuesday", "5.3.", 0),  # the same day, for all that is known
        ("on tuesday by 3", "on 5 by 4", 1),
        ("mon", "un", 0),  # French
        ("tuesday 3", "thursday 3", 1),
        ("may", "will", 0),
        ("sept 30", "september 30", 0),
    ],
)
def test_numbers_in_words_are_replaced_as_those_in_digits_are(
    gone: str, come: str, n_replaced: int
) -> None:
    pairs = [(hashes(f"{BEGIN} {gone} {END}"), hashes(f"{BEGIN} {come} {END}"))]
    assert by_plain_code(*pairs[0]).numbers_replaced == n_replaced
    assert by_kernel(pairs) == [by_plain_code(*pairs[0])]


@pytest.mark.parametrize(
    ("gone", "come", "n_replaced"),
    [
        ("3", "5", 1),
        ("three", "seven", 1),
        ("three", "5", 1),
        ("3 or 5", "5 or 3", 2),
        ("3 cows", "5 cows", 1),
        ("new 3", "new 5", 1),
        ("3 cows", "5 dogs", 0),  # of something else
        ("old 3", "new 5", 0),
        ("3", "new 5", 0),  # in another place of its gap
        ("3" + " zeta eta" * 6, "5" + " iota nu" * 6, 0),  # a passage
    ],
)
def test_a_number_is_replaced_in_its_place_wherever_else_the_texts_hold_both(
    gone: str, come: str, n_replaced: int
) -> None:
    left, right = (f"{BEGIN} {gone} {END} 3 5 three seven {MORE}" for gone in (gone, come))
    pairs = [(hashes(left), hashes(right)), (hashes(right), hashes(left))]
    assert [by_plain_code(*pair).numbers_replaced for pair in pairs] == [n_replaced, n_replaced]
    assert by_kernel(pairs) == [by_plain_code(*pair) for pair in pairs]


@pytest.mark.parametrize(
    ("gone", "come", "n_replaced"),
    [
        ("3 may : 120 cases and 31 deaths", "4 may : 98 cases and 17 deaths", 3),
        ("bulletin : 120 cases and 31 deaths", "bulletin : 98 cases and 17 deaths", 2),
        ("all 120 cases or 31 deaths", "here 98 cases and 17 deaths", 0),  # two words alike
        ("bulletin : 120 cases and deaths", "bulletin : 98 cases and deaths", 0),  # one number
        ("updated on march 3 at 10:30 am", "updated on march 4 at 11:15 am", 0),  # an hour
        ("posted on may 3 2031 by us", "posted on june 4 2032 by us", 0),  # no word behind a day
        ("bulletin : 120 or 31 new deaths", "bulletin : 98 and 17 new deaths", 0),
        ("new cases and deaths : 120, 31", "new cases and deaths : 98, 17", 0),
        ("posted for us on tuesday may 3 2031 by", "posted for us on thursday may 5 2031 by", 0),
        ("bulletin : nine cases and two deaths", "bulletin : six cases and four deaths", 2),
    ],
)
def test_at_the_edge_of_texts_a_sentence_of_a_form_replaces_numbers(
    gone: str, come: str, n_replaced: int
) -> None:
    ends = ("zeta", "theta")  # the words behind the last number belong to no run
    first = [(f"{gone} {ends[0]} {BEGIN} {END}", f"{come} {ends[1]} {BEGIN} {END}")]
    last = [(f"{BEGIN} {END} {ends[0]} {gone}", f"{BEGIN} {END} {ends[1]} {come}")]
    for left, right in first + last:
        assert replaced(left, right).numbers_replaced == n_replaced
        assert by_kernel([(hashes(left), hashes(right))]) == [replaced(left, right)]


@pytest.mark.parametrize(
    ("left", "right", "n_replaced"),
    [
        # what stands behind the last number is the run
        (f"bulletin : 120 cases and 31 {BEGIN}", f"bulletin : 98 cases and 17 {BEGIN}", 2),
        # the other text holds one of the numbers
        (f"bulletin : 120 cases and 31 {BEGIN}", f"bulletin : 98 cases and 17 {BEGIN} 31", 0),
        # places are counted from the runs
        (f"bulletin : 120 cases and 31 {BEGIN}", f"bulletin : 98 new cases or 17 {BEGIN}", 0),
        *(
            (
                f"bulletin : 120 cases 31 deaths {' '.join(GONE[:n])} {BEGIN}",
                f"bulletin : 98 cases 17 deaths {' '.join(COME[:n])} {BEGIN}",
                expected,
            )
            for n, expected in ((43, 2), (44, 0), (60, 0))
        ),
    ],
)
def test_at_the_edge_places_are_compared_from_the_side_of_the_runs(
    left: str, right: str, n_replaced: int
) -> None:
    left, right = f"{left} {END} {MORE}", f"{right} {END} {MORE}"
    assert replaced(left, right).numbers_replaced == n_replaced
    assert by_kernel([(hashes(left), hashes(right))]) == [replaced(left, right)]


@pytest.mark.parametrize(
    ("left", "right", "n_words"),
    [
        ([BEGIN, END, *GONE[:25]], [*COME[:30], BEGIN, END], 25),
        ([BEGIN, END, *GONE[:20]], [*COME[:20], BEGIN, END], 20),
        ([BEGIN, END, *GONE[:19]], [*COME[:30], BEGIN, END], 0),  # a footer
        ([BEGIN, END, *GONE[:25]], [BEGIN, END, *COME[:25]], 0),  # two frames
        ([*GONE[:25], BEGIN, END], [*COME[:25], BEGIN, END], 0),
        ([*GONE[:12], BEGIN, END, *GONE[12:40]], [*COME[:30], BEGIN, END], 0),  # on both sides
        ([*GONE[:11], BEGIN, END, *GONE[12:40]], [*COME[:30], BEGIN, END], 28),
        ([BEGIN, END, *GONE[:25]], [*COME[:30], BEGIN, END, *COME[30:42]], 0),
        ([BEGIN, END, *GONE[:25]], [*GONE[:25], BEGIN, END], 0),  # moved from end to end
        ([BEGIN, END, *GONE[:24]], [BEGIN, *COME[:24], END], 0),  # only one at an end
    ],
)
def test_one_text_has_moved_on_where_each_has_a_passage_at_the_other_end(
    left: list[str], right: list[str], n_words: int
) -> None:
    check_passage_words(left, right, n_words)


@pytest.mark.parametrize(
    ("left", "right", "n_words"),
    [
        ([BEGIN, *GONE[:25], END], [BEGIN, END, *COME[:25]], 25),
        ([BEGIN, *GONE[:30], END], [*COME[:26], BEGIN, END], 26),
        ([BEGIN, *GONE[:25], END], [BEGIN, END, *COME[:24]], 0),
        ([BEGIN, *GONE[:13], END, *GONE[13:26], MORE], [BEGIN, END, MORE, *COME[:26]], 26),
        ([*GONE[:13], BEGIN, *GONE[13:26], END], [BEGIN, END, *COME[:26]], 26),
        ([*GONE[:14], BEGIN, *GONE[14:25], END], [BEGIN, END, *COME[:25]], 0),  # a sentence
        (
            [*GONE[:15], BEGIN, END, *GONE[15:30]],
            [*COME[:15], BEGIN, END, *COME[15:30]],
            0,
        ),  # two frames
    ],
)
def test_neither_text_holds_the_other_where_both_have_passages_of_their_own(
    left: list[str], right: list[str], n_words: int
) -> None:
    check_passage_words(left, right, n_words)


def test_the_table_of_number_words_is_that_of_the_plain_code() -> None:
    assert TABLE_BITS == WORD_TABLE_BITS
    words = number_words()
    table = kernel_number_words()
    assert dict(table[:, table[0] > 0].T.tolist()) == words


def test_each_number_word_is_one_token_and_means_one_number() -> None:
    said = [normalise(word) for word, *_ in meanings()]
    assert len(set(said)) == len(said)
    assert all(tokens(word) == [word] for word in said)

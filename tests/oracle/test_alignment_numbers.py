"""Numbers that stand in the place of others: their values, their words, their places."""

from __future__ import annotations

import pytest

from dedup.kernels.numbers import WORD_TABLE_BITS
from dedup.text.batch import kernel_number_words
from dedup.text.normalise import normalise
from dedup.text.number_words import TABLE_BITS, meanings, number_words
from dedup.text.numbers import number_hash, value
from dedup.text.tokens import token_hash, tokens
from tests.oracle.aligned import (
    BEGIN,
    COME,
    END,
    GONE,
    MORE,
    by_kernel,
    by_plain_code,
    hashes,
    replaced,
)


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


def test_a_phrase_that_stands_elsewhere_does_not_hide_what_is_replaced() -> None:
    phrase = " ".join(GONE[:6])
    left, right = f"{BEGIN} 50 {END} {phrase} {MORE}", f"{BEGIN} {phrase} 60 {END} {MORE}"
    assert replaced(left, right).numbers_replaced == 1
    assert replaced(right, left).numbers_replaced == 1
    assert by_kernel([(hashes(left), hashes(right))]) == [replaced(left, right)]


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


def test_the_table_of_number_words_is_that_of_the_plain_code() -> None:
    assert TABLE_BITS == WORD_TABLE_BITS
    words = number_words()
    table = kernel_number_words()
    assert dict(table[:, table[0] > 0].T.tolist()) == words


def test_each_number_word_is_one_token_and_means_one_number() -> None:
    said = [normalise(word) for word, *_ in meanings()]
    assert len(set(said)) == len(said)
    assert all(tokens(word) == [word] for word in said)

"""Passages that stand in the place of others, and those that one text has for itself."""

from __future__ import annotations

import pytest

from tests.oracle.aligned import (
    BEGIN,
    COME,
    END,
    FILLER,
    GONE,
    MORE,
    by_kernel,
    by_plain_code,
    check_passage_words,
    hashes,
    replaced,
)


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


@pytest.mark.parametrize("sides", [("{} " + BEGIN, "{} " + BEGIN), (BEGIN + " {}", BEGIN + " {}")])
def test_what_stands_before_and_after_all_that_is_shared_is_no_passage(
    sides: tuple[str, str],
) -> None:
    left, right = (side.format(" ".join(w)) for side, w in zip(sides, (GONE, COME), strict=True))
    assert replaced(left, right).passage_words == 0
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

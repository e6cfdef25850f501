"""What texts put in the place of something else: kernel, plain code, and what people expect."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.reference.alignment import Replacements
from tests.oracle.aligned import (
    BEGIN,
    END,
    FILLER,
    MORE,
    RARE,
    by_kernel,
    by_plain_code,
    hashes,
    n_holders,
    replaced,
)

NUMBERS = ["three", "seven", "7", "sept", "million", "21", "twenty", "one", "a"]
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


@pytest.mark.parametrize(
    ("first", "second", "n_names"),
    [("Hal Oslo", "Wes Ulm", 2), ("Hal Oslo", "Wes", 0), ("Hal Bob", "Wes Pam", 0)],
)
def test_names_may_stand_in_each_others_place(first: str, second: str, n_names: int) -> None:
    left, right = f"{BEGIN} {first} {END} {second} {MORE}", f"{BEGIN} {second} {END} {first} {MORE}"
    assert replaced(left, right) == Replacements(0, 0, n_names, n_names, gaps=2)
    assert by_kernel([(hashes(left), hashes(right))]) == [replaced(left, right)]


def test_the_kernel_tells_as_many_gaps_apart_as_plain_code() -> None:
    words = [f"{a}{b}" for a in FILLER for b in "xyz"]
    rare = [word for word in words if 2 <= n_holders(hashes(word)[0]) <= RARE][:60]
    names = [rare[k % 30] for k in range(70)], [rare[30 + k % 30] for k in range(70)]
    left, right = (" ".join(f"{BEGIN} {word}" for word in side) + f" {END}" for side in names)
    pair = hashes(left), hashes(right)
    assert by_kernel([pair]) == [by_plain_code(*pair)]
    assert by_plain_code(*pair).names_replaced == 64 + 6

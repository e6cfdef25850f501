"""What texts put in the place of something else: kernel, plain code, and what people expect."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.kernels.alignment import align as kernel_align
from dedup.reference_alignment import Replacements, align
from dedup.text.normalise import normalise
from dedup.text.numbers import number_hash, value
from dedup.text.tokens import token_hash, tokens

WIDTH = 5
FILLER = [f"{first}{second}" for first in "abcdefgh" for second in "qrstuvwxyz"]


def by_kernel(pairs: list[tuple[list[int], list[int]]]) -> list[Replacements]:
    """Align the pairs by the kernel, all in one call."""
    texts = [text for pair in pairs for text in pair]
    flat = np.array([token for text in texts for token in text], np.uint32)
    bounds = np.cumsum([0, *map(len, texts)])
    rows = np.arange(len(texts))
    shared, counts = np.empty((len(pairs), 2), np.int64), np.empty((len(pairs), 4), np.int64)
    kernel_align(
        (flat, bounds),
        WIDTH,
        np.ones(1 << 20, np.float32),
        np.zeros(1 << 18, np.uint8),
        (rows[::2], rows[1::2]),
        shared,
        counts,
        np.empty(len(pairs)),
    )
    return [Replacements(*row) for row in counts.tolist()]


def hashes(text: str) -> list[int]:
    return [token_hash(token) for token in tokens(normalise(text))]


WORDS = st.sampled_from([*"abcdefg", "1", "2", "1.5", "1,5", "15", "-1", "1 000", "1,000", "x7"])
TEXTS = st.lists(WORDS, min_size=1, max_size=70).map(" ".join)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_the_kernel_counts_what_plain_code_counts(texts: list[tuple[str, str]]) -> None:
    pairs = [(hashes(left), hashes(right)) for left, right in texts]
    assert by_kernel(pairs) == [align(left, right, WIDTH) for left, right in pairs]


def test_the_kernel_counts_what_plain_code_counts_in_edited_texts() -> None:
    draw = random.Random(3)
    pairs = []
    for _ in range(300):
        left = draw.choices([*FILLER, "12", "3.5", "1,000"], k=draw.randint(20, 200))
        right = list(left)
        for _ in range(draw.randint(0, 8)):
            at = draw.randrange(len(right))
            right[at : at + draw.randint(0, 6)] = draw.choices(["new", "77", "9", *FILLER], k=3)
        pairs.append((hashes(" ".join(left)), hashes(" ".join(right))))
    found = by_kernel(pairs)
    assert found == [align(left, right, WIDTH) for left, right in pairs]
    for name in Replacements._fields:
        assert any(getattr(counts, name) for counts in found), name


def replaced(left: str, right: str) -> Replacements:
    return align(hashes(left), hashes(right), WIDTH)


BEGIN, END = " ".join(FILLER[:30]), " ".join(FILLER[30:60])


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (f"{BEGIN} {END} 5", f"{BEGIN} {END} 6", Replacements()),  # an edge is a footer
        (f"{BEGIN} 5 {END}", f"{BEGIN} {END}", Replacements()),  # left out, not replaced
        (f"{BEGIN} 5 {END}", f"{END} {BEGIN} 6", Replacements()),  # moved: no gap
        (f"{BEGIN} 5 {END}", f"{BEGIN} 6 {END}", Replacements(0, 1)),
        (f"{BEGIN} red {END}", f"{BEGIN} blue {END}", Replacements(0, 0, 1)),
        (
            f"{BEGIN} Ann {END} Ann {BEGIN} Ann {END}",
            f"{BEGIN} Bob {END} Bob {BEGIN} Bob {END}",
            Replacements(0, 0, 3, 2),
        ),
        (
            f"{BEGIN} red {END} green {BEGIN}",
            f"{BEGIN} blue {END} yellow {BEGIN}",
            Replacements(0, 0, 2),
        ),
        (
            f"{BEGIN} {'5 ' * 49} {END}",
            f"{BEGIN} {'6 ' * 49} {END}",
            Replacements(),  # too wide a gap to say what stands for what
        ),
    ],
)
def test_replacements_are_what_stands_in_the_place_of_something_else(
    left: str, right: str, expected: Replacements
) -> None:
    assert replaced(left, right) == expected
    assert by_kernel([(hashes(left), hashes(right))]) == [expected]


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

"""Pairs of units: how they travel, and the table of their scores."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.model import Bytes, Floats, Int64s, UInt64s


@dataclass(slots=True)
class ScoredPairs:
    """Scores of pairs of units, a row per pair; ``left < right`` as unit rows.

    Attributes
    ----------
    left, right : int64 arrays
    verdict : uint8 array
        Values of :class:`dedup.model.Verdict`.
    reason : uint8 array
        Values of :class:`dedup.model.Reason`: what decided the verdict.
    jaccard, containment_left, containment_right, cosine : float64 arrays
        Exact, rounded to six decimals; ``containment_left`` is the share of the left
        unit's shingles that the right one holds.
    distinctive_jaccard, distinctive_containment : float64 arrays
        The same without common shingles; containment of the smaller.
    number_agreement : float64 array
        Share kept of the numbers kept and replaced; 1 where none is replaced.
    only_numbers_differ : bool array
        Whether every differing token holds a digit, and not only its dress or place differs.
    table : bool array
        Whether numbers are a large share of one text's tokens.
    numbers_equal : bool array
        Whether both hold the same distinct numbers.
    shorter : float64 array
        Length of the shorter text in words.
    numbers_kept, numbers_replaced, words_replaced, names_replaced, passage_words : int64 arrays
        What :func:`dedup.kernels.alignment.align` counts: numbers in matching runs,
        numbers in whose place the other text has another, gaps where words stand for
        other words, those of them that replace a name, as far as repetition and rarity
        tell, and tokens of passages that stand in the place of other passages.
    gaps : int64 array
        Places between, before and behind the runs that both share where either text holds
        something.
    own_words_left, own_words_right : int64 arrays
        Tokens of passages of twelve and more that either text has for itself.
    """

    left: Int64s
    right: Int64s
    verdict: Bytes
    reason: Bytes
    jaccard: Floats
    containment_left: Floats
    containment_right: Floats
    cosine: Floats
    distinctive_jaccard: Floats
    distinctive_containment: Floats
    number_agreement: Floats
    only_numbers_differ: NDArray[np.bool_]
    table: NDArray[np.bool_]
    numbers_equal: NDArray[np.bool_]
    shorter: Floats
    numbers_kept: Int64s
    numbers_replaced: Int64s
    words_replaced: Int64s
    names_replaced: Int64s
    passage_words: Int64s
    gaps: Int64s
    own_words_left: Int64s
    own_words_right: Int64s

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.left)

    def take(self, rows: NDArray[Any]) -> ScoredPairs:
        """Return chosen rows (an index or a mask)."""
        return ScoredPairs(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def with_sides_swapped(self, rows: NDArray[np.bool_]) -> ScoredPairs:
        """Return the pairs with the left side for the right one in some rows."""
        swapped: dict[str, Any] = {}
        for name in ("{}", "containment_{}", "own_words_{}"):
            left, right = name.format("left"), name.format("right")
            sides = getattr(self, left), getattr(self, right)
            swapped[left] = np.where(rows, sides[1], sides[0])
            swapped[right] = np.where(rows, sides[0], sides[1])
        return replace(self, **swapped)

    def spread(self, places: Int64s, n: int) -> ScoredPairs:
        """Put the rows at some places of a table of ``n`` rows that are else all 0."""
        columns = {f.name: getattr(self, f.name) for f in fields(self)}
        spread: dict[str, Any] = {k: np.zeros(n, v.dtype) for k, v in columns.items()}
        for name, column in spread.items():
            column[places] = columns[name]
        return ScoredPairs(**spread)

    @property
    def codes(self) -> UInt64s:
        """Both units in one uint64, the left one in the upper half."""
        return pair_codes(self.left, self.right)

    @classmethod
    def concatenate(cls, parts: list[ScoredPairs]) -> ScoredPairs:
        """Join several tables of pairs."""
        return cls(
            **{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)}
        )


SCORE_NAMES = tuple(
    field.name
    for field in fields(ScoredPairs)
    if field.name not in ("left", "right", "verdict", "reason")
)
"""The columns of :class:`ScoredPairs` that are scores, in their order."""


def join_pairs(
    candidates: ScoredPairs, extra: ScoredPairs
) -> tuple[ScoredPairs, NDArray[np.bool_]]:
    """Join pairs that share a bucket with those scored on demand.

    Returns
    -------
    pairs, on_demand
        All pairs, ascending, and which of them come from ``extra``.
    """
    pairs = ScoredPairs.concatenate([candidates, extra])
    order = np.argsort(pairs.codes)
    return pairs.take(order), order >= len(candidates)


def read_scores(table: Any) -> dict[str, NDArray[Any]]:  # noqa: ANN401 - Arrow
    """Return the scores in a table of recorded pairs, by the names of :class:`ScoredPairs`.

    What an earlier version did not record is 0.
    """
    recorded = set(table.column_names)
    nothing = np.zeros(len(table), np.int64)
    return {name: table[name].to_numpy() if name in recorded else nothing for name in SCORE_NAMES}


def pair_codes(left: Int64s, right: Int64s) -> UInt64s:
    """Put two unit rows in one uint64, the smaller in the upper half."""
    return directed(np.minimum(left, right), np.maximum(left, right))


def directed(upper: Int64s, lower: Int64s) -> UInt64s:
    """Put two unit rows in one uint64, in this order."""
    return upper.astype(np.uint64) << np.uint64(32) | lower.astype(np.uint64)


def split_codes(pairs: UInt64s) -> tuple[Int64s, Int64s]:
    """Return the two unit rows of each pair."""
    # as views: two million pairs take longer to convert than to sort
    left = (pairs >> np.uint64(32)).view(np.int64)
    return left, (pairs & np.uint64(0xFFFFFFFF)).view(np.int64)


def contains(ascending: UInt64s, codes: UInt64s) -> NDArray[np.bool_]:
    """Return which codes stand in an ascending array."""
    if len(ascending) == 0:
        return np.zeros(len(codes), np.bool_)
    places = np.searchsorted(ascending, codes)
    places[places == len(ascending)] = 0
    return ascending[places] == codes

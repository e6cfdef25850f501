"""Exact collapse: a million copies cost a million hashes, never a million squared."""

from __future__ import annotations

import numpy as np

from dedup.errors import InputError
from dedup.kernels import collapse as kernels
from dedup.model import Int64s, UInt64s
from dedup.text.batch import TokenBatch
from dedup.units import word_lengths

MOST_UNITS = 2**31
"""Units that one scan can tell apart: their rows stand in int32 tables."""


class ExactCollapse:
    """Gives records with the same normalised text one unit, as they stream by."""

    def __init__(self) -> None:
        """Start without units."""
        self._table = np.full(1 << 12, -1, np.int32)
        self._known = np.empty((1 << 11, 2), np.uint64)
        self.n_units = 0

    def assign(self, batch: TokenBatch, least_words: int = 0) -> tuple[Int64s, Int64s]:
        """Return the unit of each text of a batch, and the texts that are new units.

        Returns
        -------
        int64 array, shape (n,)
            Unit rows; -1 for texts without tokens, or of fewer than ``least_words`` words
            (one-character tokens count as in :mod:`dedup.units`).
        int64 array
            Rows of the batch, one for each new unit, in unit order.

        Raises
        ------
        InputError
            If there may be more units with this batch than rows can be numbered.
        """
        n = len(batch.digests)
        if self.n_units + n > MOST_UNITS:
            message = (
                f"the corpus has about {self.n_units + n:,} different texts, and one scan compares "
                f"{MOST_UNITS:,} at most. Cut it into parts, and scan each by itself and against "
                "the others (--against)."
            )
            raise InputError(message)
        self._reserve(self.n_units + n)
        units = np.empty(n, np.int64)
        n_tokens = np.diff(batch.offsets)
        n_words = word_lengths(n_tokens, batch.n_unspaced)
        enough = (n_tokens > 0) & (n_words >= least_words)
        before = self.n_units
        self.n_units = kernels.collapse(
            batch.digests, enough, self._table, self._known, before, units
        )
        _, first = np.unique(units, return_index=True)
        return units, first[units[first] >= before]

    def digests(self) -> UInt64s:
        """Return the digest of each unit's normalised text, shape (n_units, 2)."""
        return self._known[: self.n_units]

    def _reserve(self, capacity: int) -> None:
        if capacity > len(self._known):
            grown = np.empty((capacity + capacity // 2, 2), np.uint64)
            grown[: self.n_units] = self._known[: self.n_units]
            self._known = grown
        if 2 * capacity > len(self._table):
            self._table = np.full(1 << (2 * capacity).bit_length(), -1, np.int32)
            kernels.rebuild(self._table, self._known, self.n_units)

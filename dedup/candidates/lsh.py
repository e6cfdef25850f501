"""Bands, buckets and candidate pairs: locality-sensitive hashing over signatures."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.candidates.buckets import pair_small_buckets, pair_with_anchors, sort_by_key
from dedup.candidates.recurring import keep_recurring
from dedup.config import Settings
from dedup.found.outcome import CandidateCounts
from dedup.kernels import candidates as kernels
from dedup.model import UInt64s
from dedup.units import Buckets

REFINEMENTS = 3
"""Times an over-full bucket is split by further rows before anchors are used."""
_PAIRS_AT_ONCE = 1 << 22


class PairSet:
    """A set of pairs that grows, for keeping each candidate once."""

    def __init__(self) -> None:
        """Start empty."""
        self._table: UInt64s = np.full(1 << 12, kernels.EMPTY)
        self._size = 0

    def add(self, pairs: UInt64s) -> UInt64s:
        """Add pairs; return those that were new, in the order given."""
        needed = 1 << math.ceil(math.log2(2 * (self._size + len(pairs)) + 1))
        if needed > len(self._table):
            members = self._table[self._table != kernels.EMPTY]
            self._table = np.full(needed, kernels.EMPTY)
            kernels.insert_pairs(members, self._table, np.empty_like(members))
        fresh = np.empty_like(pairs)
        n_fresh = kernels.insert_pairs(pairs, self._table, fresh)
        self._size += n_fresh
        return fresh[:n_fresh]


def find_candidates(
    buckets: Buckets,
    settings: Settings,
    keep: Callable[[UInt64s], NDArray[np.bool_]],
    executor: Executor,
    counts: CandidateCounts,
) -> UInt64s:
    """Return the pairs of units that share a bucket and pass a filter.

    Parameters
    ----------
    buckets : Buckets
    settings : Settings
    keep : function from uint64 pairs to bool
        Which pairs are worth exact scores.
    executor : Executor
        Works on the next band while pairs of the last one are looked at.
    counts : CandidateCounts
        Candidates, and what the caps did, are added to it.

    Returns
    -------
    uint64 array
        Pairs in ascending order, each once: the smaller unit in the upper half.
    """
    seen = PairSet()
    kept: list[UInt64s] = []
    for found in _pairs_of_bands(buckets, settings, executor):
        counts.n_full_buckets += found.n_full_buckets
        counts.n_anchored_units += found.n_anchored_units
        for pairs in found.pairs:
            fresh = seen.add(pairs)
            counts.n_candidates += len(fresh)
            chosen = fresh[keep(fresh)]
            counts.n_filtered += len(fresh) - len(chosen)
            kept.append(chosen)
    return np.sort(np.concatenate(kept)) if kept else np.empty(0, np.uint64)


@dataclass(slots=True)
class _BandPairs:
    """The pairs of one band, in parts of a bounded size, and what caps did."""

    pairs: list[UInt64s]
    n_full_buckets: int = 0
    n_anchored_units: int = 0


def _pairs_of_bands(
    buckets: Buckets, settings: Settings, executor: Executor
) -> Iterator[_BandPairs]:
    """Yield the pairs of each band in turn, one band ahead: more would cost memory."""
    ahead = executor.submit(_pairs_of_band, buckets, 0, settings)
    for band in range(1, len(buckets.band_keys) + 1):
        found = ahead.result()
        if band < len(buckets.band_keys):
            ahead = executor.submit(_pairs_of_band, buckets, band, settings)
        yield found


def _pairs_of_band(buckets: Buckets, band: int, settings: Settings) -> _BandPairs:
    """Pair the units of each bucket of one band, splitting what is over-full."""
    result = _BandPairs([])
    keys, units = keep_recurring(buckets.band_keys[band], buckets.units)
    found = result.pairs
    for refinement in range(REFINEMENTS + 1):
        keys, units = sort_by_key(keys, units)
        pairs, full, n_full = pair_small_buckets(keys, units, settings.max_bucket)
        found.extend(np.array_split(pairs, max(1, len(pairs) // _PAIRS_AT_ONCE)))
        if n_full == 0:
            return result
        keys, units = keys[full], units[full]
        if refinement < REFINEMENTS:
            result.n_full_buckets += n_full
            first_row = (band + 1 + refinement) * settings.rows
            kernels.rehash_rows(buckets.signatures, units, first_row, settings.rows, keys)
    result.n_anchored_units += len(units)
    found.append(pair_with_anchors(keys, units, buckets.digests, settings.anchors))
    return result

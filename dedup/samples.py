"""Pairs of units that share enough samples: what excerpts and short texts are found by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.config import FLOOR_CONTAINMENT, Settings
from dedup.found import CandidateCounts
from dedup.kernels import candidates as kernels
from dedup.model import Int64s, UInt64s
from dedup.spill import Spill
from dedup.units import Buckets

SAMPLE_SIGMAS = 1.0
"""Standard errors that the shared samples of a pair may fall short by. Of press releases 3
make 2.5 times as many candidates as 1, and 3 of 411 ``contained`` pairs more."""
_SAMPLES_AT_ONCE = 1 << 21
"""Samples that are sorted at once, in 35 bytes each, while ..."""
_MOST_PARTS = 16
"""... all of them are passed over no more often than this: then a part holds more."""
_UNITS_AT_ONCE = 1 << 18


@dataclass(frozen=True, slots=True)
class Sampling:
    """What pairs are made of.

    Attributes
    ----------
    samples : uint64 array
        Hashes of all units, one unit after the other; a unit may hold one several times.
    n_samples : int64 array, shape (n_units,)
    is_common : function from uint64 samples to bool
        Which are left out, because too many units hold them.
    """

    samples: UInt64s
    n_samples: Int64s
    is_common: Callable[[UInt64s], NDArray[np.bool_]]


def pair_samples(
    sampling: Sampling,
    buckets: Buckets,
    settings: Settings,
    spill: Spill,
    counts: CandidateCounts,
) -> Iterator[UInt64s]:
    """Yield the pairs that share enough samples, each once, in parts.

    A sample that more than ``max_bucket`` units hold pairs each of them with the
    ``anchors`` units of lowest digest only.

    Parameters
    ----------
    sampling : Sampling
    buckets : Buckets
        Says which units take part, and their digests.
    settings : Settings
    spill : Spill
        Takes the pairs for a while.
    counts : CandidateCounts
        Samples, and what the caps did, are added to it.
    """
    n_units = len(sampling.n_samples)
    held, left_out = np.zeros(n_units, np.int64), np.zeros(n_units, np.int64)
    n_parts = min(1 + int(sampling.n_samples.sum()) // _SAMPLES_AT_ONCE, _MOST_PARTS)
    columns = [spill.column(f"sample-pairs-{part}", np.uint64) for part in range(n_parts)]

    def pair(share: int) -> None:
        """Pair the units of a share of the samples; nothing of it is kept in memory."""
        keys, units, again = _sorted(sampling, buckets.units, share, n_parts)
        counts.n_samples += len(keys) - int(again.sum())
        held[:] += np.bincount(units, minlength=n_units)
        held[:] -= np.bincount(units[again], minlength=n_units)
        common = sampling.is_common(keys) & ~again
        counts.n_common_samples += int(common.sum())
        left_out[:] += np.bincount(units[common], minlength=n_units)
        kept = ~(common | again)
        keys, units = keys[kept], units[kept]
        full = np.empty(len(keys), np.bool_)
        n_pairs, _ = kernels.measure_buckets(keys, settings.max_bucket, full)
        pairs = np.empty(n_pairs, np.uint64)
        kernels.pair_buckets(keys, units, full, pairs)
        left_out[:] += np.bincount(units[full], minlength=n_units)
        counts.n_anchored_samples += int(full.sum())
        anchored = _anchor(keys[full], units[full], buckets, settings)
        for found in (pairs, anchored):
            for part, column in enumerate(columns):
                column.append(found[found % np.uint64(n_parts) == part] if n_parts > 1 else found)

    for share in range(n_parts):
        pair(share)
    needed = _needed(held, left_out)
    for column in columns:
        pairs, n_shared = np.unique(column.finish(), return_counts=True)
        # as views: two million pairs take longer to convert than to sort
        left = (pairs >> np.uint64(32)).view(np.int64)
        right = (pairs & np.uint64(0xFFFFFFFF)).view(np.int64)
        yield pairs[n_shared >= np.minimum(needed[left], needed[right])]


def _needed(held: Int64s, left_out: Int64s) -> Int64s:
    """Return how many samples a pair must share if a unit is the smaller side of it.

    Samples are taken to be shared independently, each with probability
    ``FLOOR_CONTAINMENT`` or more; those that no pairs were made of may all be shared.
    """
    spread = SAMPLE_SIGMAS * np.sqrt(FLOOR_CONTAINMENT * (1 - FLOOR_CONTAINMENT) * held)
    return np.maximum(1, np.ceil(FLOOR_CONTAINMENT * held - spread - left_out)).astype(np.int64)


def _sorted(
    sampling: Sampling, taking_part: Int64s, share: int, n_shares: int
) -> tuple[UInt64s, Int64s, NDArray[np.bool_]]:
    """Return a share of the samples, sorted by key.

    With the unit of each sample, and whether it stands before in the same unit.
    """
    takes_part = np.zeros(len(sampling.n_samples), np.bool_)
    takes_part[taking_part] = True
    bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(sampling.n_samples)))

    def chosen(first: int) -> tuple[UInt64s, Int64s]:
        last = min(first + _UNITS_AT_ONCE, len(takes_part))
        keys = sampling.samples[bounds[first] : bounds[last]]
        units = np.repeat(np.arange(first, last), sampling.n_samples[first:last])
        wanted = takes_part[units]
        if n_shares > 1:
            wanted &= keys % np.uint64(n_shares) == share
        return (keys, units) if wanted.all() else (keys[wanted], units[wanted])

    pieces = [chosen(first) for first in range(0, max(len(takes_part), 1), _UNITS_AT_ONCE)]
    keys, owners = (np.concatenate(column) for column in zip(*pieces, strict=True))
    pieces.clear()
    ordered_keys, ordered_units = np.empty_like(keys), np.empty_like(owners)
    kernels.sort_keys(keys, owners, ordered_keys, ordered_units)
    # the sort is stable: copies of a sample inside one unit stand side by side
    again = np.zeros(len(keys), np.bool_)
    np.equal(ordered_keys[1:], ordered_keys[:-1], out=again[1:])
    again[1:] &= ordered_units[1:] == ordered_units[:-1]
    return ordered_keys, ordered_units, again


def _anchor(keys: UInt64s, units: Int64s, buckets: Buckets, settings: Settings) -> UInt64s:
    """Pair the units of samples that many hold with anchors."""
    digests = buckets.digests[units]
    order = np.lexsort((digests[:, 1], digests[:, 0], keys))
    pairs = np.empty(settings.anchors * len(units), np.uint64)
    return pairs[: kernels.pair_anchors(keys[order], units[order], settings.anchors, pairs)]

"""Pairs of units that share enough samples: what excerpts and short texts are found by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.candidates.buckets import pair_small_buckets, pair_with_anchors, sort_by_key
from dedup.candidates.recurring import counters_for
from dedup.config import Settings
from dedup.found.outcome import CandidateCounts
from dedup.kernels.recurring import keep_samples, note_samples
from dedup.model import Int64s, UInt64s
from dedup.pairs import split_codes
from dedup.rule import FLOOR_CONTAINMENT
from dedup.storage.spill import Spill
from dedup.units import Buckets

SAMPLE_SIGMAS = 1.0
"""Standard errors that the shared samples of a pair may fall short by. Of press releases 3
make 2.5 times as many candidates as 1, and 3 of 411 ``contained`` pairs more."""
_SAMPLES_AT_ONCE = 1 << 21
"""Samples that are sorted at once, in 35 bytes each, while ..."""
_MOST_PARTS = 16
"""... all of them are passed over no more often than this: then a part holds more."""


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
    pairing = _Pairing(sampling, buckets, settings, counts)
    n_parts = min(1 + pairing.most_recurring // _SAMPLES_AT_ONCE, _MOST_PARTS)
    columns = [spill.column(f"sample-pairs-{part}", np.uint64) for part in range(n_parts)]
    for share in range(n_parts):
        for found in pairing.pairs_of(share, n_parts):
            for part, column in enumerate(columns):
                column.append(found[found % np.uint64(n_parts) == part] if n_parts > 1 else found)
    needed = pairing.needed()
    for column in columns:
        pairs, n_shared = np.unique(column.finish(), return_counts=True)
        left, right = split_codes(pairs)
        yield pairs[n_shared >= np.minimum(needed[left], needed[right])]


class _Pairing:
    """Pairs the units of one share of the samples after the other, and keeps account.

    Attributes
    ----------
    most_recurring : int
        No more samples than these can stand in several units.
    """

    def __init__(
        self, sampling: Sampling, buckets: Buckets, settings: Settings, counts: CandidateCounts
    ) -> None:
        n_units = len(sampling.n_samples)
        self._sampling = sampling
        self._buckets = buckets
        self._settings = settings
        self._counts = counts
        takes_part = np.zeros(n_units, np.bool_)
        takes_part[buckets.units] = True
        self._held = np.where(takes_part, sampling.n_samples, 0)
        self._left_out = np.zeros(n_units, np.int64)
        n_samples = int(self._held.sum())
        counts.n_samples += n_samples
        bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(sampling.n_samples)))
        self._recurring = sampling.samples, bounds, takes_part, counters_for(n_samples)
        self.most_recurring = min(2 * note_samples(*self._recurring), n_samples)

    def pairs_of(self, share: int, n_shares: int) -> tuple[UInt64s, UInt64s]:
        """Return the pairs of a share: of small buckets, and with anchors.

        All else of a share goes when it has been paired: what is sorted is the largest
        thing in memory then.
        """
        keys, units = self._sorted(share, n_shares)
        # the sort is stable: copies of a sample inside one unit stand side by side
        again = np.zeros(len(keys), np.bool_)
        again[1:] = (keys[1:] == keys[:-1]) & (units[1:] == units[:-1])
        self._counts.n_samples -= int(again.sum())
        self._held -= self._count(units[again])
        keys, units = keys[~again], units[~again]
        same = keys[1:] == keys[:-1]
        shared = np.zeros(len(keys), np.bool_)
        shared[1:] |= same
        shared[:-1] |= same
        common = shared & self._sampling.is_common(keys)
        self._counts.n_common_samples += int(common.sum())
        self._left_out += self._count(units[common])
        kept = shared & ~common
        keys, units = keys[kept], units[kept]
        pairs, full, _ = pair_small_buckets(keys, units, self._settings.max_bucket)
        self._left_out += self._count(units[full])
        self._counts.n_anchored_samples += int(full.sum())
        digests, n_anchors = self._buckets.digests, self._settings.anchors
        return pairs, pair_with_anchors(keys[full], units[full], digests, n_anchors)

    def needed(self) -> Int64s:
        """Return how many samples a pair must share if a unit is the smaller side of it.

        Samples are taken to be shared independently, each with probability
        ``FLOOR_CONTAINMENT`` or more; those that no pairs were made of may all be shared.
        """
        held, left_out = self._held, self._left_out
        spread = SAMPLE_SIGMAS * np.sqrt(FLOOR_CONTAINMENT * (1 - FLOOR_CONTAINMENT) * held)
        return np.maximum(1, np.ceil(FLOOR_CONTAINMENT * held - spread - left_out)).astype(np.int64)

    def _count(self, units: Int64s) -> Int64s:
        return np.bincount(units, minlength=len(self._held))

    def _sorted(self, share: int, n_shares: int) -> tuple[UInt64s, Int64s]:
        """Return a share of the samples that may recur, sorted by key, and their units."""
        keys = np.empty(self.most_recurring, np.uint64)
        units = np.empty(self.most_recurring, np.int64)
        n_kept = keep_samples(*self._recurring, (share, n_shares), keys, units)
        return sort_by_key(keys[:n_kept], units[:n_kept])

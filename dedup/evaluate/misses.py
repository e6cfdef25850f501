"""Why the candidate stage did not propose pairs that brute force found."""

from __future__ import annotations

from concurrent.futures import Executor
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.candidates.lsh import find_candidates
from dedup.config import Settings
from dedup.found.outcome import CandidateCounts
from dedup.model import Bytes, UInt64s
from dedup.pairs import split_codes
from dedup.units import Buckets


class Cause(IntEnum):
    """What kept two texts from being proposed."""

    OVER_FULL = 0
    """They share a bucket that had too many texts: it was split by further rows, or its
    texts were compared with anchors only."""
    ESTIMATE = 1
    """They were paired, and the estimated Jaccard ruled the pair out."""
    NO_BUCKET = 2
    """They share no bucket in any band."""

    @property
    def label(self) -> str:
        """The word used in JSON."""
        return self.name.lower().replace("_", "-")


class Misses(NamedTuple):
    """Pairs above the floor that were not proposed for one cause.

    ``related`` are those of them that have a verdict, and stand in no cluster together.
    """

    cause: str
    pairs: int
    related: int


def causes_of(pairs: UInt64s, buckets: Buckets, settings: Settings, executor: Executor) -> Bytes:
    """Return the cause why each of some pairs was not proposed.

    Buckets are paired again, by the same code and with the same caps.

    Parameters
    ----------
    pairs : uint64 array, shape (n,)
        Pairs that were not proposed.
    buckets : Buckets
    settings : Settings
        Those of the scan.
    executor : Executor

    Returns
    -------
    uint8 array, shape (n,)
        Values of :class:`Cause`.
    """
    causes = np.full(len(pairs), Cause.NO_BUCKET, np.uint8)
    if len(pairs) == 0:
        return causes
    left, right = split_codes(pairs)
    for keys in buckets.band_keys:
        causes[keys[left] == keys[right]] = Cause.OVER_FULL

    def asked_for(proposed: UInt64s) -> NDArray[np.bool_]:
        return np.isin(proposed, pairs)

    paired = find_candidates(buckets, settings, asked_for, executor, CandidateCounts())
    causes[np.isin(pairs, paired)] = Cause.ESTIMATE
    return causes


def count_misses(
    causes: Bytes, missed: NDArray[np.bool_], related: NDArray[np.bool_]
) -> tuple[Misses, ...]:
    """Count causes.

    Parameters
    ----------
    causes : uint8 array, shape (n,)
        Of the missed pairs.
    missed, related : bool array, shape (m,)
        Which of all pairs were not proposed (``n`` of them), and which have a verdict and
        were not found at all, not even while clustering.
    """
    also = related[missed]
    return tuple(
        Misses(cause.label, int((causes == cause).sum()), int((also & (causes == cause)).sum()))
        for cause in Cause
    )

"""Pairs of the units that share a key: all of them, or of too many those with a few anchors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedup.kernels import candidates as kernels
from dedup.model import Int64s, UInt64s


def sort_by_key(keys: UInt64s, units: Int64s) -> tuple[UInt64s, Int64s]:
    """Return keys in ascending order, and their units; those of one key keep their order."""
    ordered_keys, ordered_units = np.empty_like(keys), np.empty_like(units)
    kernels.sort_keys(keys, units, ordered_keys, ordered_units)
    return ordered_keys, ordered_units


def pair_small_buckets(
    keys: UInt64s, units: Int64s, max_bucket: int
) -> tuple[UInt64s, NDArray[np.bool_], int]:
    """Pair all units of each bucket that is not over-full.

    Parameters
    ----------
    keys : uint64 array
        Ascending.
    units : int64 array
    max_bucket : int
        A bucket of more units is over-full.

    Returns
    -------
    pairs : uint64 array
    full : bool array
        Which keys are those of over-full buckets.
    n_full : int
        How many buckets are.

    Examples
    --------
    >>> pairs, full, _ = pair_small_buckets(np.array([1, 1, 2, 2, 2], np.uint64), np.arange(5), 2)
    >>> pairs.tolist(), full.tolist()
    ([1], [False, False, True, True, True])
    """
    full = np.empty(len(keys), np.bool_)
    n_pairs, n_full = kernels.measure_buckets(keys, max_bucket, full)
    pairs = np.empty(n_pairs, np.uint64)
    kernels.pair_buckets(keys, units, full, pairs)
    return pairs, full, n_full


def pair_with_anchors(keys: UInt64s, units: Int64s, digests: UInt64s, n_anchors: int) -> UInt64s:
    """Pair the units of each bucket with those of its lowest content digests.

    Parameters
    ----------
    keys : uint64 array
    units : int64 array
    digests : uint64 array, shape (n_units, 2)
        Of all units: so that the order of reading cannot matter.
    n_anchors : int
    """
    digest = digests[units]
    order = np.lexsort((digest[:, 1], digest[:, 0], keys))
    pairs = np.empty(n_anchors * len(units), np.uint64)
    return pairs[: kernels.pair_anchors(keys[order], units[order], n_anchors, pairs)]

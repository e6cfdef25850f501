"""Buckets to candidate pairs, each pair once, and the filter on estimated Jaccard.

A pair of units travels as one uint64: the smaller row in the upper half.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels import kernel, part
from dedup.kernels.words import MULTIPLIER, fill, finish, shingle_state

U = np.uintp
EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)


@njit(inline="always")
def _pair(x, y):
    if x > y:
        x, y = y, x
    return np.uint64(x) << np.uint64(32) | np.uint64(y)


@kernel
def sort_keys(keys, units, ordered_keys, ordered_units):
    """Sort units by their band keys: two counting passes, then within short runs.

    Keys are hashes, so that their upper bits alone nearly sort them: six times faster
    than a comparison sort of all 64 bits.

    Parameters
    ----------
    keys : uint64 array, shape (n,)
    units : int64 array, shape (n,)
    ordered_keys, ordered_units : arrays like ``keys`` and ``units``
        Filled; ``keys`` and ``units`` are used as scratch.
    """
    n = U(len(keys))
    bits = 4
    while bits < 13 and (1 << (2 * bits)) < 2 * n:
        bits += 1
    size = 1 << bits
    counts = np.zeros((2, size), np.int64)
    low, high = np.uint64(64 - 2 * bits), np.uint64(64 - bits)
    mask = np.uint64(size - 1)
    for i in range(n):
        counts[0, U((keys[i] >> low) & mask)] += 1
        counts[1, U(keys[i] >> high)] += 1
    for turn in range(2):
        total = 0
        for k in range(size):
            here = counts[turn, k]
            counts[turn, k] = total
            total += here
    for i in range(n):
        digit = U((keys[i] >> low) & mask)
        place = U(counts[0, digit])
        counts[0, digit] += 1
        ordered_keys[place], ordered_units[place] = keys[i], units[i]
    for i in range(n):
        digit = U(ordered_keys[i] >> high)
        place = U(counts[1, digit])
        counts[1, digit] += 1
        keys[place], units[place] = ordered_keys[i], ordered_units[i]
    start = U(0)
    while start < n:
        end = start + U(1)
        while end < n and keys[end] >> low == keys[start] >> low:
            end += U(1)
        _sort_run(keys, units, start, end, ordered_keys, ordered_units)
        start = end


@part
def _sort_run(keys, units, start, end, ordered_keys, ordered_units):
    """Copy a run sorted by full key: mostly one key, so each pass takes all of its least."""
    floor = np.uint64(0)
    place = start
    while place < end:
        least = EMPTY
        for i in range(start, end):
            if floor <= keys[i] < least:
                least = keys[i]
        for i in range(start, end):
            if keys[i] == least:
                ordered_keys[place], ordered_units[place] = keys[i], units[i]
                place += U(1)
        floor = least + np.uint64(1)


@kernel
def measure_buckets(keys, max_bucket, full):
    """Count the pairs of small buckets and mark the members of over-full ones.

    Parameters
    ----------
    keys : uint64 array, shape (n,)
        Band keys in ascending order.
    max_bucket : int
    full : bool array, shape (n,)
        Filled: whether the position lies in a bucket of more than ``max_bucket``.

    Returns
    -------
    int, int
        Pairs of all other buckets, and the number of over-full buckets.
    """
    n_pairs, n_full = 0, 0
    start = 0
    while start < len(keys):
        end = start + 1
        while end < len(keys) and keys[end] == keys[start]:
            end += 1
        size = end - start
        fill(full, start, end, size > max_bucket)
        if size > max_bucket:
            n_full += 1
        else:
            n_pairs += size * (size - 1) // 2
        start = end
    return n_pairs, n_full


@kernel
def pair_buckets(keys, units, full, pairs):
    """Write every pair of every bucket that is not over-full.

    ``units`` (int64) are the rows behind the ascending ``keys``; ``pairs`` (uint64) has
    the room that :func:`measure_buckets` counted.
    """
    n = 0
    start = 0
    while start < len(keys):
        end = start + 1
        while end < len(keys) and keys[end] == keys[start]:
            end += 1
        if not full[start]:
            for i in range(start, end):
                for j in range(i + 1, end):
                    pairs[n] = _pair(units[i], units[j])
                    n += 1
        start = end


@kernel
def pair_anchors(keys, units, n_anchors, pairs):
    """Pair each unit of a bucket with the bucket's first ``n_anchors`` units.

    Inside a bucket ``units`` must stand in the order of their content digests, so that
    the anchors do not depend on reading order. ``pairs`` needs room for
    ``n_anchors * len(units)``.

    Returns
    -------
    int
        Pairs written.
    """
    n = 0
    start = 0
    while start < len(keys):
        end = start + 1
        while end < len(keys) and keys[end] == keys[start]:
            end += 1
        for i in range(start, min(start + n_anchors, end)):
            for j in range(i + 1, end):
                pairs[n] = _pair(units[i], units[j])
                n += 1
        start = end
    return n


@kernel
def rehash_rows(signatures, units, first_row, n_rows, keys):
    """Refine bucket keys in place by further signature rows of their units."""
    for i in range(len(units)):
        row = signatures[units[i]]
        state = keys[i]
        for r in range(first_row, first_row + n_rows):
            state = shingle_state(state, row[r % len(row)])
        keys[i] = finish(state)


@kernel
def insert_pairs(pairs, table, fresh):
    """Add pairs to an open-addressing set.

    Parameters
    ----------
    pairs : uint64 array
    table : uint64 array, power-of-two length
        The set, ``EMPTY`` where free; the caller keeps it at most half full.
    fresh : uint64 array like ``pairs``
        Filled with the pairs that were not in the set.

    Returns
    -------
    int
        Number of fresh pairs.
    """
    mask = U(len(table) - 1)
    n = 0
    for i in range(U(len(pairs))):
        pair = pairs[i]
        slot = U(finish(pair * MULTIPLIER)) & mask
        while table[slot] != EMPTY and table[slot] != pair:
            slot = (slot + U(1)) & mask
        if table[slot] == EMPTY:
            table[slot] = pair
            fresh[n] = pair
            n += 1
    return n


@kernel
def estimate(signatures, pairs, equal):
    """Count equal signature values: ``equal / num_perm`` estimates the Jaccard.

    Parameters
    ----------
    signatures : uint32 array, shape (n, num_perm)
    pairs : uint64 array, shape (m,)
    equal : int32 array, shape (m,)
        Filled.
    """
    for i in range(len(pairs)):
        left = signatures[np.int64(pairs[i] >> np.uint64(32))]
        right = signatures[np.int64(pairs[i] & np.uint64(0xFFFFFFFF))]
        count = np.int32(0)
        for p in range(U(len(left))):
            count += np.int32(left[p] == right[p])
        equal[i] = count

"""Brute force over shingles: which units share enough with any of a few."""

from __future__ import annotations

import numpy as np

from dedup.kernels import kernel
from dedup.kernels.shingles import count_positions, shingle_at

U = np.uintp


@kernel
def index_shingles(tokens, offsets, width, chosen, keys, heads, entries):
    """Index the shingles of chosen units.

    Parameters
    ----------
    tokens : uint32 array
    offsets : int64 array, shape (n_units + 1,)
    width : int
    chosen : int64 array, shape (m,)
    keys : uint64 array, power-of-two length
        Filled: an open-addressing table, at least twice the tokens of the chosen units.
    heads : int32 array like ``keys``
        Last entry of each key; -1 where the slot is free, and all -1 at first.
    entries : (int32 array, int32 array), one per token of the chosen units
        Filled: row in ``chosen``, and the entry before of the same key or -1.
    """
    owners, before = entries
    mask = U(len(keys) - 1)
    n = np.int32(0)
    for m in range(len(chosen)):
        start = U(offsets[chosen[m]])
        n_tokens = offsets[chosen[m] + 1] - offsets[chosen[m]]
        span = min(width, n_tokens)
        for i in range(count_positions(n_tokens, width)):
            key = shingle_at(tokens, start + U(i), span)
            slot = U(key) & mask
            while heads[slot] >= 0 and keys[slot] != key:
                slot = (slot + U(1)) & mask
            if heads[slot] >= 0 and owners[heads[slot]] == m:
                continue
            keys[slot] = key
            owners[n], before[n] = m, heads[slot]
            heads[slot] = n
            n += np.int32(1)


@kernel
def find_neighbours(tokens, offsets, width, n_distinct, chosen, index, floors, first, pairs):
    """Find all units that share enough shingles with an indexed one.

    Shingles that stand more than once in a unit count each time, so that a pair may be
    found that lies below the floors; none above them is missed.

    Parameters
    ----------
    tokens, offsets, width, chosen
        As for :func:`index_shingles`.
    n_distinct : int32 array, shape (n_units,)
    index : (uint64 array, int32 array, (int32 array, int32 array))
        ``keys``, ``heads`` and ``entries`` as :func:`index_shingles` filled them.
    floors : (float, float)
        Lowest Jaccard, and lowest containment of the smaller: either is enough.
    first : int
        Unit to start with.
    pairs : int64 array, shape (room, 2)
        Filled: row in ``chosen``, unit. Room for at least one pair per chosen unit.

    Returns
    -------
    int, int
        Pairs written, and the unit to go on with; the number of units at the end.
    """
    keys, heads, (owners, before) = index
    mask = U(len(keys) - 1)
    counts = np.zeros(len(chosen), np.int64)
    touched = np.empty(len(chosen), np.int64)
    n = 0
    n_units = len(offsets) - 1
    for unit in range(first, n_units):
        if n + len(chosen) > len(pairs):
            return n, unit
        start = U(offsets[unit])
        n_tokens = offsets[unit + 1] - offsets[unit]
        span = min(width, n_tokens)
        n_touched = 0
        for i in range(count_positions(n_tokens, width)):
            key = shingle_at(tokens, start + U(i), span)
            slot = U(key) & mask
            while heads[slot] >= 0 and keys[slot] != key:
                slot = (slot + U(1)) & mask
            entry = heads[slot]
            while entry >= 0:
                owner = owners[entry]
                if counts[owner] == 0:
                    touched[n_touched] = owner
                    n_touched += 1
                counts[owner] += 1
                entry = before[entry]
        for k in range(n_touched):
            owner = touched[k]
            shared = counts[owner]
            counts[owner] = 0
            one, other = n_distinct[unit], n_distinct[chosen[owner]]
            held = shared >= floors[1] * min(one, other)
            alike = shared >= floors[0] * (one + other - shared)
            if unit != chosen[owner] and (held or alike):
                pairs[n, 0], pairs[n, 1] = owner, unit
                n += 1
    return n, n_units

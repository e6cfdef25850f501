"""Exact collapse: texts with one digest share one unit."""

from __future__ import annotations

import numpy as np

from dedup.kernels import kernel

U = np.uintp


@kernel
def collapse(digests, takes_part, table, known, n_units, units):
    """Give each text the unit of its digest, a new unit where the digest is new.

    Parameters
    ----------
    digests : uint64 array, shape (n, 2)
    takes_part : bool array, shape (n,)
        Texts with too few words to be compared get unit -1.
    table : int32 array, power-of-two length
        Open addressing by digest; -1 where free. At most half full after the call.
    known : uint64 array, shape (capacity, 2)
        Digests of the units so far; new ones are added.
    n_units : int
        Units so far.
    units : int64 array, shape (n,)
        Filled.

    Returns
    -------
    int
        Units now.
    """
    mask = U(len(table) - 1)
    for i in range(len(digests)):
        if not takes_part[i]:
            units[i] = -1
            continue
        slot = U(digests[i, 0]) & mask
        while table[slot] >= 0:
            unit = table[slot]
            if known[unit, 0] == digests[i, 0] and known[unit, 1] == digests[i, 1]:
                break
            slot = (slot + U(1)) & mask
        if table[slot] < 0:
            table[slot] = n_units
            known[n_units, 0], known[n_units, 1] = digests[i, 0], digests[i, 1]
            n_units += 1
        units[i] = table[slot]
    return n_units


@kernel
def rebuild(table, known, n_units):
    """Fill a new, larger table with the units so far."""
    mask = U(len(table) - 1)
    for unit in range(n_units):
        slot = U(known[unit, 0]) & mask
        while table[slot] >= 0:
            slot = (slot + U(1)) & mask
        table[slot] = unit

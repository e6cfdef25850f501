"""Which keys may stand more than once: most do not, and need not be sorted.

Keys share counters, two bits each, that tell none, one and more. A key that stands once
is taken for one that recurs where another one has its counter: with eight counters for a
key, one of nine. Reading and writing the counters takes a quarter of the time of a sort.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels import kernel

U = np.uintp
COUNTERS_OF_A_BYTE = 4


@njit(inline="always")
def _counter_bits(seen):
    """Number of upper bits of a key that choose its counter."""
    bits = 2
    while (1 << (bits - 2)) < len(seen):
        bits += 1
    return bits


@njit(inline="always")
def _note(key, shift, seen):
    """Count a key; return 1 if its counter told of another one, else 0."""
    counter = key >> shift
    at, place = U(counter >> np.uint64(2)), np.uint8(np.uint8(counter & np.uint64(3)) << 1)
    count = (seen[at] >> place) & np.uint8(3)
    seen[at] += np.uint8(np.uint8(count < 2) << place)
    return np.int64(count > 0)


@njit(inline="always")
def _recurs(key, shift, seen):
    counter = key >> shift
    place = np.uint8(np.uint8(counter & np.uint64(3)) << 1)
    return (seen[U(counter >> np.uint64(2))] >> place) & np.uint8(2) != 0


@kernel
def note_keys(keys, units, seen):
    """Count the keys of some units.

    Parameters
    ----------
    keys : uint64 array
        A key per unit; its upper bits must be even.
    units : int64 array
    seen : uint8 array, power-of-two length
        The counters, ``COUNTERS_OF_A_BYTE`` in each; zeros at first.

    Returns
    -------
    int
        At least half as many as :func:`keep_keys` keeps.
    """
    shift = np.uint64(64 - _counter_bits(seen))
    n = 0
    for i in range(U(len(units))):
        n += _note(keys[U(units[i])], shift, seen)
    return n


@kernel
def keep_keys(keys, units, seen, kept_keys, kept_units):
    """Take what :func:`note_keys` did not see once only, in the order given.

    ``kept_keys`` and ``kept_units`` are filled; returned is how far.
    """
    shift = np.uint64(64 - _counter_bits(seen))
    n = U(0)
    for i in range(U(len(units))):
        key = keys[U(units[i])]
        if _recurs(key, shift, seen):
            kept_keys[n], kept_units[n] = key, units[i]
            n += U(1)
    return n


@kernel
def note_samples(samples, bounds, takes_part, seen):
    """Count the samples of units.

    Parameters
    ----------
    samples : uint64 array
        Of all units; their upper bits must be even.
    bounds : int64 array, shape (n_units + 1,)
        Those of unit ``u`` are ``samples[bounds[u]:bounds[u + 1]]``.
    takes_part : bool array, shape (n_units,)
        The units that count.
    seen
        As for :func:`note_keys`.

    Returns
    -------
    int
        At least half as many as :func:`keep_samples` keeps.
    """
    shift = np.uint64(64 - _counter_bits(seen))
    n = 0
    for unit in range(len(takes_part)):
        if takes_part[unit]:
            for i in range(U(bounds[unit]), U(bounds[unit + 1])):
                n += _note(samples[i], shift, seen)
    return n


@kernel
def keep_samples(samples, bounds, takes_part, seen, share, kept_keys, kept_units):
    """Take what :func:`note_samples` did not see once only, unit by unit.

    Of ``n`` shares only the samples of one are taken; ``share`` is its number and ``n``.
    ``kept_keys`` and ``kept_units`` are filled; returned is how far.
    """
    shift = np.uint64(64 - _counter_bits(seen))
    n = U(0)
    for unit in range(len(takes_part)):
        if takes_part[unit]:
            for i in range(U(bounds[unit]), U(bounds[unit + 1])):
                key = samples[i]
                if _recurs(key, shift, seen) and key % np.uint64(share[1]) == np.uint64(share[0]):
                    kept_keys[n], kept_units[n] = key, unit
                    n += U(1)
    return n

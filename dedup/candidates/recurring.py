"""Keys that may stand more than once, found before anything is sorted.

Nearly all units are alone in their bucket, and nearly all samples in one unit: sorting
the others only halves the time of finding candidates.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from dedup.kernels.recurring import COUNTERS_OF_A_BYTE, keep_keys, note_keys
from dedup.model import Bytes, Int64s, UInt64s

_COUNTERS_OF_A_KEY: Final = 8
_MOST_COUNTERS: Final = 1 << 26
"""16 MiB. More than 60 million keys share counters so often that most of them are kept."""


def counters_for(n_keys: int) -> Bytes:
    """Return counters for the kernels of :mod:`dedup.kernels.recurring`."""
    wanted = min(max(_COUNTERS_OF_A_KEY * n_keys, 64), _MOST_COUNTERS)
    return np.zeros((1 << (wanted - 1).bit_length()) // COUNTERS_OF_A_BYTE, np.uint8)


def keep_recurring(keys: UInt64s, units: Int64s) -> tuple[UInt64s, Int64s]:
    """Return the keys of some units that may stand more than once, and their units.

    Parameters
    ----------
    keys : uint64 array
        A key per unit, with even upper bits.
    units : int64 array

    Returns
    -------
    uint64 array, int64 array
        In the order given: every key that two of the units have, and some of the others.

    Examples
    --------
    >>> keys = np.array([1, 5, 1], np.uint64) << np.uint64(60)
    >>> keep_recurring(keys, np.arange(3))[1]
    array([0, 2])
    """
    seen = counters_for(len(units))
    most = min(2 * note_keys(keys, units, seen), len(units))
    kept_keys, kept_units = np.empty(most, np.uint64), np.empty(most, np.int64)
    n_kept = keep_keys(keys, units, seen, kept_keys, kept_units)
    return kept_keys[:n_kept], kept_units[:n_kept]

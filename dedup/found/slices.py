"""Rows cut into slices that are worked on at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dedup.model import Int64s


def slices_of(sizes: Int64s, most: int) -> Iterator[slice]:
    """Cut things into slices of at most some size together; a larger one is its own.

    Examples
    --------
    >>> list(slices_of(np.array([1, 2, 9, 1]), 3))
    [slice(0, 2, None), slice(2, 3, None), slice(3, 4, None)]
    """
    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = int(ends[start - 1]) if start else 0
        stop = max(int(np.searchsorted(ends, before + most, side="right")), start + 1)
        yield slice(start, stop)
        start = stop

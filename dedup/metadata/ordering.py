"""Rows in the order of several keys."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from dedup.model import Int64s


def order_by(keys: Iterable[NDArray[np.generic]], n: int) -> tuple[Int64s, NDArray[np.bool_]]:
    """Order rows by several keys, the first decides.

    Parameters
    ----------
    keys : iterable of arrays, shape (n,)
        A key is only looked at where those before it leave rows tied.
    n : int

    Returns
    -------
    int64 array, shape (n,)
        The rows; those that are tied in all keys in any order.
    bool array, shape (n - 1,)
        Which of them equal the next one in all keys.

    Examples
    --------
    >>> order, tied = order_by([np.array([1, 0, 1]), np.array([7, 9, 7])], 3)
    >>> order[0], sorted(order[1:].tolist()), tied.tolist()
    (np.int64(1), [0, 2], [False, True])
    """
    order = np.arange(n)
    tied = np.ones(max(n - 1, 0), np.bool_)
    for key in keys if n > 1 else ():
        follows = np.concatenate(([False], tied))
        at = np.flatnonzero(follows | np.concatenate((tied, [False])))
        rows, runs = order[at], np.cumsum(~follows)[at]
        sorted_rows = rows[_order_inside(runs, key[rows])]
        order[at] = sorted_rows
        tied[at[:-1]] &= key[sorted_rows[1:]] == key[sorted_rows[:-1]]
        if not tied.any():
            break
    return order, tied


def _order_inside(runs: Int64s, key: NDArray[np.generic]) -> Int64s:
    """Return the order by run (counted from 1, ascending), and by key inside of each."""
    least, span = int(key.min()), int(key.max()) - int(key.min()) + 1
    if key.dtype == np.int64 and int(runs[-1] + 1) * span <= np.iinfo(np.int64).max:
        inside = key.view(np.int64) - least
        return np.argsort(runs * span + inside)  # in a third of the time
    return np.lexsort((key, runs))

"""Winnowing: the few shingles by which a short text is found inside a long one."""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels import kernel, part
from dedup.kernels.shingles import SHINGLE_SHIFT, count_positions
from dedup.kernels.words import MULTIPLIER

U = np.uintp


SPREAD_INVERSE = np.uint64(pow(int(MULTIPLIER), -1, 1 << 64))


@njit(inline="always")
def _spread(key):
    """Make the upper bits of a minimum even again (a bijection): a sort relies on them."""
    return key * MULTIPLIER


@part
def _last_minimum(keys, start, end):
    """Return the place of the smallest key, the last one where it stands more than once."""
    least = np.uint64(0xFFFFFFFFFFFFFFFF)
    for i in range(start, end):  # without the place this is done several keys at a time
        least = min(least, keys[i])
    at = end
    while at > start:
        at -= U(1)
        if keys[at] == least:
            break
    return at


@kernel
def winnow(keys, texts, width, window, samples, n_samples):
    """Take the smallest shingle of every window of consecutive shingles of chosen texts.

    Parameters
    ----------
    keys : uint64 array
        The shingle at each token that one starts at, as
        :func:`dedup.kernels.shingles.shingle` fills it.
    texts : (int64 array of shape (n + 1,), int64 array of shape (m,))
        Token offsets, and the rows of the texts.
    width : int
        Tokens per shingle.
    window : int
        Shingles per window; a text of fewer has one window.
    samples : uint64 array
        Filled, text by text; room for one per token. A shingle that is the smallest of
        neighbouring windows stands once; it may stand again where the text repeats.
    n_samples : int64 array, shape (m,)
        Filled.

    Returns
    -------
    int
        Samples in all.
    """
    offsets, rows = texts
    n = U(0)
    for m in range(len(rows)):
        start = U(offsets[rows[m]])
        end = start + U(count_positions(offsets[rows[m] + 1] - offsets[rows[m]], width))
        before = n
        i = min(start + U(window), end)
        at = _last_minimum(keys, start, i)
        if start < end:
            samples[n] = _spread(keys[at])
            n += U(1)
        while i < end:
            least = keys[at]
            leaves = min(at + U(window), end)
            while i < leaves and keys[i] > least:
                i += U(1)
            if i == end:
                break
            smaller = i == leaves or keys[i] < least
            at = _last_minimum(keys, at + U(1), i + U(1)) if i == leaves else i
            if smaller:
                samples[n] = _spread(keys[at])
                n += U(1)
            i += U(1)
        n_samples[m] = n - before
    return n


@kernel
def count_holders(samples, shingle_counts, n_units):
    """Look up how many units hold each sample, by the counters of a corpus model.

    Parameters
    ----------
    samples : uint64 array, shape (n,)
    shingle_counts : uint16 array, power-of-two length
    n_units : uint16 array, shape (n,)
        Filled.
    """
    mask = U(len(shingle_counts) - 1)
    for i in range(len(samples)):
        shingle = samples[i] * SPREAD_INVERSE
        n_units[i] = shingle_counts[U(shingle >> SHINGLE_SHIFT) & mask]

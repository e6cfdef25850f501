"""Winnowing: the few shingles by which a short text is found inside a long one."""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels import kernel
from dedup.kernels.shingles import count_positions, leaving_factor, open_state, roll
from dedup.kernels.words import MULTIPLIER, finish

U = np.uintp


SPREAD_INVERSE = np.uint64(pow(int(MULTIPLIER), -1, 1 << 64))


@njit(inline="always")
def _spread(key):
    """Make the upper bits of a minimum even again (a bijection): a sort relies on them."""
    return key * MULTIPLIER


@kernel
def winnow(tokens, texts, width, window, samples, n_samples):
    """Take the smallest shingle of every window of consecutive shingles of chosen texts.

    Parameters
    ----------
    tokens : uint32 array
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
    longest = np.int64(1)
    for m in range(len(rows)):
        longest = max(longest, offsets[rows[m] + 1] - offsets[rows[m]])
    keys = np.empty(longest, np.uint64)
    n = U(0)
    for m in range(len(rows)):
        start = U(offsets[rows[m]])
        n_tokens = offsets[rows[m] + 1] - offsets[rows[m]]
        span = min(width, n_tokens)
        n_positions = count_positions(n_tokens, width)
        factor = leaving_factor(span)
        state = open_state(tokens, start, span)
        before = n
        least, left = np.uint64(0xFFFFFFFFFFFFFFFF), np.int64(window)
        for i in range(n_positions):
            if i > 0:
                at = start + U(i)
                state = roll(state, tokens[at - U(1)], tokens[at + U(span - 1)], factor)
            key = finish(state)
            keys[U(i)] = key
            left -= 1
            is_new = i == window - 1
            if key <= least:
                is_new |= key < least
                least, left = key, np.int64(window)
            elif left == 0:  # the smallest has left the window: look for the next
                least = key
                left = np.int64(window)
                for k in range(1, window):
                    other = keys[U(i - k)]
                    if other < least:
                        least, left = other, np.int64(window - k)
                is_new = True
            if is_new and i >= window - 1:
                samples[n] = _spread(least)
                n += U(1)
        if 0 < n_positions < window:
            samples[n] = _spread(least)
            n += U(1)
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
        n_units[i] = shingle_counts[U(shingle >> np.uint64(20)) & mask]

"""Token hashes to distinct shingles and document frequencies."""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels import kernel, part
from dedup.kernels.words import MULTIPLIER, finish, shingle_state

U = np.uintp
SATURATED = np.uint16(65535)
TERM_SHIFT = np.uint32(12)
"""A term is the upper 20 bits of a token hash: the slot of its counter."""
TERM_MASK = np.uint32(0xFFFFF000)
SHINGLE_SHIFT = np.uint64(20)
"""Bits of a shingle hash below those of its counter: tables of one text are addressed by these."""
SLOT_MASK = np.uint32((1 << 21) - 1)
TEXTS_NOTED = (1 << 12) - 1
"""Texts that are told apart in one noted value; 0 is no text."""
MOST_TEXTS = 1 << 20
"""Texts that a term may be counted in before its counter is full."""
SPARSE = 4
"""Slots per token of the table: half as many make the pass a quarter slower."""


@njit(inline="always")
def shingle_at(tokens, i, width):
    """64-bit hash of the ``width`` tokens from ``i`` on."""
    return finish(open_state(tokens, i, width))


@njit(inline="always")
def open_state(tokens, i, width):
    """State of the shingle at ``i`` before it is finished, to be rolled on."""
    state = np.uint64(0)
    for k in range(width):
        state = shingle_state(state, tokens[i + U(k)])
    return state


@njit(inline="always")
def leaving_factor(width):
    """Factor with which a token stands in the state after it has left the shingle."""
    factor = np.uint64(1)
    for _ in range(width):
        factor *= MULTIPLIER
    return factor


@njit(inline="always")
def roll(state, leaving, entering, factor):
    """State of the next shingle: one token leaves, one enters, whatever the width.

    A loop over the tokens of each shingle takes three times as long.
    """
    return shingle_state(state - np.uint64(leaving) * factor, entering)


@njit(inline="always")
def count_positions(n_tokens, width):
    """Shingles (not distinct) of a text: a text shorter than the width has one."""
    return n_tokens - width + 1 if n_tokens >= width else min(n_tokens, 1)


@njit(inline="always")
def table_size(n):
    """Power of two that holds ``n`` keys at half load or less."""
    size = 16
    while size < 2 * n:
        size *= 2
    return size


@njit(inline="always")
def sparse_table_size(n):
    """Power of two of which ``n`` keys take an eighth or less.

    For keys that are mostly not there: each slot that another key has taken costs a
    branch that was not foreseen. Comparing pairs takes an eighth less time than with
    half of these slots.
    """
    return 4 * table_size(n)


@kernel
def shingle(tokens, texts, width, table, clock, shingles, shingle_offsets, at, n_repeated):
    """Collect the distinct shingles of chosen texts, in order of first occurrence.

    Parameters
    ----------
    tokens : uint32 array
    texts : (int64 array of shape (n + 1,), int64 array of shape (m,))
        Token offsets, and the rows of the texts to shingle.
    width : int
        Tokens per shingle.
    table : (int32 array, int32 array)
        Scratch of equal power-of-two length, at least ``SPARSE`` times the longest
        text. The first is -1 when new and never cleared: what was written before
        ``clock`` counts as empty. It holds places in the list of distinct shingles,
        so that it fits the first-level cache for an article's length; the second
        holds the last position of each distinct shingle.
    clock : int
        What the last call with this table returned; 0 for a new table. The caller
        starts anew before ``clock`` and the tokens of a call exceed int32.
    shingles : uint64 array
        Filled; room for one per token of the chosen texts.
    shingle_offsets : int64 array, shape (m + 1,)
        Filled.
    at : (uint64 array, int32 array), one of each per token of the batch
        Filled at the positions of the chosen texts: the shingle that starts here, and
        where in the text (counted from its first token) it stood last, or -1.
    n_repeated : int64 array, shape (m,)
        Filled: positions of each text whose shingle stood before.

    Returns
    -------
    int
        The ``clock`` of the next call.
    """
    offsets, rows = texts
    places, last = table
    keys, previous = at
    n = U(0)
    for m in range(len(rows)):
        shingle_offsets[m] = n
        start = U(offsets[rows[m]])
        n_tokens = offsets[rows[m] + 1] - offsets[rows[m]]
        span = min(width, n_tokens)
        factor = leaving_factor(span)
        state = open_state(tokens, start, span)
        mask = U(table_size(SPARSE * n_tokens // 2) - 1)
        base = n
        repeated = 0
        for i in range(U(count_positions(n_tokens, width))):
            if i > 0:
                ahead = start + i + U(span - 1)
                state = roll(state, tokens[start + i - U(1)], tokens[ahead], factor)
            key = finish(state)
            keys[start + i] = key
            slot = U(key) & mask
            place = np.int64(places[slot]) - clock
            while place >= 0 and shingles[base + U(place)] != key:
                slot = (slot + U(1)) & mask
                place = np.int64(places[slot]) - clock
            if place < 0:
                place = np.int64(n - base)
                places[slot] = clock + place
                shingles[n] = key
                n += U(1)
                previous[start + i] = -1
            else:
                previous[start + i] = last[U(place)]
                repeated += 1
            last[U(place)] = i
        clock += np.int64(n - base)
        n_repeated[m] = repeated
    shingle_offsets[len(rows)] = n
    return clock


@njit(inline="always")
def is_common(key, common):
    """Whether the bit of a shingle is set among those of common shingles."""
    slot = U(key >> SHINGLE_SHIFT) & U(8 * len(common) - 1)
    return (common[slot >> U(3)] >> np.uint8(slot & U(7))) & np.uint8(1) != 0


@part
def fill_table(tokens, start, n_tokens, width, keys, used):
    """Put the distinct shingles of one text into a table, ``used`` 0 there and else -1.

    Returns the table's mask and the number of shingles.
    """
    mask = U(table_size(n_tokens) - 1)
    for slot in range(mask + U(1)):
        used[slot] = -1
    span = min(width, n_tokens)
    n = 0
    for i in range(U(count_positions(n_tokens, width))):
        key = shingle_at(tokens, start + i, span)
        slot = U(key) & mask
        while used[slot] >= 0 and keys[slot] != key:
            slot = (slot + U(1)) & mask
        n += used[slot] < 0
        keys[slot] = key
        used[slot] = 0
    return mask, n


@kernel
def note(tokens, texts, shingles, first_text, terms, slots):
    """Write down what is to be counted of chosen texts.

    Parameters
    ----------
    tokens, texts
        As for :func:`shingle`.
    shingles : uint64 array
        The distinct shingles of all chosen texts.
    first_text : int
        Number of the first text among those noted so far; the last has one below
        ``TEXTS_NOTED``.
    terms : uint32 array, one per token of the chosen texts
        Filled: the term (the upper 20 bits of a token hash) and the number of the text.
    slots : uint32 array like ``shingles``
        Filled: the counter of each shingle.
    """
    offsets, rows = texts
    n = U(0)
    for m in range(len(rows)):
        here = np.uint32(first_text + m)
        for i in range(U(offsets[rows[m]]), U(offsets[rows[m] + 1])):
            terms[n] = (tokens[i] & TERM_MASK) | here
            n += U(1)
    for i in range(U(len(shingles))):
        slots[i] = np.uint32(shingles[i] >> SHINGLE_SHIFT) & SLOT_MASK


@kernel
def count(terms, slots, term_counts, shingle_counts):
    """Add what was noted to the document frequencies of terms and shingles.

    Counters are many and visited at random. After other work the caches hold none of
    them: counting what several batches noted at once takes half the time.

    Parameters
    ----------
    terms, slots : uint32 arrays
        As :func:`note` filled them, text by text.
    term_counts : uint32 array, shape (2 ** 20,)
        In the upper 20 bits the texts that hold a term; below, for the time of a call,
        the last text that counted for it: together they stay in a shared cache.
    shingle_counts : uint16 array, shape (2 ** 21,)
        Saturating counters; shingles that share one only raise each other's count.
    """
    for term in range(U(len(term_counts))):
        term_counts[term] &= TERM_MASK
    for i in range(U(len(terms))):
        term = U(terms[i] >> TERM_SHIFT)
        here = np.uint32((terms[i] & ~TERM_MASK) + np.uint32(1))
        known = term_counts[term]
        fresh = np.uint32((known & ~TERM_MASK) != here) << TERM_SHIFT
        term_counts[term] = ((known & TERM_MASK) + fresh) | here
    for i in range(U(len(slots))):
        slot = U(slots[i])
        value = shingle_counts[slot]
        shingle_counts[slot] = value + np.uint16(value < SATURATED)

"""Exact scores of candidate pairs from the stored token hashes of their units."""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels import kernel
from dedup.kernels.shingles import count_shared, fill_table, table_size
from dedup.kernels.words import finish, shingle_state

U = np.uintp
TERM_SHIFT = np.uint32(12)
NO_TOKEN = np.uint64(1 << 32)


@njit(inline="always")
def _left(pair):
    return np.int64(pair >> np.uint64(32))


@njit(inline="always")
def _right(pair):
    return np.int64(pair & np.uint64(0xFFFFFFFF))


@kernel
def overlap(tokens, offsets, width, frequencies, pairs, shared):
    """Count the distinct shingles that both units of each pair hold.

    Parameters
    ----------
    tokens : uint32 array
        Token hashes of all units.
    offsets : int64 array, shape (n_units + 1,)
    width : int
        Tokens per shingle.
    frequencies : (uint16 array, int)
        Shingle document frequencies and the highest count that is not common;
        with 0 every shingle counts.
    pairs : uint64 array, shape (m,)
        Ascending, so that pairs with one left unit share its table.
    shared : int64 array, shape (m,)
        Filled.
    """
    longest = 1
    for p in range(len(pairs)):
        unit = _left(pairs[p])
        longest = max(longest, offsets[unit + 1] - offsets[unit])
    keys = np.empty(table_size(longest), np.uint64)
    used = np.empty(len(keys), np.int32)
    mask = U(0)
    before = np.int64(-1)
    stamp = np.int32(0)
    for p in range(len(pairs)):
        left, right = _left(pairs[p]), _right(pairs[p])
        if left != before:
            start = U(offsets[left])
            n_tokens = offsets[left + 1] - offsets[left]
            mask, _ = fill_table(tokens, start, n_tokens, width, frequencies, keys, used)
            before = left
            stamp = np.int32(0)
        stamp += np.int32(1)
        start = U(offsets[right])
        n_tokens = offsets[right + 1] - offsets[right]
        shared[p] = count_shared(tokens, start, n_tokens, width, mask, keys, used, stamp)


@njit
def _sort_tokens(tokens, start, n, buffer, spare):
    """Sort the tokens of one unit into ``buffer``: four passes of eight bits."""
    counts = np.zeros((4, 256), np.int64)
    for i in range(U(n)):
        value = tokens[start + i]
        buffer[i] = value
        counts[0, value & np.uint32(255)] += 1
        counts[1, (value >> np.uint32(8)) & np.uint32(255)] += 1
        counts[2, (value >> np.uint32(16)) & np.uint32(255)] += 1
        counts[3, value >> np.uint32(24)] += 1
    for turn in range(4):
        places = counts[turn]
        total = 0
        for k in range(256):
            places[k], total = total, total + places[k]
        shift = np.uint32(8 * turn)
        for i in range(U(n)):
            value = buffer[i]
            digit = U((value >> shift) & np.uint32(255))
            spare[U(places[digit])] = value
            places[digit] += 1
        buffer, spare = spare, buffer


@kernel
def describe(tokens, offsets, width, model, units, facts, norms, digests):
    """Compute once per unit what the details of its pairs need.

    Parameters
    ----------
    tokens, offsets, width
        As for :func:`overlap`.
    model : (float64 array, (uint16 array, int))
        Inverse document frequencies of the terms; ``frequencies`` of :func:`overlap`.
    units : int64 array, shape (m,)
    facts : int32 array, shape (m, 3)
        Filled: distinctive shingles, distinct numbers, number tokens.
    norms : float64 array, shape (m,)
        Filled: Euclidean norm of the TF-IDF vector.
    digests : uint64 array, shape (m, 2)
        Filled: hash of the token sequence, and of the sequence without numbers.
    """
    idf, frequencies = model
    longest = 1
    for m in range(len(units)):
        longest = max(longest, offsets[units[m] + 1] - offsets[units[m]])
    keys = np.empty(table_size(longest), np.uint64)
    used = np.empty(len(keys), np.int32)
    ordered, spare = np.empty(longest, np.uint32), np.empty(longest, np.uint32)
    for m in range(len(units)):
        start = U(offsets[units[m]])
        n = offsets[units[m] + 1] - offsets[units[m]]
        _, facts[m, 0] = fill_table(tokens, start, n, width, frequencies, keys, used)
        sequence, wording = np.uint64(0), np.uint64(0)
        numbers = 0
        for i in range(U(n)):
            token = tokens[start + i]
            sequence = shingle_state(sequence, token)
            if token & np.uint32(1):
                numbers += 1
            else:
                wording = shingle_state(wording, token)
        digests[m, 0], digests[m, 1] = finish(sequence), finish(wording)
        facts[m, 2] = numbers
        _sort_tokens(tokens, start, n, ordered, spare)
        distinct_numbers = 0
        total = 0.0
        i = 0
        while i < n:
            term = ordered[i] >> TERM_SHIFT
            first = i
            while i < n and ordered[i] >> TERM_SHIFT == term:
                if ordered[i] & np.uint32(1) and (i == first or ordered[i] != ordered[i - 1]):
                    distinct_numbers += 1
                i += 1
            weight = (i - first) * idf[term]
            total += weight * weight
        facts[m, 1] = distinct_numbers
        norms[m] = np.sqrt(total)


@njit
def _merge(left, n_left, right, n_right, idf, result):
    """Walk two sorted token lists; fill ``result`` and return the dot product."""
    i, j = 0, 0
    dot = 0.0
    term = np.uint64(0)
    in_left, in_right = 0, 0
    result[:] = 0
    while i < n_left or j < n_right:
        x = np.uint64(left[i]) if i < n_left else NO_TOKEN
        y = np.uint64(right[j]) if j < n_right else NO_TOKEN
        token = min(x, y)
        if token >> np.uint64(TERM_SHIFT) != term:
            dot += (in_left * idf[U(term)]) * (in_right * idf[U(term)])
            term = token >> np.uint64(TERM_SHIFT)
            in_left, in_right = 0, 0
        here_left, here_right = 0, 0
        while i < n_left and np.uint64(left[i]) == token:
            i += 1
            here_left += 1
        while j < n_right and np.uint64(right[j]) == token:
            j += 1
            here_right += 1
        in_left += here_left
        in_right += here_right
        if token & np.uint64(1):
            result[0] += here_left > 0 and here_right > 0
            result[1] += abs(here_left - here_right)
        else:
            result[2] += abs(here_left - here_right)
    return dot + (in_left * idf[U(term)]) * (in_right * idf[U(term)])


@kernel
def compare(tokens, offsets, idf, pairs, counts, dots):
    """Compare the token counts of each pair.

    Parameters
    ----------
    tokens, offsets, pairs
        As for :func:`overlap`.
    idf : float64 array
        Inverse document frequencies; a term is the upper bits of a token hash.
    counts : int32 array, shape (m, 3)
        Filled: distinct numbers that both hold; number tokens, and other tokens, by
        which the two multisets differ.
    dots : float64 array, shape (m,)
        Filled: dot product of the TF-IDF vectors, summed in ascending order of terms.
    """
    longest = 1
    for p in range(len(pairs)):
        for unit in (_left(pairs[p]), _right(pairs[p])):
            longest = max(longest, offsets[unit + 1] - offsets[unit])
    left_tokens, right_tokens = np.empty(longest, np.uint32), np.empty(longest, np.uint32)
    spare = np.empty(longest, np.uint32)
    before = np.int64(-1)
    n_left = np.int64(0)
    for p in range(len(pairs)):
        left, right = _left(pairs[p]), _right(pairs[p])
        if left != before:
            n_left = offsets[left + 1] - offsets[left]
            _sort_tokens(tokens, U(offsets[left]), n_left, left_tokens, spare)
            before = left
        n_right = offsets[right + 1] - offsets[right]
        _sort_tokens(tokens, U(offsets[right]), n_right, right_tokens, spare)
        dots[p] = _merge(left_tokens, n_left, right_tokens, n_right, idf, counts[p])

"""Exact scores of candidate pairs from the stored token hashes of their units."""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels import kernel, part
from dedup.kernels.numbers import append_digits, value
from dedup.kernels.shingles import (
    count_positions,
    fill_table,
    is_common,
    shingle_at,
    table_size,
)
from dedup.kernels.words import fill, finish, shingle_state

U = np.uintp
TERM_SHIFT = np.uint32(12)
NO_TOKEN = np.uint32(0xFFFFFFFF)


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
        Shingle document frequencies, and the highest count that is not common.
    pairs : uint64 array, shape (m,)
        Ascending, so that pairs with one left unit share its table.
    shared : int64 array, shape (m, 2)
        Filled: all shared shingles, and those of them that are not common.
    """
    longest = 1
    for p in range(len(pairs)):
        unit = _left(pairs[p])
        longest = max(longest, offsets[unit + 1] - offsets[unit])
    keys = np.empty(table_size(longest), np.uint64)
    used = np.empty(len(keys), np.int32)  # -1 free, else twice the last pair, odd if common
    mask = U(0)
    before = np.int64(-1)
    stamp = np.int32(0)
    for p in range(len(pairs)):
        left, right = _left(pairs[p]), _right(pairs[p])
        if left != before:
            start, n_tokens = U(offsets[left]), offsets[left + 1] - offsets[left]
            mask, _ = _fill(tokens, start, n_tokens, width, frequencies, keys, used)
            before = left
            stamp = np.int32(0)
        stamp += np.int32(2)
        start, n_tokens = U(offsets[right]), offsets[right + 1] - offsets[right]
        span = min(width, n_tokens)
        every, distinctive = 0, 0
        for i in range(U(count_positions(n_tokens, width))):
            key = shingle_at(tokens, start + i, span)
            slot = U(key) & mask
            while used[slot] >= 0 and keys[slot] != key:
                slot = (slot + U(1)) & mask
            if used[slot] >= 0 and used[slot] < stamp:
                common = used[slot] & np.int32(1)
                used[slot] = stamp | common
                every += 1
                distinctive += np.int32(1) - common
        shared[p, 0], shared[p, 1] = every, distinctive


@part
def _fill(tokens, start, n_tokens, width, frequencies, keys, used):
    """Put the distinct shingles of one unit into a table, the common ones marked.

    Returns the table's mask and the number of shingles that are not common.
    """
    shingle_counts, common = frequencies
    mask, n = fill_table(tokens, start, n_tokens, width, keys, used)
    for slot in range(mask + U(1)):
        if used[slot] == 0 and is_common(keys[slot], shingle_counts, common):
            used[slot] = 1
            n -= 1
    return mask, n


@kernel
def count_distinctive(tokens, offsets, width, frequencies, units, counts):
    """Count the distinct shingles of units that are not common.

    Parameters
    ----------
    tokens, offsets, width, frequencies
        As for :func:`overlap`.
    units : int64 array, shape (m,)
    counts : int32 array, shape (n_units,)
        Filled at ``units``.
    """
    longest = 1
    for m in range(len(units)):
        longest = max(longest, offsets[units[m] + 1] - offsets[units[m]])
    keys = np.empty(table_size(longest), np.uint64)
    used = np.empty(len(keys), np.int32)
    for m in range(len(units)):
        start = U(offsets[units[m]])
        n = offsets[units[m] + 1] - offsets[units[m]]
        _, counts[units[m]] = _fill(tokens, start, n, width, frequencies, keys, used)


@part
def _sort_tokens(tokens, start, n, buffer, spare, counts):
    """Sort the tokens of one unit into ``buffer``: four passes of eight bits."""
    for turn in range(4):
        fill(counts[turn], 0, 256, 0)
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


@part
def _describe(ordered, idf, numbers):
    """Norm of the TF-IDF vector of sorted tokens; fill distinct numbers and number tokens."""
    total = 0.0
    fill(numbers, 0, len(numbers), 0)
    n = len(ordered)
    i = 0
    while i < n:
        term = ordered[i] >> TERM_SHIFT
        first = i
        while i < n and ordered[i] >> TERM_SHIFT == term:
            if ordered[i] & np.uint32(1):
                numbers[0] += i == first or ordered[i] != ordered[i - 1]
                numbers[1] += 1
            i += 1
        weight = (i - first) * idf[U(term)]
        total += weight * weight
    return np.sqrt(total)


@part
def _digest_sequences(tokens, start, n, digests):
    """Hash the token sequence, the words, the values of the numbers, and their digits."""
    sequence, wording, values = np.uint64(0), np.uint64(0), np.uint64(0)
    digits = np.int64(0)
    for i in range(U(n)):
        token = tokens[start + i]
        sequence = shingle_state(sequence, token)
        if token & np.uint32(1):
            values = shingle_state(values, value(token))
            digits = append_digits(digits, token)
        else:
            wording = shingle_state(wording, token)
    digests[0], digests[1], digests[2] = finish(sequence), finish(wording), finish(values)
    digests[3] = np.uint64(digits)


@kernel
def describe(tokens, offsets, idf, units, ordered, numbers, norms, digests):
    """Compute once per unit what the details of its pairs need.

    Parameters
    ----------
    tokens, offsets
        As for :func:`overlap`.
    idf : float64 array
        Inverse document frequencies of the terms (a term is the upper 20 bits of a
        token hash).
    units : int64 array, shape (m,)
    ordered : uint32 array
        Filled: the sorted tokens of each unit, one unit after the other.
    numbers : int32 array, shape (m, 2)
        Filled: distinct numbers, number tokens.
    norms : float64 array, shape (m,)
        Filled: Euclidean norm of the TF-IDF vector, summed in ascending order of terms.
    digests : uint64 array, shape (m, 4)
        Filled: hash of the token sequence, of the words alone, of the values of the
        numbers, and the digits of all numbers as one.
    """
    longest = 1
    for m in range(len(units)):
        longest = max(longest, offsets[units[m] + 1] - offsets[units[m]])
    spare = np.empty(longest, np.uint32)
    counts = np.empty((4, 256), np.int64)
    place = 0
    for m in range(len(units)):
        start = U(offsets[units[m]])
        n = offsets[units[m] + 1] - offsets[units[m]]
        _digest_sequences(tokens, start, n, digests[m])
        here = ordered[place : place + n]
        _sort_tokens(tokens, start, n, here, spare, counts)
        norms[m] = _describe(here, idf, numbers[m])
        place += n


@part
def _merge(left, right, idf, counts):
    """Walk two sorted token lists; fill ``counts`` and return the dot product."""
    n_left, n_right = U(len(left)), U(len(right))
    i, j = U(0), U(0)
    dot = 0.0
    term = np.uint32(0)
    in_left, in_right = 0, 0
    shared_numbers, numbers, words = 0, 0, 0
    while i < n_left or j < n_right:
        x = left[i] if i < n_left else NO_TOKEN
        y = right[j] if j < n_right else NO_TOKEN
        token = min(x, y)
        if token >> TERM_SHIFT != term:
            if in_left and in_right:
                dot += (in_left * idf[U(term)]) * (in_right * idf[U(term)])
            term = token >> TERM_SHIFT
            in_left, in_right = 0, 0
        here_left, here_right = 0, 0
        while i < n_left and left[i] == token:
            i += U(1)
            here_left += 1
        while j < n_right and right[j] == token:
            j += U(1)
            here_right += 1
        in_left += here_left
        in_right += here_right
        if token & np.uint32(1):
            shared_numbers += here_left > 0 and here_right > 0
            numbers += abs(here_left - here_right)
        else:
            words += abs(here_left - here_right)
    counts[0], counts[1], counts[2] = shared_numbers, numbers, words
    return dot + (in_left * idf[U(term)]) * (in_right * idf[U(term)])


@kernel
def compare(ordered, bounds, idf, left, right, counts, dots):
    """Compare the token counts of each pair.

    Parameters
    ----------
    ordered : uint32 array
        As :func:`describe` filled it.
    bounds : int64 array, shape (m + 1,)
        Where the tokens of each described unit start.
    idf : float64 array
        Inverse document frequencies of the terms.
    left, right : int64 arrays, shape (p,)
        Rows of the described units.
    counts : int32 array, shape (p, 3)
        Filled: distinct numbers that both hold; number tokens, and other tokens, by
        which the two multisets differ.
    dots : float64 array, shape (p,)
        Filled: dot product of the TF-IDF vectors, summed in ascending order of terms.
    """
    for p in range(len(left)):
        dots[p] = _merge(
            ordered[bounds[left[p]] : bounds[left[p] + 1]],
            ordered[bounds[right[p]] : bounds[right[p] + 1]],
            idf,
            counts[p],
        )

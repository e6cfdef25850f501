"""What the scores of a pair need of each of its units alone."""

from __future__ import annotations

import numpy as np

from dedup.kernels import kernel, part
from dedup.kernels.numbers import append_digits, value
from dedup.kernels.shingles import (
    count_positions,
    is_common,
    leaving_factor,
    open_state,
    roll,
    shingle_at,
    sparse_table_size,
    table_size,
)
from dedup.kernels.terms import index_tokens, open_terms
from dedup.kernels.words import finish, shingle_state

U = np.uintp
DISTINCTIVE, N_NUMBERS = 0, 1
SEQUENCE, WORDING, VALUES, DIGITS, WORD_BAG, NUMBER_BAG, NUMBER_SET = range(7)


@part
def _digest_tokens(tokens, digests):
    """Hash the sequence of tokens, of words, of the values of numbers; and as bags.

    Returns the number of number tokens.
    """
    sequence, wording, values = np.uint64(0), np.uint64(0), np.uint64(0)
    words, numbers = np.uint64(0), np.uint64(0)
    digits = np.uint64(0)
    n = 0
    for i in range(U(len(tokens))):
        token = tokens[i]
        sequence = shingle_state(sequence, token)
        spread = finish(shingle_state(np.uint64(0), token))
        if token & np.uint32(1):
            values = shingle_state(values, value(token))
            digits = append_digits(digits, token)
            numbers += spread
            n += 1
        else:
            wording = shingle_state(wording, token)
            words += spread
    digests[SEQUENCE], digests[WORDING] = finish(sequence), finish(wording)
    digests[VALUES], digests[DIGITS] = finish(values), digits
    digests[WORD_BAG], digests[NUMBER_BAG] = words, numbers
    return n


@part
def _digest_numbers(tokens, keys, mask):
    """Hash the set of number tokens: each counts once."""
    for slot in range(mask + U(1)):
        keys[slot] = 0
    digest = np.uint64(0)
    for i in range(U(len(tokens))):
        token = tokens[i]
        if token & np.uint32(1):
            spread = finish(shingle_state(np.uint64(0), token))
            slot = U(spread) & mask
            while keys[slot] != 0 and keys[slot] != token:
                slot = (slot + U(1)) & mask
            if keys[slot] == 0:
                keys[slot] = token
                digest += spread
    return digest


@part
def _mark_common(tokens, width, common, marks):
    """Fill ``marks`` with whether the shingle at each position is common."""
    span = min(width, len(tokens))
    factor = leaving_factor(span)
    state = open_state(tokens, U(0), span)
    for i in range(U(count_positions(len(tokens), width))):
        if i > 0:
            state = roll(state, tokens[i - U(1)], tokens[i + U(span - 1)], factor)
        marks[i] = is_common(finish(state), common)


@part
def _count_common(tokens, width, marks, keys):
    """Count the distinct shingles that are common: few, so that telling them apart is cheap."""
    span = min(width, len(tokens))
    n = count_positions(len(tokens), width)
    n_marked = 0
    for i in range(U(n)):
        n_marked += marks[i]
    mask = U(table_size(n_marked) - 1)
    for slot in range(mask + U(1)):
        keys[slot] = 0
    found = 0
    for i in range(U(n)):
        if marks[i]:
            key = shingle_at(tokens, i, span) | np.uint64(1)  # 0 is free
            slot = U(key >> np.uint64(1)) & mask
            while keys[slot] != 0 and keys[slot] != key:
                slot = (slot + U(1)) & mask
            found += keys[slot] == 0
            keys[slot] = key
    return found


@kernel
def describe(texts, width, weights, common, units, n_distinct, counts, norms, digests):
    """Compute once per unit what its pairs are judged by.

    Parameters
    ----------
    texts, width, weights, common
        As for :func:`dedup.kernels.alignment.align`.
    units : int64 array, shape (m,)
        Rows of the texts to describe.
    n_distinct : int32 array, shape (n_units,)
        Distinct shingles of every unit.
    counts : int32 array, shape (m, 2)
        Filled: distinct shingles that are not common; number tokens.
    norms : float64 array, shape (m,)
        Filled: Euclidean norm of the TF-IDF vector, summed in the order of the text.
    digests : uint64 array, shape (m, 7)
        Filled: hashes of the token sequence, of the words alone, of the values of the
        numbers; the digits of all numbers as one; hashes of the bag of words, the bag
        of numbers, and the set of numbers, whatever their order.
    """
    tokens, offsets = texts
    longest = 1
    for m in range(len(units)):
        longest = max(longest, offsets[units[m] + 1] - offsets[units[m]])
    size = table_size(longest)
    keys, numbers = np.empty(size, np.uint64), np.empty(size, np.uint32)
    marks = np.empty(longest, np.bool_)
    slots, held, entry_of = open_terms(longest)
    for m in range(len(units)):
        unit = units[m]
        here = tokens[offsets[unit] : offsets[unit + 1]]
        mask = U(sparse_table_size(len(here)) - 1)
        n_numbers = _digest_tokens(here, digests[m])
        number_mask = U(table_size(n_numbers) - 1)
        digests[m, NUMBER_SET] = _digest_numbers(here, numbers, number_mask)
        index_tokens(here, weights, slots, mask, held, entry_of)
        total = 0.0
        for i in range(U(len(here))):
            total += held[2][U(entry_of[i])]
        norms[m] = np.sqrt(total)
        _mark_common(here, width, common, marks)
        counts[m, N_NUMBERS] = n_numbers
        counts[m, DISTINCTIVE] = n_distinct[unit] - _count_common(here, width, marks, keys)

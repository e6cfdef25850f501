"""What the scores of a pair need of each of its units alone."""

from __future__ import annotations

import numpy as np

from dedup.kernels import kernel, part
from dedup.kernels.numbers import value
from dedup.kernels.shingles import (
    count_positions,
    is_common,
    leaving_factor,
    open_state,
    roll,
    sparse_table_size,
    table_size,
)
from dedup.kernels.terms import index_tokens, open_terms
from dedup.kernels.words import finish, shingle_state

U = np.uintp
DISTINCTIVE, N_NUMBERS = 0, 1
SEQUENCE, WORDING, VALUES, WORD_BAG, NUMBER_BAG, NUMBER_SET = range(6)


@part
def _digest_tokens(tokens, digests, numbers):
    """Hash the sequence of tokens, of words, of the values of numbers; and as bags.

    Fills ``numbers`` with the number tokens and returns how many there are.
    """
    sequence, wording, values = np.uint64(0), np.uint64(0), np.uint64(0)
    words, bag = np.uint64(0), np.uint64(0)
    n = U(0)
    for i in range(U(len(tokens))):
        token = tokens[i]
        sequence = shingle_state(sequence, token)
        spread = finish(shingle_state(np.uint64(0), token))
        if token & np.uint32(1):
            values = shingle_state(values, value(token))
            bag += spread
            numbers[n] = token
            n += U(1)
        else:
            wording = shingle_state(wording, token)
            words += spread
    digests[SEQUENCE], digests[WORDING] = finish(sequence), finish(wording)
    digests[VALUES] = finish(values)
    digests[WORD_BAG], digests[NUMBER_BAG] = words, bag
    return n


@part
def _digest_numbers(numbers, keys):
    """Hash the set of number tokens: each counts once."""
    mask = U(table_size(len(numbers)) - 1)
    for slot in range(mask + U(1)):
        keys[slot] = 0
    digest = np.uint64(0)
    for i in range(U(len(numbers))):
        token = numbers[i]
        spread = finish(shingle_state(np.uint64(0), token))
        slot = U(spread) & mask
        while keys[slot] != 0 and keys[slot] != token:
            slot = (slot + U(1)) & mask
        if keys[slot] == 0:
            keys[slot] = token
            digest += spread
    return digest


@part
def _find_common(tokens, width, common, found):
    """Fill ``found`` with the shingles that are common, one by one; return how many."""
    span = min(width, len(tokens))
    factor = leaving_factor(span)
    state = open_state(tokens, U(0), span)
    n = U(0)
    for i in range(U(count_positions(len(tokens), width))):
        if i > 0:
            state = roll(state, tokens[i - U(1)], tokens[i + U(span - 1)], factor)
        found[n] = finish(state)
        n += U(is_common(found[n], common))
    return n


@part
def _count_distinct(shingles, keys):
    """Count the distinct ones of some shingles: few, so that telling them apart is cheap."""
    mask = U(table_size(len(shingles)) - 1)
    for slot in range(mask + U(1)):
        keys[slot] = 0
    n = 0
    for i in range(U(len(shingles))):
        key = shingles[i] | np.uint64(1)  # 0 is free
        slot = U(key >> np.uint64(1)) & mask
        while keys[slot] != 0 and keys[slot] != key:
            slot = (slot + U(1)) & mask
        n += keys[slot] == 0
        keys[slot] = key
    return n


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
    digests : uint64 array, shape (m, 6)
        Filled: hashes of the token sequence, of the words alone, of the values of the
        numbers; and of the bag of words, the bag of numbers, and the set of numbers, whatever
        their order.
    """
    tokens, offsets = texts
    longest = 1
    for m in range(len(units)):
        longest = max(longest, offsets[units[m] + 1] - offsets[units[m]])
    size = table_size(longest)
    number_keys, numbers = np.empty(size, np.uint32), np.empty(longest, np.uint32)
    shingle_keys, shingles = np.empty(size, np.uint64), np.empty(longest, np.uint64)
    slots, held, entry_of = open_terms(longest)
    for m in range(len(units)):
        unit = units[m]
        here = tokens[offsets[unit] : offsets[unit + 1]]
        mask = U(sparse_table_size(len(here)) - 1)
        n_numbers = _digest_tokens(here, digests[m], numbers)
        digests[m, NUMBER_SET] = _digest_numbers(numbers[:n_numbers], number_keys)
        index_tokens(here, weights, slots, mask, held, entry_of)
        total = 0.0
        for i in range(U(len(here))):
            total += held[2][U(entry_of[i])]
        norms[m] = np.sqrt(total)
        n_common = _find_common(here, width, common, shingles)
        counts[m, N_NUMBERS] = n_numbers
        counts[m, DISTINCTIVE] = n_distinct[unit] - _count_distinct(
            shingles[:n_common], shingle_keys
        )

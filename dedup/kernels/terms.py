"""The terms of one text in a table, for the norm of its TF-IDF vector and dot products."""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels import part
from dedup.kernels.numbers import value
from dedup.kernels.shingles import sparse_table_size

U = np.uintp
TERM_SHIFT = np.uint32(12)


@njit(inline="always")
def meaning_of(token):
    """What a gap is compared by: the word, or the value of a number."""
    return value(token) | np.uint32(1) if token & np.uint32(1) else token


@njit(inline="always")
def _first_slot(token, mask):
    """Where the search for a token begins: the same place for all tokens of one term."""
    term = np.uint64(token >> TERM_SHIFT)
    return U((term * np.uint64(0x9E3779B1)) >> np.uint64(8)) & mask


@njit(inline="always")
def open_terms(longest):
    """Make room for the terms of texts of up to so many tokens.

    Returns ``slots``, ``held`` and ``entry_of`` of :func:`index_tokens`.
    """
    held = (
        np.empty(longest, np.uint32),
        np.empty(longest, np.int32),
        np.empty(longest, np.float64),
        np.empty(longest, np.int32),
    )
    slots = np.empty(sparse_table_size(longest), np.int32)
    return slots, held, np.empty(longest, np.int32)


@part
def index_tokens(tokens, weights, slots, mask, held, entry_of):
    """Number what the tokens of one text mean, and weigh the terms.

    Parameters
    ----------
    tokens : uint32 array
    weights : float64 array
        Squared inverse document frequencies of the terms.
    slots : int32 array, ``mask + 1`` long
        Scratch: entry at each place of the table, -1 where free.
    held : (uint32, int32, float64, int32 arrays)
        Filled, a row an entry: meaning, frequency of its term in the text, frequency
        times weight, and a stamp, 0 for now.
    entry_of : int32 array
        Filled: the entry of each token.
    """
    meanings, counts, products, stamps = held
    for slot in range(mask + U(1)):
        slots[slot] = -1
    n = U(0)
    for i in range(U(len(tokens))):
        meaning = meaning_of(tokens[i])
        slot = _first_slot(meaning, mask)
        found, n_term = np.int32(-1), np.int32(1)
        while slots[slot] >= 0:  # to the end: all meanings of one term are counted together
            entry = U(slots[slot])
            if meanings[entry] >> TERM_SHIFT == meaning >> TERM_SHIFT:
                counts[entry] += np.int32(1)
                n_term = counts[entry]
                if meanings[entry] == meaning:
                    found = slots[slot]
            slot = (slot + U(1)) & mask
        if found < 0:
            found = np.int32(n)
            slots[slot], meanings[n], counts[n], stamps[n] = found, meaning, n_term, 0
            n += U(1)
        entry_of[i] = found
    for entry in range(n):
        products[entry] = counts[entry] * weights[U(meanings[entry] >> TERM_SHIFT)]


@part
def find_entry(meaning, slots, mask, meanings):
    """Return the entry of a meaning, else some entry of its term, else -1."""
    slot = _first_slot(meaning, mask)
    related = np.int32(-1)
    while slots[slot] >= 0:
        entry = slots[slot]
        if meanings[U(entry)] == meaning:
            return entry
        if meanings[U(entry)] >> TERM_SHIFT == meaning >> TERM_SHIFT:
            related = entry
        slot = (slot + U(1)) & mask
    return related


@part
def take_others(tokens, index, stamp):
    """Look up tokens that no run holds; return their share of the dot product."""
    slots, mask, held = index
    meanings, products, stamps = held[0], held[2], held[3]
    total = 0.0
    for i in range(U(len(tokens))):
        meaning = meaning_of(tokens[i])
        entry = find_entry(meaning, slots, mask, meanings)
        if entry >= 0:
            total += products[U(entry)]
            if meanings[U(entry)] == meaning:
                stamps[U(entry)] = stamp
    return total


@part
def take_run(entries, held, stamp):
    """Stamp the tokens of a run; return their share of the dot product."""
    products, stamps = held[2], held[3]
    total = 0.0
    for i in range(U(len(entries))):
        entry = U(entries[i])
        stamps[entry] = stamp
        total += products[entry]
    return total

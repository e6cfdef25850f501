"""The terms of one text in a table, for the norm of its TF-IDF vector and dot products."""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels import part
from dedup.kernels.numbers import value
from dedup.kernels.shingles import TERM_SHIFT, sparse_table_size

U = np.uintp


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
        np.empty(longest + 1, np.uint32),
        np.empty(longest + 1, np.int32),
        np.empty(longest + 1, np.float64),
        np.empty(longest + 1, np.int32),
    )
    slots = np.empty(sparse_table_size(longest), np.int32)
    return slots, held, np.empty(longest, np.int32)


@njit(inline="always")
def _entry_or(entry, instead):
    """Return the entry, or something else where there is none, without a branch."""
    missing = U(np.int64(entry) >> np.int64(63))
    return (U(entry) & ~missing) | (instead & missing)


@part
def index_tokens(tokens, weights, slots, mask, held, entry_of):
    """Number what the tokens of one text mean, and weigh the terms.

    Parameters
    ----------
    tokens : uint32 array
    weights : float32 array
        Squared inverse document frequencies of the terms.
    slots : int32 array, ``mask + 1`` long
        Scratch: entry at each place of the table, -1 where free.
    held : (uint32, int32, float64, int32 arrays)
        Filled, a row an entry: meaning, its frequency in the text, the frequency of its
        term times the weight, and a stamp, 0 for now; one row more than there are tokens.
    entry_of : int32 array
        Filled: the entry of each token.
    """
    meanings, counts, products, stamps = held
    for slot in range(mask + U(1)):
        slots[slot] = -1
    n = U(0)
    related = False  # whether any two entries are of one term
    for i in range(U(len(tokens))):
        meaning = meaning_of(tokens[i])
        # as if it were a new one: whether it is, no processor foresees
        meanings[n], counts[n], stamps[n] = meaning, 0, 0
        slot = _first_slot(meaning, mask)
        entry = _entry_or(slots[slot], n)
        while meanings[entry] != meaning:
            related |= meanings[entry] >> TERM_SHIFT == meaning >> TERM_SHIFT
            slot = (slot + U(1)) & mask
            entry = _entry_or(slots[slot], n)
        slots[slot] = entry
        counts[entry] += np.int32(1)
        entry_of[i] = entry
        n += U(entry == n)
    for entry in range(n):
        frequency = counts[entry]
        if related:
            frequency = _term_frequency(meanings[entry], slots, mask, meanings, counts)
        products[entry] = frequency * weights[U(meanings[entry] >> TERM_SHIFT)]


@part
def _term_frequency(meaning, slots, mask, meanings, counts):
    """Add up the counts of all entries of one term."""
    n = np.int32(0)
    slot = _first_slot(meaning, mask)
    while slots[slot] >= 0:
        entry = U(slots[slot])
        if meanings[entry] >> TERM_SHIFT == meaning >> TERM_SHIFT:
            n += counts[entry]
        slot = (slot + U(1)) & mask
    return n


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
def take_others(tokens, index, stamp, entries):
    """Look up tokens that no run holds; return their share of the dot product.

    Fills ``entries`` with the entry of each token's meaning, -1 where there is none.
    """
    slots, mask, held = index
    meanings, products, stamps = held[0], held[2], held[3]
    total = 0.0
    for i in range(U(len(tokens))):
        meaning = meaning_of(tokens[i])
        entry = find_entry(meaning, slots, mask, meanings)
        entries[i] = -1
        if entry >= 0:
            total += products[U(entry)]
            if meanings[U(entry)] == meaning:
                stamps[U(entry)] = stamp
                entries[i] = entry
    return total


@part
def sum_products(entry_of, products, sums):
    """Fill ``sums`` with the products of the tokens before each place of a text, added up.

    The dot product of a run is the difference of two: exactly, as weights have 24 binary
    digits, and what is added up has less than 53.
    """
    sums[0] = 0.0
    for i in range(U(len(entry_of))):
        sums[i + U(1)] = sums[i] + products[U(entry_of[i])]


@part
def take_run(run, stamps, stamp, entries):
    """Stamp the tokens of a run, given their entries, which ``entries`` is filled with."""
    for i in range(U(len(run))):
        entries[i] = run[i]
        stamps[U(run[i])] = stamp

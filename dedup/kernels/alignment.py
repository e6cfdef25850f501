"""Pairs of texts, compared by following the runs of tokens that they share.

What stands in one text where the other has something else (numbers and names replaced)
is plainly in ``dedup/reference/alignment.py``; shared shingles and the dot product are
what sets and counters say in ``dedup/reference/scores.py``.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels import kernel
from dedup.kernels.gaps import (
    KEPT,
    N_COUNTS,
    OWN_BASE,
    OWN_OTHER,
    PASSAGES,
    REMEMBERED,
    compare_gaps,
)
from dedup.kernels.own_passages import (
    count_own,
    count_own_apart,
    count_own_of_base,
    count_passages,
)
from dedup.kernels.runs import RUN_COLUMNS, chain, count_kept, follow_runs
from dedup.kernels.shingle_index import equal, index_shingles
from dedup.kernels.shingles import is_common, shingle_at, sparse_table_size
from dedup.kernels.terms import index_tokens, open_terms, sum_products
from dedup.kernels.words import fill

U = np.uintp


@njit(inline="always")
def _longest_of(bases, others, offsets, width):
    """Count the tokens of the longest text of some pairs; ``width`` at least."""
    longest = width
    for p in range(len(bases)):
        base, other = bases[p], others[p]
        longest = max(longest, offsets[base + 1] - offsets[base])
        longest = max(longest, offsets[other + 1] - offsets[other])
    return longest


@njit(inline="always")
def _open_tables(longest):
    """Make room for what is known of a base of up to so many tokens.

    Returns the slots of its shingles, and their places, as :func:`index_shingles` takes them;
    the slots of its tokens, what these mean, and the entry of each, as :func:`index_tokens`
    does; and the sums of :func:`sum_products`.
    """
    slots = np.empty(sparse_table_size(longest), np.uint64)
    places = (
        np.empty(longest, np.int32),
        np.empty(longest, np.int32),
        np.empty(longest, np.int32),
        np.empty(longest, np.int32),
        np.empty(longest, np.uint8),
    )
    term_slots, held, entry_of = open_terms(longest)
    return slots, places, term_slots, held, entry_of, np.empty(longest + 1, np.float64)


@njit(inline="always")
def _open_scratch(longest):
    """Make room for what one comparison notes.

    Returns the runs, the entries of the other text, the marks of :func:`count_own`, and the
    memory of :func:`compare_gaps`.
    """
    runs = np.empty((longest, RUN_COLUMNS), np.int32)
    other_entries, marks = np.empty(longest, np.int32), np.zeros(longest + 1, np.int32)
    seen, gaps = np.empty((2, REMEMBERED + 1), np.uint32), np.empty((2, REMEMBERED + 1), np.uint64)
    return runs, other_entries, marks, (seen, gaps, np.empty(2, np.uint64))


@njit(inline="always")
def _index_base(left, width, weights, common, mask, tables):
    """Fill the tables with what is known of a base."""
    slots, places, term_slots, held, entry_of, sums = tables
    index_tokens(left, weights, term_slots, mask, held, entry_of)
    sum_products(entry_of[: len(left)], held[2], sums)
    index_shingles(left, width, common, slots, mask, places)


@njit(inline="always")
def _compare_pair(both, width, mask, tables, scratch, lexicon, stamp, counts):
    """Compare a base, which the tables know, with another text; fill ``counts``.

    Returns what :func:`follow_runs` does behind the number of runs.
    """
    left, right = both
    slots, places, term_slots, held, entry_of, sums = tables
    runs, other_entries, marks, memory = scratch
    entries, stamps = (entry_of[: len(left)], other_entries[: len(right)]), held[3]
    shingles, terms = (slots, mask, places), (term_slots, mask, held, sums)
    n, every, distinctive, dot = follow_runs(both, entries, width, shingles, terms, stamp, runs)
    fill(counts, 0, N_COUNTS, 0)
    counts[KEPT] = count_kept(right, runs[:n])
    inside, own_of_other = count_own(entries, runs[:n], places, marks, width, stamp)
    n = chain(runs[:n])
    own_of_base = count_own_of_base(entries, runs[:n], places, marks, width, stamp)
    counts[OWN_BASE], counts[OWN_OTHER] = own_of_base[0], own_of_other[0]
    compare_gaps(both, entries, runs[:n], stamps, lexicon, memory, stamp, counts)
    passages = max(inside, count_passages(entries, runs[:n], stamps, stamp))
    counts[PASSAGES] = max(passages, count_own_apart(own_of_base, own_of_other))
    return every, distinctive, dot


@njit(inline="always")
def _are_one_shingle(left, right, width):
    """Whether two texts are equal, and too short for more than one shingle."""
    return len(left) == len(right) < width and equal(left, 0, right, 0, len(left))


@kernel
def align(texts, width, weights, common, words, pairs, shared, counts, dots):
    """Compare the two texts of each pair: what they share, keep and replace.

    Runs of equal tokens, ``width`` and longer, are followed through the other text along
    the base. What lies between two runs that follow each other in both texts, before the
    first and after the last is a gap; what a gap puts in the place of something else is
    replaced, provided that the other text holds it nowhere.

    The shingles and terms inside a run are known from the base without looking them up,
    which makes this several times faster than comparing two sets and two bags.

    Parameters
    ----------
    texts : (uint32 array, int64 array of shape (n_units + 1,))
        Token hashes of all units, and their offsets.
    width : int
        Tokens per shingle.
    weights : float32 array
        Squared inverse document frequencies of the terms (a term is the upper 20 bits
        of a token hash).
    common : uint8 array
        The bits of common shingles (:meth:`dedup.corpus_model.CorpusModel.common_shingles`).
    words : (float32, float32, uint32 array)
        Weights from which on a word is rare, and up to which it is known
        (:meth:`dedup.corpus_model.CorpusModel.name_weights`); and the table of number words.
    pairs : (int64 array, int64 array), shape (p,) each
        Units: the base and the other text. Pairs with one base stand together: its
        tables, which cost more than a comparison, are made once.
    shared : int64 array, shape (p, 2)
        Filled: distinct shingles that both hold, and those of them that are not common.
    counts : int64 array, shape (p, N_COUNTS)
        Filled: numbers in matching runs, numbers replaced by other numbers, gaps in
        which words replace words, and those of them that replace a name: where both the
        word that went and the word that came did so before, or several rare words on
        both sides, or a known rare word for another, as in another gap; the tokens of
        passages between runs that stand for other passages; gaps that hold anything; and
        the tokens of passages that the base and the other text have for themselves.
    dots : float64 array, shape (p,)
        Filled: dot product of the TF-IDF vectors, summed in the order of the other text.
    """
    tokens, offsets = texts
    bases, others = pairs
    longest = _longest_of(bases, others, offsets, width)
    tables, scratch = _open_tables(longest), _open_scratch(longest)
    lexicon = (weights, *words)
    mask, stamp = U(0), np.int32(0)
    before = np.int64(-1)
    for p in range(len(bases)):
        base, other = bases[p], others[p]
        left = tokens[offsets[base] : offsets[base + 1]]
        right = tokens[offsets[other] : offsets[other + 1]]
        if base != before:
            mask, stamp = U(sparse_table_size(len(left)) - 1), np.int32(0)
            _index_base(left, width, weights, common, mask, tables)
            before = base
        stamp += np.int32(1)
        shared[p, 0], shared[p, 1], dots[p] = _compare_pair(
            (left, right), width, mask, tables, scratch, lexicon, stamp, counts[p]
        )
        if _are_one_shingle(left, right, width):
            key = shingle_at(left, U(0), len(left))
            shared[p, 0], shared[p, 1] = 1, not is_common(key, common)

"""Pairs of texts, compared by following the runs of tokens that they share.

What stands in one text where the other has something else (numbers and names replaced)
is plainly in ``dedup/reference/alignment.py``; shared shingles and the dot product are
what sets and counters say in ``dedup/reference/scores.py``.
"""

from __future__ import annotations

import numpy as np

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
    count_moved_on,
    count_own,
    count_own_of_base,
    count_own_on_both,
    count_passages,
)
from dedup.kernels.runs import RUN_COLUMNS, chain, count_kept, follow_runs
from dedup.kernels.shingle_index import equal, index_shingles
from dedup.kernels.shingles import is_common, shingle_at, sparse_table_size
from dedup.kernels.terms import index_tokens, open_terms, sum_products
from dedup.kernels.words import fill

U = np.uintp


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
    longest = width
    for p in range(len(bases)):
        base, other = bases[p], others[p]
        longest = max(longest, offsets[base + 1] - offsets[base])
        longest = max(longest, offsets[other + 1] - offsets[other])
    shingle_slots = np.empty(sparse_table_size(longest), np.uint64)
    term_slots, held, entry_of = open_terms(longest)
    stamps, sums = held[3], np.empty(longest + 1, np.float64)
    other_entries, marks = np.empty(longest, np.int32), np.zeros(longest + 1, np.int32)
    places = (
        np.empty(longest, np.int32),
        np.empty(longest, np.int32),
        np.empty(longest, np.int32),
        np.empty(longest, np.int32),
        np.empty(longest, np.uint8),
    )
    runs = np.empty((longest, RUN_COLUMNS), np.int32)
    seen, gaps = np.empty((2, REMEMBERED + 1), np.uint32), np.empty((2, REMEMBERED + 1), np.uint64)
    memory, lexicon = (seen, gaps, np.empty(2, np.uint64)), (weights, *words)
    mask = U(0)
    before = np.int64(-1)
    stamp = np.int32(0)
    for p in range(len(bases)):
        base, other = bases[p], others[p]
        left = tokens[offsets[base] : offsets[base + 1]]
        right = tokens[offsets[other] : offsets[other + 1]]
        if base != before:
            mask = U(sparse_table_size(len(left)) - 1)
            index_tokens(left, weights, term_slots, mask, held, entry_of)
            sum_products(entry_of[: len(left)], held[2], sums)
            index_shingles(left, width, common, shingle_slots, mask, places)
            before = base
            stamp = np.int32(0)
        stamp += np.int32(1)
        shingles, terms = (shingle_slots, mask, places), (term_slots, mask, held, sums)
        both = left, right
        entries = entry_of[: len(left)], other_entries[: len(right)]
        n, shared[p, 0], shared[p, 1], dots[p] = follow_runs(
            both, entries, width, shingles, terms, stamp, runs
        )
        fill(counts[p], 0, N_COUNTS, 0)
        counts[p, KEPT] = count_kept(right, runs[:n])
        own, counts[p, OWN_OTHER], other_first, other_last = count_own(
            entries, runs[:n], places, marks, width, stamp
        )
        n = chain(runs[:n])
        counts[p, OWN_BASE], first, last = count_own_of_base(
            entries, runs[:n], places, marks, width, stamp
        )
        own = max(own, count_moved_on(first, last, other_first, other_last))
        ends = first + last, other_first + other_last
        own = max(own, count_own_on_both(counts[p, OWN_BASE], counts[p, OWN_OTHER], ends))
        compare_gaps(both, entries, runs[:n], stamps, lexicon, memory, stamp, counts[p])
        passages = count_passages(entries, runs[:n], stamps, stamp)
        counts[p, PASSAGES] = max(passages, own)
        if len(left) == len(right) < width and equal(left, 0, right, 0, len(left)):
            # a text this short is one shingle
            key = shingle_at(left, U(0), len(left))
            shared[p, 0], shared[p, 1] = 1, not is_common(key, common)

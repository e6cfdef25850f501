"""Pairs of texts, compared by following the runs of tokens that they share.

What stands in one text where the other has something else (numbers and names replaced)
is plainly in ``dedup/reference_alignment.py``; shared shingles and the dot product are
what sets and counters say in ``dedup/reference_scores.py``.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels import kernel, part
from dedup.kernels.numbers import append_digits, is_opaque
from dedup.kernels.shingle_index import equal, index_shingles, meet, next_run
from dedup.kernels.shingles import is_common, shingle_at, sparse_table_size
from dedup.kernels.terms import (
    TERM_SHIFT,
    index_tokens,
    open_terms,
    sum_products,
    take_others,
    take_run,
)
from dedup.kernels.words import fill

U = np.uintp
WIDEST_GAP = 48
"""Tokens between two matching runs, on either side, that still count as a replacement."""
SHORT_TEXT = 48
"""In texts of fewer tokens the numbers before and after the matching runs count too; in
longer ones these are datelines and telephone numbers."""
REMEMBERED = 64
"""Replaced words that are remembered on each side, to see them replaced again."""
AMOUNT_DIGITS = 3
"""Digits of an amount at least: days, hours and ages have fewer."""
LONGEST_NAME = 12
"""Tokens of a gap, on either side, that may be a name with what stands beside it."""
NAME_WORDS = 2
"""Rare words on each side of such a gap that make a name."""
SHORTEST_PASSAGE = 8
"""Tokens of a gap, on either side, that make a passage ..."""
WIDEST_PASSAGE = 256
"""... up to so many ..."""
MISSING_SHARE = 0.4
"""... of which the other text lacks this share: what was reworded keeps more of its words."""
OWN_PASSAGE = 12
"""Tokens of a passage that each text has for itself, wherever it stands."""
CHAINED = 32
"""Runs before a run that it may go on from."""
TOKENS, BEFORE, SUCCESSION, RUN_COLUMNS = 3, 4, 5, 6
"""Columns of runs behind their places in both texts and their length: tokens of the best chain
that ends with a run, the run before it there, and the runs of the best chain of all."""
KEPT, REPLACED, WORDS, NAMES, PASSAGES = 0, 1, 2, 3, 4
N_COUNTS = 5


@njit(inline="always")
def _is_amount(token):
    """Whether a number has the digits of an amount, and is no code."""
    n_digits = (token >> np.uint32(8)) & np.uint32(15)
    return n_digits >= AMOUNT_DIGITS and not is_opaque(token)


@part
def _look(gap, entries, stamps, wanted, rarity, seen, gaps, bit):
    """Look at one side of a gap.

    ``entries`` are those of the gap's tokens among the meanings of the base, -1 for none;
    ``wanted`` is the stamp from which on the other text holds a token of the base, 0 if
    the gap is the other text's and any token of the base will do. ``gaps`` holds the gap
    of each word in ``seen``, as a bit; ``bit`` is this gap's.

    Returns
    -------
    The numbers that the other text holds nowhere, those of them that are amounts, how many
    numbers there are, their digits in one, those with decimals, whether a word stands here
    that the other text holds nowhere, whether such a word was replaced before, and the gaps
    in which those that are known and rare were replaced before.
    """
    lost, n_numbers, digits, decimals = 0, 0, np.uint64(0), 0
    has_word, again, before = False, False, np.uint64(0)
    amounts = 0
    known = seen[0]
    weights, rare_from, known_to = rarity
    for i in range(U(len(gap))):
        token = gap[i]
        missing = entries[i] < 0 or stamps[U(entries[i])] < wanted
        if token & np.uint32(1):
            n_numbers += 1
            digits = append_digits(digits, token)
            decimals += (token >> np.uint32(7)) & np.uint32(1) != 0 and not is_opaque(token)
            lost += missing
            amounts += missing and _is_amount(token)
        elif missing:
            has_word = True
            weight = weights[U(token >> TERM_SHIFT)]
            for k in range(1, known + 1):
                if seen[k] == token:
                    again = True
                    if rare_from <= weight <= known_to:
                        before |= gaps[k]
            if seen[0] < REMEMBERED:
                seen[0] += np.uint32(1)
                seen[seen[0]] = token
                gaps[seen[0]] = bit
    return lost, amounts, n_numbers, digits, decimals, has_word, again, before


@part
def _count_names(is_name, before, bit, named):
    """Count a gap that replaces a name, and the earlier gaps that this one shows to do so.

    ``named`` holds the gaps that were counted, as bits.
    """
    n = np.int64(is_name or before != 0)
    before &= ~named[0]
    named[0] |= before
    if n:
        named[0] |= bit
    while before:
        before &= before - np.uint64(1)
        n += 1
    return n


@part
def _compare_gap(left, right, stamps, rarity, memory, stamp, counts_numbers, counts):
    """Count what one gap replaces, given the tokens of both sides and their entries.

    Returns the amounts on either side that the other text holds nowhere and that stand for
    no other; none where numbers do not count.
    """
    left, left_entries = left
    right, right_entries = right
    seen, gaps, named = memory
    shortest, longest = min(len(left), len(right)), max(len(left), len(right))
    if longest > WIDEST_GAP:
        if not counts_numbers:
            return 0, 0
        lost = _count_amounts(left, left_entries, stamps, stamp)
        return lost, _count_amounts(right, right_entries, stamps, 0)
    # one word for several may be the same, written in one
    bit = named[1] if shortest == longest or shortest > 1 else np.uint64(0)
    lost, amounts, n, digits, decimals, word, again, before = _look(
        left, left_entries, stamps, stamp, rarity, seen[0], gaps[0], bit
    )
    more, other_amounts, m, others, splits, other_word, twice, earlier = _look(
        right, right_entries, stamps, 0, rarity, seen[1], gaps[1], bit
    )
    replaced = min(lost, more)
    if not counts_numbers:
        replaced, amounts, other_amounts = 0, 0, 0
    elif replaced and digits == others and (n != m or decimals == splits):
        counts[KEPT] += replaced
    else:
        counts[REPLACED] += replaced
    is_name = longest <= LONGEST_NAME and _swaps_names(left, right, rarity)
    if (word and other_word) or is_name:
        counts[WORDS] += 1
        is_name |= again and twice
        before &= earlier
        counts[NAMES] += _count_names(is_name, before if bit else np.uint64(0), bit, named)
    if word or other_word or is_name:
        named[1] <<= np.uint64(1)  # 64 gaps are told apart, those behind them are not
    return max(amounts - replaced, 0), max(other_amounts - replaced, 0)


@part
def _swaps_names(left, right, rarity):
    """Whether each side of a gap has rare words enough for a name that the other lacks.

    Wherever else they stand: who writes of two people names both, in another order.
    """
    return _count_own(left, right, rarity) >= NAME_WORDS <= _count_own(right, left, rarity)


@part
def _count_own(gap, other, rarity):
    """Count the rare words of a short gap that do not stand on its other side."""
    weights, rare_from, _ = rarity
    n = 0
    for token in gap:
        own = token & np.uint32(1) == 0 and weights[U(token >> TERM_SHIFT)] >= rare_from
        for k in range(U(len(other))):
            own &= other[k] != token
        n += own
    return n


@part
def _count_amounts(gap, entries, stamps, wanted):
    """Count the amounts on one side of a gap that the other text holds nowhere."""
    n = 0
    for i in range(U(len(gap))):
        if gap[i] & np.uint32(1):
            missing = entries[i] < 0 or stamps[U(entries[i])] < wanted
            n += missing and _is_amount(gap[i])
    return n


@part
def _count_passage(left, right, stamps, stamp):
    """Count the tokens of a passage that stands for another: of the shorter, 0 if none does.

    ``left`` and ``right`` are the entries of the tokens on both sides.
    """
    n_left, n_right = len(left), len(right)
    if min(n_left, n_right) < SHORTEST_PASSAGE or max(n_left, n_right) > WIDEST_PASSAGE:
        return 0
    missing = 0
    for i in range(U(n_left)):
        missing += stamps[U(left[i])] < stamp
    if missing < MISSING_SHARE * n_left:
        return 0
    missing = 0
    for i in range(U(n_right)):
        missing += right[i] < 0
    return min(n_left, n_right) if missing >= MISSING_SHARE * n_right else 0


@part
def _count_passages(entries, runs, stamps, stamp):
    """Count the tokens of passages between runs that follow each other in both texts.

    ``entries`` are those of all tokens of the base and of the other text.
    """
    left, right = entries
    n = 0
    for k in range(1, len(runs)):
        end_left, end_right = _ends(runs, k - 1)
        at, r = np.int64(runs[k, 0]), np.int64(runs[k, 1])
        if end_left <= at and end_right <= r:
            n += _count_passage(left[end_left:at], right[end_right:r], stamps, stamp)
    return n


@njit(inline="always")
def _ends(runs, k):
    """Return the places behind a run in the base and in the other text."""
    return np.int64(runs[k, 0] + runs[k, 2]), np.int64(runs[k, 1] + runs[k, 2])


@part
def _longest_own(runs):
    """Return the tokens of the longest passage between runs that the base holds nowhere."""
    longest, end = 0, np.int64(0)
    for k in range(len(runs)):
        if k > 0:
            longest = max(longest, np.int64(runs[k, 1]) - end)
        _, end = _ends(runs, k)
    return longest


@part
def _longest_unmet(places, n, width, stamp):
    """Return the tokens of the longest passage inside the base that no met shingle covers.

    ``n`` is the number of shingle positions of the base.
    """
    leader, met = places[1], places[3]
    longest, end = 0, 0
    for i in range(n):
        if met[U(leader[i])] == stamp:
            if end > 0:
                longest = max(longest, i - end)
            end = i + width
    return longest


@part
def _chain(runs):
    """Keep the runs that are in order in both texts, as many tokens as can be, in front.

    A text has some words in a row that stand far away in the base too; to follow them
    there would leave unseen what stands in the place of what. Each run goes on from one of
    ``CHAINED`` runs before it, or from the best chain so far.

    Returns how many runs are kept.
    """
    best = 0
    for k in range(len(runs)):
        runs[k, TOKENS], runs[k, BEFORE] = runs[k, 2], -1
        for j in range(k - 1, max(k - CHAINED, 0) - 1, -1):
            _go_on(runs, j, k)
        if best < k - CHAINED:
            _go_on(runs, best, k)
        if runs[k, TOKENS] > runs[best, TOKENS]:
            best = k
    n = 0
    k = np.int64(best) if len(runs) else np.int64(-1)
    while k >= 0:  # from the last run to the first: it tells where its own successor goes
        following = np.int64(runs[k, BEFORE])
        runs[n, SUCCESSION] = k
        n += 1
        k = following
    for i in range(n // 2):
        j = n - 1 - i
        runs[i, SUCCESSION], runs[j, SUCCESSION] = runs[j, SUCCESSION], runs[i, SUCCESSION]
    for i in range(n):
        k = np.int64(runs[i, SUCCESSION])
        runs[i, 0], runs[i, 1], runs[i, 2] = runs[k, 0], runs[k, 1], runs[k, 2]
    return n


@njit(inline="always")
def _go_on(runs, j, k):
    """Let run ``k`` go on from run ``j``, if it is in order and that makes a longer chain."""
    in_order = runs[j, 0] < runs[k, 0] and runs[j, 0] + runs[j, 2] < runs[k, 0] + runs[k, 2]
    tokens = runs[j, TOKENS] + runs[k, 2]
    if in_order and tokens > runs[k, TOKENS]:
        runs[k, TOKENS], runs[k, BEFORE] = tokens, j


@njit(inline="always")
def _count_numbers(tokens, start, end):
    n = np.uint32(0)
    for i in range(U(start), U(end)):
        n += tokens[i] & np.uint32(1)
    return n


@part
def _follow_runs(texts, entries, width, shingles, terms, stamp, runs):
    """Walk the other text along the base, run by run; fill ``runs``, a row each.

    ``entries`` are those of the base's tokens; filled are those of the other text's.

    Returns the number of runs, the distinct shingles that both texts hold, those of them
    that are not common, and the dot product.
    """
    left, right = texts
    entry_of, other_entries = entries
    slots, mask, held, sums = terms
    terms, stamps = (slots, mask, held), held[3]
    index = shingles[0], shingles[1], shingles[2][0]
    n_left, n_right = len(left), len(right)
    end_left, end_right = 0, 0
    shift = n_left  # behind the base: nothing to go on from yet
    every, distinctive, dot = 0, 0, 0.0
    n = 0
    r = 0
    while True:
        r, at = next_run(texts, r, shift, width, index, end_left)
        if at < 0:
            break
        stop_left, stop_right = at + width, r + width
        while (
            stop_left < n_left
            and stop_right < n_right
            and left[U(stop_left)] == right[U(stop_right)]
        ):
            stop_left += 1
            stop_right += 1
        runs[n, 0], runs[n, 1], runs[n, 2] = at, r, stop_right - r
        n += 1
        more, some = meet(shingles[2], at, stop_right - width - r + 1, stamp)
        every += more
        distinctive += some
        if r > end_right:
            dot += take_others(right[end_right:r], terms, stamp, other_entries[end_right:r])
        fresh = max(end_right - r, 0)  # the run before may reach into this one
        take_run(entry_of[at + fresh : stop_left], stamps, stamp, other_entries[r + fresh :])
        dot += sums[U(stop_left)] - sums[U(at + fresh)]
        end_left, end_right, shift = stop_left, stop_right, at - r
        r = stop_right - width + 1
    dot += take_others(right[end_right:], terms, stamp, other_entries[end_right:])
    return n, every, distinctive, dot


@part
def _count_kept(right, runs):
    """Count the numbers that stand in runs."""
    n, end = 0, np.int64(0)
    for k in range(len(runs)):
        _, stop = _ends(runs, k)
        n += _count_numbers(right, max(np.int64(runs[k, 1]), end), stop)
        end = stop
    return n


@part
def _compare_gaps(texts, entries, runs, stamps, rarity, memory, stamp, counts):
    """Count what the gaps between runs replace.

    An amount on one side of a gap and another one on the other side of another gap are
    replaced too: who reports another sum may put it in another sentence.
    """
    left, right = texts
    lost, more = 0, 0
    left_entries, right_entries = entries
    short = max(len(left), len(right)) < SHORT_TEXT
    seen, _, named = memory
    seen[0, 0], seen[1, 0] = 0, 0
    named[0], named[1] = 0, 1
    end_left, end_right = 0, 0
    for k in range(len(runs)):
        at, r = np.int64(runs[k, 0]), np.int64(runs[k, 1])
        if at >= end_left:
            before = min(end_right, r)
            one = left[end_left:at], left_entries[end_left:at]
            other = right[before:r], right_entries[before:r]
            some, others = _compare_gap(
                one, other, stamps, rarity, memory, stamp, k > 0 or short, counts
            )
            lost += some
            more += others
        end_left, end_right = _ends(runs, k)
    one = left[end_left:], left_entries[end_left:]
    other = right[end_right:], right_entries[end_right:]
    some, others = _compare_gap(one, other, stamps, rarity, memory, stamp, short, counts)
    counts[REPLACED] += min(lost + some, more + others)


@kernel
def align(texts, width, weights, common, names, pairs, shared, counts, dots):
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
    names : (float32, float32)
        Weights from which on a word is rare, and up to which it is known
        (:meth:`dedup.corpus_model.CorpusModel.name_weights`).
    pairs : (int64 array, int64 array), shape (p,) each
        Units: the base and the other text. Pairs with one base stand together: its
        tables, which cost more than a comparison, are made once.
    shared : int64 array, shape (p, 2)
        Filled: distinct shingles that both hold, and those of them that are not common.
    counts : int64 array, shape (p, N_COUNTS)
        Filled: numbers in matching runs, numbers replaced by other numbers, gaps in
        which words replace words, and those of them that replace a name: where both the
        word that went and the word that came did so before, or several rare words on
        both sides, or a known rare word for another, as in another gap; and the tokens of
        passages between runs that stand for other passages.
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
    other_entries = np.empty(longest, np.int32)
    places = (
        np.empty(longest, np.int32),
        np.empty(longest, np.int32),
        np.empty(longest, np.int32),
        np.empty(longest, np.int32),
        np.empty(longest, np.uint8),
    )
    runs = np.empty((longest, RUN_COLUMNS), np.int32)
    seen, gaps = np.empty((2, REMEMBERED + 1), np.uint32), np.empty((2, REMEMBERED + 1), np.uint64)
    memory, rarity = (seen, gaps, np.empty(2, np.uint64)), (weights, names[0], names[1])
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
        n, shared[p, 0], shared[p, 1], dots[p] = _follow_runs(
            both, entries, width, shingles, terms, stamp, runs
        )
        fill(counts[p], 0, N_COUNTS, 0)
        counts[p, KEPT] = _count_kept(right, runs[:n])
        own = _longest_own(runs[:n])
        if own >= OWN_PASSAGE:
            own = min(own, _longest_unmet(places, len(left) - width + 1, width, stamp))
        n = _chain(runs[:n])
        _compare_gaps(both, entries, runs[:n], stamps, rarity, memory, stamp, counts[p])
        counts[p, PASSAGES] = _count_passages(entries, runs[:n], stamps, stamp)
        if own >= OWN_PASSAGE:
            counts[p, PASSAGES] = max(counts[p, PASSAGES], own)
        if len(left) == len(right) < width and equal(left, 0, right, 0, len(left)):
            # a text this short is one shingle
            key = shingle_at(left, U(0), len(left))
            shared[p, 0], shared[p, 1] = 1, not is_common(key, common)

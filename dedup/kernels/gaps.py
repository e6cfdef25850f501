"""What two texts put in the place of what, between the runs that they share."""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels import inlined_part, part
from dedup.kernels.numbers import (
    DIGITS_SHIFT,
    append_digits,
    has_decimals,
    is_opaque,
    is_weekday,
    number_of,
)
from dedup.kernels.runs import run_ends, run_start
from dedup.kernels.shingles import TERM_SHIFT

U = np.uintp
WIDEST_GAP = 48
"""Tokens between two matching runs, on either side, that still count as a replacement."""
SHORT_TEXT = 48
"""In texts of fewer tokens the numbers before and after the matching runs count too; in
longer ones these are datelines and telephone numbers."""
FORM_NUMBERS = 2
"""Numbers before or after the runs of longer texts that a sentence of a form replaces ..."""
FORM_WORDS = 3
"""... in which so many words stand in the same places."""
REMEMBERED = 64
"""Replaced words that are remembered on each side, to see them replaced again."""
AMOUNT_DIGITS = 3
"""Digits of an amount at least: days, hours and ages have fewer."""
LONGEST_NAME = 12
"""Tokens of a gap, on either side, that may be a name with what stands beside it, or a number
in words."""
NAME_WORDS = 2
"""Rare words on each side of such a gap that make a name."""
KEPT, REPLACED, WORDS, NAMES, PASSAGES, GAPS, OWN_BASE, OWN_OTHER = 0, 1, 2, 3, 4, 5, 6, 7
N_COUNTS = 8


@njit(inline="always")
def _is_amount(token):
    """Whether a number has the digits of an amount, and is no code."""
    n_digits = (token >> np.uint32(8)) & np.uint32(15)
    return n_digits >= AMOUNT_DIGITS and not is_opaque(token)


@inlined_part
def _look(gap, entries, stamps, wanted, lexicon, seen, gaps, bit):
    """Look at one side of a gap.

    ``entries`` are those of the gap's tokens among the meanings of the base, -1 for none;
    ``wanted`` is the stamp from which on the other text holds a token of the base, 0 if
    the gap is the other text's and any token of the base will do. ``gaps`` holds the gap
    of each word in ``seen``, as a bit; ``bit`` is this gap's.

    Returns
    -------
    Of numbers: those that the other text holds nowhere, those of them that are amounts, how
    many there are, their digits in one, and those with decimals. Of words: whether one stands
    here that the other text holds nowhere, whether such a one was replaced before, and the
    gaps in which those that are known and rare were replaced before.
    """
    lost, n_numbers, digits, decimals = 0, 0, np.uint64(0), 0
    has_word, again, before = False, False, np.uint64(0)
    amounts = 0
    known = seen[0]
    weights, rare_from, known_to, _ = lexicon
    for i in range(U(len(gap))):
        token = gap[i]
        missing = entries[i] < 0 or stamps[U(entries[i])] < wanted
        if token & np.uint32(1):
            n_numbers += 1
            digits = append_digits(digits, token)
            decimals += has_decimals(token) and not is_opaque(token)
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
    return (lost, amounts, n_numbers, digits, decimals), (has_word, again, before)


@inlined_part
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


@inlined_part
def _swaps_names(left, right, lexicon):
    """Whether each side of a gap has rare words enough for a name that the other lacks.

    Wherever else they stand: who writes of two people names both, in another order.
    """
    return _count_own(left, right, lexicon) >= NAME_WORDS <= _count_own(right, left, lexicon)


@inlined_part
def _count_own(gap, other, lexicon):
    """Count the rare words of a short gap that do not stand on its other side."""
    weights, rare_from, _, _ = lexicon
    n = 0
    for token in gap:
        own = token & np.uint32(1) == 0 and weights[U(token >> TERM_SHIFT)] >= rare_from
        for k in range(U(len(other))):
            own &= other[k] != token
        n += own
    return n


@part
def _count_spelled(gap, entries, stamps, wanted, words):
    """Count the numbers on one side of a gap, those in words included.

    Returns how many the other text holds nowhere, how many there are in all, in words, and days
    of the week, and their digits in one.
    """
    lost, n, n_words, n_days, digits = 0, 0, 0, 0, np.uint64(0)
    for i in range(U(len(gap))):
        number = number_of(gap[i], words)
        if number:
            n += 1
            n_words += not gap[i] & np.uint32(1)
            n_days += is_weekday(number)
            digits = append_digits(digits, number)
            lost += entries[i] < 0 or stamps[U(entries[i])] < wanted
    return lost, n, n_words, n_days, digits


@part
def _compare_spelled(left, right, stamps, stamp, words):
    """Count the numbers that one side of a gap replaces, where some are written as words.

    As many must stand on either side: "twenty five" may be 25; and as many days of the week,
    for which a date may stand.
    """
    lost, n, n_words, n_days, digits = _count_spelled(left[0], left[1], stamps, stamp, words)
    if not n:
        return 0
    more, m, m_words, m_days, others = _count_spelled(
        right[0], right[1], stamps, np.int64(0), words
    )
    alike = n == m and n_days == m_days
    return min(lost, more) if alike and n_words + m_words and digits != others else 0


@part
def _count_in_place(left, right, words):
    """Count the numbers of a gap that others, of other digits, replace between the same two words.

    Wherever else these stand: in longer texts most small numbers do.
    """
    n = 0
    last = len(left) - 1
    if len(left) != len(right):
        return n
    for i in range(U(len(left))):
        number, other = number_of(left[i], words), number_of(right[i], words)
        alike = is_weekday(number) == is_weekday(other)
        if number and other and alike and number >> DIGITS_SHIFT != other >> DIGITS_SHIFT:
            before = i == 0 or left[i - U(1)] == right[i - U(1)]
            behind = i == U(last) or left[i + U(1)] == right[i + U(1)]
            n += before and behind
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


@inlined_part
def _lost_amounts(left, right, stamps, stamp):
    """Count the amounts on either side of a gap that the other text holds nowhere."""
    lost = _count_amounts(left[0], left[1], stamps, stamp)
    return lost, _count_amounts(right[0], right[1], stamps, np.int64(0))


@inlined_part
def _count_numbers(left, right, here, there, stamps, stamp, words, counts):
    """Count the numbers that a gap keeps, and those that it replaces.

    ``here`` and ``there`` are what :func:`_look` found of numbers on both sides. Returns the
    amounts of :func:`_lost_amounts` that stand for no number of this gap.
    """
    lost, amounts, n, digits, decimals = here
    more, other_amounts, m, others, splits = there
    n_paired = min(lost, more)
    is_kept = digits == others and (n != m or decimals == splits)
    replaced = 0 if is_kept else n_paired
    counts[KEPT] += n_paired - replaced
    if max(len(left[0]), len(right[0])) <= LONGEST_NAME:
        in_words = _compare_spelled(left, right, stamps, stamp, words)
        in_place = _count_in_place(left[0], right[0], words)
        replaced = max(replaced, in_words, in_place)
    counts[REPLACED] += replaced
    return max(amounts - n_paired, 0), max(other_amounts - n_paired, 0)


@inlined_part
def _count_words(left, right, here, there, lexicon, bit, named, counts):
    """Count a gap that replaces words, and those that replace a name.

    ``here`` and ``there`` are what :func:`_look` found of words on both sides; ``bit`` is
    that of the gap, ``named`` as in the memory of :func:`compare_gaps`.
    """
    word, again, before = here
    other_word, twice, earlier = there
    is_short = max(len(left), len(right)) <= LONGEST_NAME
    is_name = is_short and _swaps_names(left, right, lexicon)
    is_replaced = word and other_word
    if is_replaced or is_name:
        counts[WORDS] += 1
        before = before & earlier if bit else np.uint64(0)
        counts[NAMES] += _count_names(is_name or (again and twice), before, bit, named)
    if word or other_word or is_name:
        named[1] <<= np.uint64(1)  # 64 gaps are told apart, those behind them are not


@inlined_part
def _compare_gap(left, right, stamps, lexicon, memory, stamp, counts_numbers, counts):
    """Count what one gap replaces, given the tokens of both sides and their entries.

    Returns the amounts on either side that the other text holds nowhere and that stand for
    no other; none where numbers do not count.
    """
    here, entries = left
    there, other_entries = right
    seen, gaps, named = memory
    shortest, longest = min(len(here), len(there)), max(len(here), len(there))
    if longest > WIDEST_GAP:
        return _lost_amounts(left, right, stamps, stamp) if counts_numbers else (0, 0)
    # one word for several may be the same, written in one
    bit = named[1] if shortest == longest or shortest > 1 else np.uint64(0)
    numbers, words = _look(here, entries, stamps, stamp, lexicon, seen[0], gaps[0], bit)
    others, other_words = _look(
        there, other_entries, stamps, np.int64(0), lexicon, seen[1], gaps[1], bit
    )
    amounts = 0, 0
    if counts_numbers:
        amounts = _count_numbers(left, right, numbers, others, stamps, stamp, lexicon[3], counts)
    _count_words(here, there, words, other_words, lexicon, bit, named, counts)
    return amounts


@part
def _count_form(left, right, stamps, stamp, words, step):
    """Count the numbers that a sentence of a form replaces before or after all runs.

    ``left`` and ``right`` are the tokens there and their entries; they are compared place by
    place from the side of the runs, which is their end if ``step`` is -1. A number counts with
    the same word behind it: "31 deaths". Numbers with decimals may be hours or days.
    """
    tokens, entries = left
    others, other_entries = right
    n, m = len(tokens), len(others)
    i, k = (n - 1, m - 1) if step < 0 else (0, 0)
    replaced, alike = 0, 0
    same_behind = True
    for _ in range(min(n, m, WIDEST_GAP)):
        token, other = tokens[U(i)], others[U(k)]
        if step > 0:
            same_behind = i + 1 < n and k + 1 < m and tokens[U(i + 1)] == others[U(k + 1)]
        number, another = number_of(token, words), number_of(other, words)
        if number and another and (token != other or token & np.uint32(1)):
            missing = stamps[U(entries[U(i)])] < stamp and other_entries[U(k)] < 0
            plain = not (has_decimals(number) or has_decimals(another))
            replaced += missing and plain and same_behind
        else:
            alike += token == other
        same_behind = token == other
        i, k = i + step, k + step
    return replaced if replaced >= FORM_NUMBERS and alike >= FORM_WORDS else 0


@part
def compare_gaps(texts, entries, runs, stamps, lexicon, memory, stamp, counts):
    """Count the gaps beside and between runs, and what they replace.

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
    for k in range(len(runs) + 1):
        at, r = run_start(runs, k, left, right)
        if at >= end_left:
            before = min(end_right, r)
            one = left[end_left:at], left_entries[end_left:at]
            other = right[before:r], right_entries[before:r]
            inside = 0 < k < len(runs)
            counts[GAPS] += at > end_left or r > before
            some, others = _compare_gap(
                one, other, stamps, lexicon, memory, stamp, inside or short, counts
            )
            if not (inside or short):
                step = np.int64(1 if k else -1)
                counts[REPLACED] += _count_form(one, other, stamps, stamp, lexicon[3], step)
            lost += some
            more += others
        if k < len(runs):
            end_left, end_right = run_ends(runs, k)
    counts[REPLACED] += min(lost, more)

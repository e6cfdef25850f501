"""What stands in one text where the other has something else: numbers and names replaced.

The plain specification is ``dedup/reference_alignment.py``.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels import kernel, part
from dedup.kernels.numbers import append_digits, is_opaque, value
from dedup.kernels.shingles import count_positions, shingle_at, table_size

U = np.uintp
WIDEST_GAP = 48
"""Tokens between two matching runs, on either side, that still count as a replacement."""
SHORT_TEXT = 48
"""In texts of fewer tokens the numbers before and after the matching runs count too; in
longer ones these are datelines and telephone numbers."""
REMEMBERED = 64
"""Replaced words that are remembered on each side, to see them replaced again."""
OCCURRENCES = 16
"""Places of one shingle that are tried, to find one behind the last run."""
KEPT, REPLACED, WORDS, NAMES = 0, 1, 2, 3


@part
def _index(tokens, width, keys, first, following):
    """Put the positions of each shingle of a text into a table; return its mask.

    ``first`` holds the first position of each, ``following`` the next one of the same
    shingle, -1 after the last.
    """
    mask = U(table_size(len(tokens)) - 1)
    for slot in range(mask + U(1)):
        first[slot] = -1
    for i in range(len(tokens) - width, -1, -1):
        key = shingle_at(tokens, U(i), width)
        slot = U(key) & mask
        while first[slot] >= 0 and keys[slot] != key:
            slot = (slot + U(1)) & mask
        keys[slot], following[i], first[slot] = key, first[slot], i
    return mask


@part
def _find(key, table, end):
    """Return where a shingle stands: from ``end`` on if it can be, else first; or -1."""
    keys, first, following, mask = table
    slot = U(key) & mask
    while first[slot] >= 0 and keys[slot] != key:
        slot = (slot + U(1)) & mask
    at = first[slot]
    for _ in range(OCCURRENCES - 1):
        if at < 0 or at >= end:
            break
        at = following[at]
    return np.int64(at if at >= end else first[slot])


@part
def _holds(ordered, token):
    """Whether a sorted list of tokens holds a word, or a number of the same value."""
    wanted = token if not token & np.uint32(1) else value(token)
    exact = not token & np.uint32(1) or is_opaque(token)
    low, high = 0, len(ordered)
    floor = wanted if exact else wanted & ~np.uint32(0x7F)
    while low < high:
        middle = (low + high) >> 1
        if ordered[middle] < floor:
            low = middle + 1
        else:
            high = middle
    if exact:
        return low < len(ordered) and ordered[low] == wanted
    while low < len(ordered) and ordered[low] <= floor | np.uint32(0x7F):
        if ordered[low] & np.uint32(1):
            return True
        low += 1
    return False


@part
def _look(gap, other, seen):
    """Look at one side of a gap.

    Returns
    -------
    The numbers that the other text holds nowhere, how many numbers there are, their
    digits in one, those with decimals, whether a word stands here that the other text
    holds nowhere, and whether such a word was replaced before.
    """
    lost, n_numbers, digits, decimals = 0, 0, np.int64(0), 0
    has_word, again = False, False
    known = seen[0]
    for token in gap:
        if token & np.uint32(1):
            n_numbers += 1
            digits = append_digits(digits, token)
            decimals += (token >> np.uint32(7)) & np.uint32(1) != 0 and not is_opaque(token)
            lost += not _holds(other, token)
        elif not _holds(other, token):
            has_word = True
            for k in range(1, known + 1):
                again |= seen[k] == token
            if seen[0] < REMEMBERED:
                seen[0] += np.uint32(1)
                seen[seen[0]] = token
    return lost, n_numbers, digits, decimals, has_word, again


@part
def _compare_gap(sides, ordered, seen, counts_numbers, counts):
    """Count what one gap replaces."""
    left, right = sides
    if len(left) > WIDEST_GAP or len(right) > WIDEST_GAP:
        return
    lost, n, digits, decimals, word, again = _look(left, ordered[1], seen[0])
    more, m, others, splits, other_word, twice = _look(right, ordered[0], seen[1])
    replaced = min(lost, more)
    if not counts_numbers:
        pass
    elif replaced and digits == others and (n != m or decimals == splits):
        counts[KEPT] += replaced
    else:
        counts[REPLACED] += replaced
    if word and other_word:
        counts[WORDS] += 1
        counts[NAMES] += again and twice


@njit(inline="always")
def _count_numbers(tokens, start, end):
    n = 0
    for i in range(U(start), U(end)):
        n += tokens[i] & np.uint32(1)
    return n


@part
def _align(texts, width, table, ordered, seen, counts):
    """Walk the right text along the left one, run by run."""
    left, right = texts
    n_left, n_right = len(left), len(right)
    short = max(n_left, n_right) < SHORT_TEXT
    end_left, end_right, shift = 0, 0, 0
    begun = False
    r = 0
    while r < count_positions(n_right, width) and n_right >= width <= n_left:
        at = r + shift
        if not (begun and 0 <= at <= n_left - width and _equal(left, at, right, r, width)):
            at = _find(shingle_at(right, U(r), width), table, end_left)
            if at < 0:
                r += 1
                continue
        if at >= end_left:
            gap = left[end_left:at], right[min(end_right, r) : r]
            _compare_gap(gap, ordered, seen, begun or short, counts)
        stop_left, stop_right = at + width, r + width
        while stop_left < n_left and stop_right < n_right and left[stop_left] == right[stop_right]:
            stop_left += 1
            stop_right += 1
        counts[KEPT] += _count_numbers(right, max(r, end_right), stop_right)
        end_left, end_right, shift = stop_left, stop_right, at - r
        begun = True
        r = stop_right - width + 1
    _compare_gap((left[end_left:], right[end_right:]), ordered, seen, short, counts)


@njit(inline="always")
def _equal(left, at, right, r, width):
    """Whether ``width`` tokens agree."""
    for k in range(width):
        if left[U(at + k)] != right[U(r + k)]:
            return False
    return True


@kernel
def align(tokens, offsets, width, described, pairs, counts):
    """Count what is kept and replaced between the two texts of each pair.

    Runs of equal tokens, ``width`` and longer, are followed through the right text. What
    lies between two runs that follow each other in both texts, before the first and
    after the last is a gap; what a gap puts in the place of something else is replaced,
    provided that the other text holds it nowhere.

    Parameters
    ----------
    tokens, offsets, width
        As for :func:`dedup.kernels.scores.overlap`.
    described : (uint32 array, int64 array, int64 array)
        Sorted tokens and their bounds as :func:`dedup.kernels.scores.describe` left
        them, and the units they belong to, ascending.
    pairs : (int64 array, int64 array), shape (p,) each
        Rows of the described units; pairs with one left unit stand together.
    counts : int32 array, shape (p, 4)
        Filled: numbers in matching runs, numbers replaced by other numbers, gaps in
        which words replace words, and those of them where both the word that went and
        the word that came did so before.
    """
    ordered, bounds, units = described
    longest = 1
    for m in range(len(units)):
        longest = max(longest, offsets[units[m] + 1] - offsets[units[m]])
    keys = np.empty(table_size(longest), np.uint64)
    first = np.empty(len(keys), np.int32)
    following = np.empty(longest, np.int32)
    seen = np.empty((2, REMEMBERED + 1), np.uint32)
    mask = U(0)
    before = np.int64(-1)
    for p in range(len(counts)):
        one, other = pairs[0][p], pairs[1][p]
        left = tokens[offsets[units[one]] : offsets[units[one] + 1]]
        right = tokens[offsets[units[other]] : offsets[units[other] + 1]]
        if one != before:
            if len(left) >= width:
                mask = _index(left, width, keys, first, following)
            before = one
        seen[0, 0], seen[1, 0] = 0, 0
        for k in range(4):
            counts[p, k] = 0
        both = (
            ordered[bounds[one] : bounds[one + 1]],
            ordered[bounds[other] : bounds[other + 1]],
        )
        _align((left, right), width, (keys, first, following, mask), both, seen, counts[p])

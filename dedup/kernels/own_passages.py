"""Passages between the runs of two texts that stand for others, or that each has for itself."""

from __future__ import annotations

import numpy as np

from dedup.kernels import part
from dedup.kernels.runs import run_ends, run_start

U = np.uintp
MOVED_ON = 20
"""Tokens that each of two texts has for itself, at opposite ends, if one moved on."""
OWN_ON_BOTH = 25
"""Tokens that each of two texts has for itself in all, if neither holds what the other tells."""
SHORTEST_PASSAGE = 8
"""Tokens of a gap, on either side, that make a passage ..."""
WIDEST_PASSAGE = 256
"""... up to so many ..."""
MISSING_SHARE = 0.4
"""... of which the other text lacks this share: what was reworded keeps more of its words."""
OWN_PASSAGE = 12
"""Tokens of a passage that a text has for itself, wherever it stands ..."""
EDITED_SHARE = 0.4
"""... unless it is another passage edited, which keeps this share of its words in pairs."""


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
def count_passages(entries, runs, stamps, stamp):
    """Count the tokens of passages between runs that follow each other in both texts.

    ``entries`` are those of all tokens of the base and of the other text.
    """
    left, right = entries
    n = 0
    for k in range(1, len(runs)):
        end_left, end_right = run_ends(runs, k - 1)
        at, r = np.int64(runs[k, 0]), np.int64(runs[k, 1])
        if end_left <= at and end_right <= r:
            n += _count_passage(left[end_left:at], right[end_right:r], stamps, stamp)
    return n


@part
def count_own(entries, runs, places, marks, width, stamp):
    """Count the tokens of the passages that each text has for itself.

    ``entries`` are those of all tokens of the base and of the other text; ``places`` is that
    of :func:`dedup.kernels.shingle_index.index_shingles`. ``marks`` has a row for each entry
    and one more: the marks made so far, 0 at first.

    Returns the shorter of the longest ones between runs in either text, 0 if one is too
    short; and of those that the other text has, all, also before and after the runs, those
    before and those after.
    """
    left, right = entries
    longest, total, first, last = 0, 0, 0, 0
    end_left, end_right = np.int64(0), np.int64(0)
    for k in range(len(runs) + 1):
        at, r = run_start(runs, k, left, right)
        n = r - end_right
        if n >= OWN_PASSAGE:
            if at < end_left or not _is_edited(left[end_left:at], right[end_right:r], marks):
                total += n
                if 0 < k < len(runs):
                    longest = max(longest, n)
                elif k:
                    last = n
                elif len(runs):
                    first = n
        if k < len(runs):
            end_left, end_right = run_ends(runs, k)
    if longest:
        longest = min(longest, _longest_unmet(places, len(left) - width + 1, width, stamp))
    return longest if longest >= OWN_PASSAGE else 0, (total, first, last)


@part
def count_own_of_base(entries, runs, places, marks, width, stamp):
    """Count the tokens of the passages that the base has for itself, around chained runs.

    Returns those of all, those before the runs and those after them.
    """
    left, right = entries
    total, first, last = 0, 0, 0
    end_left, end_right = np.int64(0), np.int64(0)
    for k in range(len(runs) + 1):
        at, r = run_start(runs, k, left, right)
        if at - end_left >= OWN_PASSAGE:
            n = _count_unmet(places, (end_left, at), len(left) - width + 1, width, stamp)
            in_order = end_right <= r
            if n and not (in_order and _is_edited(right[end_right:r], left[end_left:at], marks)):
                total += n
                if 0 < k == len(runs):
                    last = n
                elif k == 0 and len(runs):
                    first = n
        if k < len(runs):
            end_left, end_right = run_ends(runs, k)
    return total, first, last


@part
def _count_moved_on(base, other):
    """Count the tokens by which one text has moved on from the other; 0 if it has not.

    A page whose newest entry stands on top loses its oldest at the end: one text has a passage
    before all that both share, the other one behind it. Frames of sites stand on both sides.
    """
    _, base_first, base_last = base
    _, other_first, other_last = other
    n = 0
    if base_first == 0 and other_last == 0:
        n = min(base_last, other_first)
    elif base_last == 0 and other_first == 0:
        n = min(base_first, other_last)
    return n if n >= MOVED_ON else 0


@part
def _count_own_on_both(base, other):
    """Count the tokens that each of two texts has for itself in all; 0 if one has few.

    Frames of two sites around one story stand before and behind all that both share. In one
    text a passage must stand inside.
    """
    n = min(base[0], other[0])
    inside = max(base[0] - base[1] - base[2], other[0] - other[1] - other[2])
    return n if n >= OWN_ON_BOTH and inside >= OWN_PASSAGE else 0


@part
def count_own_apart(base, other):
    """Count the tokens that two texts have for themselves, if these tell them apart; else 0.

    ``base`` and ``other`` are the tokens that each has, as :func:`count_own_of_base` and
    :func:`count_own` count them: all, those before the runs and those after them.
    """
    return max(_count_moved_on(base, other), _count_own_on_both(base, other))


@part
def _is_edited(across, passage, marks):
    """Whether words of a passage were edited: enough of them stand across its gap as here.

    That is, next to a neighbour that they have here: half the words of any two passages on one
    subject are the same, but seldom in the same order. ``across`` and ``passage`` are the
    entries of both sides, one of them without any -1.
    """
    n, m = len(passage), len(across)
    if max(n, m) > WIDEST_PASSAGE:
        return False
    last = U(len(marks) - 1)
    marks[last] += np.int32(1)
    mark = marks[last]
    for k in range(U(m)):
        if across[k] >= 0:
            marks[U(across[k])] = mark
    kept, before = 0, False
    for i in range(U(n - 1)):
        word, following = passage[i], passage[i + 1]
        pair = False
        if word >= 0 and marks[U(word)] == mark:
            for k in range(U(m - 1)):
                pair |= across[k] == word and across[k + 1] == following
        if pair:
            kept += 1 if before else 2
        before = pair
    return kept >= EDITED_SHARE * n


@part
def _count_unmet(places, bounds, n, width, stamp):
    """Count the tokens of passages between two places of the base that no met shingle covers.

    ``n`` is the number of shingle positions of the base.
    """
    leader, met = places[1], places[3]
    start, end = bounds
    total = 0
    for i in range(max(start - width + 1, 0), min(end, n)):
        if met[U(leader[i])] == stamp:
            if i - start >= OWN_PASSAGE:
                total += i - start
            start = max(start, i + width)
    return total + end - start if end - start >= OWN_PASSAGE else total


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

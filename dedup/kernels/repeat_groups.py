"""Repeated runs to groups of occurrences, and which of them are no repeats.

The rules and their reasons are in docs/algorithm.md, step 7.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels import part
from dedup.kernels.words import fill

SAME_SPAN = 0.8
"""Overlap over union from which two spans are one occurrence."""
STRETCH = 0.9
"""Share of its lines from which a span is stretched to their edges ..."""
STRETCH_ALIKE = 0.75
"""... and share that is enough where the lines of two occurrences begin and end alike."""


@part
def _overlap_share(a, b, c, d):
    """Length of the common part of two ranges over the length of their union."""
    common = min(b, d) - max(a, c)
    return common / (max(b, d) - min(a, c)) if common > 0 else 0.0


@part
def _register(occurrences, n, start, end, group, owner):
    occurrences[n, 0], occurrences[n, 1], occurrences[n, 2] = group, start, end
    fill(owner, start, end, n)
    return n + 1


@part
def group_spans(spans, n_spans, min_tokens, occurrences, owner):
    """Turn pairs of spans into groups of occurrences ``(group, start, end)``.

    A span that overlaps itself is periodic: each full period is an occurrence, unless
    the period is too short to be a passage. Returns occurrences and groups.
    """
    fill(owner, 0, len(owner), -1)
    n, groups = np.int64(0), np.int64(0)
    for k in range(n_spans):
        start, end, from_, from_end = spans[k, 0], spans[k, 1], spans[k, 2], spans[k, 3]
        period = start - from_
        if from_end > start:
            if period >= min_tokens:
                for place in range(from_, end - period + 1, period):
                    n = _register(occurrences, n, place, place + period, groups, owner)
                groups += 1
            continue
        known = owner[(from_ + from_end) // 2]
        if known >= 0:
            share = _overlap_share(from_, from_end, occurrences[known, 1], occurrences[known, 2])
            if share < SAME_SPAN:
                known = np.int64(-1)
        if known < 0:
            n = _register(occurrences, n, from_, from_end, groups, owner)
            known = n - 1
            groups += 1
        n = _register(occurrences, n, start, end, occurrences[known, 0], owner)
    return n, groups


@part
def number_edges(lines, firsts, lasts):
    """Fill the first token, and the one past the last, of each token's line."""
    n = len(lines)
    for t in range(n):
        firsts[t] = firsts[t - 1] if t and lines[t] == lines[t - 1] else t
    for t in range(n - 1, -1, -1):
        lasts[t] = lasts[t + 1] if t + 1 < n and lines[t] == lines[t + 1] else t + 1


@part
def _differ_in_numbers(tokens, a, b, c, d):
    """Whether two different token ranges are equal once numbers are left out."""
    i, j = a, c
    same = b - a == d - c
    while i < b or j < d:
        if same and i < b and j < d and tokens[i] == tokens[j]:
            i += 1
            j += 1
            continue
        same = False
        if i < b and tokens[i] & np.uint32(1):
            i += 1
        elif j < d and tokens[j] & np.uint32(1):
            j += 1
        elif i < b and j < d and tokens[i] == tokens[j]:
            i += 1
            j += 1
        else:
            return False
    return not same


@part
def _numbers_beside(tokens, lines, one, other):
    """Whether the tokens next to two equal spans are, on one side, both numbers."""
    if one[1] > 0 and other[1] > 0:
        x, y = one[1] - 1, other[1] - 1
        if tokens[x] & tokens[y] & np.uint32(1) and tokens[x] != tokens[y]:
            if lines[x] == lines[one[1]] and lines[y] == lines[other[1]]:
                return True
    if one[2] < len(tokens) and other[2] < len(tokens):
        x, y = one[2], other[2]
        if tokens[x] & tokens[y] & np.uint32(1) and tokens[x] != tokens[y]:
            if lines[x] == lines[one[2] - 1] and lines[y] == lines[other[2] - 1]:
                return True
    return False


@part
def is_template(tokens, lines, members):
    """Whether occurrences differ in numbers alone, inside or right beside them."""
    for k in range(1, len(members)):
        if _differ_in_numbers(
            tokens, members[0, 1], members[0, 2], members[k, 1], members[k, 2]
        ) or _numbers_beside(tokens, lines, members[0], members[k]):
            return True
    return False


@part
def stretch(tokens, members, edges, whole):
    """Stretch spans that cover most of their lines to the edges of the lines.

    Less cover is enough where both lines also begin and end alike: then the words
    between the run and the edge were changed, not added. ``edges`` is what
    :func:`number_edges` filled. Spans that then overlap an earlier one are dropped;
    returns how many are left, in front.
    """
    firsts, lasts = edges
    head = tokens[firsts[members[0, 1]]]
    tail = tokens[lasts[members[0, 2] - 1] - 1]
    alike = True
    for k in range(len(members) - 1, -1, -1):
        first, last = firsts[members[k, 1]], lasts[members[k, 2] - 1]
        if k:
            alike = tokens[first] == head and tokens[last - 1] == tail
        cover = (members[k, 2] - members[k, 1]) / (last - first)
        whole[k] = cover >= STRETCH or (alike and cover >= STRETCH_ALIKE)
        if whole[k]:
            members[k, 1], members[k, 2] = first, last
    n = 0
    for k in range(len(members)):
        if n == 0 or members[k, 1] >= members[n - 1, 2]:
            members[n, 1], members[n, 2] = members[k, 1], members[k, 2]
            whole[n] = whole[k]
            n += 1
    return n


@part
def by_group(occurrences, n_groups, ordered, bounds):
    """Order occurrences by group (a counting sort; inside a group text order stays)."""
    fill(bounds, 0, n_groups + 1, 0)
    for k in range(len(occurrences)):
        bounds[occurrences[k, 0] + 1] += 1
    for group in range(n_groups):
        bounds[group + 1] += bounds[group]
    for k in range(len(occurrences)):
        group = occurrences[k, 0]
        for column in range(3):
            ordered[bounds[group], column] = occurrences[k, column]
        bounds[group] += 1
    for group in range(n_groups, 0, -1):
        bounds[group] = bounds[group - 1]
    bounds[0] = 0

"""Repeated runs to groups of occurrences.

The rules and their reasons are in docs/algorithm.md, step 7.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels import part
from dedup.kernels.words import fill

SAME_SPAN = 0.8
"""Overlap over union from which two spans are one occurrence."""


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
def _is_known(tokens, lines, span, place, min_tokens):
    """Whether the earlier side of a span is a known place and, on other lines, a little more.

    And the later side holds the same at the same distance from its beginning.
    """
    start, from_, from_end = span[0], span[2], span[3]
    rest = from_end - from_ - (place[2] - place[1])
    if place[1] < from_ or place[2] > from_end or not 0 < rest < min_tokens:
        return False
    if place[1] > from_ and lines[place[1] - 1] == lines[place[1]]:
        return False
    if place[2] < from_end and lines[place[2] - 1] == lines[place[2]]:
        return False
    shift = start - from_
    for t in range(place[1], place[2]):
        if t + shift >= len(tokens) or tokens[t] != tokens[t + shift]:
            return False
    return True


@part
def group_spans(tokens, lines, spans, n_spans, min_tokens, occurrences, owner):
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
            place = occurrences[known]
            if _is_known(tokens, lines, spans[k], place, min_tokens):
                a, b = place[1] + start - from_, place[2] + start - from_
                n = _register(occurrences, n, a, b, place[0], owner)
                continue
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

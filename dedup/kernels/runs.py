"""The runs of tokens that two texts share, followed through one and found in the other."""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels import part
from dedup.kernels.shingle_index import meet, next_run
from dedup.kernels.terms import take_others, take_run

U = np.uintp
CHAINED = 32
"""Runs before a run that it may go on from."""
TOKENS, BEFORE, SUCCESSION, RUN_COLUMNS = 3, 4, 5, 6
"""Columns of runs behind their places in both texts and their length: tokens of the best chain
that ends with a run, the run before it there, and the runs of the best chain of all."""


@njit(inline="always")
def run_start(runs, k, left, right):
    """Return the places in both texts where a run begins; their ends, behind the last one."""
    if k == len(runs):
        return np.int64(len(left)), np.int64(len(right))
    return np.int64(runs[k, 0]), np.int64(runs[k, 1])


@njit(inline="always")
def run_ends(runs, k):
    """Return the places behind a run in the base and in the other text."""
    return np.int64(runs[k, 0] + runs[k, 2]), np.int64(runs[k, 1] + runs[k, 2])


@part
def follow_runs(texts, entries, width, shingles, terms, stamp, runs):
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
    end_left, end_right = np.int64(0), np.int64(0)
    shift = n_left  # behind the base: nothing to go on from yet
    every, distinctive, dot = 0, 0, 0.0
    n = 0
    r = np.int64(0)
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


@njit(inline="always")
def _count_numbers(tokens, start, end):
    n = np.uint32(0)
    for i in range(U(start), U(end)):
        n += tokens[i] & np.uint32(1)
    return n


@part
def count_kept(right, runs):
    """Count the numbers that stand in runs."""
    n, end = 0, np.int64(0)
    for k in range(len(runs)):
        _, stop = run_ends(runs, k)
        n += _count_numbers(right, max(np.int64(runs[k, 1]), end), stop)
        end = stop
    return n


@part
def chain(runs):
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

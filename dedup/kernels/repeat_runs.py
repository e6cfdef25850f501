"""Maximal repeated token runs of one text, and runs joined over small differences.

The rules and their reasons are in docs/algorithm.md, step 7.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels import kernel, part
from dedup.kernels.shingles import count_positions

MAX_CHAIN = 8
"""Earlier occurrences tried for each run: the latest ones."""
MAX_GAP = 4
"""Differing tokens that two runs may have between them, on either side."""
MIN_MATCHED = 0.8
"""Share of the longer joined span that must lie in runs."""


@part
def _run_length(tokens, later, earlier):
    n = 0
    while later + n < len(tokens) and tokens[later + n] == tokens[earlier + n]:
        n += 1
    return n


@part
def find_runs(tokens, previous, width, runs):
    """Write ``(later, earlier, length)`` of repeated runs, in order; return how many.

    At each position the longest of the ``MAX_CHAIN`` latest earlier occurrences is
    taken, extended to both sides, and the walk goes on behind it: linear time.
    """
    n = 0
    i = np.int64(0)
    while i < count_positions(len(tokens), width):
        earlier = previous[i]
        if earlier < 0:
            i += 1
            continue
        best, length = earlier, 0
        for _ in range(MAX_CHAIN):
            found = _run_length(tokens, i, earlier)
            if found > length:
                best, length = earlier, found
            earlier = previous[earlier]
            if earlier < 0:
                break
        floor = runs[n - 1, 0] + 1 if n else 0
        back = 0
        while i - back > floor and best - back > 0:
            if tokens[i - back - 1] != tokens[best - back - 1]:
                break
            back += 1
        runs[n, 0], runs[n, 1], runs[n, 2] = i - back, best - back, length + back
        n += 1
        i += max(length - width + 1, 1)
    return n


@part
def join_runs(runs, n_runs, min_tokens, spans):
    """Join runs with small differences between them; keep what is long enough.

    Writes ``(later start, later end, earlier start, earlier end)``; returns how many.
    """
    n = 0
    k = 0
    while k < n_runs:
        start, from_, length = runs[k, 0], runs[k, 1], runs[k, 2]
        end, from_end, matched = start + length, from_ + length, length
        overlapping = length > start - from_
        k += 1
        while k < n_runs and not overlapping:
            gap = runs[k, 0] - end
            from_gap = runs[k, 1] - from_end
            cut = max(0, -gap, -from_gap)
            if cut >= runs[k, 2] or gap + cut > MAX_GAP or from_gap + cut > MAX_GAP:
                break
            if runs[k, 2] > runs[k, 0] - runs[k, 1]:
                break
            joined = max(runs[k, 0] - start, runs[k, 1] - from_) + runs[k, 2]
            if matched + runs[k, 2] - cut < MIN_MATCHED * joined:
                break  # too little of the longer span would be equal
            if runs[k, 1] + runs[k, 2] > start:
                break  # the earlier side would reach into the later one
            end = runs[k, 0] + runs[k, 2]
            from_end = runs[k, 1] + runs[k, 2]
            matched += runs[k, 2] - cut
            k += 1
        longest = max(end - start, from_end - from_)
        apart = from_end <= start or overlapping
        if matched >= min_tokens and matched >= MIN_MATCHED * longest and apart:
            spans[n, 0], spans[n, 1], spans[n, 2], spans[n, 3] = start, end, from_, from_end
            n += 1
    return n


@kernel
def may_repeat(tokens, texts, previous, n_repeated, width, min_tokens, found):
    """Mark the texts that hold a repeated run of ``min_tokens`` or more.

    Parameters
    ----------
    tokens : uint32 array
    texts : (int64 array of shape (n + 1,), int64 array of shape (m,))
        Token offsets, and the rows of the texts to look at.
    previous : int32 array
        As :func:`dedup.kernels.shingles.shingle` filled it.
    n_repeated : int64 array, shape (m,)
    width, min_tokens : int
    found : bool array, shape (m,)
        Filled.
    """
    offsets, rows = texts
    most = 1
    for m in range(len(rows)):
        if n_repeated[m]:
            most = max(most, offsets[rows[m] + 1] - offsets[rows[m]])
    runs, spans = np.empty((most, 3), np.int64), np.empty((most, 4), np.int64)
    for m in range(len(rows)):
        found[m] = False
        # a joined repeat loses at most width - 1 shingles at each of its gaps
        if n_repeated[m] * width < min_tokens:
            continue
        text = tokens[offsets[rows[m]] : offsets[rows[m] + 1]]
        before = previous[offsets[rows[m]] : offsets[rows[m] + 1]]
        n_runs = find_runs(text, before, width, runs)
        found[m] = join_runs(runs, n_runs, min_tokens, spans) > 0

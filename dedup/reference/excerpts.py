"""Pairs of which one text stands in the other, plainly: see :mod:`dedup.candidates.excerpts`."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import combinations

from dedup.config import Settings
from dedup.found.outcome import CandidateCounts
from dedup.rule import FLOOR_CONTAINMENT
from dedup.text.tokens import shingle_hash
from dedup.units import SHORT_WIDTH

# The same as in excerpts.py, which needs numba; a test holds them together.
EXCERPT_TOKENS = 60
SAMPLE_SIGMAS = 1.0


def winnow(tokens: list[int], width: int) -> set[int]:
    """Return the smallest shingle of every window of a text, given its token hashes.

    Examples
    --------
    >>> text = list(range(0, 200, 2))
    >>> bool(winnow(text, 5) & winnow(text[20:80], 5))
    True
    """
    span = min(width, len(tokens))
    shingles = [shingle_hash(tokens[i : i + span]) for i in range(len(tokens) - span + 1)]
    window = max(1, EXCERPT_TOKENS - width + 1)
    n_windows = max(1, len(shingles) - window + 1)
    return {min(shingles[i : i + window]) for i in range(n_windows)}


def find_excerpts(
    texts: Sequence[list[int]],
    settings: Settings,
    is_common: Callable[[int], bool],
    counts: CandidateCounts,
) -> list[tuple[int, int]]:
    """Return the pairs that share enough samples, ascending.

    Parameters
    ----------
    texts : sequence of lists of int
        Token hashes of the units.
    settings : Settings
    is_common : function
        Whether a shingle is common.
    counts : CandidateCounts
        Filled: samples, and those that many units hold.
    """
    sampled = [
        winnow(tokens, settings.shingle_width) if len(tokens) >= settings.min_tokens else set[int]()
        for tokens in texts
    ]
    return _pair(sampled, settings, is_common, counts)


def find_short(
    texts: Sequence[list[int]], settings: Settings, counts: CandidateCounts
) -> list[tuple[int, int]]:
    """Return the pairs that share enough pairs of neighbouring tokens, ascending.

    Parameters
    ----------
    texts : sequence of lists of int
        Token hashes of the units that are short; no tokens for others.
    settings : Settings
    counts : CandidateCounts
        Filled, as for :func:`find_excerpts`.
    """
    if settings.shingle_width <= SHORT_WIDTH:
        return []
    sampled = [
        shingles_of(tokens, SHORT_WIDTH) if len(tokens) >= settings.min_tokens else set[int]()
        for tokens in texts
    ]
    return _pair(sampled, settings, lambda sample: False, counts)


def shingles_of(tokens: list[int], width: int) -> set[int]:
    """Return the distinct shingles of a text."""
    width = min(width, len(tokens))
    if not width:
        return set()
    return {shingle_hash(tokens[i : i + width]) for i in range(len(tokens) - width + 1)}


def _pair(
    sampled: list[set[int]],
    settings: Settings,
    is_common: Callable[[int], bool],
    counts: CandidateCounts,
) -> list[tuple[int, int]]:
    holders: defaultdict[int, list[int]] = defaultdict(list)
    n_samples = [len(samples) for samples in sampled]
    left_out = [0] * len(sampled)
    for row, samples in enumerate(sampled):
        counts.n_samples += len(samples)
        for sample in samples:
            holders[sample].append(row)
    shared: Counter[tuple[int, int]] = Counter()
    for sample, rows in holders.items():
        common = len(rows) > 1 and is_common(sample)
        counts.n_common_samples += len(rows) * common
        counts.n_anchored_samples += len(rows) * (not common and len(rows) > settings.max_bucket)
        if common or len(rows) > settings.max_bucket:
            for row in rows:
                left_out[row] += 1
        if not common:
            shared.update(combinations(rows, 2))
    needed = [_needed(*of_unit) for of_unit in zip(n_samples, left_out, strict=True)]
    return sorted(pair for pair, n in shared.items() if n >= min(needed[pair[0]], needed[pair[1]]))


def _needed(n_samples: int, left_out: int) -> int:
    spread = math.sqrt(FLOOR_CONTAINMENT * (1 - FLOOR_CONTAINMENT) * n_samples)
    expected = FLOOR_CONTAINMENT * n_samples - SAMPLE_SIGMAS * spread - left_out
    return max(1, math.ceil(expected))

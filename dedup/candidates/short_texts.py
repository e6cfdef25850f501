"""Headlines and other short texts: candidates that one changed word does not hide.

A text of eight words has four shingles of five, and a word in its middle stands in all of
them. Short texts are therefore paired, and scored among themselves, by shingles of two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dedup.candidates.samples import Sampling, pair_samples
from dedup.config import Settings
from dedup.found.outcome import CandidateCounts
from dedup.model import Int64s, UInt64s
from dedup.storage.spill import Spill
from dedup.text.tokens import HASH_MULTIPLIER
from dedup.units import SHORT_WIDTH, Buckets, Units

_SPREAD = np.uint64(HASH_MULTIPLIER)
_UNITS_AT_ONCE = 1 << 14


def find_short(
    units: Units, buckets: Buckets, settings: Settings, spill: Spill, counts: CandidateCounts
) -> UInt64s:
    """Return the pairs of short texts that share enough pairs of neighbouring tokens.

    Parameters
    ----------
    units : Units
    buckets : Buckets
    settings : Settings
    spill : Spill
    counts : CandidateCounts
        Samples, and what the caps did, are added to it.

    Returns
    -------
    uint64 array
        Not in order.
    """
    if settings.shingle_width <= SHORT_WIDTH:
        return np.empty(0, np.uint64)
    short = buckets.units[units.are_short()[buckets.units]]
    n_samples = np.zeros(len(units.offsets) - 1, np.int64)
    column = spill.column("neighbours", np.uint64)
    for chosen in _parts(short):
        samples, n_samples[chosen] = _neighbouring_tokens(units, chosen)
        column.append(samples)
    sampling = Sampling(column.finish(), n_samples, _none_common)
    taking_part = replace(buckets, units=short)
    found = list(pair_samples(sampling, taking_part, settings, spill, counts))
    return np.concatenate(found)


def count_short_shingles(units: Units) -> NDArray[np.int32]:
    """Return the distinct shingles of two of each short text; 0 for other units."""
    counts = np.zeros(len(units.offsets) - 1, np.int32)
    for short in _parts(np.flatnonzero(units.are_short())):
        samples, n_samples = _neighbouring_tokens(units, short)
        owners = np.repeat(np.arange(len(short)), n_samples)
        order = np.lexsort((samples, owners))
        samples, owners = samples[order], owners[order]
        first = np.ones(len(owners), np.bool_)
        first[1:] = (samples[1:] != samples[:-1]) | (owners[1:] != owners[:-1])
        counts[short] = np.bincount(owners[first], minlength=len(short))
    return counts


def _parts(units: Int64s) -> Iterator[Int64s]:
    """Cut units into parts whose tokens take little memory, however many there are."""
    for start in range(0, len(units), _UNITS_AT_ONCE):
        yield units[start : start + _UNITS_AT_ONCE]


def _neighbouring_tokens(units: Units, chosen: Int64s) -> tuple[UInt64s, Int64s]:
    """Return a hash of every two neighbouring tokens, and how many each unit has.

    A text of one token has that token.
    """
    starts = units.offsets[chosen]
    n_tokens = units.offsets[chosen + 1] - starts
    n_samples = np.maximum(n_tokens - 1, np.minimum(n_tokens, 1))
    bounds = np.cumsum(n_samples) - n_samples
    places = np.repeat(starts - bounds, n_samples) + np.arange(int(n_samples.sum()))
    ends = np.repeat(starts + n_tokens, n_samples)
    first = units.tokens[places].astype(np.uint64)
    second = units.tokens[np.minimum(places + 1, ends - 1)].astype(np.uint64)
    second[places + 1 >= ends] = 0
    mixed = (first << np.uint64(32) | second) * _SPREAD
    mixed ^= mixed >> np.uint64(29)
    return mixed * _SPREAD, n_samples


def _none_common(samples: UInt64s) -> NDArray[np.bool_]:
    return np.zeros(len(samples), np.bool_)

"""Excerpts: pairs of which one text stands in a much longer one.

Their Jaccard is low, so that they share no bucket; but a passage of a certain length that
both hold makes the same winnowed shingles in both (Schleimer, Wilkerson and Aiken, "Winnowing:
local algorithms for document fingerprinting", SIGMOD 2003, section 4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from dedup.config import FLOOR_CONTAINMENT, Settings
from dedup.corpus_model import CorpusModel
from dedup.found import CandidateCounts
from dedup.kernels import candidates as kernels
from dedup.kernels.excerpts import count_holders, winnow
from dedup.model import Int64s, UInt64s
from dedup.spill import Spill
from dedup.text.batch import TokenBatch
from dedup.units import Buckets
from dedup.workspace import Workspace

EXCERPT_TOKENS = 60
"""A verbatim excerpt of so many tokens is found for certain, where no cap bites."""
SAMPLE_SIGMAS = 1.0
"""Standard errors that the shared samples of a pair may fall short by. Of press releases 3
make 2.5 times as many candidates as 1, and 3 of 411 ``contained`` pairs more."""
_SAMPLES_AT_ONCE = 1 << 23


def window_of(width: int) -> int:
    """Return the shingles of a window: as many as ``EXCERPT_TOKENS`` tokens have.

    Examples
    --------
    >>> window_of(5)
    56
    """
    return max(1, EXCERPT_TOKENS - width + 1)


def sample(
    batch: TokenBatch, rows: Int64s, width: int, workspace: Workspace
) -> tuple[UInt64s, Int64s]:
    """Return the sampled shingles of some texts of a batch, and how many each has."""
    n_tokens = int((batch.offsets[rows + 1] - batch.offsets[rows]).sum())
    samples = workspace.take("samples", n_tokens, np.uint64)
    n_samples = np.empty(len(rows), np.int64)
    texts = (batch.offsets, rows)
    n = winnow(batch.tokens, texts, width, window_of(width), samples, n_samples)
    return samples[:n].copy(), n_samples


def find_excerpts(
    buckets: Buckets,
    settings: Settings,
    model: CorpusModel,
    spill: Spill,
    counts: CandidateCounts,
    keep: Callable[[UInt64s], NDArray[np.bool_]],
) -> UInt64s:
    """Return the pairs that share enough samples for one to stand in the other.

    Common shingles are left out; a sample that more than ``max_bucket`` units hold pairs
    each of them with the ``anchors`` units of lowest digest only.

    Parameters
    ----------
    buckets : Buckets
    settings : Settings
    model : CorpusModel
        Says which shingles are common.
    spill : Spill
        Takes the pairs of large corpora.
    counts : CandidateCounts
        Filled: ``n_samples`` and what the caps did.
    keep : function from uint64 pairs to bool
        Which pairs are worth exact scores.

    Returns
    -------
    uint64 array
        Ascending.
    """
    n_units = len(buckets.n_samples)
    held, left_out = np.zeros(n_units, np.int64), np.zeros(n_units, np.int64)
    n_parts = 1 + int(buckets.n_samples.sum()) // _SAMPLES_AT_ONCE
    columns = [spill.column(f"excerpt-pairs-{part}", np.uint64) for part in range(n_parts)]
    for keys, units in _parts(buckets, n_parts):
        counts.n_samples += len(keys)
        held += np.bincount(units, minlength=n_units)
        common = _is_common(keys, model, settings)
        counts.n_common_samples += int(common.sum())
        left_out += np.bincount(units[common], minlength=n_units)
        keys, units = keys[~common], units[~common]
        full = np.empty(len(keys), np.bool_)
        n_pairs, _ = kernels.measure_buckets(keys, settings.max_bucket, full)
        pairs = np.empty(n_pairs, np.uint64)
        kernels.pair_buckets(keys, units, full, pairs)
        left_out += np.bincount(units[full], minlength=n_units)
        counts.n_anchored_samples += int(full.sum())
        anchored = _anchor(keys[full], units[full], buckets, settings)
        for found in (pairs, anchored):
            for part, column in enumerate(columns):
                column.append(found[found % np.uint64(n_parts) == part] if n_parts > 1 else found)
    needed = _needed(held, left_out)
    chosen = [np.empty(0, np.uint64)]
    for column in columns:
        pairs, n_shared = np.unique(column.finish(), return_counts=True)
        # as views: two million pairs take longer to convert than to sort
        left = (pairs >> np.uint64(32)).view(np.int64)
        right = (pairs & np.uint64(0xFFFFFFFF)).view(np.int64)
        enough = n_shared >= np.minimum(needed[left], needed[right])
        chosen.append(pairs[enough][keep(pairs[enough])])
    return np.sort(np.concatenate(chosen))


def _needed(held: Int64s, left_out: Int64s) -> Int64s:
    """Return how many samples a pair must share if a unit is the smaller side of it.

    Samples are taken to be shared independently, each with probability
    ``FLOOR_CONTAINMENT`` or more; those that no pairs were made of may all be shared.
    """
    spread = SAMPLE_SIGMAS * np.sqrt(FLOOR_CONTAINMENT * (1 - FLOOR_CONTAINMENT) * held)
    return np.maximum(1, np.ceil(FLOOR_CONTAINMENT * held - spread - left_out)).astype(np.int64)


def _parts(buckets: Buckets, n_parts: int) -> Iterator[tuple[UInt64s, Int64s]]:
    """Yield samples sorted by key with the unit of each, a share of the keys at a time."""
    taking_part = np.zeros(len(buckets.n_samples), np.bool_)
    taking_part[buckets.units] = True
    units = np.repeat(np.arange(len(taking_part)), buckets.n_samples)
    for part in range(n_parts):
        chosen = taking_part[units]
        if n_parts > 1:
            chosen &= buckets.samples % np.uint64(n_parts) == part
        keys, owners = buckets.samples[chosen], units[chosen]
        ordered_keys, ordered_units = np.empty_like(keys), np.empty_like(owners)
        kernels.sort_keys(keys, owners, ordered_keys, ordered_units)
        # the sort is stable: copies of a sample inside one unit stand side by side
        again = np.zeros(len(keys), np.bool_)
        again[1:] = (ordered_keys[1:] == ordered_keys[:-1]) & (
            ordered_units[1:] == ordered_units[:-1]
        )
        yield ordered_keys[~again], ordered_units[~again]


def _is_common(keys: UInt64s, model: CorpusModel, settings: Settings) -> NDArray[np.bool_]:
    """Return which samples are common shingles."""
    n_units = np.empty(len(keys), np.uint16)
    count_holders(keys, model.shingle_counts, n_units)
    return n_units > model.common_above(settings.rule)


def _anchor(keys: UInt64s, units: Int64s, buckets: Buckets, settings: Settings) -> UInt64s:
    """Pair the units of samples that many hold with anchors."""
    digests = buckets.digests[units]
    order = np.lexsort((digests[:, 1], digests[:, 0], keys))
    pairs = np.empty(settings.anchors * len(units), np.uint64)
    return pairs[: kernels.pair_anchors(keys[order], units[order], settings.anchors, pairs)]

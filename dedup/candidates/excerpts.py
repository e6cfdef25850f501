"""Excerpts: pairs of which one text stands in a much longer one.

Their Jaccard is low, so that they share no bucket; but a passage of a certain length that
both hold makes the same winnowed shingles in both (Schleimer, Wilkerson and Aiken, "Winnowing:
local algorithms for document fingerprinting", SIGMOD 2003, section 4).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dedup.candidates.samples import Sampling, pair_samples
from dedup.config import Settings
from dedup.corpus_model import CorpusModel
from dedup.found.outcome import CandidateCounts
from dedup.kernels.excerpts import count_holders, winnow
from dedup.model import Int64s, UInt64s
from dedup.shingles import ShingledTexts
from dedup.storage.spill import Spill
from dedup.text.batch import TokenBatch
from dedup.units import Buckets
from dedup.workspace import Workspace

EXCERPT_TOKENS = 60
"""A text of so many tokens and more that stands verbatim in another is proposed for certain,
where no cap bites."""


def window_of(width: int) -> int:
    """Return the shingles of a window: as many as ``EXCERPT_TOKENS`` tokens have.

    Examples
    --------
    >>> window_of(5)
    56
    """
    return max(1, EXCERPT_TOKENS - width + 1)


def sample(
    batch: TokenBatch, texts: ShingledTexts, width: int, workspace: Workspace
) -> tuple[UInt64s, Int64s]:
    """Return the sampled shingles of some texts of a batch, and how many each has."""
    rows = texts.rows
    n_tokens = int((batch.offsets[rows + 1] - batch.offsets[rows]).sum())
    samples = workspace.take("samples", n_tokens, np.uint64)
    n_samples = np.empty(len(rows), np.int64)
    places = (batch.offsets, rows)
    n = winnow(texts.keys, places, width, window_of(width), samples, n_samples)
    return samples[:n].copy(), n_samples


def find_excerpts(
    buckets: Buckets,
    settings: Settings,
    model: CorpusModel,
    spill: Spill,
    counts: CandidateCounts,
) -> UInt64s:
    """Return the pairs that share enough samples for one to stand in the other.

    Parameters
    ----------
    buckets : Buckets
    settings : Settings
    model : CorpusModel
        Says which shingles are common: they are left out.
    spill : Spill
    counts : CandidateCounts
        Samples, and what the caps did, are added to it.

    Returns
    -------
    uint64 array
        Not in order.
    """
    sampling = Sampling(
        buckets.samples, buckets.n_samples, lambda keys: _is_common(keys, model, settings)
    )
    return np.concatenate(list(pair_samples(sampling, buckets, settings, spill, counts)))


def _is_common(keys: UInt64s, model: CorpusModel, settings: Settings) -> NDArray[np.bool_]:
    """Return which samples are common shingles."""
    n_units = np.empty(len(keys), np.uint16)
    count_holders(keys, model.shingle_counts, n_units)
    return n_units > model.common_above(settings.rule)

"""What a run finds, in rows of records and units: the same from every engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.corpus_model import CorpusModel
from dedup.metadata.records import Records
from dedup.metadata.survivor_order import SurvivorOrder
from dedup.model import Bytes, Floats, Int64s, UInt64s
from dedup.pairs import ScoredPairs

STAGES = ("reading", "finding candidates", "verifying", "clustering")
"""What a run announces one after the other."""
Announce = Callable[[str], None]
EXCERPT_BYTES = 96


def excerpts_of(data: Bytes, starts: Int64s, ends: Int64s) -> Bytes:
    """Return how ranges of bytes begin: an array of shape (n, EXCERPT_BYTES), zero-padded.

    Examples
    --------
    >>> excerpts = excerpts_of(np.frombuffer(b"rain snow", np.uint8), np.array([5]), np.array([9]))
    >>> excerpts.shape, excerpt_texts(excerpts)
    ((1, 96), ['snow'])
    """
    places = starts[:, None] + np.arange(EXCERPT_BYTES)
    if not len(data):
        return np.zeros(places.shape, np.uint8)
    inside = places < ends[:, None]
    return np.where(inside, data[np.where(inside, places, 0)], 0).astype(np.uint8)


def excerpt_texts(excerpts: Bytes) -> list[str]:
    """Return such beginnings as texts, without a character that was cut in two."""
    joined = excerpts.tobytes()
    return [
        joined[at : at + EXCERPT_BYTES].rstrip(b"\0").decode(errors="ignore")
        for at in range(0, len(joined), EXCERPT_BYTES)
    ]


@dataclass(slots=True)
class CandidateCounts:
    """What finding candidates did, caps included.

    Attributes
    ----------
    n_candidates : int
        Pairs that share a bucket.
    n_filtered : int
        Of these, pairs that the estimate ruled out.
    n_full_buckets : int
        Buckets that were split by further rows.
    n_anchored_units : int
        Places of units in buckets that stayed over-full: compared with anchors only.
    n_samples : int
        Sampled shingles of all units.
    n_excerpt_candidates : int
        Pairs that share enough of them, are worth scoring, and share no bucket.
    n_short_candidates : int
        Pairs of short texts that share enough neighbouring tokens, and were not proposed.
    n_common_samples : int
        Of all samples, those left out as common.
    n_anchored_samples : int
        Samples of units that many others hold: compared with anchors only.
    """

    n_candidates: int = 0
    n_filtered: int = 0
    n_full_buckets: int = 0
    n_anchored_units: int = 0
    n_samples: int = 0
    n_excerpt_candidates: int = 0
    n_short_candidates: int = 0
    n_common_samples: int = 0
    n_anchored_samples: int = 0


@dataclass(frozen=True, slots=True)
class FoundRepeats:
    """Repeats of some documents; a group is one passage, an occurrence one place of it.

    Attributes
    ----------
    documents : int64 array, shape (n_occurrences,)
        Row of the document.
    groups : int64 array, shape (n_occurrences,)
        Row of the group, ascending from 0; documents ascend with it.
    starts, ends : int64 arrays, shape (n_occurrences,)
        Character range in the raw text, end exclusive.
    first_lines, last_lines : int64 arrays, shape (n_occurrences,)
        From 1.
    verdicts : uint8 array, shape (n_groups,)
        ``EXACT``, ``NORMALISED`` or ``NEAR``: the least close occurrence to the first.
    jaccards : float64 array, shape (n_groups,)
        The lowest Jaccard of the first occurrence and another.
    excerpts : uint8 array, shape (n_groups, EXCERPT_BYTES)
        How the first occurrence begins, UTF-8, zero-padded; may end inside a character.
    """

    documents: Int64s
    groups: Int64s
    starts: Int64s
    ends: Int64s
    first_lines: Int64s
    last_lines: Int64s
    verdicts: Bytes
    jaccards: Floats
    excerpts: Bytes

    @classmethod
    def concatenate(cls, parts: list[FoundRepeats]) -> FoundRepeats:
        """Join results whose documents are already rows of one numbering."""
        sizes = np.cumsum([0] + [len(part.verdicts) for part in parts])
        groups = [part.groups + base for part, base in zip(parts, sizes, strict=False)]
        none = np.zeros(0, np.int64)

        def join(name: str) -> NDArray[np.int64]:
            return np.concatenate([none] + [getattr(part, name) for part in parts])

        return cls(
            join("documents"),
            np.concatenate([none, *groups]),
            join("starts"),
            join("ends"),
            join("first_lines"),
            join("last_lines"),
            np.concatenate([np.zeros(0, np.uint8)] + [part.verdicts for part in parts]),
            np.concatenate([np.zeros(0)] + [part.jaccards for part in parts]),
            np.concatenate(
                [np.zeros((0, EXCERPT_BYTES), np.uint8)] + [part.excerpts for part in parts]
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What comes of units, of documents or of passages, once they are read.

    Attributes
    ----------
    pairs : ScoredPairs
        Every pair of units at or above the floor, ascending.
    on_demand : bool array, shape (n_pairs,)
        Pairs that share no bucket and were scored while clustering.
    representative : int64 array, shape (n_units,)
        The unit that represents each unit; itself where none else does.
    candidates : CandidateCounts
    n_scored : int
        Pairs whose overlap was computed exactly.
    n_on_demand : int
        Of these, pairs that were scored while clustering.
    n_capped : int
        Units left when their component had ``max_on_demand`` representatives.
    """

    pairs: ScoredPairs
    on_demand: NDArray[np.bool_]
    representative: Int64s
    candidates: CandidateCounts
    n_scored: int
    n_on_demand: int
    n_capped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageColumns:
    """What is kept of each passage of the corpus, a row each.

    Attributes
    ----------
    documents : int64 array, shape (n,)
        Record that each passage stands in.
    starts, ends, first_lines, last_lines : int64 arrays, shape (n,)
        As in :class:`FoundRepeats`.
    excerpts : uint8 array, shape (n, EXCERPT_BYTES)
    units : int64 array, shape (n,)
        The unit of each passage; -1 for those too short to be compared.
    raw_digests : uint64 array, shape (n, 2)
    against : bool array, shape (n,)
        Passages of the corpus that is scanned against.
    """

    documents: Int64s
    starts: Int64s
    ends: Int64s
    first_lines: Int64s
    last_lines: Int64s
    excerpts: Bytes
    units: Int64s
    raw_digests: UInt64s
    against: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPassages:
    """Passages that several documents share.

    Attributes
    ----------
    columns : PassageColumns
    ranks : int64 array, shape (n_passages,)
        Place in survivor order: that of the document, then the place in it.
    resolved : Resolved
        Of units of passages.
    """

    columns: PassageColumns
    ranks: Int64s
    resolved: Resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The outcome of the flow, before ids come in at the edge.

    Attributes
    ----------
    records : Records
    order : SurvivorOrder
        Of the records, and of the units of documents.
    resolved : Resolved
        Of units of documents.
    repeats : FoundRepeats
        ``documents`` are rows of records.
    passages : FoundPassages, optional
        What was found among passages, if that was asked for.
    model : CorpusModel
        The statistics of the scanned corpus; where results are judged again, those on record.
    judged_by : CorpusModel
        The statistics that verdicts came from: another model where one was given.
    spilled : int
        Bytes in temporary files.
    """

    records: Records
    order: SurvivorOrder
    resolved: Resolved
    repeats: FoundRepeats
    model: CorpusModel
    judged_by: CorpusModel
    passages: FoundPassages | None = None
    spilled: int = 0

    @property
    def pairs(self) -> ScoredPairs:
        """Pairs of units of documents."""
        return self.resolved.pairs

    @property
    def n_units(self) -> int:
        """Distinct texts of documents."""
        return len(self.order.leads)

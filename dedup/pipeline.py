"""The whole flow, once: from records to verified clusters.

    read -> normalise -> collapse exact -> shingle -> sign -> band     (ingest)
         -> find candidates -> verify -> cluster -> choose survivors   (here)

Every stage refines what the stage before proposed; nothing unverified enters a cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from dedup.cluster import Anchoring, cluster
from dedup.config import Settings
from dedup.corpus_model import CorpusModel
from dedup.found import Found
from dedup.ingest import Corpus, Ingest
from dedup.lsh import find_candidates
from dedup.model import Batch, Int64s, UInt64s
from dedup.pairs import ScoredPairs, split_codes
from dedup.parallel import count_threads, open_executor
from dedup.records import NO_KEY, Records
from dedup.spill import Spill
from dedup.survivors import lead_units, rank_records
from dedup.verify import Verifier

STAGES = ("reading", "finding candidates", "verifying", "clustering")

Announce = Callable[[str], None]


def find(
    batches: Iterable[Batch],
    settings: Settings,
    spill: Spill,
    *,
    against: Iterable[Batch] = (),
    model: CorpusModel | None = None,
    announce: Announce = lambda stage: None,
) -> Found:
    """Run the flow.

    Parameters
    ----------
    batches : iterable of Batch
        The corpus.
    settings : Settings
    spill : Spill
        Holds everything that grows with the corpus; what is returned lives as long.
    against : iterable of Batch
        A second corpus: then only pairs between the two are looked at, and its
        records represent.
    model : CorpusModel, optional
        A frozen model to judge by, instead of the corpus's own.
    announce : function
        Called with the name of each stage as it begins.
    """
    n_threads = count_threads(settings.threads)
    with open_executor(n_threads) as executor:
        announce(STAGES[0])
        n_lanes = 1 if n_threads == 1 else n_threads + 1
        ingest = Ingest(settings, spill, executor, n_lanes)
        ingest.take(against, against=True)
        ingest.take(batches, against=False)
        corpus = ingest.finish()
        record_ranks = rank_records(corpus.records.facts, settings.keep, corpus.records.id_of)
        leading_record = lead_units(corpus.records.units, record_ranks)
        sides = _Sides(corpus)
        verifier = Verifier(
            corpus.units,
            model or corpus.model,
            settings,
            _Revisions(corpus.records, leading_record),
            executor.map,
        )

        def worth_scoring(pairs: UInt64s) -> NDArray[np.bool_]:
            return sides.may_meet(*split_codes(pairs)) & verifier.plausible(pairs)

        announce(STAGES[1])
        candidates, counts = find_candidates(corpus.buckets, settings, worth_scoring)
        announce(STAGES[2])
        scored = verifier.score(candidates)
        announce(STAGES[3])
        anchoring = Anchoring(
            ranks=record_ranks[leading_record],
            score=lambda pairs: verifier.score(pairs[verifier.plausible(pairs)]),
            allowed=sides.may_meet,
            max_on_demand=settings.max_on_demand,
        )
        clusters = cluster(scored, anchoring)
    pairs = ScoredPairs.concatenate([scored, clusters.extra])
    return Found(
        records=corpus.records,
        n_units=len(leading_record),
        pairs=pairs.take(np.argsort(pairs.codes)),
        representative=clusters.representative,
        leading_record=leading_record,
        record_ranks=record_ranks,
        repeats=corpus.repeats,
        candidates=counts,
        n_scored=verifier.n_scored,
        n_on_demand=clusters.n_on_demand,
        n_capped=clusters.n_capped,
        spilled=spill.size(),
    )


class _Sides:
    """Which units may meet when a corpus is scanned against another."""

    def __init__(self, corpus: Corpus) -> None:
        n_units = len(corpus.units.offsets) - 1
        units, against = np.asarray(corpus.records.units), corpus.records.facts.against
        self._one_corpus = not against.any()
        self._scanned = np.zeros(n_units, np.bool_)
        self._against = np.zeros(n_units, np.bool_)
        self._scanned[units[(units >= 0) & ~against]] = True
        self._against[units[(units >= 0) & against]] = True

    def may_meet(self, left: Int64s, right: Int64s) -> NDArray[np.bool_]:
        """Whether one unit of each pair stands on either side."""
        if self._one_corpus:
            return np.ones(len(left), np.bool_)
        return (self._scanned[left] & self._against[right]) | (
            self._against[left] & self._scanned[right]
        )


class _Revisions:
    """Whether metadata calls two units versions of one story."""

    def __init__(self, records: Records, leading_record: Int64s) -> None:
        self._url_keys = np.asarray(records.url_keys)[leading_record]
        self._story_keys = np.asarray(records.story_keys)[leading_record]

    def __call__(self, left: Int64s, right: Int64s) -> NDArray[np.bool_]:
        urls, stories = self._url_keys, self._story_keys
        return ((urls[left] == urls[right]) & (urls[left] != NO_KEY)) | (
            (stories[left] == stories[right]) & (stories[left] != NO_KEY)
        )

"""The whole flow, once: from records to verified clusters.

    read -> normalise -> collapse exact -> shingle -> sign -> band     (ingest)
         -> find candidates (by bands, excerpts, short texts)
         -> verify -> cluster -> choose survivors                      (here)

Every stage refines what the stage before proposed; nothing unverified enters a cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dedup.candidates.excerpts import find_excerpts
from dedup.candidates.lsh import find_candidates
from dedup.candidates.short_texts import find_short
from dedup.cluster import Anchoring, CorpusSides, cluster
from dedup.config import Settings
from dedup.corpus_model import CorpusModel
from dedup.found.outcome import STAGES, Announce, CandidateCounts, Found, FoundPassages, Resolved
from dedup.ingest import Corpus, Ingest
from dedup.metadata.fullest import UnitOrder
from dedup.metadata.records import Records, RecordWriter
from dedup.metadata.stories import no_stories
from dedup.metadata.survivor_order import SurvivorOrder
from dedup.metadata.survivors import lead_units, policy_fields
from dedup.model import Batch, Ragged, Stories, UInt64s
from dedup.pairs import join_pairs, split_codes
from dedup.parallel import count_threads, open_executor
from dedup.passages import PassageWriter, cut, rank_passages
from dedup.storage.spill import Spill
from dedup.text.segment import Passages
from dedup.verify import Verifier


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
    with open_executor(count_threads(settings.threads)) as executor:
        announce(STAGES[0])
        passages = _PassageFlow(settings, spill, executor) if settings.unit == "passage" else None
        reader = _Reader(settings, spill, executor, passages)
        reader.read(against, against=True)
        reader.read(batches, against=False)
        corpus, records = reader.finish()
        order = SurvivorOrder.of(records, settings.keep)
        entries = _Entries(
            corpus=corpus,
            model=model or corpus.model,
            order=order.units,
            sides=CorpusSides(records.units, records.facts.against),
            stories=order.stories(records),
        )
        resolved = _resolve(entries, settings, spill, executor, announce)
        shared = passages.finish(order) if passages else None
    return Found(
        records=records,
        order=order,
        resolved=resolved,
        repeats=corpus.repeats,
        passages=shared,
        model=corpus.model,
        judged_by=entries.model,
        spilled=spill.size(),
    )


class _Reader:
    """Lets the texts of batches pass by once, and keeps their records."""

    def __init__(
        self,
        settings: Settings,
        spill: Spill,
        executor: Executor,
        passages: _PassageFlow | None,
    ) -> None:
        self._writer = RecordWriter(
            spill, store_text=settings.store_text, fields=policy_fields(settings.keep)
        )
        self._ingest: Ingest[Batch] = Ingest(
            self._writer, settings, spill, executor, count_threads(settings.threads)
        )
        self._passages = passages
        self._n_read = 0

    def read(self, batches: Iterable[Batch], *, against: bool) -> None:
        """Take the batches of one corpus."""
        for batch in batches:
            self._ingest.push(batch, against=against)
            if self._passages:
                self._passages.push(batch.texts, self._n_read, against=against)
            self._n_read += len(batch)

    def finish(self) -> tuple[Corpus, Records]:
        """Return what the texts and their records left behind."""
        return self._ingest.finish(), self._writer.finish()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entries:
    """Units, of documents or of passages, and what decides besides their texts."""

    corpus: Corpus
    model: CorpusModel
    order: UnitOrder
    sides: CorpusSides
    stories: Stories


def _resolve(
    entries: _Entries,
    settings: Settings,
    spill: Spill,
    executor: Executor,
    announce: Announce = lambda stage: None,
) -> Resolved:
    """Find candidates, verify and cluster: the same for documents and for passages."""
    verifier = Verifier(
        entries.corpus.units, entries.model, settings, entries.stories, executor.map
    )
    announce(STAGES[1])
    candidates, counts = _propose(entries, verifier, settings, spill, executor)
    announce(STAGES[2])
    scored = verifier.score(candidates)
    n_proposed = verifier.n_scored
    announce(STAGES[3])
    anchoring = Anchoring(
        order=entries.order,
        score=lambda pairs: verifier.score(pairs[verifier.plausible(pairs)]),
        allowed=entries.sides.may_take,
        max_on_demand=settings.max_on_demand,
    )
    clusters = cluster(scored, anchoring)
    pairs, on_demand = join_pairs(scored, clusters.extra)
    return Resolved(
        pairs=pairs,
        on_demand=on_demand,
        representative=clusters.representative,
        candidates=counts,
        n_scored=verifier.n_scored,
        n_on_demand=verifier.n_scored - n_proposed,
        n_capped=clusters.n_capped,
    )


def _propose(
    entries: _Entries, verifier: Verifier, settings: Settings, spill: Spill, executor: Executor
) -> tuple[UInt64s, CandidateCounts]:
    """Find candidates by bands, by samples and among short texts; excerpts beside the bands."""
    units, buckets = entries.corpus.units, entries.corpus.buckets

    def worth_scoring(pairs: UInt64s) -> NDArray[np.bool_]:
        return entries.sides.may_meet(*split_codes(pairs)) & verifier.plausible(pairs)

    counts = CandidateCounts()
    given = (buckets, settings, entries.model, spill, counts)
    excerpts = executor.submit(find_excerpts, *given) if settings.excerpts else None
    candidates = find_candidates(buckets, settings, worth_scoring, executor, counts)
    if excerpts:
        found = excerpts.result()
        candidates, counts.n_excerpt_candidates = _merge(candidates, found, worth_scoring)
    found = find_short(units, buckets, settings, spill, counts)
    candidates, counts.n_short_candidates = _merge(candidates, found, worth_scoring)
    return candidates, counts


def _merge(
    candidates: UInt64s, found: UInt64s, keep: Callable[[UInt64s], NDArray[np.bool_]]
) -> tuple[UInt64s, int]:
    """Add what is worth it to ascending candidates; return them, and how many were new."""
    found = found[keep(found)]
    # isin would hash all candidates, which takes as long as finding them
    found = found[np.searchsorted(candidates, found) == np.searchsorted(candidates, found, "right")]
    return np.sort(np.concatenate((candidates, found))), len(found)


class _PassageFlow:
    """The flow over passages: units are passages of ``repeat_min_tokens`` and more."""

    def __init__(self, settings: Settings, spill: Spill, executor: Executor) -> None:
        self._settings = replace(settings, repeats=False, excerpts=False)
        self._spill = spill
        self._executor = executor
        self._writer = PassageWriter(spill)
        self._ingest: Ingest[Passages] = Ingest(
            self._writer, self._settings, spill, executor, 2, settings.repeat_min_tokens
        )

    def push(self, texts: Ragged, first_record: int, *, against: bool) -> None:
        """Take the passages of a batch of documents."""
        self._ingest.push(cut(texts, first_record), against=against)

    def finish(self, order: SurvivorOrder) -> FoundPassages:
        """Find what passages are shared, given the order of their documents."""
        corpus, columns = self._ingest.finish(), self._writer.finish()
        ranks = rank_passages(columns, order.ranks)
        leads = lead_units(columns.units, ranks)
        entries = _Entries(
            corpus=corpus,
            model=corpus.model,
            order=UnitOrder(ranks[leads]),
            sides=CorpusSides(columns.units, columns.against),
            stories=no_stories,
        )
        resolved = _resolve(entries, self._settings, self._spill, self._executor)
        return FoundPassages(columns=columns, ranks=ranks, resolved=resolved)

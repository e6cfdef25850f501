"""Pairs that a scan never scored, scored from the texts by the same code and model."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from dedup.config import Settings
from dedup.corpus_model import CorpusModel
from dedup.ingest import Ingest, PlainBatch, plain_batches
from dedup.metadata.records import Records, TextFacts
from dedup.metadata.stories import Stories
from dedup.model import Int64s, UInt64s
from dedup.pairs import ScoredPairs, pair_codes, split_codes
from dedup.results import Results
from dedup.storage.spill import Spill
from dedup.verify import Verifier

_BATCH_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Workers:
    """Where texts are prepared, and by what."""

    spill: Spill
    executor: Executor


class Rescorer:
    """Scores pairs of units of a results folder, reading the texts of the ones it needs.

    Parameters
    ----------
    results : Results
    records : Records
        Restored; the leading record of a unit lends its text.
    leads : int64 array
        The leading record of each unit.
    settings : Settings
    stories : function
        What metadata says of two units.
    workers : Workers

    Attributes
    ----------
    n_scored : int
        Pairs whose overlap was computed exactly.
    """

    def __init__(
        self,
        results: Results,
        records: Records,
        leads: Int64s,
        settings: Settings,
        stories: Stories,
        workers: Workers,
    ) -> None:
        self._results = results
        self._numbers = records.numbers_of(leads)
        self._settings = replace(settings, repeats=False, excerpts=False)
        self._stories = stories
        self._mapper = workers.executor.map
        self._ingest: Ingest[PlainBatch] = Ingest(
            _Counting(), self._settings, workers.spill, workers.executor, n_lanes=1
        )
        self._known = np.zeros(0, np.int64)  # units in the order in which they were prepared
        self._places = np.full(len(leads), -1)  # of each unit among them
        self._verifier: Verifier | None = None
        self.n_scored = 0

    def __call__(self, pairs: UInt64s) -> ScoredPairs:
        """Return the pairs at or above the floor, as a scan scores them on demand.

        Parameters
        ----------
        pairs : uint64 array
            Ascending.
        """
        left, right = split_codes(pairs)
        verifier = self._prepared(np.unique(np.concatenate((left, right))))
        inner = np.sort(pair_codes(self._places[left], self._places[right]))
        inner = inner[verifier.plausible(inner)]
        self.n_scored += len(inner)
        scored = verifier.score(inner)
        scored.left, scored.right = self._known[scored.left], self._known[scored.right]
        scored = scored.with_sides_swapped(scored.left > scored.right)
        return scored.take(np.argsort(scored.codes))

    def close(self) -> None:
        """Let go of what was prepared: results are written while others still hold this object."""
        self._ingest.finish()
        del self._ingest
        self._verifier = None

    def _prepared(self, units: Int64s) -> Verifier:
        """Return a verifier that knows these units; texts are read only of new ones.

        Each round of clustering asks for few units that no earlier one asked for. To prepare
        all of them anew in each took half the time of a threshold over clusters of thousands.
        """
        new = units[self._places[units] < 0]
        if self._verifier is None or len(new):
            self._prepare(new)
            self._verifier = Verifier(
                self._ingest.units_so_far(),
                self._model,
                self._settings,
                lambda left, right: self._stories(self._known[left], self._known[right]),
                self._mapper,
            )
        return self._verifier

    def _prepare(self, units: Int64s) -> None:
        """Pass the texts of some units through the flow, in the order in which they are read.

        In that order none has to wait for another in memory.
        """
        numbers = self._numbers[units].tolist()
        unit_of = dict(zip(numbers, units.tolist(), strict=True))
        read: list[int] = []

        def texts() -> Iterator[bytes]:
            for number, text in self._results.texts(numbers):
                read.append(unit_of[number])
                yield text.encode()

        for batch in plain_batches(texts(), _BATCH_BYTES):
            self._ingest.push(batch, against=False)
        self._places[read] = len(self._known) + np.arange(len(read))
        self._known = np.append(self._known, read).astype(np.int64)

    @cached_property
    def _model(self) -> CorpusModel:
        return self._results.model()


class _Counting:
    """Keeps nothing of a text but that it was there: every text is a unit of its own."""

    def __init__(self) -> None:
        self.n_records = 0

    def append(self, batch: PlainBatch, texts: TextFacts, *, against: bool) -> None:
        del texts, against
        self.n_records += len(batch.texts)

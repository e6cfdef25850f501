"""Pairs that a scan never scored, scored from the texts by the same code and model."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np

from dedup.config import Settings
from dedup.ingest import Corpus, Ingest, PlainBatch, plain_batches
from dedup.model import Int64s, UInt64s
from dedup.pairs import ScoredPairs, pair_codes, split_codes
from dedup.records import Records, TextFacts
from dedup.results import Results
from dedup.spill import Spill
from dedup.stories import Stories
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
        self._settings = replace(settings, repeats=False)
        self._stories = stories
        self._spill, self._executor = workers.spill, workers.executor
        self._known = np.zeros(0, np.int64)
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
        # positions in an ascending list of units: the order of pairs stays
        inner = pair_codes(np.searchsorted(self._known, left), np.searchsorted(self._known, right))
        inner = inner[verifier.plausible(inner)]
        self.n_scored += len(inner)
        scored = verifier.score(inner)
        scored.left, scored.right = self._known[scored.left], self._known[scored.right]
        return scored

    def _prepared(self, units: Int64s) -> Verifier:
        """Return a verifier that knows these units; texts are read only for new ones."""
        if self._verifier is None or len(np.setdiff1d(units, self._known)):
            self._known = np.union1d(self._known, units)
            corpus = self._ingest(self._known)
            self._verifier = Verifier(
                corpus.units,
                self._results.model(),
                self._settings,
                lambda left, right: self._stories(self._known[left], self._known[right]),
                self._executor.map,
            )
        return self._verifier

    def _ingest(self, units: Int64s) -> Corpus:
        """Pass the texts of some units through the flow; their order becomes that of units."""
        numbers = self._numbers[units]
        found = dict(self._results.texts(numbers.tolist()))
        ingest: Ingest[PlainBatch] = Ingest(
            _Counting(), self._settings, self._spill, self._executor, n_lanes=1
        )
        texts = (found.pop(number).encode() for number in numbers.tolist())
        for batch in plain_batches(texts, _BATCH_BYTES):
            ingest.push(batch, against=False)
        return ingest.finish()


class _Counting:
    """Keeps nothing of a text but that it was there: every text is a unit of its own."""

    def __init__(self) -> None:
        self.n_records = 0

    def append(self, batch: PlainBatch, texts: TextFacts, *, against: bool) -> None:
        del texts, against
        self.n_records += len(batch.texts)

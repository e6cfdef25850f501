"""The one pass over the texts: tokens, exact collapse, shingles, signatures, repeats.

Batches are worked on in lanes. A lane owns the buffers and tables of one batch in
flight; tokens and signatures of different lanes are computed in parallel, while exact
collapse and writing take the batches in reading order, so that every number of threads
gives the same units.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from dedup.collapse import ExactCollapse
from dedup.config import Settings
from dedup.corpus_model import CorpusModel
from dedup.excerpts import sample
from dedup.found import FoundRepeats
from dedup.minhash import sign
from dedup.model import Int64s, Ragged
from dedup.records import TextFacts
from dedup.repeats import RepeatFinder
from dedup.shingles import FrequencyCounter, Shingler
from dedup.spill import Spill
from dedup.text.batch import TokenBatch, padded, tokenise
from dedup.units import Buckets, SignedUnits, Units, UnitWriter
from dedup.workspace import Workspace

_UNKNOWN, _PLAIN, _REPEATING = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Corpus:
    """What one pass over the texts leaves behind."""

    units: Units
    buckets: Buckets
    model: CorpusModel
    repeats: FoundRepeats


@dataclass(frozen=True, slots=True)
class _Signed:
    """Result of a lane for one batch."""

    units: SignedUnits
    repeating: NDArray[np.bool_]
    repeats: FoundRepeats | None


class _Lane:
    """Buffers and tables of one batch in flight."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._workspace = Workspace()
        self._shingler = Shingler(settings.shingle_width, self._workspace)
        self._finder = RepeatFinder(settings)
        self.counter = FrequencyCounter()

    def tokenise(self, texts: Ragged) -> tuple[Ragged, TokenBatch]:
        texts = padded(texts, self._workspace)
        return texts, tokenise(texts, self._workspace)

    def sign(self, texts: Ragged, batch: TokenBatch, new: Int64s, copies: Int64s) -> _Signed:
        """Shingle the new units and sign them; look for repeats in them and in copies."""
        shingled = self._shingler.shingle(batch, new)
        signatures, band_keys = sign(shingled.shingles, shingled.offsets, self._settings)
        self.counter.count(batch, shingled)
        samples, n_samples = np.empty(0, np.uint64), np.zeros(len(new), np.int64)
        if self._settings.excerpts:
            width = self._settings.shingle_width
            samples, n_samples = sample(batch, new, width, self._workspace)
        units = SignedUnits(
            tokens=_tokens_of(batch, new),
            lengths=batch.offsets[new + 1] - batch.offsets[new],
            n_distinct=np.diff(shingled.offsets),
            n_unspaced=batch.n_unspaced[new],
            signatures=signatures,
            band_keys=band_keys,
            samples=samples,
            n_samples=n_samples,
        )
        repeating = np.zeros(len(new), np.bool_)
        repeats = None
        if self._settings.repeats:
            repeating = self._finder.may_repeat(batch, shingled)
            rows = np.sort(np.concatenate((new[repeating], copies)))
            if len(copies):
                self._shingler.shingle(batch, copies)  # fills `previous` at their places too
            if len(rows):
                repeats = self._finder.find(texts, batch, shingled.previous, rows)
        return _Signed(units, repeating, repeats)


def _tokens_of(batch: TokenBatch, rows: Int64s) -> NDArray[np.uint32]:
    """Copy the tokens of some texts out of the workspace."""
    if len(rows) == len(batch.offsets) - 1:
        return batch.tokens.copy()
    pieces = [batch.tokens[batch.offsets[r] : batch.offsets[r + 1]] for r in rows.tolist()]
    return np.concatenate([np.empty(0, np.uint32), *pieces])


class _HasTexts(Protocol):
    @property
    def texts(self) -> Ragged: ...


B = TypeVar("B", bound=_HasTexts)
B_contra = TypeVar("B_contra", bound=_HasTexts, contravariant=True)


class Writer(Protocol[B_contra]):
    """Keeps what is asked for later of each text that passes by."""

    @property
    def n_records(self) -> int:
        """Texts taken so far."""
        ...

    def append(self, batch: B_contra, texts: TextFacts, *, against: bool) -> None:
        """Take the texts of a batch."""
        ...


@dataclass(frozen=True, slots=True)
class _Tokenising(Generic[B]):
    """A batch whose tokens are being computed."""

    batch: B
    against: bool
    lane: _Lane
    tokens: Future[tuple[Ragged, TokenBatch]]


@dataclass(frozen=True, slots=True)
class _Signing:
    """A batch whose new units are being signed."""

    first_record: int
    against: bool
    lane: _Lane
    signed: Future[_Signed]


class Ingest(Generic[B]):
    """Takes batches in reading order and gives back their units.

    Parameters
    ----------
    writer : Writer
        Takes what is kept of each text.
    settings : Settings
    spill : Spill
    executor : Executor
    n_lanes : int
        Batches in flight.
    least_words : int
        Shorter texts belong to no unit.
    """

    def __init__(
        self,
        writer: Writer[B],
        settings: Settings,
        spill: Spill,
        executor: Executor,
        n_lanes: int,
        least_words: int = 0,
    ) -> None:
        self._settings = settings
        self._executor = executor
        self._writer = writer
        self._least_words = least_words
        self._units = UnitWriter(spill, settings)
        self._collapse = ExactCollapse()
        self._repeating = np.zeros(1 << 12, np.uint8)  # a state per unit
        self._repeats: list[FoundRepeats] = []
        self._lanes = [_Lane(settings) for _ in range(n_lanes)]
        self._free = list(self._lanes)
        self._tokenising: deque[_Tokenising[B]] = deque()
        self._signing: deque[_Signing] = deque()
        self._n_stored = 0  # units whose results have been stored

    def push(self, batch: B, *, against: bool) -> None:
        """Take a batch; ``against`` marks a corpus to compare with only."""
        while not self._free:
            self._advance()
        lane = self._free.pop()
        tokens = self._executor.submit(lane.tokenise, batch.texts)
        self._tokenising.append(_Tokenising(batch, against, lane, tokens))

    def finish(self) -> Corpus:
        """Finish the batches in flight, close the stores and return what they hold."""
        while self._tokenising or self._signing:
            self._advance()
        model = CorpusModel.empty()
        for lane in self._lanes:
            model.add(lane.counter.model())
        units, buckets = self._units.finish(self._collapse.digests())
        repeats = FoundRepeats.concatenate(self._repeats)
        return Corpus(units, buckets, model, repeats)

    def _advance(self) -> None:
        """Move the oldest batch that is ready one step on, or wait for it."""
        if self._tokenising and (not self._signing or self._tokenising[0].tokens.done()):
            self._collapse_next()
        else:
            self._store_next()

    def _collapse_next(self) -> None:
        flight = self._tokenising.popleft()
        texts, tokens = flight.tokens.result()
        units, new = self._collapse.assign(tokens, self._least_words)
        first_record = self._writer.n_records
        facts = TextFacts(units, tokens.n_chars, tokens.raw_digests)
        self._writer.append(flight.batch, facts, against=flight.against)
        copies = self._repeating_copies(units, new)
        signed = self._executor.submit(flight.lane.sign, texts, tokens, new, copies)
        self._signing.append(_Signing(first_record, flight.against, flight.lane, signed))

    def _repeating_copies(self, units: Int64s, new: Int64s) -> Int64s:
        """Return copies of earlier texts that have, or may yet turn out to have, repeats."""
        if self._collapse.n_units > len(self._repeating):
            grown = np.zeros(2 * self._collapse.n_units, np.uint8)
            grown[: len(self._repeating)] = self._repeating
            self._repeating = grown
        copies = units >= 0
        copies[new] = False
        copies[copies] = self._repeating[units[copies]] != _PLAIN
        return np.flatnonzero(copies) if self._settings.repeats else np.empty(0, np.int64)

    def _store_next(self) -> None:
        flight = self._signing.popleft()
        signed = flight.signed.result()
        states = np.where(signed.repeating, _REPEATING, _PLAIN)
        self._repeating[self._n_stored : self._n_stored + len(states)] = states
        self._n_stored += len(states)
        self._units.append(signed.units)
        if signed.repeats is not None and not flight.against:
            documents = signed.repeats.documents + flight.first_record
            self._repeats.append(replace(signed.repeats, documents=documents))
        self._free.append(flight.lane)

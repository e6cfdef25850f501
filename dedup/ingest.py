"""The one pass over the texts: tokens, exact collapse, shingles, signatures, repeats.

Batches are worked on in lanes. A lane owns the buffers and tables of one batch at
work; tokens and signatures of different lanes are computed in parallel, while exact
collapse and writing take the batches in reading order, so that every number of threads
gives the same units.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import CancelledError, Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Condition, Lock
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from dedup.candidates.excerpts import sample
from dedup.collapse import ExactCollapse
from dedup.config import Settings
from dedup.corpus_model import CorpusModel
from dedup.found.outcome import FoundRepeats
from dedup.metadata.records import TextFacts
from dedup.minhash import sign
from dedup.model import Int64s, Ragged
from dedup.parallel import WorkQueue
from dedup.repeats import RepeatFinder
from dedup.shingles import FrequencyCounter, FrequencyNotes, Shingler
from dedup.storage.spill import Spill
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
    """Buffers and tables of one batch at work."""

    def __init__(self, settings: Settings, counter: FrequencyCounter) -> None:
        self._settings = settings
        self._workspace = Workspace()
        self._shingler = Shingler(settings.shingle_width, self._workspace)
        self._finder = RepeatFinder(settings)
        self.notes = FrequencyNotes(counter)

    def tokenise(self, texts: Ragged) -> tuple[Ragged, TokenBatch]:
        texts = padded(texts, self._workspace)
        return texts, tokenise(texts, self._workspace)

    def sign(self, texts: Ragged, batch: TokenBatch, new: Int64s, copies: Int64s) -> _Signed:
        """Shingle the new units and sign them; look for repeats in them and in copies."""
        shingled = self._shingler.shingle(batch, new)
        signatures, band_keys = sign(shingled.shingles, shingled.offsets, self._settings)
        self.notes.take(batch, shingled)
        samples, n_samples = np.empty(0, np.uint64), np.zeros(len(new), np.int64)
        if self._settings.excerpts:
            width = self._settings.shingle_width
            samples, n_samples = sample(batch, shingled, width, self._workspace)
        units = SignedUnits(
            tokens=_tokens_of(batch, new, self._workspace),
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


def _tokens_of(batch: TokenBatch, rows: Int64s, workspace: Workspace) -> NDArray[np.uint32]:
    """Return the tokens of some texts, ascending; they stay in a workspace."""
    if len(rows) == len(batch.offsets) - 1:
        return batch.tokens
    breaks = np.flatnonzero(np.diff(rows) != 1)  # texts side by side are copied at once
    first = rows[np.append(0, breaks + 1)] if len(rows) else rows
    last = rows[np.append(breaks, len(rows) - 1)] if len(rows) else rows
    bounds = zip(batch.offsets[first].tolist(), batch.offsets[last + 1].tolist(), strict=True)
    pieces = [batch.tokens[start:end] for start, end in bounds]
    chosen = workspace.take("chosen", sum(map(len, pieces)), np.uint32)
    return np.concatenate(pieces, out=chosen) if pieces else chosen


@dataclass(frozen=True, slots=True)
class PlainBatch:
    """A batch of texts without metadata."""

    texts: Ragged


def plain_batches(texts: Iterable[bytes], batch_bytes: int) -> Iterator[PlainBatch]:
    """Yield texts in batches that end with the first text to fill them.

    Examples
    --------
    >>> [len(batch.texts) for batch in plain_batches([b"one", b"two", b"three"], 5)]
    [2, 1]
    """
    waiting: list[bytes] = []
    size = 0
    for text in texts:
        waiting.append(text)
        size += len(text)
        if size >= batch_bytes:
            yield PlainBatch(Ragged.from_bytes(waiting))
            waiting, size = [], 0
    if waiting:
        yield PlainBatch(Ragged.from_bytes(waiting))


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


class _Turns:
    """Lets batches pass one at a time and in their order, whatever thread has them."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._next = 0
        self._abandoned = False

    @contextmanager
    def take(self, number: int) -> Generator[None, None, None]:
        """Wait until all batches before this one have passed, then let it pass.

        Work on earlier batches began earlier, so that they are under way.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._abandoned or self._next == number)
        if self._abandoned:
            raise CancelledError
        yield
        with self._changed:
            self._next += 1
            self._changed.notify_all()

    def abandon(self) -> None:
        """Let nobody wait any longer: some batch has failed."""
        with self._changed:
            self._abandoned = True
            self._changed.notify_all()


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
        Batches at work at once, one of them in the thread that gives them.
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
        self._writer = writer
        self._least_words = least_words
        self._units = UnitWriter(spill, settings)
        self._collapse = ExactCollapse()
        self._repeating = np.full(1 << 12, _UNKNOWN, np.uint8)  # a state per unit
        self._repeats: list[FoundRepeats] = []
        self._counter = FrequencyCounter()
        self._lanes = [_Lane(settings, self._counter) for _ in range(n_lanes)]
        self._free = list(self._lanes)
        self._batches = WorkQueue(self._work, self._abandon, executor, n_lanes)
        self._n_pushed = 0
        self._collapsing, self._storing = _Turns(), _Turns()
        self._states = Lock()
        self._n_stored = 0  # units whose results have been stored

    def push(self, batch: B, *, against: bool) -> None:
        """Take a batch; ``against`` marks a corpus to compare with only."""
        self._batches.push((self._n_pushed, batch, against))
        self._n_pushed += 1

    def units_so_far(self) -> Units:
        """Return the units of all batches pushed until now; more may follow."""
        self._batches.finish()
        return self._units.so_far(self._collapse.digests())

    def finish(self) -> Corpus:
        """Finish the batches that wait, close the stores and return what they hold."""
        self._batches.finish()
        for lane in self._lanes:
            lane.notes.count()
        # else this object and its queue would keep each other alive, and all buffers
        del self._batches, self._lanes, self._free
        units, buckets = self._units.finish(self._collapse.digests())
        repeats = FoundRepeats.concatenate(self._repeats)
        return Corpus(units, buckets, self._counter.model(), repeats)

    def _work(self, numbered: tuple[int, B, bool]) -> None:
        """Do all that is to be done for a batch, in any thread."""
        number, batch, against = numbered
        lane = self._free.pop()  # there is one for each thread
        texts, tokens = lane.tokenise(batch.texts)
        with self._collapsing.take(number):
            first_record = self._writer.n_records
            new, copies = self._keep(batch, tokens, against=against)
        signed = lane.sign(texts, tokens, new, copies)
        with self._storing.take(number):
            self._store(signed, first_record, against=against)
        self._free.append(lane)

    def _abandon(self) -> None:
        """Let no batch wait for one that has failed."""
        self._collapsing.abandon()
        self._storing.abandon()

    def _keep(self, batch: B, tokens: TokenBatch, *, against: bool) -> tuple[Int64s, Int64s]:
        """Collapse exact copies and keep the records; return new units, and copies to search."""
        units, new = self._collapse.assign(tokens, self._least_words)
        facts = TextFacts(units, tokens.n_chars, tokens.raw_digests)
        self._writer.append(batch, facts, against=against)
        return new, self._repeating_copies(units, new)

    def _repeating_copies(self, units: Int64s, new: Int64s) -> Int64s:
        """Return copies of earlier texts that have, or may yet turn out to have, repeats."""
        if not self._settings.repeats:
            return np.empty(0, np.int64)
        copies = units >= 0
        copies[new] = False
        with self._states:
            if self._collapse.n_units > len(self._repeating):
                grown = np.full(2 * self._collapse.n_units, _UNKNOWN, np.uint8)
                grown[: len(self._repeating)] = self._repeating
                self._repeating = grown
            copies[copies] = self._repeating[units[copies]] != _PLAIN
        return np.flatnonzero(copies)

    def _store(self, signed: _Signed, first_record: int, *, against: bool) -> None:
        states = np.where(signed.repeating, _REPEATING, _PLAIN)
        with self._states:
            if self._settings.repeats:
                self._repeating[self._n_stored : self._n_stored + len(states)] = states
        self._n_stored += len(states)
        self._units.append(signed.units)
        if signed.repeats is not None and not against:
            documents = signed.repeats.documents + first_record
            self._repeats.append(replace(signed.repeats, documents=documents))

"""Shingles of a batch, and all that is computed while they are at hand."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from dedup.corpus_model import CorpusModel
from dedup.kernels import shingles as kernels
from dedup.model import Int64s, UInt32s, UInt64s
from dedup.text.batch import TokenBatch
from dedup.workspace import Workspace

_NOTED = 1 << 21
"""Tokens that are noted before they are counted, about three batches: 16 MB a lane."""


@dataclass(frozen=True, slots=True)
class ShingledTexts:
    """Distinct shingles of chosen texts of a batch, in a workspace.

    Attributes
    ----------
    rows : int64 array, shape (m,)
        The texts.
    shingles : uint64 array
    offsets : int64 array, shape (m + 1,)
    keys : uint64 array, one per token of the batch
        The shingle that starts at each token; only at the positions of the chosen texts.
    previous : int32 array, one per token of the batch
        Last earlier position in the text with the same shingle, or -1; only at the
        positions of the chosen texts.
    n_repeated : int64 array, shape (m,)
        Positions of each text whose shingle stood before.
    """

    rows: Int64s
    shingles: UInt64s
    offsets: Int64s
    keys: UInt64s
    previous: NDArray[np.int32]
    n_repeated: Int64s


class Shingler:
    """Shingles texts with one reusable table: one object per thread."""

    def __init__(self, width: int, workspace: Workspace) -> None:
        """Start with an empty table."""
        self._width = width
        self._workspace = workspace
        self._table = _new_table(0)
        self._clock = 0

    def shingle(self, batch: TokenBatch, rows: Int64s) -> ShingledTexts:
        """Collect the distinct shingles of some texts of a batch."""
        lengths = batch.offsets[rows + 1] - batch.offsets[rows]
        size = 1 << max(4, (kernels.SPARSE * int(lengths.max(initial=1)) - 1).bit_length())
        n_tokens = int(lengths.sum())
        if size > len(self._table[0]) or self._clock + n_tokens > np.iinfo(np.int32).max:
            self._table = _new_table(max(size, len(self._table[0])))
            self._clock = 0
        shingles = self._workspace.take("shingles", n_tokens, np.uint64)
        keys = self._workspace.take("keys", len(batch.tokens), np.uint64)
        previous = self._workspace.take("previous", len(batch.tokens), np.int32)
        offsets = np.empty(len(rows) + 1, np.int64)
        n_repeated = np.empty(len(rows), np.int64)
        self._clock = kernels.shingle(
            batch.tokens,
            (batch.offsets, rows),
            self._width,
            self._table,
            self._clock,
            shingles,
            offsets,
            (keys, previous),
            n_repeated,
        )
        return ShingledTexts(rows, shingles[: offsets[-1]], offsets, keys, previous, n_repeated)


def _new_table(size: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    return np.full(size, -1, np.int32), np.empty(size, np.int32)


class FrequencyCounter:
    """Counts terms and shingles of units into one corpus model, for all lanes.

    The counters are shared, so that they fit into the cache that threads share: only one
    thread at a time adds what it noted.
    """

    def __init__(self) -> None:
        """Start from an empty model."""
        self._model = CorpusModel.empty()
        self._counts = np.zeros(len(self._model.term_counts), np.uint32)
        self._n_counted = 0
        self._adding = Lock()

    def add(self, terms: UInt32s, slots: UInt32s, n_texts: int) -> None:
        """Count what :func:`dedup.kernels.shingles.note` wrote down of some texts."""
        with self._adding:
            if self._n_counted + n_texts >= kernels.MOST_TEXTS:
                self._add_up()
            kernels.count(terms, slots, self._counts, self._model.shingle_counts)
            self._n_counted += n_texts
            self._model.n_units += n_texts

    def model(self) -> CorpusModel:
        """Return the counts so far."""
        with self._adding:
            self._add_up()
            return self._model

    def _add_up(self) -> None:
        """Move the counters of terms to where there is more room."""
        self._model.term_counts += self._counts >> np.uint32(12)
        self._counts[:] = 0
        self._n_counted = 0


class FrequencyNotes:
    """Notes what batches hold, and has it counted when several have been noted.

    One object per lane; see :func:`dedup.kernels.shingles.count` for why.
    """

    def __init__(self, counter: FrequencyCounter) -> None:
        """Start with nothing noted."""
        self._counter = counter
        self._workspace = Workspace()
        self._n_terms = self._n_slots = self._n_texts = 0

    def take(self, batch: TokenBatch, texts: ShingledTexts) -> None:
        """Note texts, each of them a new unit."""
        for start in range(0, len(texts.rows), kernels.TEXTS_NOTED):
            self._note(batch, texts, slice(start, start + kernels.TEXTS_NOTED))

    def count(self) -> None:
        """Have counted what is noted."""
        terms = self._workspace.take("terms", self._n_terms, np.uint32)
        slots = self._workspace.take("slots", self._n_slots, np.uint32)
        self._counter.add(terms, slots, self._n_texts)
        self._n_terms = self._n_slots = self._n_texts = 0

    def _note(self, batch: TokenBatch, texts: ShingledTexts, part: slice) -> None:
        rows = texts.rows[part]
        bounds = texts.offsets[part.start : part.start + len(rows) + 1]
        shingles = texts.shingles[bounds[0] : bounds[-1]]
        n_tokens = int((batch.offsets[rows + 1] - batch.offsets[rows]).sum())
        longest = max(self._n_terms + n_tokens, self._n_slots + len(shingles))
        if longest > _NOTED or self._n_texts + len(rows) > kernels.TEXTS_NOTED:
            self.count()
        room = max(_NOTED, n_tokens, len(shingles))
        terms, slots = (self._workspace.take(name, room, np.uint32) for name in ("terms", "slots"))
        kernels.note(
            batch.tokens,
            (batch.offsets, rows),
            shingles,
            self._n_texts,
            terms[self._n_terms :],
            slots[self._n_slots :],
        )
        self._n_terms += n_tokens
        self._n_slots += len(shingles)
        self._n_texts += len(rows)

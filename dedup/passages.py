"""Passages of documents: cut, kept track of, and prepared for the same flow."""

from __future__ import annotations

import numpy as np

from dedup.found.outcome import EXCERPT_BYTES, PassageColumns, excerpts_of
from dedup.metadata.records import TextFacts
from dedup.model import Int64s, Ragged
from dedup.storage.spill import Spill
from dedup.text.segment import Passages, segment

_PLACES = ("documents", "starts", "ends", "first_lines", "last_lines")


class PassageWriter:
    """Takes passages batch by batch."""

    def __init__(self, spill: Spill) -> None:
        """Open the columns."""
        self._places = [spill.column(f"passage-{name}", np.int64) for name in _PLACES]
        self._excerpts = spill.column("passage-excerpts", np.uint8, EXCERPT_BYTES)
        self._units = spill.column("passage-units", np.int64)
        self._digests = spill.column("passage-digests", np.uint64, 2)
        self._against = spill.column("passage-against", np.bool_)
        self.n_records = 0

    def append(self, batch: Passages, texts: TextFacts, *, against: bool) -> None:
        """Take the passages of one batch."""
        n = len(batch.texts)
        self.n_records += n
        for column, name in zip(self._places, _PLACES, strict=True):
            column.append(getattr(batch, name))
        offsets = batch.texts.offsets
        self._excerpts.append(excerpts_of(batch.texts.data, offsets[:-1], offsets[1:]))
        self._units.append(texts.units)
        self._digests.append(texts.raw_digests)
        self._against.append(np.full(n, against))

    def finish(self) -> PassageColumns:
        """Close the columns."""
        documents, starts, ends, first_lines, last_lines = (c.finish() for c in self._places)
        return PassageColumns(
            documents=documents,
            starts=starts,
            ends=ends,
            first_lines=first_lines,
            last_lines=last_lines,
            excerpts=self._excerpts.finish(),
            units=self._units.finish(),
            raw_digests=self._digests.finish(),
            against=self._against.finish(),
        )


def cut(texts: Ragged, first_record: int) -> Passages:
    """Cut a batch of documents into passages; ``documents`` are rows of records."""
    found = segment(texts)
    return Passages(
        found.texts,
        found.documents + first_record,
        found.starts,
        found.ends,
        found.first_lines,
        found.last_lines,
    )


def rank_passages(columns: PassageColumns, record_ranks: Int64s) -> Int64s:
    """Return the survivor order of passages: that of their documents, then their place."""
    order = np.lexsort((columns.starts, record_ranks[columns.documents]))
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    return ranks

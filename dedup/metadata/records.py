"""Records: what is kept of each one while its text passes by, and found again later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.metadata.addresses import host_of
from dedup.metadata.dates import parse_date
from dedup.metadata.survivors import RecordFacts, as_numbers
from dedup.model import NO_DATE, Batch, Int64s, Ragged, UInt64s
from dedup.storage.spill import Spill, TextColumn
from dedup.text.digest import digest_texts

_ROWS_AT_ONCE = 1 << 12


class Metadata(NamedTuple):
    """What a report says about one record."""

    id: str
    title: str | None = None
    url: str | None = None
    date: str | None = None
    source: str | None = None


class MetadataTexts(NamedTuple):
    """The same of many records: empty where one has none, None where all have none."""

    ids: Ragged
    titles: Ragged | None = None
    urls: Ragged | None = None
    dates: Ragged | None = None
    sources: Ragged | None = None

    def one(self, row: int) -> Metadata:
        """Return the metadata of one record."""
        others = (texts[row].decode() or None if texts else None for texts in self[1:])
        return Metadata(self.ids[row].decode(), *others)

    def columns(self, rows: Int64s) -> MetadataColumns:
        """Return the metadata of some records as columns."""
        missing: list[str | None] = [None] * len(rows)
        others = (
            [text or None for text in texts.strings(rows)] if texts else missing
            for texts in self[1:]
        )
        return MetadataColumns(self.ids.strings(rows), *others)

    def several(self, rows: Int64s) -> Iterator[Sequence[str | None]]:
        """Yield the metadata of some records, perhaps of all."""
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            yield from zip(*self.columns(rows[start : start + _ROWS_AT_ONCE]), strict=True)


class MetadataColumns(NamedTuple):
    """The same of some records, as strings."""

    ids: list[str]
    titles: list[str | None]
    urls: list[str | None]
    dates: list[str | None]
    sources: list[str | None]

    def at(self, places: Int64s) -> MetadataColumns:
        """Return the records at some places of the columns."""
        # as arrays of objects, which are gathered in a third of the time
        return self._make(np.array(column, object)[places].tolist() for column in self)


@dataclass(frozen=True, slots=True)
class Records:
    """All records of a scan, a row each in reading order; most arrays lie in files.

    Attributes
    ----------
    units : int64 array, shape (n,)
        The unit of each record; -1 for empty ones.
    facts : RecordFacts
    files : int32 array, lines, byte_offsets : int64 arrays
        Where each record stands (see :class:`dedup.model.Batch`).
    id_keys : uint64 array
        Equal where ids are.
    has_stories : bool
        Whether any record has a title or an address, so that two can be one story.
    sources : SourceCounts, optional
        How many scanned records each source has.
    numbers : int64 array, optional
        The number of each record in its run, where these are not all records of it.
    """

    units: Int64s
    facts: RecordFacts
    files: NDArray[np.int32]
    lines: Int64s
    byte_offsets: Int64s
    id_keys: UInt64s
    about: MetadataTexts
    texts: Ragged | None
    has_stories: bool = True
    sources: SourceCounts | None = None
    numbers: Int64s | None = None

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.units)

    def metadata(self, row: int) -> Metadata:
        """Return the metadata of one record."""
        return self.about.one(row)

    def fields_of(self, rows: Int64s) -> MetadataColumns:
        """Return the metadata of some records as columns."""
        return self.about.columns(rows)

    def id_of(self, row: int) -> str:
        """Return the id of one record."""
        return self.about.ids[row].decode()

    def numbers_of(self, rows: Int64s) -> Int64s:
        """Return the numbers of some records in their run, from 0."""
        return rows if self.numbers is None else self.numbers[rows]

    @property
    def n_duplicate_ids(self) -> int:
        """Records that bear an id which another record bears too, less one for each id."""
        return int((np.diff(np.sort(self.id_keys)) == 0).sum())


@dataclass(frozen=True, slots=True)
class TextFacts:
    """What the texts of a batch of records are.

    Attributes
    ----------
    units : int64 array, shape (n,)
        The unit of each text; -1 for texts without tokens.
    n_chars : int64 array, shape (n,)
        Length in code points.
    raw_digests : uint64 array, shape (n, 2)
    """

    units: Int64s
    n_chars: Int64s
    raw_digests: UInt64s


@dataclass(slots=True)
class SourceCounts:
    """How many records each source has, counted while their metadata is at hand.

    Attributes
    ----------
    named : Counter of str
        By the source field, else by the host of the address.
    of_files : Counter of int
        Records that have neither, by the row of their file.
    """

    named: Counter[str] = field(default_factory=Counter[str])
    of_files: Counter[int] = field(default_factory=Counter[int])

    def add(self, batch: Batch) -> None:
        """Count the records of a batch."""
        rows = np.arange(len(batch))
        if batch.sources:
            names, which = _distinct(batch.sources)
            self.named.update(dict(zip(names, np.bincount(which).tolist(), strict=True)))
            rows = np.flatnonzero(np.diff(batch.sources.offsets) == 0)
        if batch.urls and len(rows):
            hosts = [host_of(url) if url else "" for url in batch.urls.strings(rows)]
            self.named.update(hosts)
            rows = rows[[not host for host in hosts]]
        self.named.pop("", None)
        self.of_files.update(batch.files[rows].tolist())


def _distinct(texts: Ragged) -> tuple[list[str], Int64s]:
    """Return the distinct ones of some texts, and which of them each is.

    By digest, so that only the distinct ones become strings.
    """
    digests = digest_texts(texts)[:, 0]
    _, first, which = np.unique(digests, return_index=True, return_inverse=True)
    return texts.strings(first), which


def _parse_dates(dates: Ragged) -> Int64s:
    days, which = _distinct(dates)
    return np.fromiter(map(parse_date, days), np.int64, len(days))[which]


class _OptionalTexts:
    """Texts that some batches of records, or all of them, are without."""

    def __init__(self, spill: Spill, name: str) -> None:
        self._spill = spill
        self._name = name
        self._column: TextColumn | None = None
        self._n_blank = 0

    def append(self, texts: Ragged | None, n: int) -> None:
        """Append the texts of ``n`` records, None if there are none."""
        if self._column is None and texts is None:
            self._n_blank += n  # fields that no record has need no files
            return
        if self._column is None:
            self._column = TextColumn(self._spill, self._name)
            self._column.append(Ragged.blank(self._n_blank))
        self._column.append(Ragged.blank(n) if texts is None else texts)

    def finish(self) -> Ragged | None:
        """Return all texts; None where there are none."""
        return self._column and self._column.finish()


class RecordWriter:
    """Takes records batch by batch."""

    def __init__(self, spill: Spill, *, store_text: bool, fields: Sequence[str] = ()) -> None:
        """Open the columns; ``fields`` are the further ones whose numbers are kept."""
        self._units = spill.column("units", np.int64)
        self._dates = spill.column("dates", np.int64)
        self._n_chars = spill.column("n_chars", np.int64)
        self._digests = spill.column("digests", np.uint64, 2)
        self._against = spill.column("against", np.bool_)
        self._files = spill.column("files", np.int32)
        self._lines = spill.column("lines", np.int64)
        self._byte_offsets = spill.column("byte_offsets", np.int64)
        self._id_keys = spill.column("id_keys", np.uint64)
        self._texts = TextColumn(spill, "texts") if store_text else None
        self._ids = TextColumn(spill, "ids")
        self._about = [_OptionalTexts(spill, name) for name in MetadataTexts._fields[1:]]
        self._numbers = {name: spill.column("numbers", np.float64) for name in fields}
        self._has_stories = False
        self._sources = SourceCounts()
        self.n_records = 0

    def append(self, batch: Batch, texts: TextFacts, *, against: bool) -> None:
        """Take the records of one batch, with what the texts of them are."""
        n = len(batch)
        self.n_records += n
        self._units.append(texts.units)
        self._dates.append(_parse_dates(batch.dates) if batch.dates else np.full(n, NO_DATE))
        self._n_chars.append(texts.n_chars)
        self._digests.append(texts.raw_digests if batch.digests is None else batch.digests)
        self._against.append(np.full(n, against))
        self._files.append(batch.files)
        self._lines.append(batch.lines)
        self._byte_offsets.append(batch.byte_offsets)
        self._id_keys.append(digest_texts(batch.ids)[:, 0])
        self._ids.append(batch.ids)
        others = (batch.titles, batch.urls, batch.dates, batch.sources)
        for column, values in zip(self._about, others, strict=True):
            column.append(values, n)
        if self._texts is not None:
            self._texts.append(batch.texts)
        self._has_stories |= batch.titles is not None or batch.urls is not None
        if not against:
            self._sources.add(batch)
        for name, column in self._numbers.items():
            values = batch.further.get(name)
            column.append(as_numbers(values.strings() if values else [None] * n))

    def finish(self) -> Records:
        """Close the columns and return the records."""
        about = MetadataTexts(self._ids.finish(), *(column.finish() for column in self._about))
        numbers = {name: column.finish() for name, column in self._numbers.items()}
        facts = RecordFacts(
            dates=self._dates.finish(),
            n_chars=self._n_chars.finish(),
            digests=self._digests.finish(),
            against=self._against.finish(),
            metadata=about.several,
            numbers=lambda name, rows: numbers[name][rows],
        )
        return Records(
            units=self._units.finish(),
            facts=facts,
            files=self._files.finish(),
            lines=self._lines.finish(),
            byte_offsets=self._byte_offsets.finish(),
            id_keys=self._id_keys.finish(),
            about=about,
            texts=self._texts.finish() if self._texts else None,
            has_stories=self._has_stories,
            sources=self._sources,
        )

"""Putting records together into batches of a bounded size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from dedup.found.slices import slices_of
from dedup.model import PADDING, Batch, Int64s, Ragged, UInt64s
from dedup.text.digest import digest_texts

_RECORD_BYTES = 32
_COLUMNS = ("titles", "urls", "dates", "sources")


@dataclass(slots=True)
class Piece:
    """Some records of one file, as a format's reader hands them on.

    Attributes
    ----------
    row : int
        Row of the file in the reader's list of files.
    texts : Ragged
    ids : Ragged
        One a text.
    lines, byte_offsets : int64 array
        Where the records stand; -1 for offsets that mean nothing.
    titles, urls, dates, sources : Ragged, or None
        Metadata, empty where a record has none; None when no record has the field.
    further : dict of str to Ragged
        Values of further fields that were asked for; a field that no record has is absent.
    digests : uint64 array, shape (n, 2), or None
        Content digests, where they are not those of the texts.
    """

    row: int
    texts: Ragged
    ids: Ragged
    lines: Int64s
    byte_offsets: Int64s
    titles: Ragged | None = None
    urls: Ragged | None = None
    dates: Ragged | None = None
    sources: Ragged | None = None
    further: dict[str, Ragged] = field(default_factory=dict[str, Ragged])
    digests: UInt64s | None = None

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.ids)

    def sizes(self) -> Int64s:
        """Return the bytes of each text."""
        return np.diff(self.texts.offsets)

    def part(self, start: int, stop: int) -> Piece:
        """Return the records from ``start`` up to, not with, ``stop``."""
        columns: list[Ragged | None] = [getattr(self, name) for name in _COLUMNS]
        return Piece(
            self.row,
            self.texts.part(start, stop),
            self.ids.part(start, stop),
            self.lines[start:stop],
            self.byte_offsets[start:stop],
            *(column and column.part(start, stop) for column in columns),
            further={name: values.part(start, stop) for name, values in self.further.items()},
            digests=None if self.digests is None else self.digests[start:stop],
        )


@dataclass(slots=True)
class Rows:
    """Records gathered one by one, for formats that are read record by record.

    Attributes
    ----------
    row : int
        Row of the file in the reader's list of files.
    size : int
        Bytes gathered so far, with a small charge for each record, so that empty texts
        are bounded as well.
    further : tuple of str
        Names of further fields.
    """

    row: int
    further: tuple[str, ...] = ()
    size: int = 0
    texts: list[bytes] = field(default_factory=list[bytes])
    ids: list[str] = field(default_factory=list[str])
    lines: list[int] = field(default_factory=list[int])
    byte_offsets: list[int] = field(default_factory=list[int])
    metadata: list[Sequence[str | None]] = field(default_factory=list[Sequence[str | None]])

    def add(
        self, text: bytes, id: str, line: int, byte_offset: int, metadata: Sequence[str | None]
    ) -> None:
        """Add a record; ``metadata`` is its title, url, date, source and further fields."""
        self.texts.append(text)
        self.ids.append(id)
        self.lines.append(line)
        self.byte_offsets.append(byte_offset)
        self.metadata.append(metadata)
        self.size += len(text) + _RECORD_BYTES

    def piece(self) -> Piece:
        """Return what was gathered."""
        values = zip(*self.metadata, strict=True)
        columns = [Ragged.from_strings(column) if any(column) else None for column in values]
        n_parts = len(_COLUMNS)
        further = zip(self.further, columns[n_parts:], strict=True)
        return Piece(
            self.row,
            Ragged.from_bytes(self.texts),
            Ragged.from_strings(self.ids),
            np.array(self.lines, np.int64),
            np.array(self.byte_offsets, np.int64),
            *columns[:n_parts],
            further={name: column for name, column in further if column},
        )


def batched(pieces: Iterable[Piece], batch_bytes: int) -> Iterator[Batch]:
    """Yield the records of many pieces in batches of at most ``batch_bytes`` of text.

    Small pieces (files of one page each) are joined, large ones are cut; one longer
    record makes a batch of its own.

    Parameters
    ----------
    pieces : iterable of Piece
        Pieces of any size, in reading order.
    batch_bytes : int
        Bytes of text in a batch.

    Yields
    ------
    Batch
        Never empty.
    """
    waiting: list[Piece] = []
    total = 0
    for whole in pieces:
        for piece, piece_sizes in _cut(whole, batch_bytes):
            size = int(piece_sizes.sum()) + _RECORD_BYTES * len(piece)
            if waiting and total + size > batch_bytes:
                yield _join(waiting)
                waiting, total = [], 0
            waiting.append(piece)
            total += size
    if waiting:
        yield _join(waiting)


def _cut(piece: Piece, batch_bytes: int) -> Iterator[tuple[Piece, Int64s]]:
    """Yield parts of a piece that fit into a batch, with the sizes of their texts."""
    sizes = piece.sizes()
    for part in slices_of(sizes, batch_bytes):
        is_whole = part.stop - part.start == len(piece)
        yield (piece if is_whole else piece.part(part.start, part.stop)), sizes[part]


def _join(pieces: list[Piece]) -> Batch:
    rows = np.array([piece.row for piece in pieces], np.int32)
    return Batch(
        # padded now: else the texts would be copied once more
        texts=Ragged.concatenate([piece.texts for piece in pieces], PADDING),
        ids=Ragged.concatenate([piece.ids for piece in pieces]),
        files=np.repeat(rows, [len(piece) for piece in pieces]),
        lines=np.concatenate([piece.lines for piece in pieces]),
        byte_offsets=np.concatenate([piece.byte_offsets for piece in pieces]),
        **{name: _join_column(pieces, [getattr(p, name) for p in pieces]) for name in _COLUMNS},
        further=_join_further(pieces),
        digests=_join_digests(pieces),
    )


def _join_digests(pieces: list[Piece]) -> UInt64s | None:
    """Return the content digests of all records; None where the texts tell of all."""
    if all(piece.digests is None for piece in pieces):
        return None
    return np.concatenate(
        [digest_texts(p.texts) if p.digests is None else p.digests for p in pieces]
    )


def _join_further(pieces: list[Piece]) -> dict[str, Ragged]:
    names = dict.fromkeys(name for piece in pieces for name in piece.further)
    joined = {name: _join_column(pieces, [p.further.get(name) for p in pieces]) for name in names}
    return {name: column for name, column in joined.items() if column}


def _join_column(pieces: list[Piece], columns: list[Ragged | None]) -> Ragged | None:
    if not any(column is not None and len(column.filled) for column in columns):
        return None
    both = zip(columns, pieces, strict=True)
    return Ragged.concatenate([column or Ragged.blank(len(piece)) for column, piece in both])

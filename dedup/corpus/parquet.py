"""Parquet: read by pyarrow, row group by row group, only the columns that are needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from typing import Any, Final, Protocol

import numpy as np
import orjson

from dedup.corpus.batches import Piece
from dedup.corpus.fields import MISSING, choose_columns, missing_text, value_of
from dedup.corpus.intake import Intake
from dedup.corpus.json_records import encode_text
from dedup.corpus.presets import Candidates, Part
from dedup.corpus.streams import ByteStream
from dedup.corpus.values import (
    BadRecord,
    further_columns,
    id_text,
    json_text,
    metadata_column,
    utf8_fault,
)
from dedup.model import Ragged

_Columns = dict[str, list[Any]]


class _Column(Protocol):
    """What is used of a pyarrow array."""

    def to_pylist(self) -> list[Any]: ...
    def cast(self, target_type: str) -> _Column: ...


class _Rows(Protocol):
    """What is used of a pyarrow record batch."""

    schema: Any

    def __len__(self) -> int: ...
    def column(self, i: str) -> _Column: ...
    def slice(self, offset: int, length: int) -> _Rows: ...


class _File(Protocol):
    """What is used of an open pyarrow Parquet file."""

    schema_arrow: Any
    metadata: Any

    def iter_batches(
        self, batch_size: int, row_groups: list[int], columns: list[str], *, use_threads: bool
    ) -> Iterator[_Rows]: ...


class _Field(Protocol):
    """What is used of a field of a pyarrow schema."""

    name: str
    type: Any


_PIECE_BYTES: Final = 2 * 1024 * 1024
_MIN_ROWS, _MAX_ROWS = 16, 4096


def read_parquet(stream: ByteStream, intake: Intake, candidates: Candidates) -> Iterator[Piece]:
    """Yield the rows of a Parquet file.

    A row group that cannot be read goes to the quarantine as one entry; the others are
    read.
    """
    if not stream.head:
        return
    if stream.compression != "none":
        reason = f"Parquet inside {stream.compression}: decompress it first"
        intake.reject(1, -1, reason, b"", intake.source.bytes)
        return
    # Untyped, and slow to import: other inputs do without.
    pq = import_module("pyarrow.parquet")
    try:
        file = pq.ParquetFile(stream.raw.path)
        columns = list(_column_names(file.schema_arrow))
    except Exception as error:  # a damaged footer raises anything, not only Arrow's errors
        intake.reject(1, -1, f"not valid Parquet: {error}", b"", intake.source.bytes)
        return
    with file:
        rows = _ParquetRows(file, columns, intake, candidates)
        n_groups = file.num_row_groups if rows.has_text() else 0
        n_rows = max(file.metadata.num_rows, 1)
        for group in range(n_groups):
            for piece in rows.pieces(group):
                stream.seen = intake.source.bytes * min(rows.n_done, n_rows) // n_rows
                yield piece
            if intake.room <= 0:
                return


class _ParquetRows:
    """The rows of an open Parquet file as pieces.

    Attributes
    ----------
    n_done : int
        Rows read so far, those of broken row groups included.
    """

    def __init__(
        self, file: _File, columns: list[str], intake: Intake, candidates: Candidates
    ) -> None:
        self.n_done = 0
        self._file = file
        self._intake = intake
        self._candidates = candidates
        self._columns = columns
        self._names = choose_columns(candidates, self._columns)
        self._further = [name for name in intake.further if name in columns]
        intake.source.fields.update(self._names)

    def has_text(self) -> bool:
        """Return whether a column holds the text; quarantine the file if none does."""
        if "text" in self._names:
            return True
        reason = missing_text(self._names, self._candidates, self._columns, "the table")
        self._intake.reject(1, -1, reason, b"", self._intake.source.bytes)
        return False

    def pieces(self, group: int) -> Iterator[Piece]:
        """Yield the rows of one row group; quarantine what is left of it when it breaks."""
        about = self._file.metadata.row_group(group)
        end = self._end_of(group)
        row_bytes = about.total_byte_size // max(about.num_rows, 1) + 1
        try:
            batches = self._file.iter_batches(
                batch_size=min(max(_PIECE_BYTES // row_bytes, _MIN_ROWS), _MAX_ROWS),
                row_groups=[group],
                columns=sorted({*self._names.values(), *self._further}),
                use_threads=False,
            )
            for batch in batches:
                if self._intake.room <= 0:
                    return
                piece = self._piece(batch.slice(0, self._intake.room))
                self.n_done += len(batch)
                yield piece
        except Exception as error:  # damaged pages raise anything, not only Arrow's errors
            first = self.n_done + 1
            reason = f"row group {group} cannot be read from row {first} to {end}: {error}"
            self._intake.reject(first, -1, reason, b"", -1)
        self.n_done = end

    def _end_of(self, group: int) -> int:
        """Return the number of the last row of a row group."""
        metadata = self._file.metadata
        return sum(metadata.row_group(i).num_rows for i in range(group + 1))

    def _piece(self, batch: _Rows) -> Piece:
        # Read before a row is put in quarantine: a column that cannot be read gives up the
        # row group, its bad rows with it.
        names = {*self._names.values(), *self._further}
        columns = {name: _values(batch, name) for name in names}
        rows, texts = self._texts(batch, columns[self._names["text"]])
        # From lists: pyarrow takes no rows of string views.
        kept = {name: [values[row] for row in rows] for name, values in columns.items()}
        lines = np.array(rows, np.int64) + self.n_done + 1
        piece = Piece(
            self._intake.row,
            Ragged.from_bytes(texts),
            self._ids(kept, lines.tolist()),
            lines,
            np.full(len(rows), -1, np.int64),
            titles=self._metadata(kept, "title"),
            urls=self._metadata(kept, "url"),
            dates=self._metadata(kept, "date"),
            sources=self._metadata(kept, "source"),
            further=further_columns(self._further, kept.__getitem__),
        )
        self._intake.accept(len(rows))
        return piece

    def _texts(self, batch: _Rows, values: Sequence[Any]) -> tuple[list[int], list[bytes]]:
        """Return the rows whose text is good, and their texts."""
        longest = self._intake.reading.max_record_bytes
        rows: list[int] = []
        texts: list[bytes] = []
        for row, value in enumerate(values):
            try:
                text = _text_bytes(value, self._names["text"])
            except BadRecord as bad:
                line, raw = self.n_done + row + 1, _raw_row(batch, row)
                self._intake.reject(line, -1, str(bad), raw)
                continue
            if len(text) > longest:
                self._intake.too_long(self.n_done + row + 1, -1, text, len(text))
                continue
            rows.append(row)
            texts.append(text)
        return rows, texts

    def _ids(self, columns: _Columns, lines: list[int]) -> Ragged:
        name = self._names.get("id")
        path = self._intake.source.path
        values = [None] * len(lines) if name is None else columns[name]
        texts = map(id_text, values)
        known = zip(texts, lines, strict=True)
        return Ragged.from_strings([f"{path}#{line}" if id is None else id for id, line in known])

    def _metadata(self, columns: _Columns, part: Part) -> Ragged | None:
        name = self._names.get(part)
        return None if name is None else metadata_column(columns[name])


def _column_names(schema: Iterable[_Field], prefix: str = "") -> Iterator[str]:
    """Yield the names of all columns; fields of structs as dotted names."""
    for field in schema:
        name = f"{prefix}{field.name}"
        yield name
        if hasattr(field.type, "fields"):
            yield from _column_names(field.type, f"{name}.")


def _values(batch: _Rows, name: str) -> list[Any]:
    """Return a column as Python values; text that is not UTF-8 as bytes."""
    if name not in batch.schema.names:
        top = name.split(".", 1)[0]
        values = [value_of({top: value}, name) for value in batch.column(top).to_pylist()]
        return [None if value is MISSING else value for value in values]
    column = batch.column(name)
    try:
        return column.to_pylist()
    except UnicodeDecodeError:
        return column.cast("large_string").cast("large_binary").to_pylist()
    except (ValueError, OverflowError):
        # Times that Python has no form for: years over 9999, single nanoseconds.
        return column.cast("string").to_pylist()


def _text_bytes(value: object, name: str) -> bytes:
    if not isinstance(value, bytes):
        return encode_text(value, f"the text column {name!r}")
    fault = utf8_fault(value)
    if fault is not None:
        raise BadRecord(fault)
    return value


def _raw_row(batch: _Rows, row: int) -> bytes:
    """Return a row for the quarantine, as JSON."""
    columns = {name: _values(batch.slice(row, 1), name)[0] for name in batch.schema.names}
    return orjson.dumps(columns, default=json_text)

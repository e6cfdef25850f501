"""CSV and TSV: rows under a header, read with the standard library."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dedup.corpus.batches import Piece, Rows
from dedup.corpus.fields import Names, choose_columns, missing_text
from dedup.corpus.intake import Intake
from dedup.corpus.lines import LineReader, is_blank
from dedup.corpus.presets import METADATA_PARTS, Candidates
from dedup.corpus.streams import BLOCK_BYTES, ByteStream
from dedup.corpus.values import utf8_fault

_DELIMITERS: Final = ",;\t|"


@dataclass(slots=True)
class _Line:
    """A physical line and where it stands; of a very long one only the beginning."""

    raw: bytes
    length: int
    number: int
    byte_offset: int


class _RowTooLong(Exception):
    """A row is longer than a record may be."""


def read_csv(
    stream: ByteStream, intake: Intake, candidates: Candidates, *, tabs: bool = False
) -> Iterator[Piece]:
    """Yield the rows of a CSV (or TSV) file whose first row names the columns.

    Parameters
    ----------
    stream : ByteStream
        The file.
    intake : Intake
        Its account.
    candidates : mapping of part to tuple of str
        Names to try for each part.
    tabs : bool
        Whether columns are separated by tabs; otherwise the header tells.
    """
    # The module's limit is one for all of Python: it is only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), intake.reading.max_record_bytes))
    delimiter = "\t" if tabs else _sniff_delimiter(stream.head, candidates)
    rows = _RowReader(stream, intake, delimiter)
    header = rows.next_row()
    if header is None:
        return
    names = choose_columns(candidates, header)
    intake.source.fields.update(names)
    if "text" in names:
        yield from _read_rows(rows, header, names, intake)
    else:
        reason = rows.fault or missing_text(names, candidates, header, "the table")
        first = rows.lines[0]
        intake.reject(first.number, first.byte_offset, reason, rows.raw(), -1)


@dataclass(frozen=True, slots=True)
class RowPlace:
    """A row of a table, the header included, and the lines it stands in.

    Attributes
    ----------
    first, last : int
        Lines, from 1, both included.
    cells : list of str
        Empty where the row cannot be read.
    delimiter : str
    """

    first: int
    last: int
    cells: list[str]
    delimiter: str


def iter_row_places(
    stream: ByteStream, intake: Intake, candidates: Candidates, *, tabs: bool = False
) -> Iterator[RowPlace]:
    """Yield where each row of a table stands, as :func:`read_csv` takes it apart."""
    csv.field_size_limit(max(csv.field_size_limit(), intake.reading.max_record_bytes))
    delimiter = "\t" if tabs else _sniff_delimiter(stream.head, candidates)
    rows = _RowReader(stream, intake, delimiter)
    while (row := rows.next_row()) is not None:
        cells = row if rows.fault is None else []
        yield RowPlace(rows.lines[0].number, rows.lines[-1].number, cells, delimiter)


def _sniff_delimiter(head: bytes, candidates: Candidates) -> str:
    """Return the delimiter that finds a text column in the header, or else most columns."""
    first = head.split(b"\n", 1)[0].decode("utf-8", "replace")

    def fitness(delimiter: str) -> tuple[bool, int]:
        try:
            columns = next(csv.reader([first], delimiter=delimiter), None) or []
        except csv.Error:
            columns = []
        return "text" in choose_columns(candidates, columns), len(columns)

    # The first of equals wins: a file of one column has commas in name only.
    return max(_DELIMITERS, key=fitness)


def _read_rows(
    rows: _RowReader, header: list[str], names: Names, intake: Intake
) -> Iterator[Piece]:
    gathered = Rows(intake.row, intake.further)
    positions = {part: header.index(name) for part, name in names.items()}
    metadata_at = [positions.get(part, -1) for part in METADATA_PARTS]
    metadata_at += [header.index(name) if name in header else -1 for name in intake.further]
    while intake.room > 0 and (row := rows.next_row()) is not None:
        first = rows.lines[0]
        reason = _row_fault(row, header, rows, intake)
        if reason is not None:
            intake.reject(first.number, first.byte_offset, reason, rows.raw(), rows.length())
            continue
        id = row[positions["id"]] if "id" in positions else ""
        gathered.add(
            row[positions["text"]].encode(),
            id or f"{intake.source.path}#{first.number}",
            first.number,
            first.byte_offset,
            [(row[position] or None) if position >= 0 else None for position in metadata_at],
        )
        intake.accept(1)
        if gathered.size >= BLOCK_BYTES:
            yield gathered.piece()
            gathered = Rows(intake.row, intake.further)
    if gathered.ids:
        yield gathered.piece()


def _row_fault(row: list[str], header: list[str], rows: _RowReader, intake: Intake) -> str | None:
    if rows.fault is not None:
        return rows.fault
    fault = utf8_fault(rows.raw(), intake.reading.encoding)
    if fault is None and len(row) != len(header):
        return f"{len(row)} columns where the header has {len(header)}"
    return fault


class _RowReader:
    """Reads rows with ``csv.reader`` and knows which lines each was made of.

    A quote that is never closed would swallow the rest of the file, or the rows up to the
    next quote. Then only the line with the quote is given up, and reading goes on with the
    line after it.

    Attributes
    ----------
    lines : list of _Line
        The lines of the last row.
    fault : str or None
        Why the last row cannot be used.
    """

    def __init__(self, stream: ByteStream, intake: Intake, delimiter: str) -> None:
        self.lines: list[_Line] = []
        self.fault: str | None = None
        self._stream = stream
        self._longest = intake.reading.max_record_bytes
        self._source = _lines_of(stream, intake)
        self._again: deque[_Line] = deque()
        self._size = 0
        self._ended_inside = False
        self._delimiter = delimiter
        self._reader = csv.reader(self, delimiter=delimiter, strict=True)

    def next_row(self) -> list[str] | None:
        """Return the next row that is not blank; None at the end of the file."""
        while True:
            self.lines, self.fault = [], None
            self._size, self._ended_inside = 0, False
            try:
                row = next(self._reader, None)
            except _RowTooLong:
                return self._give_up(
                    f"the row is longer than a record may be ({self._longest:,} bytes; "
                    "--max-record-bytes raises the limit), or a quote is never closed"
                )
            except csv.Error as error:
                return self._read_leniently(error)
            if row is None:
                return None
            if row and not is_blank(self.raw()):
                return row

    def raw(self) -> bytes:
        """Return the last row as it lies in the file."""
        return b"".join([line.raw for line in self.lines]).removesuffix(b"\n")

    def length(self) -> int:
        """Return the true length of the last row in bytes."""
        return sum(line.length for line in self.lines)

    def __iter__(self) -> Iterator[str]:
        """Return itself: what ``csv.reader`` reads lines from."""
        return self

    def __next__(self) -> str:
        """Return the next line; one that was read in vain comes once more."""
        line = self._again.popleft() if self._again else next(self._source, None)
        if line is None:
            self._ended_inside = bool(self.lines)
            raise StopIteration
        self.lines.append(line)
        self._size += line.length
        if self._size > self._longest:
            raise _RowTooLong
        return _decoded(line)

    def _read_leniently(self, error: csv.Error) -> list[str]:
        """Return a row with careless quotes if it is one line, as in ``1,"Storm" hits``.

        Over many lines such quotes are more likely those of several rows run together.
        """
        if self._ended_inside:
            return self._give_up("a quote is opened and never closed")
        if len(self.lines) == 1:
            try:
                return next(csv.reader([_decoded(self.lines[0])], delimiter=self._delimiter))
            except csv.Error:
                pass
        return self._give_up(f"not valid CSV: {error}")

    def _give_up(self, reason: str) -> list[str]:
        self.fault = reason
        broken_off = self._ended_inside and self._stream.fault is not None
        if not broken_off:
            self._again.extendleft(reversed(self.lines[1:]))
            del self.lines[1:]
        return []


def _decoded(line: _Line) -> str:
    """Return the text of a line; what is no UTF-8 in it is found when the row is whole."""
    return line.raw.decode("utf-8", "surrogateescape")


def _lines_of(stream: ByteStream, intake: Intake) -> Iterator[_Line]:
    for block in LineReader(stream, intake):
        places = (block.lengths.tolist(), block.lines.tolist(), block.byte_offsets.tolist())
        yield from map(_Line, block.raws, *places)

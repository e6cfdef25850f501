"""Source files written anew, each in the format and compression it came in."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from dedup.act.edits import Elements, LineEdit, RowChange, Write, edit_lines
from dedup.act.json_fields import as_utf8, with_field, with_value
from dedup.act.marks import Marks, mark_of, without
from dedup.act.plan import Plan
from dedup.config import Reading
from dedup.corpus.csv_rows import iter_row_places
from dedup.corpus.fields import candidates_for, value_of
from dedup.corpus.intake import Intake
from dedup.corpus.json_array import ElementReader
from dedup.corpus.json_records import parse_record
from dedup.corpus.lines import is_blank
from dedup.corpus.streams import ByteStream, RawFile, canonical_encoding
from dedup.errors import ResultsError
from dedup.model import SourceFile
from dedup.results.texts import changed

_BOM = b"\xef\xbb\xbf"
_COPY_BYTES = 4 << 20
GZIP_LEVEL, ZSTD_LEVEL = 6, 3
"""The usual levels of both programs; files do not say at which they were written. Higher ones
cost more than all the rest of an application: for 93 MB of press releases gzip takes 3.9 s at 6,
and 5.9 s at 9 for half a percent less; zstd .4 s at 3, and 1.9 s at 9 for a sixth less."""
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Job:
    """One source file and what becomes of its records.

    Attributes
    ----------
    source : SourceFile
    path : Path
        Where it lies now.
    target : Path
        Where the new file goes.
    rows : dict of (line, byte offset) to int
        The named records of the file, by their rows of the plan.
    bad_lines : set of int
        Lines of quarantined records: they go through untouched.
    removed : Path, optional
        Where the removed records go, as they are; None if nowhere.
    """

    source: SourceFile
    path: Path
    target: Path
    rows: dict[Place, int]
    bad_lines: set[int]
    removed: Path | None


class Rewriter:
    """Writes source files anew.

    Parameters
    ----------
    plan : Plan
    marks : Marks
    reading : Reading
        How the scan read.
    """

    def __init__(self, plan: Plan, marks: Marks, reading: Reading) -> None:
        self._plan = plan
        self._marks = marks
        self._reading = reading
        self._encoding = canonical_encoding(reading.encoding)
        self._n_widened = 0  # lines of a table that change for its new columns only
        self._put_removed: Write | None = None  # takes each removed record of the file under way

    def write(self, job: Job) -> None:
        """Write one file; a file of one removed record is left out.

        Raises
        ------
        ResultsError
            If the source is not what was scanned, or cannot be rewritten.
        """
        edits = sum(1 for row in job.rows.values() if self._is_edited(row))
        annotated = self._marks.annotates and job.source.format not in ("text", "html")
        if job.source.format in ("text", "html"):
            self._write_page(job)
        elif not edits and not annotated:
            _copy(job.source, job.path, job.target)
        elif job.source.format == "parquet":
            from dedup.act.rewrite_parquet import rewrite_parquet  # noqa: PLC0415 - brings Arrow

            rewrite_parquet(job, self._plan, self._marks)
        else:
            self._rewrite(job, edits)

    def _is_edited(self, row: int) -> bool:
        marks = self._marks
        return self._goes(row) or row in marks.spans or (marks.merges and row in marks.merged)

    def _goes(self, row: int | None) -> bool:
        return row is not None and not self._marks.annotates and bool(self._plan.removed[row])

    def _rewrite(self, job: Job, n_edits: int) -> None:
        """Rewrite lines or elements; check that every change was made, and the digest."""
        form = job.source.format
        self._check_encoding(job)
        self._n_widened = 0
        with (
            _opened(job) as stream,
            _compressed(job.source, job.target) as write,
            self._removed_file(job) as write_removed,
        ):
            for put in filter(None, (write, write_removed)):
                put(_BOM if stream.start == len(_BOM) else b"")
            self._put_removed = write_removed
            if form == "json":
                n_done = self._rewrite_elements(job, stream, write)
            else:
                edits = self._edit_rows(job) if form in ("csv", "tsv") else self._edit_json(job)
                n_done = edit_lines(stream, edits, write)
            if stream.fault is not None:
                message = f"{job.source.path} cannot be rewritten: {stream.fault}"
                raise ResultsError(message)
            if stream.raw.digest() != job.source.digest:
                raise changed(job.source, "its digest is another")
        n_done -= self._n_widened
        if not self._marks.annotates and n_done != n_edits:
            raise changed(job.source, f"{n_done} of {n_edits} records were found")

    @contextmanager
    def _removed_file(self, job: Job) -> Generator[Write | None]:
        """Open the file of the removed records; None if there are none, or nobody wants them."""
        if job.removed is None or not any(map(self._goes, job.rows.values())):
            yield None
            return
        job.removed.parent.mkdir(parents=True, exist_ok=True)
        with _compressed(job.source, job.removed) as write:
            yield write

    def _remove(self, raw: bytes) -> bytes:
        """Return what stands in the place of a removed record: nothing."""
        if self._put_removed is not None:
            self._put_removed(raw)
        return b""

    def _edit_json(self, job: Job) -> Iterator[LineEdit]:
        rows = {line: row for (line, _), row in job.rows.items()}
        if not self._marks.annotates:
            lines: Iterator[int] = iter(sorted(n for n, r in rows.items() if self._is_edited(r)))
        else:
            lines = (line for line in count(1) if line not in job.bad_lines)
        for line in lines:
            yield LineEdit(line, line, self._changer(job, line, rows.get(line)))

    def _changer(self, job: Job, line: int, row: int | None) -> Callable[[bytes], bytes]:
        return lambda raw: self._change_object(job, line, row, raw)

    def _change_object(self, job: Job, line: int, row: int | None, raw: bytes) -> bytes:
        """Return a JSON record as it shall be; b"" for one that goes."""
        if is_blank(raw):
            return raw
        if self._goes(row):
            return self._remove(raw)
        if row is not None and row in self._marks.spans:
            name = job.source.fields["text"]
            text = value_of(parse_record(as_utf8(raw, self._encoding)), name)
            fixed = without(str(text), self._marks.spans[row])
            raw = with_value(raw, name, fixed, self._encoding)
        if not self._marks.adds_to(row):
            return raw
        try:
            said = mark_of(self._plan, self._marks, row)
            return with_field(raw, self._marks.name, said, self._encoding)
        except KeyError as error:
            message = (
                f"{job.source.path}#{line} has a field {self._marks.name!r} already: "
                "name another one with --field"
            )
            raise ResultsError(message) from error

    def _rewrite_elements(self, job: Job, stream: ByteStream, write: Write) -> int:
        """Rewrite a JSON file: the elements as they are, one a line."""
        intake = Intake.again(job.source, self._reading)
        in_array = stream.head.lstrip().startswith(b"[")
        n_done = 0
        stays = Elements(write, in_array)
        goes = None if self._put_removed is None else Elements(self._put_removed, in_array)
        self._put_removed = None if goes is None else goes.put
        for block in ElementReader(stream, intake):
            for raw, length, line, offset in zip(
                block.raws,
                block.lengths.tolist(),
                block.lines.tolist(),
                block.byte_offsets.tolist(),
                strict=True,
            ):
                if length > len(raw):
                    message = f"{job.source.path}#{line}: too long to be written anew"
                    raise ResultsError(message)
                row = job.rows.get((line, offset))
                is_bad = line in job.bad_lines and row is None
                new = raw if is_bad else self._change_object(job, line, row, raw)
                n_done += new != raw
                if new:
                    stays.put(new)
        for elements in filter(None, (stays, goes)):
            elements.end()
        return n_done

    def _edit_rows(self, job: Job) -> Iterator[LineEdit]:
        """Yield the changes to the rows of a table, found by reading it alongside."""
        rows = {line: row for (line, _), row in job.rows.items()}
        candidates = candidates_for(self._reading.fields)
        with _opened(job, self._reading) as stream:
            intake = Intake.again(job.source, self._reading)
            tabs = job.source.format == "tsv"
            header: list[str] | None = None
            added: list[Any]
            for place in iter_row_places(stream, intake, candidates, tabs=tabs):
                row = rows.get(place.first)
                copied = header is None and self._put_removed is not None
                if header is None:
                    header = place.cells
                    added = self._column_names(job, header)
                elif place.first not in job.bad_lines:
                    added = list(mark_of(self._plan, self._marks, row).values())
                else:
                    added = []
                is_edited = row is not None and self._is_edited(row)
                self._n_widened += (bool(added) or copied) and not is_edited
                change: Callable[[bytes], bytes] | None = None
                if self._goes(row):
                    change = self._remove
                elif added or (row is not None and row in self._marks.spans):
                    cells = self._fixed_cells(job, header, place.cells, row)
                    change = RowChange(cells, added, place.delimiter, self._reading.encoding)
                if copied:
                    change = self._copying(change)
                if change is not None:
                    yield LineEdit(place.first, place.last, change)

    def _copying(self, change: Callable[[bytes], bytes] | None) -> Callable[[bytes], bytes]:
        """Return a change that also writes the line to the removed records: a header."""

        def copy(raw: bytes) -> bytes:
            self._remove(raw)
            return raw if change is None else change(raw)

        return copy

    def _column_names(self, job: Job, header: list[str]) -> list[str]:
        names = self._marks.columns
        if set(names) & set(header):
            message = (
                f"{job.source.path} has a column {min(set(names) & set(header))!r} already: "
                "name another prefix with --field"
            )
            raise ResultsError(message)
        return names

    def _fixed_cells(
        self, job: Job, header: list[str], cells: list[str], row: int | None
    ) -> list[str] | None:
        """Return the cells of a row whose text changes; None where it stays as it is."""
        if row is None or row not in self._marks.spans:
            return None
        at = header.index(job.source.fields["text"])
        text = without(cells[at], self._marks.spans[row])
        return [*cells[:at], text, *cells[at + 1 :]]

    def _write_page(self, job: Job) -> None:
        """Copy a page, with its repeats fixed, or leave it out."""
        row = next(iter(job.rows.values()), None)
        if self._goes(row):
            if job.removed is not None:
                job.removed.parent.mkdir(parents=True, exist_ok=True)
            _copy(job.source, job.path, job.removed)
        elif row is None or row not in self._marks.spans:
            _copy(job.source, job.path, job.target)
        else:
            self._check_encoding(job)
            encoding = canonical_encoding(self._reading.encoding)
            with _opened(job) as stream, _compressed(job.source, job.target) as write:
                pieces: list[bytes] = []
                while piece := stream.read(_COPY_BYTES):
                    pieces.append(piece)
                text = b"".join(pieces).decode(encoding)
                write(_BOM if stream.start == len(_BOM) else b"")
                write(without(text, self._marks.spans[row]).encode(encoding))
                if stream.raw.digest() != job.source.digest:
                    raise changed(job.source, "its digest is another")

    def _check_encoding(self, job: Job) -> None:
        """Raise where lines and braces are not the bytes they are in ASCII."""
        encoding = canonical_encoding(self._reading.encoding)
        utf8_only = job.source.format == "json"
        if '\n{}",'.encode(encoding) != b'\n{}",' or (utf8_only and encoding != "utf-8"):
            message = (
                f"{job.source.path} is written in {self._reading.encoding} and cannot be "
                "rewritten: convert it to UTF-8 and scan again"
            )
            raise ResultsError(message)


@contextmanager
def _opened(job: Job, reading: Reading | None = None) -> Generator[ByteStream]:
    """Open the contents of a source; without ``reading``, as they are, not transcoded."""
    stream = ByteStream(job.path, reading or replace(Reading(), max_ratio=float("inf")))
    try:
        yield stream
    finally:
        stream.close()


@contextmanager
def _compressed(source: SourceFile, target: Path) -> Generator[Write]:
    """Open a new file, compressed as the source was."""
    with target.open("wb", buffering=1 << 20) as file:
        if source.compression == "gzip":
            import gzip  # noqa: PLC0415 - most corpora do without

            # no name and no time: equal contents are equal bytes
            with gzip.GzipFile("", "wb", GZIP_LEVEL, file, mtime=0) as packed:
                yield packed.write
        elif source.compression == "zstd":
            import zstandard  # noqa: PLC0415

            compressor = zstandard.ZstdCompressor(level=ZSTD_LEVEL)
            with compressor.stream_writer(file, closefd=False) as packed:
                yield packed.write
        else:
            yield file.write


def _copy(source: SourceFile, path: Path, target: Path | None) -> None:
    """Copy a file byte for byte, or only read it; either way check its digest."""
    with (
        closing(RawFile(path)) as raw,
        nullcontext() if target is None else target.open("wb") as to,
    ):
        while block := raw.read(_COPY_BYTES):
            if to is not None:
                to.write(block)
        if raw.digest() != source.digest:
            raise changed(source, "its digest is another")

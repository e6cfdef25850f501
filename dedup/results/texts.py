"""The raw texts of named records, by reference: from where they stood when scanned."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.corpus.batches import Piece
from dedup.corpus.fields import MISSING, value_of
from dedup.corpus.formats import read_records
from dedup.corpus.intake import Intake
from dedup.corpus.json_records import encode_text, parse_record
from dedup.corpus.sources import STDIN
from dedup.corpus.streams import ByteStream
from dedup.corpus.values import BadRecord
from dedup.errors import ResultsError
from dedup.model import Ragged, SourceFile, UInt64s
from dedup.text.digest import digest_texts, hex_of

if TYPE_CHECKING:
    from dedup.results.reader import Results

_Place = tuple[int, int]  # line, byte offset
_Read = tuple[bytes, UInt64s | None]  # a text, and its content digest unless the text tells
_CHECKED_BYTES = 1 << 22


class _Asked(NamedTuple):
    """What is wanted of a file: where the records stand, and further fields to read."""

    places: set[_Place]
    further: tuple[str, ...] = ()


def path_of(source: SourceFile) -> str:
    """Return the path of a source as the system has it, also where it is no UTF-8."""
    return os.fsdecode(bytes.fromhex(source.path_bytes)) or source.path


def source_path(results: Results, source: SourceFile, instead: str = "scan files") -> Path:
    """Return where a source file lies now; relative paths start where the scan ran.

    ``instead`` is what helps where there is no file.

    Raises
    ------
    ResultsError
        If the records came from a stream or from memory, or the file is gone.
    """
    if source.path == STDIN or source.format == "memory":
        what = "standard input" if source.path == STDIN else "documents in memory"
        message = (
            f"{results.folder}: the records were read from {what}, which cannot be read again: "
            f"{instead}"
        )
        raise ResultsError(message)
    name = path_of(source)
    for directory in (results.manifest["directory"], ""):
        path = Path(directory, name)
        if path.is_file():
            return path
    message = (
        f"{source.path}: the file is gone since the scan (it ran in "
        f"{results.manifest['directory']}): bring it back, or scan again"
    )
    raise ResultsError(message)


def changed(source: SourceFile, why: str) -> ResultsError:
    """Return the error that says that a source is not what was scanned."""
    return ResultsError(f"{source.path} has changed since the scan ({why}): scan again")


def read_texts(results: Results, records: Iterable[int]) -> Iterator[tuple[int, str]]:
    """Yield the numbers and raw texts of some records; see :meth:`Results.texts`."""
    wanted = set(records)
    for source, rows in _by_source(results, wanted):
        if results.stores_text:
            yield from ((row["record"], row["text"]) for row in rows)
        else:
            yield from _read_source(results, source, rows)


def read_field(results: Results, records: Iterable[int], name: str) -> dict[int, str | None]:
    """Return the values of a field of the source in named records, as text.

    Parameters
    ----------
    results : Results
    records : iterable of int
        Numbers of records.
    name : str
        A field, or dotted to look into nested objects; a column of a table.

    Raises
    ------
    ResultsError
        If a source is gone or has changed since the scan, or was a stream.
    """
    found: dict[int, str | None] = {}
    for source, rows in _by_source(results, set(records)):
        instead = (
            f"scan files; or scan with --keep field:{name}:max, for results that keep the field"
        )
        path = unchanged_path(results, source, instead)
        places = {(row["line"], row["byte_offset"]): row["record"] for row in rows}
        for place, piece, at in _read_through(results, path, source, _Asked(set(places), (name,))):
            values = piece.further.get(name)
            found[places.pop(place)] = values[at].decode() or None if values else None
        if places:
            raise changed(source, f"there is no record in line {min(places)[0]}")
    return found


def unchanged_path(results: Results, source: SourceFile, instead: str = "scan files") -> Path:
    """Return where a source file lies, as :func:`source_path` does; it must be as large as then."""
    path = source_path(results, source, instead)
    if path.stat().st_size != source.bytes:
        raise changed(source, f"{path.stat().st_size:,} bytes instead of {source.bytes:,}")
    return path


def _by_source(
    results: Results, wanted: set[int]
) -> Iterator[tuple[SourceFile, list[dict[str, Any]]]]:
    """Yield the rows of wanted records, file by file in reading order."""
    columns = ["record", "file", "line", "byte_offset", "digest", "against"]
    table = results.documents([*columns, "text"] if results.stores_text else columns)
    asked = np.isin(table["record"].to_numpy(), np.fromiter(wanted, np.int64, len(wanted)))
    table = table.filter(asked).sort_by("record")
    if table.num_rows < len(wanted):
        unknown = min(wanted - set(table["record"].to_pylist()))
        message = f"{results.folder} names no record {unknown}"
        raise ResultsError(message)
    groups: dict[tuple[str, bool], list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        groups.setdefault((row["file"], row["against"]), []).append(row)
    for source in results.inputs:
        rows = groups.pop((source.path, source.against), None)
        if rows:
            yield source, rows


def _read_source(
    results: Results, source: SourceFile, rows: list[dict[str, Any]]
) -> Iterator[tuple[int, str]]:
    path = unchanged_path(results, source, "scan files, or keep the texts with --store-text")
    places = {(row["line"], row["byte_offset"]): row for row in rows}
    seekable = source.format == "jsonl" and source.compression == "none" and "text" in source.fields
    if seekable and all(offset >= 0 for _, offset in places):
        found = _seek(path, source, places)
    else:
        through = _read_through(results, path, source, _Asked(set(places)))
        found = ((place, _text_of(piece, at)) for place, piece, at in through)
    yield from _checked(source, ((places.pop(place), read) for place, read in found))
    if places:
        raise changed(source, f"there is no record in line {min(places)[0]}")


def _seek(
    path: Path, source: SourceFile, places: Iterable[_Place]
) -> Iterator[tuple[_Place, _Read]]:
    """Read single lines of a JSON Lines file."""
    name = source.fields["text"]
    with path.open("rb") as file:
        for line, offset in sorted(places):
            file.seek(offset)
            try:
                value = value_of(parse_record(file.readline()), name)
                text = encode_text(None if value is MISSING else value, "the text")
                yield (line, offset), (text, None)
            except BadRecord as bad:
                raise changed(source, f"line {line}: {bad}") from bad


def _read_through(
    results: Results, path: Path, source: SourceFile, asked: _Asked
) -> Iterator[tuple[_Place, Piece, int]]:
    """Read a file from its start, as the scan did, up to the last record that is wanted.

    Yields
    ------
    place, piece, row
        The record is this row of the piece.
    """
    reading = results.settings.reading
    stream = ByteStream(path, reading)
    try:
        intake = Intake.again(source, reading, asked.further)
        candidates: Any = {part: (name,) for part, name in source.fields.items()}
        left = set(asked.places)
        for piece in read_records(source.format, stream, intake, {"text": (), **candidates}):
            places = zip(piece.lines.tolist(), piece.byte_offsets.tolist(), strict=True)
            for row, place in enumerate(places):
                if place in left:
                    left.remove(place)
                    yield place, piece, row
            if not left:
                return
    finally:
        stream.close()


def _text_of(piece: Piece, at: int) -> _Read:
    return piece.texts[at], None if piece.digests is None else piece.digests[at]


def _checked(
    source: SourceFile, found: Iterator[tuple[dict[str, Any], _Read]]
) -> Iterator[tuple[int, str]]:
    """Let texts pass whose digest is that of the scan."""
    waiting: list[tuple[dict[str, Any], _Read]] = []
    size = 0
    for row, read in found:
        waiting.append((row, read))
        size += len(read[0])
        if size >= _CHECKED_BYTES:
            yield from _compare(source, waiting)
            waiting, size = [], 0
    yield from _compare(source, waiting)


def _compare(
    source: SourceFile, rows: list[tuple[dict[str, Any], _Read]]
) -> Iterator[tuple[int, str]]:
    texts = Ragged.from_bytes([text for _, (text, _) in rows])
    found = digest_texts(texts)
    for at, (_, (_, own)) in enumerate(rows):
        if own is not None:
            found[at] = own
    digests = hex_of(found)
    for at, (row, (text, _)) in enumerate(rows):
        if digests[32 * at : 32 * at + 32] != row["digest"]:
            raise changed(source, f"line {row['line']} holds another text")
        yield row["record"], text.decode()

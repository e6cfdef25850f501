"""Walks the inputs of a run and yields their records in batches."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from dedup.config import Reading
from dedup.corpus.batches import Piece, batched
from dedup.corpus.content import FORMATS, binary_kind, detect_format, may_hold_text
from dedup.corpus.fields import candidates_for
from dedup.corpus.formats import read_records
from dedup.corpus.intake import Intake
from dedup.corpus.sides import leave_out
from dedup.corpus.sources import STDIN, Source, bytes_unless_utf8, find_sources
from dedup.corpus.streams import ByteStream, canonical_encoding
from dedup.errors import InputError, OutputError, SettingsError
from dedup.inputs import Skipped
from dedup.model import Batch, Quarantined, SourceFile

_SPOOL_BYTES: Final = 1024 * 1024
_SPOOL_PREFIX: Final = "dedup-input-"


class CorpusReader:
    """Reads files, folders, glob patterns and standard input as batches of records.

    Every record that is read is in a batch or in the quarantine, and counted in its
    :class:`~dedup.model.SourceFile`.

    Parameters
    ----------
    paths : sequence of str
        Files, folders, glob patterns, or ``-`` for standard input.
    reading : Reading
        How inputs are opened and which records are taken.
    batch_bytes : int
        Bytes of text in a batch; one longer record makes a batch of its own.
    quarantine : callable
        Takes every record that cannot be read.
    tmp_dir : str, optional
        Where standard input and pipes are spooled to.
    skip_paths : sequence of str
        Files and folders to leave out: the temporary ones of this run.

    Attributes
    ----------
    files : list of SourceFile
        The files, in reading order; grows while reading, rows of ``Batch.files``.
    skipped : list of Skipped
        What was found but not read, and why; grows while reading.
    total_bytes : int
        Bytes on disk to read.

    Raises
    ------
    InputError
        When a path does not exist or leads to no file.
    SettingsError
        When a format, an encoding or a preset has an unknown name.
    """

    def __init__(
        self,
        paths: Sequence[str],
        reading: Reading,
        *,
        batch_bytes: int,
        quarantine: Callable[[Quarantined], None],
        tmp_dir: str | None = None,
        skip_paths: Sequence[str] = (),
    ) -> None:
        if reading.format is not None and reading.format not in FORMATS:
            message = (
                f"there is no format {reading.format!r}; the formats are: {', '.join(FORMATS)}"
            )
            raise SettingsError(message)
        canonical_encoding(reading.encoding)
        self._candidates = candidates_for(reading.fields)
        self._reading = reading
        self._batch_bytes = batch_bytes
        self._quarantine = quarantine
        self._tmp_dir = tmp_dir
        found = find_sources(paths, reading, skip_paths)
        self._found = found
        self._bytes_done = 0
        self._n_read = 0
        self._open: ByteStream | None = None
        self.files: list[SourceFile] = []
        self.skipped: list[Skipped] = list(found.skipped)
        self.total_bytes = sum(source.size for source in found.sources)

    @property
    def sources(self) -> Sequence[Source]:
        """The files that the paths lead to, in reading order."""
        return self._found.sources

    def leave_out(self, scanned: Sequence[Source]) -> list[Skipped]:
        """Leave out, before reading, what is scanned: see :func:`dedup.corpus.sides.leave_out`."""
        skipped = leave_out(self._found, scanned)
        self.total_bytes = sum(source.size for source in self._found.sources)
        return skipped

    @property
    def bytes_read(self) -> int:
        """Bytes on disk read so far."""
        return self._bytes_done + (self._open.n_read if self._open else 0)

    def __iter__(self) -> Iterator[Batch]:
        """Yield the records of all files in batches, in reading order."""
        return self.batches()

    def batches(self, further: Sequence[str] = ()) -> Iterator[Batch]:
        """Yield the same, with the values of further fields that batches are to carry."""
        self.files.clear()
        self.skipped[:] = self._found.skipped
        self._bytes_done = 0
        self._n_read = 0
        return batched(self._pieces(tuple(further)), self._batch_bytes)

    def _pieces(self, further: tuple[str, ...]) -> Iterator[Piece]:
        for source in self._found.sources:
            if self._room() <= 0:
                return
            if source.piped:
                with _open_spool(source, self._tmp_dir) as spool:
                    _spool_input(source, spool)
                    self.total_bytes += spool.tell()
                    yield from self._read_file(source, Path(spool.name), further)
            else:
                yield from self._read_file(source, source.file, further)

    def _read_file(self, source: Source, file: Path, further: tuple[str, ...]) -> Iterator[Piece]:
        try:
            stream = ByteStream(file, self._reading)
        except OSError as error:
            if source.named:
                message = f"{source.path}: cannot be opened: {error.strerror}"
                raise InputError(message) from error
            reason = f"cannot be opened: {error.strerror}"
            self.skipped.append(Skipped(source.path, reason, unread=True))
            return
        self._open = stream
        try:
            kind = self._not_text(source, stream)
            if kind is None:
                yield from self._read_stream(source, stream, further)
            else:
                unread = may_hold_text(source.path, kind)
                self.skipped.append(Skipped(source.path, f"not text: {kind}", unread))
        finally:
            self._open = None
            stream.close()
        self._bytes_done += stream.raw.size

    def _read_stream(
        self, source: Source, stream: ByteStream, further: tuple[str, ...]
    ) -> Iterator[Piece]:
        format_name = self._reading.format or detect_format(source.path, stream.head)
        entry = SourceFile(source.path, format_name, stream.compression, stream.raw.size)
        if not source.piped:
            entry.path_bytes = bytes_unless_utf8(source.file)
        self.files.append(entry)
        intake = Intake(
            source=entry,
            row=len(self.files) - 1,
            reading=self._reading,
            quarantine=self._quarantine,
            limit=self._room(),
            further=further,
        )
        yield from read_records(format_name, stream, intake, self._candidates)
        self._n_read += entry.n_records
        if not source.piped and self._room() > 0:
            entry.digest = stream.raw.digest()

    def _not_text(self, source: Source, stream: ByteStream) -> str | None:
        if self._reading.format is not None:
            return None
        return binary_kind(source.path, stream.original, canonical_encoding(self._reading.encoding))

    def _room(self) -> int:
        """Return how many records may still be read."""
        limit = self._reading.limit
        return sys.maxsize if limit is None else limit - self._n_read


def _open_spool(source: Source, tmp_dir: str | None) -> IO[bytes]:
    try:
        return tempfile.NamedTemporaryFile(dir=tmp_dir, prefix=_SPOOL_PREFIX)
    except OSError as error:
        message = (
            f"{source.path}: cannot be copied to {tmp_dir or 'a temporary folder'}: "
            f"{error.strerror}. Name another folder with --tmp-dir."
        )
        raise OutputError(message) from error


def _spool_input(source: Source, spool: IO[bytes]) -> None:
    """Copy standard input or a pipe to a temporary file.

    The format is found by content, and Parquet needs to jump about: neither works on a
    pipe.
    """
    if source.path == STDIN and sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison]
        message = f"{STDIN}: standard input is closed: name a file, or send something"
        raise InputError(message)
    try:
        if source.path == STDIN:
            shutil.copyfileobj(sys.stdin.buffer, spool, _SPOOL_BYTES)
        else:
            with source.file.open("rb") as piped:
                shutil.copyfileobj(piped, spool, _SPOOL_BYTES)
        spool.flush()
    except OSError as error:
        with suppress(OSError):  # closing writes what is buffered, and fails once more
            spool.close()
        message = (
            f"{source.path}: cannot be copied to {spool.name}: {error.strerror}. Name a folder on "
            "a larger disk with --tmp-dir."
        )
        raise InputError(message) from error

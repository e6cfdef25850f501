"""The account of one input file: what was read of it and what was quarantined."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

from dedup.config import Reading
from dedup.corpus.values import RAW_KEPT
from dedup.model import Quarantined, SourceFile


def forget(bad: Quarantined) -> None:
    """Take a record that cannot be read where nobody wants it: an earlier reading told of it."""
    del bad


@dataclass(slots=True)
class Intake:
    """One file while it is read: its counts, its limits and its quarantine.

    Attributes
    ----------
    source : SourceFile
        The file; its counts grow as records come in.
    row : int
        Row of the file in the reader's list of files.
    reading : Reading
        How inputs are opened and which records are taken.
    quarantine : callable
        Takes every record that cannot be read.
    limit : int
        Records this file may still give.
    further : tuple of str
        Names of further fields whose values are handed on.
    """

    source: SourceFile
    row: int
    reading: Reading
    quarantine: Callable[[Quarantined], None]
    limit: int = sys.maxsize
    further: tuple[str, ...] = ()

    @classmethod
    def again(cls, source: SourceFile, reading: Reading, further: tuple[str, ...] = ()) -> Intake:
        """Return an account of a file that is read once more: its bad records are known."""
        counted = SourceFile(source.path, source.format)
        return cls(counted, 0, reading, forget, further=further)

    @property
    def room(self) -> int:
        """Records that may still be read."""
        return self.limit - self.source.n_records

    def accept(self, n_records: int) -> None:
        """Count records that go into a batch."""
        self.source.n_records += n_records

    def reject(
        self, line: int, byte_offset: int, reason: str, raw: bytes, raw_length: int | None = None
    ) -> None:
        """Count a record and hand it to the quarantine.

        Parameters
        ----------
        line, byte_offset : int
            Where the record starts.
        reason : str
            What is wrong with it and, where there is one, the flag that helps.
        raw : bytes
            The record as it lies in the file; the first 64 KiB are kept.
        raw_length : int, optional
            Its true length where ``raw`` is not all of it; -1 when nobody can know.
        """
        self.source.n_records += 1
        self.source.n_quarantined += 1
        length = len(raw) if raw_length is None else raw_length
        self.quarantine(
            Quarantined(self.source.path, line, byte_offset, reason, raw[:RAW_KEPT], length)
        )

    def too_long(self, line: int, byte_offset: int, raw: bytes, raw_length: int) -> None:
        """Quarantine a record that is longer than the limit."""
        limit = self.reading.max_record_bytes
        reason = (
            f"{raw_length:,} bytes are more than a record may have "
            f"({limit:,}; --max-record-bytes raises it)"
        )
        self.reject(line, byte_offset, reason, raw, raw_length)

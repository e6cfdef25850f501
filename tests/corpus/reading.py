"""One way to read a corpus in these tests: every read also checks that counts add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dedup.config import Reading
from dedup.corpus import CorpusReader
from dedup.model import Batch, Quarantined


@dataclass(frozen=True)
class Record:
    """A record as it came out of a batch."""

    id: str
    text: str
    path: str
    line: int
    byte_offset: int
    title: str | None
    url: str | None
    date: str | None
    source: str | None


@dataclass
class Outcome:
    """What reading some paths gave."""

    records: list[Record]
    quarantined: list[Quarantined]
    reader: CorpusReader

    @property
    def texts(self) -> list[str]:
        return [record.text for record in self.records]

    @property
    def ids(self) -> list[str]:
        return [record.id for record in self.records]

    @property
    def reasons(self) -> list[str]:
        return [entry.reason for entry in self.quarantined]

    @property
    def skipped(self) -> list[tuple[str, str]]:
        return [(skipped.path, skipped.reason) for skipped in self.reader.skipped]


def read(
    *paths: str | Path,
    batch_bytes: int = 1 << 20,
    tmp_dir: str | None = None,
    skip_paths: Sequence[str] = (),
    **reading: Any,
) -> Outcome:
    """Read paths with the given settings and check that the counts add up."""
    quarantined: list[Quarantined] = []
    reader = CorpusReader(
        [str(path) for path in paths],
        Reading(**reading),
        batch_bytes=batch_bytes,
        quarantine=quarantined.append,
        tmp_dir=tmp_dir,
        skip_paths=skip_paths,
    )
    records: list[Record] = []
    for batch in reader:
        assert batch.texts.offsets[-1] <= batch_bytes or len(batch) == 1
        records.extend(_records(batch, reader))
    _check_counts(records, quarantined, reader)
    return Outcome(records, quarantined, reader)


def decodes(data: bytes) -> bool:
    """Whether Python finds bytes to be UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _records(batch: Batch, reader: CorpusReader) -> Iterator[Record]:
    columns = (batch.titles, batch.urls, batch.dates, batch.sources)
    assert all(column is None or any(column.strings()) for column in columns)
    texts = [column.strings() if column else [""] * len(batch) for column in columns]
    for row, about in enumerate(zip(*texts, strict=True)):
        metadata = (text or None for text in about)
        yield Record(
            batch.ids[row].decode(),
            batch.texts[row].decode(),
            reader.files[int(batch.files[row])].path,
            int(batch.lines[row]),
            int(batch.byte_offsets[row]),
            *metadata,
        )


def _check_counts(
    records: list[Record], quarantined: list[Quarantined], reader: CorpusReader
) -> None:
    good = Counter(record.path for record in records)
    bad = Counter(entry.file for entry in quarantined)
    for file in reader.files:
        assert file.n_quarantined == bad.pop(file.path, 0)
        assert file.n_records == good.pop(file.path, 0) + file.n_quarantined
    assert not good
    assert not bad
    assert all(len(entry.raw) <= 64 * 1024 for entry in quarantined)

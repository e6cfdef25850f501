"""JSON Lines: one object a line. The format for large corpora, and the fastest."""

from __future__ import annotations

from collections.abc import Iterator

from dedup.corpus.batches import Piece
from dedup.corpus.intake import Intake
from dedup.corpus.json_records import JsonRecords
from dedup.corpus.lines import LineReader
from dedup.corpus.presets import Candidates
from dedup.corpus.streams import ByteStream


def read_jsonl(stream: ByteStream, intake: Intake, candidates: Candidates) -> Iterator[Piece]:
    """Yield the records of a JSON Lines file.

    Blank lines are no records; every other line is a record or is quarantined.
    """
    records = JsonRecords(intake, candidates)
    for lines in LineReader(stream, intake).unsplit():
        piece = records.read_lines(lines)
        if piece is not None:
            yield piece
        if intake.room <= 0:
            return

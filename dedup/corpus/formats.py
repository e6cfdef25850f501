"""The table of formats: which function reads which."""

from __future__ import annotations

from collections.abc import Iterator

from dedup.corpus.batches import Piece
from dedup.corpus.csv_rows import read_csv
from dedup.corpus.intake import Intake
from dedup.corpus.json_array import read_json_array
from dedup.corpus.jsonl import read_jsonl
from dedup.corpus.parquet import read_parquet
from dedup.corpus.presets import Candidates
from dedup.corpus.streams import ByteStream
from dedup.corpus.text_files import read_html, read_text


def read_records(
    name: str, stream: ByteStream, intake: Intake, candidates: Candidates
) -> Iterator[Piece]:
    """Yield the records of an open file of the named format."""
    if name == "text":
        return read_text(stream, intake)
    if name == "html":
        return read_html(stream, intake)
    if name in {"csv", "tsv"}:
        return read_csv(stream, intake, candidates, tabs=name == "tsv")
    if name == "parquet":
        return read_parquet(stream, intake, candidates)
    if name == "json":
        return read_json_array(stream, intake, candidates)
    return read_jsonl(stream, intake, candidates)

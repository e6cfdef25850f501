"""One corpus as a file of every format: written, scanned, and read without our own readers."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from dedup import Results, Settings, open_results, scan, write_results
from tests.corpora import Record, filler, planted

SETTINGS = Settings(threads=1)
CORPUS = [*planted(30), *filler(30)]
NAMES = ("id", "text", "title", "date", "source")
BLURB = "The town library opens again on Monday after a winter of repairs to its roof."
DOUBLED = f"Library\n{BLURB}\n\nElsewhere\n{BLURB}\n\nThe end, with “quotes” and a \\ in it"
"""A text that holds a passage twice."""


def jsonl_of(records: list[Record]) -> bytes:
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    return "\n".join([*lines[:7], "", "{broken", *lines[7:]]).encode()


def json_of(records: list[Record]) -> bytes:
    return json.dumps(records, indent=1).encode()


def csv_of(records: list[Record]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, NAMES)
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue().encode()


def tsv_of(records: list[Record]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, NAMES, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue().encode()


def parquet_of(records: list[Record]) -> bytes:
    out = io.BytesIO()
    table = pa.Table.from_pylist([{**dict.fromkeys(NAMES), **r} for r in records])
    table = table.replace_schema_metadata({"made": "by hand"})
    pq.write_table(table, out, row_group_size=23, compression="zstd")
    return out.getvalue()


def records_of(name: str, content: bytes) -> list[dict[str, Any]]:
    """Return the records of a file, read without our own readers."""
    if name.endswith(".gz"):
        content = gzip.decompress(content)
    elif name.endswith(".zst"):
        content = zstandard.ZstdDecompressor().decompressobj().decompress(content)
    if ".jsonl" in name:
        lines = [line for line in content.split(b"\n") if line.strip() and line != b"{broken"]
        return [json.loads(line) for line in lines]
    if ".json" in name:
        return json.loads(content)
    if name.endswith(".parquet"):
        return pq.read_table(io.BytesIO(content)).to_pylist()
    delimiter = "\t" if name.endswith(".tsv") else ","
    return list(csv.DictReader(io.StringIO(content.decode(), newline=""), delimiter=delimiter))


FORMS: dict[str, Callable[[list[Record]], bytes]] = {
    "a.jsonl": jsonl_of,
    "a.jsonl.gz": lambda records: gzip.compress(jsonl_of(records)),
    "a.jsonl.zst": lambda records: zstandard.compress(jsonl_of(records)),
    "a.json": json_of,
    "a.csv": csv_of,
    "a.csv.gz": lambda records: gzip.compress(csv_of(records)),
    "a.tsv": tsv_of,
    "a.parquet": parquet_of,
}


def scanned(folder: Path, name: str, settings: Settings = SETTINGS) -> Results:
    path = folder / name
    path.write_bytes(FORMS[name](CORPUS))
    return open_results(write_results(scan(path, settings), folder / "found"))


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def lines_of_jsonl(path: Path) -> list[dict[str, Any]]:
    return records_of(path.name, path.read_bytes())

"""Rows of ``documents.parquet`` and ``sources.parquet``: what other commands act on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dedup.found.arrow import (
    Column,
    bool_column,
    bytes_column,
    chosen_text_column,
    even_text_column,
    number_column,
    optional_number_column,
    ragged_column,
    text_column,
    time_column,
)
from dedup.found.columns import LABELS, MEMBER_SCORES, REASONS, ROWS_AT_ONCE
from dedup.found.result import Result
from dedup.found.shared_passages import documents_sharing, source_of, sources_of
from dedup.metadata.records import Metadata, SourceCounts
from dedup.model import NO_DATE, Int64s, UInt64s
from dedup.results.schema import arrow_schema, field_column
from dedup.text.digest import hex_of

if TYPE_CHECKING:
    import pyarrow as pa

Columns = dict[str, Column]


def iter_documents(result: Result) -> Iterator[Columns]:
    """Yield the records that results name, as columns, some thousand at a time.

    Members of clusters stand first, cluster by cluster; then, by number, all records of
    every unit that a link or a recorded pair names, and what repeats and shared passages
    name: enough to choose other representatives without another scan.
    """
    members, bounds = result.columns.members, result.columns.bounds
    for start in range(0, len(members), ROWS_AT_ONCE):
        rows = members[start : start + ROWS_AT_ONCE]
        numbers = np.searchsorted(bounds, np.arange(start, start + len(rows)), side="right")
        yield _about(result, rows) | _standing(result, rows, numbers)
    others = _other_records(result)
    for start in range(0, len(others), ROWS_AT_ONCE):
        rows = others[start : start + ROWS_AT_ONCE]
        yield _about(result, rows) | _no_standing(len(rows))


def count_sources(result: Result) -> Columns:
    """Count the scanned records of each source, and those of them that could go.

    Sources are told apart as :func:`dedup.found.shared_passages.source_of` does; by name.
    """
    records, files = result.found.records, result.inputs.files
    counted = records.sources or SourceCounts()
    totals = Counter(counted.named)
    for file, n in counted.of_files.items():
        # a page that is a file of its own comes from its folder: its record tells
        row = int(np.searchsorted(records.files, file))
        path = files[file].path
        totals[source_of(Metadata(records.id_of(row)), path) if n == 1 else path] += n
    names = sorted(totals)
    return {
        "source": text_column(names),
        "n_records": number_column(np.array([totals[name] for name in names], np.int64)),
        "n_removable": _count_removable(result, names),
    }


def count_sources_again(result: Result, sources: pa.Table) -> Columns:
    """Take over the records of each source from an earlier scan; count what could go."""
    return {
        "source": sources["source"],
        "n_records": sources["n_records"],
        "n_removable": _count_removable(result, sources["source"].to_pylist()),
    }


def _count_removable(result: Result, sources: list[str]) -> pa.Array:
    """Count the members of clusters that are not their representative, by source."""
    records, files = result.found.records, result.inputs.files
    leads = np.zeros(len(result.columns.members), np.bool_)
    leads[result.columns.bounds[:-1]] = True
    removable = result.columns.members[~leads]
    counted: Counter[str] = Counter()
    for start in range(0, len(removable), ROWS_AT_ONCE):
        rows = removable[start : start + ROWS_AT_ONCE]
        paths = [files[file].path for file in records.files[rows].tolist()]
        counted.update(sources_of(records.fields_of(rows), paths))
    return number_column(np.array([counted[name] for name in sources], np.int64))


def _other_records(result: Result) -> Int64s:
    """Return the named records that are in no cluster, ascending."""
    found = result.found
    named = np.zeros(found.n_units, np.bool_)
    for ends in (found.pairs.left, found.pairs.right):
        named[ends] = True
    units = np.asarray(found.records.units)
    wanted = np.zeros(len(units), np.bool_)
    wanted[units >= 0] = named[units[units >= 0]]
    wanted[found.repeats.documents] = True
    if found.passages:
        wanted[documents_sharing(found.passages)] = True
    wanted[result.columns.members] = False
    return np.flatnonzero(wanted)


def _about(result: Result, rows: Int64s) -> Columns:
    records = result.found.records
    facts = records.facts
    paths = [file.path for file in result.inputs.files]
    dates = facts.dates[rows]
    columns = {
        "record": number_column(records.numbers_of(rows)),
        **{
            name: ragged_column(texts, rows)
            for name, texts in zip(Metadata._fields, records.about, strict=True)
        },
        "file": chosen_text_column(paths, records.files[rows]),
        "line": number_column(records.lines[rows]),
        "byte_offset": number_column(records.byte_offsets[rows]),
        "digest": _digests(facts.digests[rows]),
        "n_chars": number_column(facts.n_chars[rows]),
        "unit": number_column(records.units[rows]),
        "against": bool_column(facts.against[rows]),
        "published": time_column(dates, dates == NO_DATE),
    }
    for name in result.kept_fields:
        columns[field_column(name)] = optional_number_column(facts.numbers(name, rows))
    if records.texts:
        columns["text"] = bytes_column(records.texts.views(rows))
    return columns


def _digests(digests: UInt64s) -> pa.Array:
    """Return digests in hexadecimal digits."""
    return even_text_column(hex_of(digests), len(digests))


def _standing(result: Result, rows: Int64s, numbers: Int64s) -> Columns:
    """Return where members of clusters stand, and their scores."""
    leads = result.columns.members[result.columns.bounds[numbers - 1]]
    verdicts, reasons, *scores = result.columns.scores(rows, leads)
    return {
        "cluster": number_column(numbers),
        "representative": number_column(result.found.records.numbers_of(leads)),
        "verdict": chosen_text_column(LABELS, verdicts),
        "reason": chosen_text_column(REASONS, reasons),
        **dict(zip(MEMBER_SCORES, map(number_column, scores), strict=True)),
    }


def _no_standing(n: int) -> Columns:
    import pyarrow as pa  # noqa: PLC0415 - needed only when results are written

    schema = arrow_schema("documents")
    names = ("cluster", "representative", "verdict", "reason", *MEMBER_SCORES)
    return {name: pa.nulls(n, schema.field(name).type) for name in names}

"""Rows of ``documents.parquet`` and ``sources.parquet``: what other commands act on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from dedup.model import NO_DATE, Int64s
from dedup.records import Metadata, SourceCounts
from dedup.result import Result
from dedup.rows import LABELS, REASONS, ROWS_AT_ONCE, link_rows
from dedup.shared_passages import documents_sharing, source_of

Columns = dict[str, Any]


def iter_documents(result: Result) -> Iterator[Columns]:
    """Yield the records that results name, as columns, some thousand at a time.

    Members of clusters stand first, cluster by cluster; then, by number, all records of
    every unit that a link or a recorded pair names, and what repeats and shared passages
    name: enough to choose other representatives without another scan.
    """
    members, bounds = result.rows.members, result.rows.bounds
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

    Sources are told apart as :func:`dedup.shared_passages.source_of` does; by name.
    """
    records, files = result.found.records, result.inputs.files
    counted = records.sources or SourceCounts()
    totals = Counter(counted.named)
    for file, n in counted.of_files.items():
        # a page that is a file of its own comes from its folder: its record tells
        row = int(np.searchsorted(records.files, file))
        path = files[file].path
        totals[source_of(Metadata(records.id_of(row)), path) if n == 1 else path] += n
    removable = count_removable(result)
    names = sorted(totals)
    return {
        "source": names,
        "n_records": [totals[name] for name in names],
        "n_removable": [removable[name] for name in names],
    }


def count_removable(result: Result) -> Counter[str]:
    """Count the members of clusters that are not their representative, by source."""
    records, files = result.found.records, result.inputs.files
    leads = np.zeros(len(result.rows.members), np.bool_)
    leads[result.rows.bounds[:-1]] = True
    return Counter(
        source_of(result.rows.about(row), files[int(records.files[row])].path)
        for row in result.rows.members[~leads].tolist()
    )


def _other_records(result: Result) -> Int64s:
    """Return the named records that are in no cluster, ascending."""
    found = result.found
    named = np.zeros(found.n_units, np.bool_)
    linked = link_rows(found)
    for ends in (found.pairs.left, found.pairs.right):
        named[ends], named[ends[linked]] = True, True
    units = np.asarray(found.records.units)
    wanted = np.zeros(len(units), np.bool_)
    wanted[units >= 0] = named[units[units >= 0]]
    wanted[found.repeats.documents] = True
    if found.passages:
        wanted[documents_sharing(found.passages)] = True
    wanted[result.rows.members] = False
    return np.flatnonzero(wanted)


def _about(result: Result, rows: Int64s) -> Columns:
    import pyarrow as pa  # noqa: PLC0415 - needed only when results are written

    records = result.found.records
    paths = [file.path for file in result.inputs.files]
    digests = records.facts.digests[rows].astype(">u8").tobytes().hex()
    dates = np.asarray(records.facts.dates)[rows]
    about = [result.rows.about(row) for row in rows.tolist()]
    texts = records.texts
    return {
        "record": records.numbers_of(rows),
        "id": [known.id for known in about],
        "file": [paths[file] for file in records.files[rows].tolist()],
        "line": records.lines[rows],
        "byte_offset": records.byte_offsets[rows],
        "digest": [digests[at : at + 32] for at in range(0, len(digests), 32)],
        "n_chars": records.facts.n_chars[rows],
        "unit": records.units[rows],
        "against": records.facts.against[rows],
        "title": [known.title for known in about],
        "url": [known.url for known in about],
        "date": [known.date for known in about],
        "published": pa.array(dates, pa.int64(), mask=dates == NO_DATE).cast(
            pa.timestamp("us", "UTC")
        ),
        "source": [known.source for known in about],
        "text": [texts[row].decode() if texts else None for row in rows.tolist()],
    }


def _standing(result: Result, rows: Int64s, numbers: Int64s) -> Columns:
    """Return where members of clusters stand, and their scores."""
    leads = result.rows.members[result.rows.bounds[numbers - 1]]
    verdicts, reasons, jaccard, containment, cosine = result.rows.scores(rows, leads)
    return {
        "cluster": numbers,
        "representative": result.found.records.numbers_of(leads),
        "verdict": [LABELS[verdict] for verdict in verdicts.tolist()],
        "reason": [REASONS[reason] for reason in reasons.tolist()],
        "jaccard": jaccard,
        "containment": containment,
        "cosine": cosine,
    }


def _no_standing(n: int) -> Columns:
    names = ("cluster", "representative", "verdict", "reason", "jaccard", "containment", "cosine")
    return {name: [None] * n for name in names}

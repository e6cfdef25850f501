"""Results as tables and lines for other programs: CSV that is safe to open, and JSON lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import to_builtins

from dedup.report.escapes import visible
from dedup.results import Results, check_opened

MEMBER_COLUMNS = (
    "cluster", "size", "kept", "id", "ref", "verdict", "jaccard", "containment", "cosine",
    "own_words", "flags", "title", "url", "date", "source", "representative",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell must not start with: spreadsheets run it. Full-width forms count for some."""


def safe_cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula.

    A text that starts like a formula gets an apostrophe in front, as does one that
    starts with an apostrophe, so that it can be taken off again.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell("-5 degrees"), safe_cell(-5), safe_cell("plain")
    ("'=1+1", "'-5 degrees", -5, 'plain')
    """
    if not isinstance(value, str):
        return value
    shown = visible(value)
    starts = shown.lstrip(" ").startswith(_FORMULA) or shown.startswith((*_FORMULA, "'"))
    return f"'{shown}" if starts else shown


def csv_rows(results: Results) -> Iterator[str]:
    """Yield a CSV table with one row for each member of each cluster, header first."""
    check_opened(results)
    yield _csv_line(MEMBER_COLUMNS)
    for cluster in results.clusters():
        for place, member in enumerate(cluster.members):
            row = {name: getattr(member, name, "") for name in MEMBER_COLUMNS}
            row |= {
                "cluster": cluster.cluster,
                "size": len(cluster.members),
                "kept": "yes" if place == 0 else "no",
                "flags": " ".join(member.flags),
                "representative": cluster.representative,
            }
            yield _csv_line("" if value is None else value for value in row.values())


def _csv_line(values: Iterable[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([safe_cell(value) for value in values])
    return line.getvalue()


def json_rows(results: Results) -> Iterator[dict[str, Any]]:
    """Yield everything found, one object at a time; ``kind`` says what each is."""
    check_opened(results)
    manifest = results.manifest
    yield {
        "kind": "summary",
        "dedup": manifest["dedup"],
        "created": manifest["created"],
        "counts": results.counts,
    }
    for cluster in results.clusters():
        yield {"kind": "cluster", **to_builtins(cluster)}
    for link in results.links():
        yield {"kind": "link", **to_builtins(link)}
    for repeat in results.repeats():
        yield {"kind": "repeat", **to_builtins(repeat)}
    for passage in results.passages():
        yield {"kind": "passage", **to_builtins(passage)}
    for record in results.quarantine():
        yield {"kind": "quarantined", **record}

"""Documents that results name, looked up by id and read again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dedup.corpus.lookup import FoundDocument
from dedup.errors import ResultsError
from dedup.metadata.records import Metadata
from dedup.model import Document
from dedup.results.reader import Results
from dedup.storage.places import Places

_COLUMNS = ["record", "file", "line", "digest", *Metadata._fields]


def named_documents(results: Results, names: Sequence[str]) -> list[FoundDocument]:
    """Return documents that results name, by id or by ``path#line``, short as summaries have it.

    Raises
    ------
    ResultsError
        If results name no such record, or its text cannot be read again.
    """
    places = Places.from_here(file.path for file in results.inputs)
    wanted: dict[str, list[str]] = {}
    for name in names:
        for place in {name, places.whole(name)}:
            wanted.setdefault(place, []).append(name)
    rows: dict[str, dict[str, Any]] = {}
    for row in results.documents(_COLUMNS).to_pylist():
        for place in {row["id"], f"{row['file']}#{row['line']}"} & wanted.keys():
            for name in wanted[place]:
                rows.setdefault(name, row)
    for name in names:
        if name not in rows:
            message = (
                f"{results.folder} names no record {name}: it is in no cluster, link or recorded "
                "pair, or spelled otherwise; --in takes the corpus itself too"
            )
            raise ResultsError(message)
    texts = dict(results.texts(row["record"] for row in rows.values()))
    return [
        FoundDocument(
            Document(texts[row["record"]], **{name: row[name] for name in Metadata._fields}),
            row["digest"],
        )
        for row in (rows[name] for name in names)
    ]

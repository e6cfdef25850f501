"""What each file of a results folder holds: the schemas that lie beside this module.

JSON files have a JSON Schema (``NAME.schema.json``), Parquet files a list of columns
(``NAME.columns.json``) that the Arrow schema is made of.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from dedup.results.folders import FolderKind
from dedup.storage import own_folders

if TYPE_CHECKING:
    import pyarrow as pa

RESULTS_FORMAT = 1
"""Version of the files of a results folder."""

MANIFEST = own_folders.RESULTS.name
MODEL = "model.npz"
REPORT = "report.html"
"""Made from the other files by `dedup report`; the manifest does not name it."""
JSON_FILES = ("manifest", "clusters", "links", "repeats", "passages", "quarantine")
TABLES = ("documents", "pairs", "sources")

LATER_COLUMNS = frozenset(
    {"passage_words", "gaps", "own_words_left", "own_words_right", "own_words"}
)
"""Columns of scores that results of earlier versions lack, and that are then taken to be 0."""

_FIELD = "field:"
RESULTS = FolderKind(
    "results",
    own_folders.RESULTS,
    frozenset({MANIFEST, MODEL, REPORT})
    | {f"{name}.jsonl" for name in JSON_FILES[1:]}
    | {f"{name}.parquet" for name in TABLES},
)


@cache
def json_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a line of ``NAME.jsonl``, or of ``manifest.json``.

    Examples
    --------
    >>> json_schema("clusters")["required"]
    ['cluster', 'representative', 'kept_by', 'merged', 'members']
    """
    return _load(f"{name}.schema.json")


def field_column(name: str) -> str:
    """Return the column of ``documents.parquet`` that keeps the numbers of a field.

    It stands there where the survivor policy names the field; no other column has a colon.
    """
    return f"{_FIELD}{name}"


def fields_of_columns(columns: Iterable[str]) -> list[str]:
    """Return the fields whose numbers some columns keep.

    Examples
    --------
    >>> fields_of_columns(["line", field_column("score")])
    ['score']
    """
    return [column.removeprefix(_FIELD) for column in columns if column.startswith(_FIELD)]


@cache
def arrow_schema(name: str) -> pa.Schema:
    """Return the Arrow schema of ``NAME.parquet``."""
    import pyarrow as pa  # noqa: PLC0415 - needed only where tables are read or written

    types = {
        "int64": pa.int64(),
        "double": pa.float64(),
        "bool": pa.bool_(),
        "string": pa.string(),
        "timestamp[us, tz=UTC]": pa.timestamp("us", "UTC"),
    }
    columns = _load(f"{name}.columns.json")["columns"]
    return pa.schema(
        [pa.field(column["name"], types[column["type"]], column["nullable"]) for column in columns]
    )


def _load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        files("dedup.results").joinpath("schemas", name).read_text("utf-8")
    )
    return found

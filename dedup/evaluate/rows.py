"""Rows of a JSON, JSON lines or CSV file, each with the place that an error can name."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from dedup.errors import InputError

_TABLES = {".csv": ",", ".tsv": "\t"}
_LEFT = ("left", "id1", "id_a", "a", "left_id")
_RIGHT = ("right", "id2", "id_b", "b", "right_id")


@dataclass(frozen=True, slots=True)
class Row:
    """One object of a file.

    Attributes
    ----------
    values : mapping
    place : str
        ``path, line n`` (or row n), for errors.
    """

    values: Mapping[str, Any]
    place: str

    def named(self, *names: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return the first of these fields that is there, or None."""
        return next((self.values[name] for name in names if name in self.values), None)

    def pair(self) -> tuple[str, str] | None:
        """Return the two ids of a row that names a pair, or None."""
        left, right = self.named(*_LEFT), self.named(*_RIGHT)
        return None if left is None or right is None else (self.id(left), self.id(right))

    def id(self, value: Any) -> str:  # noqa: ANN401
        """Return an id as text; a member may be an object that holds one."""
        if isinstance(value, Mapping):
            value = value.get("id")  # pyright: ignore[reportUnknownVariableType]
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            message = f"{self.place}: an id must be a string or an integer, not {value!r}"
            raise InputError(message)
        return str(value)


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the objects of a file.

    CSV and TSV have a header. A JSON file that is one object of ids (``{"a": 1, "b": 1}``,
    or lists under names) gives rows of ``key`` and ``value``; a list of lists gives rows of
    ``members``.

    Raises
    ------
    InputError
        If the file cannot be read, or a line is no JSON object.
    """
    try:
        if path.suffix in _TABLES:
            yield from _read_table(path)
        elif path.suffix == ".json":
            yield from _rows_of(json.loads(path.read_bytes()), path)
        else:
            yield from _read_lines(path)
    except OSError as error:
        message = f"cannot read {path}: {error.strerror or error}"
        raise InputError(message) from error
    except (ValueError, csv.Error) as error:
        message = f"{path} cannot be read as {path.suffix or 'JSON lines'}: {error}"
        raise InputError(message) from error


def _read_table(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file, delimiter=_TABLES[path.suffix])
        names: list[str] = []
        first = 1  # the line on which a row begins: its cells may hold line breaks
        for cells in lines:
            place, first = f"{path}, line {first}", lines.line_num + 1
            if names and cells:
                yield Row(dict(zip_longest(names, cells)), place)
            names = names or cells


def _read_lines(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            place = f"{path}, line {number}"
            try:
                values = json.loads(line)
            except ValueError as error:
                message = f"{place}: not JSON ({error}); give one JSON object a line"
                raise InputError(message) from error
            if not isinstance(values, dict):
                message = f"{place}: a JSON object is expected, not {type(values).__name__}"
                raise InputError(message)
            yield Row(values, place)


def _rows_of(value: Any, path: Path) -> Iterator[Row]:  # noqa: ANN401
    if isinstance(value, dict):
        if isinstance(value.get("clusters"), list):
            yield from _rows_of(value["clusters"], path)
            yield from _rows_of(value.get("links", []), path)
            return
        for key, held in value.items():
            yield Row({"key": key, "value": held}, f"{path}, {key!r}")
        return
    if not isinstance(value, list):
        message = f"{path}: a JSON object or array is expected"
        raise InputError(message)
    for number, item in enumerate(value, 1):
        place = f"{path}, row {number}"
        if isinstance(item, list):
            yield Row({"members": item}, place)
        elif isinstance(item, dict):
            yield Row(item, place)
        else:
            message = f"{place}: a JSON object or array is expected, not {item!r}"
            raise InputError(message)

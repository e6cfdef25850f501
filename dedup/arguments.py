"""What a library user may hand over as documents, checked before it is walked."""

from __future__ import annotations

from collections.abc import Iterable

from dedup.errors import InputError


def check_documents(documents: object) -> None:
    """Raise unless what was given can be walked as documents.

    Raises
    ------
    InputError
        If it is one string, a table, or an Arrow array: walking that gives characters,
        columns, or scalars that are no strings.
    """
    if isinstance(documents, str | bytes | bytearray | memoryview):
        what = "string" if isinstance(documents, str) else f"{type(documents).__name__} object"
        message = f"documents is one {what}: pass a list of texts, or the path of a file as str"
        raise InputError(message)
    rows_by = table_rows(documents)
    if rows_by is not None:
        message = (
            f"documents is a {type(documents).__name__}, a table, and walking it gives its "
            f"columns: pass its rows, by {rows_by}"
        )
        raise InputError(message)
    if hasattr(documents, "to_pylist"):
        message = (
            f"documents is a {type(documents).__name__}, and walking it gives scalars of Arrow: "
            "pass its values, by `.to_pylist()`"
        )
        raise InputError(message)
    if not isinstance(documents, Iterable) and not hasattr(documents, "__getitem__"):
        message = f"{type(documents).__name__} is neither a path nor an iterable of documents"
        raise InputError(message)


def table_rows(given: object) -> str | None:
    """Return the call that gives the rows of a table, or None when it is no table.

    Tables are known by what they have, so that none of their libraries is imported.
    """
    if hasattr(given, "collect") and hasattr(given, "collect_schema"):  # polars, not read yet
        return "`.collect().to_dicts()`"
    columns = getattr(given, "columns", None)
    if columns is None or callable(columns):
        return None
    for name in ("to_pylist", "to_dicts"):  # Arrow, polars
        if hasattr(given, name):
            return f"`.{name}()`"
    return '`.to_dict("records")`' if hasattr(given, "to_dict") else None


def check_made(name: str, value: object, kind: type, call: str) -> None:
    """Raise unless a value is an object of this package, such as what a call returns.

    Raises
    ------
    InputError
        If it is something else, such as the path of a folder.
    """
    if not isinstance(value, kind):
        message = f"{name} is a {type(value).__name__}, and no dedup.{kind.__name__}: {call}"
        raise InputError(message)

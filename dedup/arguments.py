"""What a library user may hand over as documents, checked before it is walked."""

from __future__ import annotations

from collections.abc import Iterable

from dedup.errors import InputError


def check_documents(documents: object, *, texts_only: bool = False) -> None:
    """Raise unless what was given can be walked as documents.

    Parameters
    ----------
    documents : object
    texts_only : bool
        Whether only strings are taken: messages call them texts then, and advise neither paths
        nor rows.

    Raises
    ------
    InputError
        If it is one string, a table, or an Arrow array: walking that gives characters,
        columns, or scalars that are no strings.
    """
    name, kind = "texts" if texts_only else "documents", type(documents).__name__
    path = "" if texts_only else ", or the path of a file as str"
    if isinstance(documents, str | bytes | bytearray | memoryview):
        what = "string" if isinstance(documents, str) else f"{kind} object"
        message = f"{name} is one {what}: pass a list of texts{path}"
        raise InputError(message)
    rows_by = table_rows(documents)
    if rows_by is not None:
        instead = "one column as a list of texts" if texts_only else f"its rows, by {rows_by}"
        message = f"{name} is a table ({kind}), and walking it gives its columns: pass {instead}"
        raise InputError(message)
    if hasattr(documents, "to_pylist"):
        message = (
            f"{name} is a {kind}, and walking it gives scalars of Arrow: pass its values, by "
            "`.to_pylist()`"
        )
        raise InputError(message)
    if not isinstance(documents, Iterable) and not hasattr(documents, "__getitem__"):
        message = f"{name} is {documents!r:.60}: pass a list of texts{path}"
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

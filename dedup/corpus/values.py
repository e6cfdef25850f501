"""JSON values to the text that ids and metadata are kept as."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from math import isinf
from typing import Any, cast

import orjson

from dedup.corpus.fields import MISSING, is_missing, value_of
from dedup.model import Ragged

RAW_KEPT = 64 * 1024
"""Bytes of a quarantined record that are kept."""


class BadRecord(Exception):
    """A record cannot be read; the message is the reason."""


def id_text(value: object) -> str | None:
    """Return an id as text: strings as they are, numbers as digits, the rest as JSON.

    Examples
    --------
    >>> id_text("007"), id_text(7), id_text(True), id_text(["a", 1]), id_text("")
    ('007', '7', 'true', '["a",1]', None)
    >>> id_text(float("nan")), id_text(float("inf"))
    (None, 'inf')
    """
    if is_missing(value):
        return None
    if isinstance(value, float) and isinf(value):
        return str(value)  # JSON has no form for it: every such record would be "null"
    return value if isinstance(value, str) else json_text(value)


def exact_id(raw: bytes, names: Iterable[str]) -> str | None:
    """Return a numeric id exactly as the record writes it, under the first name that has one.

    A float has lost how it was written, so the digits are read once more.

    Examples
    --------
    >>> exact_id(b'{"id": 123456789012345678901234567890}', ["id"])
    '123456789012345678901234567890'
    >>> exact_id(b'{"id": 1.50}', ["_id", "id"])
    '1.50'
    """
    try:
        record: Any = json.loads(raw, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        # Only the nesting limits of the two parsers differ: fall back to the float.
        record = orjson.loads(raw)
    for name in names:
        value = value_of(record, name)
        if value is not MISSING and not is_missing(value):
            return id_text(value)
    return None


def metadata_text(value: object) -> str | None:
    """Return a metadata value as text, or None for null and "".

    A list (or object) stands for its first string; without one it is kept as JSON.

    Examples
    --------
    >>> metadata_text(["", "A storm"]), metadata_text(2006), metadata_text(""), metadata_text([])
    ('A storm', '2006', None, None)
    """
    if is_missing(value):
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple | dict):
        return _first_string(cast("list[Any] | tuple[Any, ...] | dict[str, Any]", value))
    return json_text(value)


def metadata_column(values: Ragged | Sequence[Any] | None) -> Ragged | None:
    """Return a column of metadata as text; None when no record has a value."""
    if values is None:
        return None
    if isinstance(values, Ragged):
        return values if len(values.filled) else None
    texts = [value if type(value) is str else metadata_text(value) for value in values]
    return Ragged.from_strings(texts) if any(texts) else None


def further_columns(
    names: Iterable[str], values_of: Callable[[str], Ragged | Sequence[Any] | None]
) -> dict[str, Ragged]:
    """Return fields by name as columns of text, without those that no record has."""
    columns = {name: metadata_column(values_of(name)) for name in names}
    return {name: column for name, column in columns.items() if column is not None}


def json_text(value: object) -> str:
    """Return any value as text: as JSON where it has that form, else as Python shows it.

    Examples
    --------
    >>> json_text(7), json_text([1, None]), json_text(date(2006, 1, 31)), json_text(b"a")
    ('7', '[1,null]', '2006-01-31', 'a')
    >>> from uuid import UUID
    >>> json_text(UUID(int=1))
    '00000000-0000-0000-0000-000000000001'
    """
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, date):
        return value.isoformat()
    try:
        text = orjson.dumps(value).decode()
    except TypeError:
        return str(value)
    return orjson.loads(text) if text.startswith('"') else text


def beginning(pieces: Iterable[bytes]) -> bytes:
    """Return what is kept of a record that is too long, without joining all of it."""
    kept = bytearray()
    for piece in pieces:
        kept += piece[: RAW_KEPT - len(kept)]
    return bytes(kept)


def utf8_fault(raw: bytes, encoding: str = "utf-8") -> str | None:
    r"""Return why bytes are not valid text, or None when they are.

    Examples
    --------
    >>> utf8_fault(b"caf\xe9")
    'not valid UTF-8 at byte 3 of the record (0xe9); --encoding names another encoding'
    """
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            return f"cannot be decoded as {encoding}; --encoding names another encoding"
        return (
            f"not valid UTF-8 at byte {error.start} of the record "
            f"(0x{raw[error.start]:02x}); --encoding names another encoding"
        )
    return None


def _first_string(values: list[Any] | tuple[Any, ...] | dict[str, Any]) -> str | None:
    if not values:
        return None
    items = values.values() if isinstance(values, dict) else values
    for item in items:
        if isinstance(item, str) and item:
            return item
    return json_text(values)

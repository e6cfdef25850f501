"""Changing one field of a JSON object as it is written, and nothing else of it."""

from __future__ import annotations

import json
import re
from json import JSONDecodeError
from json.decoder import scanstring  # pyright: ignore[reportAttributeAccessIssue]

import orjson

from dedup.corpus.json_records import parse_record

_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


def value_span(text: str, name: str) -> tuple[int, int]:
    r"""Return where the value of a field stands in a JSON object.

    Of a name that stands twice the last one counts, as for parsers. A dotted name looks
    into nested objects unless a field is spelt so.

    Raises
    ------
    KeyError
        If there is no such field.

    Examples
    --------
    >>> line = '{"a": 1, "meta": {"body": "x"}}'
    >>> [line[slice(*value_span(line, name))] for name in ("a", "meta.body")]
    ['1', '"x"']
    """
    return _span(text, 0, name)


def with_value(raw: bytes, name: str, value: str, encoding: str = "utf-8") -> bytes:
    """Return a JSON object with another string as the value of a field.

    Examples
    --------
    >>> with_value(b'{"id" : 1.50, "text": "old"}', "text", "new")
    b'{"id" : 1.50, "text": "new"}'
    """
    text = raw.decode(encoding, "surrogateescape")
    start, end = value_span(text, name)
    changed = text[:start] + _dumped(value, encoding).decode(encoding) + text[end:]
    return changed.encode(encoding, "surrogateescape")


def with_field(raw: bytes, name: str, value: object, encoding: str = "utf-8") -> bytes:
    r"""Return a JSON object with one more field at its end.

    In an encoding other than UTF-8, what is added is escaped to ASCII.

    Raises
    ------
    KeyError
        If it has a field of that name already.

    Examples
    --------
    >>> with_field(b'{"id": 1}\r\n', "kept", True)
    b'{"id": 1,"kept":true}\r\n'
    >>> with_field(b"{}", "town", "Sk\u00e4rnes", "latin-1")
    b'{"town":"Sk\\u00e4rnes"}'
    """
    quoted = _dumped(name, encoding)
    # a name that is not ASCII may be written in two ways
    if (quoted in raw or not name.isascii()) and name in parse_record(as_utf8(raw, encoding)):
        raise KeyError(name)
    end = raw.rindex(b"}")
    comma = b"" if raw[:end].rstrip().endswith(b"{") else b","
    return b"".join((raw[:end], comma, quoted, b":", _dumped(value, encoding), raw[end:]))


def as_utf8(raw: bytes, encoding: str) -> bytes:
    """Return bytes of a text file in UTF-8."""
    return raw if encoding == "utf-8" else raw.decode(encoding).encode()


def _dumped(value: object, encoding: str) -> bytes:
    if encoding == "utf-8":
        return orjson.dumps(value)
    return json.dumps(value, separators=(",", ":")).encode()


def _span(text: str, at: int, name: str) -> tuple[int, int]:
    found: tuple[int, int] | None = None
    nested: tuple[int, str] | None = None
    at = _skip(text, at) + 1  # past the brace
    while text[at := _skip(text, at)] == '"':
        key, at = scanstring(text, at + 1)
        start = _skip(text, _skip(text, at) + 1)
        try:
            _, end = _DECODER.raw_decode(text, start)
        except JSONDecodeError as error:
            raise KeyError(name) from error
        if key == name:
            found = (start, end)
        elif name.startswith(f"{key}.") and text[start] == "{":
            nested = (start, name[len(key) + 1 :])
        at = _skip(text, end) + 1  # past the comma, or the brace at the end
        if text[at - 1] != ",":
            break
    if found:
        return found
    if nested:
        return _span(text, *nested)
    raise KeyError(name)


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at

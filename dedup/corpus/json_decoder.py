"""Decoding the fields that are read of JSON objects, many objects at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
import numpy as np

from dedup.corpus.fields import MISSING, value_of
from dedup.corpus.values import utf8_fault
from dedup.model import PADDING, Ragged

_PADDING = bytes(PADDING)


class Decoded(NamedTuple):
    """The fields of some JSON objects."""

    texts: Ragged
    column: Callable[[str], list[object]]
    """Returns one of the other fields; None where a record has none."""


class FieldDecoder:
    """Decodes some fields of JSON objects; the others are checked and passed over.

    Texts never become Python strings: the parser only finds them, and a kernel turns all
    of them into UTF-8. Where they are not ASCII, strings take three times as long, and
    they hold the interpreter's lock.

    Parameters
    ----------
    text : str
        Name of the field with the text, not dotted.
    others : iterable of str
        Names of the other fields to read, some perhaps dotted.
    """

    def __init__(self, text: str, others: Iterable[str]) -> None:
        keys = sorted({key for name in others for key in (name, name.split(".", 1)[0])} | {text})
        self._attributes = {key: f"field_{place}" for place, key in enumerate(keys)}
        self._text = self._attributes[text]
        self._decode = msgspec.json.Decoder(
            msgspec.defstruct(
                "Record",
                [(self._text, msgspec.Raw)]
                # of a dotted name the nested value counts where the flat one is missing
                + [
                    (attribute, Any, msgspec.UNSET if "." in key else None)
                    for key, attribute in self._attributes.items()
                    if key != text
                ],
                rename={attribute: key for key, attribute in self._attributes.items()},
                gc=False,
            )
        ).decode

    def decode(self, raws: Sequence[bytes]) -> Decoded | None:
        """Return the fields of all objects; None where anything is wrong with any."""
        try:
            records = list(map(self._decode, raws))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        if not _are_utf8(raws):  # the parser looks at what it decodes only
            return None
        texts = _read_strings(list(map(attrgetter(self._text), records)))
        return None if texts is None else Decoded(texts, partial(self._column, records))

    def _column(self, records: Sequence[object], name: str) -> list[object]:
        values: list[object] = list(map(attrgetter(self._attributes[name]), records))
        if "." not in name:
            return values
        top, _, rest = name.partition(".")
        outer = map(attrgetter(self._attributes[top]), records)
        return [
            _inside(around, rest) if value is msgspec.UNSET else value
            for value, around in zip(values, outer, strict=True)
        ]


def _inside(around: object, rest: str) -> object:
    """Return what a dotted name leads to inside the value of its first part."""
    value = value_of({"": around}, f".{rest}")
    return None if value is MISSING else value


@cache
def _kernels() -> Any:  # noqa: ANN401 - a module, or None
    """Return the kernels, or None where numba cannot be imported."""
    try:
        from dedup.kernels import json_strings  # noqa: PLC0415 - numba is heavy, and may be absent
    except ImportError:
        return None
    return json_strings


def _are_utf8(raws: Sequence[bytes]) -> bool:
    foreign = [raw for raw in raws if not raw.isascii()]
    if not foreign:
        return True
    kernels = _kernels()
    if kernels is None:
        return all(utf8_fault(raw) is None for raw in foreign)
    data = b"".join([*foreign, _PADDING])  # objects begin in ASCII: no two sequences meet
    return bool(kernels.is_utf8(np.frombuffer(data, np.uint8), len(data) - len(_PADDING)))


def _read_strings(strings: list[msgspec.Raw]) -> Ragged | None:
    """Return the texts that JSON strings stand for; None if one is no string."""
    kernels = _kernels()
    if kernels is None:
        if not all(bytes(string).startswith(b'"') for string in strings):
            return None
        return Ragged.from_bytes([msgspec.json.decode(s, type=str).encode() for s in strings])
    offsets = np.zeros(len(strings) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, strings), np.int64, len(strings)), out=offsets[1:])
    data = np.frombuffer(b"".join([*strings, _PADDING]), np.uint8)
    out, out_offsets = np.empty_like(data), np.empty_like(offsets)
    if not kernels.read_strings(data, offsets, out, out_offsets):
        return None
    return Ragged(out, out_offsets)

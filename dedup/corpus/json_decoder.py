"""Decoding the fields that are read of JSON objects, many objects at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec
from msgspec.structs import astuple

from dedup.corpus import scanning
from dedup.corpus.fields import MISSING, value_of
from dedup.model import Int64s, Ragged

_REFUSALS: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Decoded(NamedTuple):
    """The fields of some JSON objects."""

    texts: Ragged
    column: Callable[[str], Sequence[object]]
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
        self._places = {key: place for place, key in enumerate(keys)}
        self._text = self._places[text]
        self._decoder = msgspec.json.Decoder(
            msgspec.defstruct(
                "Record",
                [
                    # of a dotted name the nested value counts where the flat one is missing
                    (f"field_{place}", Any, msgspec.UNSET if "." in key else None)
                    if key != text
                    else (f"field_{place}", msgspec.Raw)
                    for place, key in enumerate(keys)
                ],
                rename={f"field_{place}": key for place, key in enumerate(keys)},
                kw_only=True,
                gc=False,
            )
        )

    def decode(self, raws: Sequence[bytes]) -> Decoded | None:
        """Return the fields of all objects; None where anything is wrong with any."""
        try:
            records = list(map(self._decoder.decode, raws))
        except _REFUSALS:
            return None
        return self._decoded(records, b"".join(raws))

    def decode_lines(self, data: bytes, ends: Int64s) -> Decoded | None:
        """Return the fields of the objects of whole lines, given the places behind each line.

        In a quarter less time than line by line. Where not every line is one object and
        nothing else, not even a space, None is returned as well.
        """
        if not scanning.are_bracketed(data, ends):
            return None
        try:
            records = self._decoder.decode_lines(data)
        except _REFUSALS:
            return None
        # a line break inside an object comes before or behind something else than a
        # bracket: every line has at least one object
        if len(records) != len(ends):
            return None
        return self._decoded(records, data)

    def _decoded(self, records: Sequence[msgspec.Struct], data: bytes) -> Decoded | None:
        if not scanning.is_utf8(data):  # the parser looks at what it decodes only
            return None
        # all fields of a record at once: one by one they take twice as long
        columns: list[tuple[Any, ...]] = list(zip(*map(astuple, records), strict=True))
        texts = scanning.read_strings(columns[self._text])
        return None if texts is None else Decoded(texts, partial(self._column, columns))

    def _column(self, columns: Sequence[Sequence[object]], name: str) -> Sequence[object]:
        values = columns[self._places[name]]
        if "." not in name:
            return values
        top, _, rest = name.partition(".")
        outer = columns[self._places[top]]
        return [
            _inside(around, rest) if value is msgspec.UNSET else value
            for value, around in zip(values, outer, strict=True)
        ]


def _inside(around: object, rest: str) -> object:
    """Return what a dotted name leads to inside the value of its first part."""
    value = value_of({"": around}, f".{rest}")
    return None if value is MISSING else value

"""Reading some fields of JSON objects, many objects at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from dedup.corpus.fields import MISSING, value_of
from dedup.corpus.json_parts import Column, ColumnOf
from dedup.model import PADDING, Bytes, Int64s, Ragged

_REFUSALS: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_LINES_EXPECTED: Final = 1 << 14


class _Kernels(NamedTuple):
    are_ready: Callable[[], bool]
    read_objects: Callable[..., bool]
    read_strings: Callable[..., None]
    is_utf8: Callable[[Bytes], bool]
    find_line_ends: Callable[[Bytes, Int64s], int]


@cache
def _kernels() -> Any:  # noqa: ANN401 - or None; whoever calls has asked whether there are any
    try:
        # heavy, may be absent
        from dedup.kernels import are_ready, json_fields, json_strings  # noqa: PLC0415
    except ImportError:
        return None
    kernels = (
        json_fields.read_objects,
        json_strings.read_strings,
        json_strings.is_utf8,
        json_strings.find_line_ends,
    )
    return _Kernels(partial(are_ready, *kernels), *kernels)


class Decoded(NamedTuple):
    """The fields of some JSON objects."""

    texts: Ragged
    column: ColumnOf
    """Returns one of the other fields: as texts where all values are strings or null, empty
    where a record has none; else the values, None where a record has none."""


class FieldDecoder:
    """Reads some fields of JSON objects; the others are checked and passed over.

    A kernel finds the fields, another turns strings into UTF-8: they become no Python
    strings, which takes longer than all else that is done to find them, and holds the
    interpreter's lock. What it finds no plain JSON is left to a parser that can say why.

    Parameters
    ----------
    text : str
        Name of the field with the text, not dotted.
    others : iterable of str
        Names of the other fields to read, some perhaps dotted.
    """

    def __init__(self, text: str, others: Iterable[str]) -> None:
        self._names: dict[str, list[str]] = {}
        for name in sorted(others):
            for key in {name, name.split(".", 1)[0]}:
                self._names.setdefault(key, []).append(name)
        self._every_key = sorted(self._names)
        self._keys = Ragged.from_bytes([key.encode() for key in (text, *self._every_key)])

    @property
    def available(self) -> bool:
        """Whether there are kernels, and no other process still compiles them.

        Without them there is nothing to call here; a parser reads meanwhile.
        """
        kernels = _kernels()
        return kernels is not None and kernels.are_ready()

    def line_ends(self, data: bytes) -> Int64s:
        """Return the places behind each line, of the last one also without a line feed."""
        array, ends = np.frombuffer(data, np.uint8), np.empty(_LINES_EXPECTED, np.int64)
        n_lines = _kernels().find_line_ends(array, ends)
        if n_lines > len(ends):
            ends = np.empty(n_lines, np.int64)
            _kernels().find_line_ends(array, ends)
        return ends[:n_lines]

    def decode(self, data: bytes, ends: Int64s) -> Decoded | None:
        """Return the fields of some objects.

        Parameters
        ----------
        data : bytes
            The objects, one after the other; white space may stand around each.
        ends : int64 array
            Where each ends.

        Returns
        -------
        Decoded or None
            None where anything is wrong with any, or may be.
        """
        array, n = np.frombuffer(data, np.uint8), len(ends)
        spans = np.empty((len(self._every_key), n, 2), np.int64)
        texts = Ragged(np.empty(len(data) + PADDING, np.uint8), np.empty(n + 1, np.int64))
        keys = self._keys.data, self._keys.offsets[1:]
        if not _kernels().read_objects(array, ends, *keys, spans, texts.data, texts.offsets):
            return None
        # which looks at marks alone, whatever stands between them
        if not (data.isascii() or _kernels().is_utf8(array)):
            return None
        # most of the names that may be asked for are in no record
        there = np.flatnonzero(spans.max(axis=(1, 2), initial=-1) >= 0)
        found = _Found(array, spans[there], [self._every_key[place] for place in there.tolist()])
        try:
            columns = {name: found.column(name) for key in found.keys for name in self._names[key]}
        except _REFUSALS:
            return None
        return Decoded(texts, columns.get)


class _Found:
    """What a kernel found: where in some bytes the values of some keys stand, a row for each."""

    def __init__(self, data: Bytes, spans: Int64s, keys: Sequence[str]) -> None:
        out = np.empty(int((spans[:, :, 1] - spans[:, :, 0]).sum()) + PADDING, np.uint8)
        offsets = np.empty((len(spans), spans.shape[1] + 1), np.int64)
        kinds = np.empty(len(spans), np.uint8)
        _kernels().read_strings(data, spans, out, offsets, kinds)
        self.keys = keys
        self._data, self._spans, self._kinds = data, spans, kinds
        self._places = {key: place for place, key in enumerate(keys)}
        self._strings = [Ragged(out, row) for row in offsets]
        self._decoded: dict[str, list[Any]] = {}

    def column(self, name: str) -> Column | None:
        """Return one field; of a dotted name the nested value where there is no flat one."""
        place = self._places.get(name)
        top, _, rest = name.partition(".")
        if rest and top in self._places:
            nested = [_inside(outer, rest) for outer in self._values(top)]
            if place is None:
                return None if all(value is None for value in nested) else nested
            starts = self._spans[place, :, 0].tolist()
            both = zip(self._values(name), nested, starts, strict=True)
            return [inner if start < 0 else value for value, inner, start in both]
        if place is None:
            return None
        return self._values(name) if self._kinds[place] > 1 else self._strings[place]

    def _values(self, key: str) -> list[Any]:
        """Return the JSON values of one key; None where there is none."""
        if key not in self._decoded:
            view, decode = self._data.data, msgspec.json.decode
            spans = self._spans[self._places[key]].tolist()
            self._decoded[key] = [decode(view[i:end]) if i >= 0 else None for i, end in spans]
        return self._decoded[key]


def _inside(around: object, rest: str) -> object:
    """Return what a dotted name leads to inside the value of its first part."""
    value = value_of({"": around}, f".{rest}")
    return None if value is MISSING else value

"""Reading some fields of JSON objects, many objects at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from dedup.corpus.fields import MISSING, value_of
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
    column: Callable[[str], Ragged | Sequence[object]]
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
        self._others = sorted(others)
        keys = sorted({key for name in self._others for key in (name, name.split(".", 1)[0])})
        self._places = {key: place for place, key in enumerate(keys)}
        self._keys = Ragged.from_bytes([key.encode() for key in (text, *keys)])

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
        spans = np.empty((len(self._places), n, 2), np.int64)
        texts = Ragged(np.empty(len(data) + PADDING, np.uint8), np.empty(n + 1, np.int64))
        keys = self._keys.data, self._keys.offsets[1:]
        if not _kernels().read_objects(array, ends, *keys, spans, texts.data, texts.offsets):
            return None
        # which looks at marks alone, whatever stands between them
        if not (data.isascii() or _kernels().is_utf8(array)):
            return None
        out = np.empty(int((spans[:, :, 1] - spans[:, :, 0]).sum()) + PADDING, np.uint8)
        offsets, kinds = np.empty((len(spans), n + 1), np.int64), np.empty(len(spans), np.uint8)
        _kernels().read_strings(array, spans, out, offsets, kinds)
        found = _Found(array, spans, [Ragged(out, row) for row in offsets], kinds)
        try:
            columns = {name: self._column(found, name) for name in self._others}
        except _REFUSALS:
            return None
        return Decoded(texts, columns.__getitem__)

    def _column(self, found: _Found, name: str) -> Ragged | Sequence[object]:
        place = self._places[name]
        top, _, rest = name.partition(".")
        if not rest:
            return found.values(place) if found.kinds[place] > 1 else found.strings[place]
        # of a dotted name the nested value counts where there is no flat one
        nested = [_inside(outer, rest) for outer in found.values(self._places[top])]
        both = zip(found.values(place), nested, found.spans[place, :, 0].tolist(), strict=True)
        return [inner if start < 0 else value for value, inner, start in both]


class _Found(NamedTuple):
    """What kernels found: as they fill it, a row for each field."""

    data: Bytes
    spans: Int64s
    strings: list[Ragged]
    kinds: Bytes

    def values(self, place: int) -> list[Any]:
        """Return the JSON values of one field; None where there is none."""
        view, decode = self.data.data, msgspec.json.decode
        spans = self.spans[place].tolist()
        return [decode(view[start:end]) if start >= 0 else None for start, end in spans]


def _inside(around: object, rest: str) -> object:
    """Return what a dotted name leads to inside the value of its first part."""
    value = value_of({"": around}, f".{rest}")
    return None if value is MISSING else value

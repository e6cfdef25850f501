"""Finding the top-level elements of JSON in bounded pieces, without parsing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dedup.model import Bytes, Int64s

_Bools = NDArray[np.bool_]

_QUOTE, _BACKSLASH, _COMMA, _NEWLINE = b'"\\,\n'
_OPEN_ARRAY, _CLOSE_ARRAY, _OPEN_OBJECT, _CLOSE_OBJECT = b"[]{}"
_IS_MARK: Final = np.zeros(256, np.bool_)
_IS_MARK[list(b'"\\,\n[]{}')] = True
_STEP: Final = np.zeros(256, np.int64)
_STEP[[_OPEN_ARRAY, _OPEN_OBJECT]] = 1
_STEP[[_CLOSE_ARRAY, _CLOSE_OBJECT]] = -1


@dataclass(frozen=True, slots=True)
class Cuts:
    """Where elements end and the next ones start, in one piece of a file.

    Attributes
    ----------
    ends, starts : int64 array
        The element before cut ``i`` ends at ``ends[i]`` (exclusive), the one after it
        starts at ``starts[i]``.
    newlines : int64 array
        Where the line feeds are.
    """

    ends: Int64s
    starts: Int64s
    newlines: Int64s


class Splitter:
    """Follows strings and brackets through a JSON file, piece by piece.

    An element is what stands between the commas of a top-level array, or an object that
    stands at the top itself. All marks of a piece are looked at in one go with numpy,
    so that 100,000 brackets in a row cost no more than other bytes.

    Attributes
    ----------
    depth : int
        Brackets that are open after the last piece.
    """

    def __init__(self) -> None:
        self.depth = 0
        self._in_array = False
        self._in_string = False
        self._escaped = False

    def cuts(self, data: Bytes) -> Cuts:
        """Return the cuts in the next piece of the file."""
        at = np.flatnonzero(_IS_MARK[data])
        marks = data[at]
        newlines = at[marks == _NEWLINE]
        outside = self._outside_strings(at, marks, len(data))
        at, marks = at[outside], marks[outside]
        step = _STEP[marks]
        depth = self._depths(step)
        before = np.concatenate([np.array([self.depth], np.int64), depth])[:-1]
        in_array = self._array_kinds(marks, (before == 0) & (depth == 1))
        opens = (before == 0) & (step == 1)
        closes = (depth == 0) & (step == -1)
        comma = (marks == _COMMA) & ((depth == 0) | ((depth == 1) & in_array))
        # An object at the top keeps its braces; the brackets of an array belong to none.
        keeps_open = opens & (marks == _OPEN_OBJECT)
        keeps_close = closes & (before == 1) & ~in_array
        cut = comma | opens | closes
        if len(depth):
            self.depth = int(depth[-1])
            self._in_array = bool(in_array[-1])
        return Cuts((at + keeps_close)[cut], (at + 1 - keeps_open)[cut], newlines)

    def _depths(self, step: Int64s) -> Int64s:
        """Return the depth after each mark; a bracket too many does not go below zero."""
        depth = np.cumsum(step) + self.depth
        return depth - np.minimum.accumulate(np.minimum(depth, 0))

    def _array_kinds(self, marks: Bytes, opens_top: _Bools) -> _Bools:
        """Return for each mark whether the bracket open at the top is that of an array."""
        rows = np.arange(len(marks))
        last = np.maximum.accumulate(np.where(opens_top, rows, -1))
        return np.where(last >= 0, marks[last] == _OPEN_ARRAY, self._in_array)

    def _outside_strings(self, at: Int64s, marks: Bytes, n_bytes: int) -> _Bools:
        """Return for each mark whether it stands outside of strings (quotes do not).

        A string holds no raw line feed, so that one that is not closed ends with its line.
        """
        quotes = (marks == _QUOTE) & ~self._escapes(at, marks, n_bytes)
        n_quotes = np.cumsum(quotes)
        rows = np.arange(len(marks))
        line_start = np.maximum.accumulate(np.where(marks == _NEWLINE, rows, -1))
        since = np.where(
            line_start >= 0, n_quotes - n_quotes[line_start], n_quotes + self._in_string
        )
        if len(since):
            self._in_string = bool(since[-1] & 1)
        return (since & 1 == 0) & (marks != _QUOTE)

    def _escapes(self, at: Int64s, marks: Bytes, n_bytes: int) -> _Bools:
        r"""Return for each mark whether a backslash before it takes its meaning away."""
        escaped = np.zeros(len(at), np.bool_)
        carried = self._escaped
        self._escaped = False
        if len(at) == 0:
            return escaped
        backslash = marks == _BACKSLASH
        adjacent = np.diff(at, prepend=-2) == 1
        adjacent[0] = False
        follows = adjacent & np.concatenate([[False], backslash[:-1]])
        rows = np.arange(len(at))
        run_start = np.maximum.accumulate(np.where(backslash & ~follows, rows, 0))
        in_run = rows - run_start + 1
        if carried and at[0] == 0:
            escaped[0] = True
            in_run += run_start == 0
        odd = backslash & (in_run & 1 == 1)
        escaped[1:] |= follows[1:] & odd[:-1]
        self._escaped = bool(odd[-1]) and int(at[-1]) == n_bytes - 1
        return escaped

"""Rewriting lines and elements: what is not to change goes through as it is."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any

from dedup.corpus.streams import ByteStream, canonical_encoding

Write = Callable[[bytes], object]
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class LineEdit:
    """A change to some lines of a file.

    Attributes
    ----------
    first, last : int
        Lines, from 1, both included.
    change : function, optional
        From the bytes of these lines to what stands in their place; None removes them.
    """

    first: int
    last: int
    change: Callable[[bytes], bytes] | None = None


def edit_lines(stream: ByteStream, edits: Iterator[LineEdit], write: Write) -> int:
    r"""Copy a stream with changes to some of its lines; return how many were made.

    Blocks without a change are written as they were read: their lines are only counted.

    Parameters
    ----------
    stream : ByteStream
        Lines end with ``\n``.
    edits : iterator of LineEdit
        In the order of the file, without overlap; asked for one ahead.
    write : function
    """
    editor = LineEditor(edits, write)
    while block := stream.read(_BLOCK_BYTES):
        editor.take(block)
    return editor.finish()


class LineEditor:
    """Takes a stream block by block; see :func:`edit_lines`."""

    def __init__(self, edits: Iterator[LineEdit], write: Write) -> None:
        self._edits = edits
        self._next = next(edits, None)
        self._write = write
        self._line = 1
        self._held: list[bytes] = []
        self._n_done = 0

    def take(self, block: bytes) -> None:
        """Take the next block, cut anywhere."""
        n_feeds = block.count(b"\n")
        if self._next is None or self._next.first > self._line + n_feeds:
            self._write(block)
            self._line += n_feeds
            return
        kept: list[bytes] = []
        for piece in BytesIO(block):
            if self._next is None or self._line < self._next.first:
                kept.append(piece)
            else:
                self._held.append(piece)
            if piece.endswith(b"\n"):
                if self._next is not None and self._line == self._next.last:
                    kept.append(self._changed())
                self._line += 1
        self._write(b"".join(kept))

    def finish(self) -> int:
        """Make a change to a last line that has no line feed; return all that were made."""
        if self._held:
            self._write(self._changed())
        return self._n_done

    def _changed(self) -> bytes:
        edit, raw = self._next, b"".join(self._held)
        self._held = []
        self._n_done += 1
        self._next = next(self._edits, None)
        return edit.change(raw) if edit is not None and edit.change is not None else b""


@dataclass(frozen=True, slots=True)
class RowChange:
    """Adds cells to a row of a table, or writes it anew where cells are given.

    Of what is added, None is an empty cell, and a list is a JSON array: an address may
    hold any separator.
    """

    cells: list[str] | None
    added: Sequence[Any]
    delimiter: str
    encoding: str

    def __call__(self, raw: bytes) -> bytes:
        """Return the row as it shall be, with the line end it had."""
        body = raw.rstrip(b"\r\n")
        ending = raw[len(body) :]
        if self.cells is not None:
            body = self._line(self.cells)
        if self.added:
            body += self.delimiter.encode() + self._line(
                [self._cell(value) for value in self.added]
            )
        return body + ending

    def _cell(self, value: Any) -> str:  # noqa: ANN401 - what JSON can hold
        if isinstance(value, list):
            escaped = canonical_encoding(self.encoding) != "utf-8"
            return json.dumps(value, ensure_ascii=escaped, separators=(",", ":"))
        return "" if value is None else str(value)

    def _line(self, cells: list[str]) -> bytes:
        out = StringIO()
        # with another line end, cells that hold a line feed would not be quoted
        csv.writer(out, delimiter=self.delimiter, lineterminator="\r\n").writerow(cells)
        return out.getvalue().removesuffix("\r\n").encode(canonical_encoding(self.encoding))


class Elements:
    """Writes the elements of a JSON file, one a line."""

    def __init__(self, write: Write, in_array: bool) -> None:
        self._write = write
        self._before, self._between, self._after = (
            (b"[\n", b",\n", b"\n]\n") if in_array else (b"", b"\n", b"\n")
        )

    def put(self, raw: bytes) -> None:
        """Write an element, without the blanks after it."""
        self._write(self._before + raw.rstrip())
        self._before = self._between

    def end(self) -> None:
        """Write what comes after the last element."""
        opening = b"" if self._before == self._between else self._before
        self._write(opening + self._after)

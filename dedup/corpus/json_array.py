"""JSON files that are no JSON Lines: arrays of objects, and objects over many lines.

The file is cut into its top-level elements without parsing it, so that memory stays
bounded and one bad element costs that element only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from dedup.corpus.batches import Piece
from dedup.corpus.content import parse_object
from dedup.corpus.intake import Intake
from dedup.corpus.json_records import JsonRecords
from dedup.corpus.json_splitter import Splitter
from dedup.corpus.lines import Block, admit
from dedup.corpus.presets import Candidates
from dedup.corpus.streams import BLOCK_BYTES, ByteStream
from dedup.corpus.values import beginning
from dedup.model import Int64s

_BETWEEN: Final = b" \t\r\n,"
_NEXT_ELEMENT: Final = re.compile(rb",[ \t]*\r?\n([ \t]*)(?=\{)")
"""Where, in an array that is broken, the next element may begin."""


def read_json_array(stream: ByteStream, intake: Intake, candidates: Candidates) -> Iterator[Piece]:
    """Yield the objects of a JSON file: the elements of an array, or the file itself.

    Several arrays or objects one after the other are read too. In what is left when
    brackets do not close, the elements that begin on a line of their own are still found.
    """
    records = JsonRecords(intake, candidates)
    for block in ElementReader(stream, intake):
        admitted = admit(block, intake)
        if len(admitted):
            piece = records.read(admitted)
            if piece is not None:
                yield piece
        if intake.room <= 0:
            return


class ElementReader:
    """Reads a JSON file as blocks of top-level elements.

    Parameters
    ----------
    stream : ByteStream
        The file.
    intake : Intake
        Its account.
    """

    def __init__(self, stream: ByteStream, intake: Intake) -> None:
        self._stream = stream
        self._intake = intake
        self._splitter = Splitter()
        self._line = 1
        self._read = 0
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._held_at = (1, 0)

    def __iter__(self) -> Iterator[Block]:
        """Yield the elements of the file in blocks."""
        while chunk := self._stream.read(BLOCK_BYTES):
            block = self._cut(chunk)
            if len(block):
                yield block
        yield from self._end()

    def _cut(self, chunk: bytes) -> Block:
        """Return the elements that end in this chunk; the last piece is held."""
        cuts = self._splitter.cuts(np.frombuffer(chunk, np.uint8))
        raws: list[bytes] = []
        lengths: list[int] = []
        places: list[tuple[int, int]] = []
        start = 0
        for end, next_start in zip(cuts.ends.tolist(), cuts.starts.tolist(), strict=True):
            self._hold(chunk[start:end], start, cuts.newlines)
            if self._held:
                raws.append(b"".join(self._held))
                lengths.append(self._held_bytes)
                places.append(self._held_at)
                self._held, self._held_bytes = [], 0
            start = next_start
        self._hold(chunk[start:], start, cuts.newlines)
        self._read += len(chunk)
        self._line += len(cuts.newlines)
        return self._block(raws, lengths, places)

    def _hold(self, piece: bytes, start: int, newlines: Int64s) -> None:
        """Keep a piece of an element; an element does not begin with white space."""
        if not self._held:
            length = len(piece)
            piece = piece.lstrip(_BETWEEN)
            begin = start + length - len(piece)
            line = self._line + int(np.searchsorted(newlines, begin))
            self._held_at = (line, self._read + begin)
        if not piece:
            return
        self._held.append(piece)
        self._held_bytes += len(piece)
        if self._held_bytes > self._intake.reading.max_record_bytes:
            self._held = [beginning(self._held)]

    def _block(self, raws: list[bytes], lengths: list[int], places: list[tuple[int, int]]) -> Block:
        lines = np.array([line for line, _ in places], np.int64)
        offsets = np.array([self._offset(position) for _, position in places], np.int64)
        return Block(raws, np.array(lengths, np.int64), lines, offsets)

    def _offset(self, position: int) -> int:
        return position + self._stream.start if self._stream.start >= 0 else -1

    def _end(self) -> Iterator[Block]:
        """Yield what an array that was never closed still holds, and say that it was not."""
        rest = b"".join(self._held)
        fault = self._stream.fault
        if fault is not None:
            if self._intake.room > 0:
                line, position = self._held_at
                self._intake.reject(line, self._offset(position), fault, rest, -1)
            return
        unclosed = self._splitter.depth > 0
        if rest and self._held_bytes > len(rest):
            yield self._block([rest], [self._held_bytes], [self._held_at])
        elif rest:
            raws, places = _recover(rest, self._held_at)
            whole = parse_object(raws[-1]) is not None
            unclosed = unclosed and whole and not rest.rstrip().endswith(b"]")
            yield self._block(raws, [len(raw) for raw in raws], places)
        if unclosed and self._intake.room > 0:
            reason = "the file ends before its JSON array is closed: records may be missing"
            self._intake.reject(self._line, self._offset(self._read), reason, b"", -1)


def _recover(rest: bytes, place: tuple[int, int]) -> tuple[list[bytes], list[tuple[int, int]]]:
    """Return the elements in the rest of an array whose brackets do not match.

    Only what is not valid JSON as a whole is cut, at the lines that begin an object with
    the smallest indentation: further in are nested objects.
    """
    matches = list(_NEXT_ELEMENT.finditer(rest))
    if not matches or parse_object(rest) is not None:
        return [rest], [place]
    indent = min(len(match[1]) for match in matches)
    outer = [match for match in matches if len(match[1]) == indent]
    starts = [0, *(match.end() for match in outer)]
    ends = [*(match.start() for match in outer), len(rest)]
    raws = [rest[start:end] for start, end in zip(starts, ends, strict=True)]
    if parse_object(raws[-1]) is None:
        raws[-1] = raws[-1].rstrip().removesuffix(b"]")
    line, offset = place
    return raws, [(line + rest.count(b"\n", 0, start), offset + start) for start in starts]

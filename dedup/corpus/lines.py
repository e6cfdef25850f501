"""Splitting a stream into blocks of lines, fast and in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import numpy as np

from dedup.corpus.intake import Intake
from dedup.corpus.streams import BLOCK_BYTES, ByteStream
from dedup.corpus.values import beginning
from dedup.model import Int64s


@dataclass(slots=True)
class Block:
    """Some records as they lie in the file, and where they stand.

    Attributes
    ----------
    raws : list of bytes
        The lines with their line feed (or array elements). Of one that is longer than a
        record may be only the beginning is here.
    lengths : int64 array
        Their true lengths, without the line feed.
    lines : int64 array
        Their line numbers, from 1.
    byte_offsets : int64 array
        Where they start; -1 where that means nothing.
    """

    raws: list[bytes]
    lengths: Int64s
    lines: Int64s
    byte_offsets: Int64s

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.raws)

    def take(self, rows: list[int]) -> Block:
        """Return the block with only these rows."""
        index = np.array(rows, np.int64)
        return Block(
            [self.raws[row] for row in rows],
            self.lengths[index],
            self.lines[index],
            self.byte_offsets[index],
        )

    def without_blank(self) -> Block:
        """Return the block without blank lines: they are no records."""
        return self.take([row for row, raw in enumerate(self.raws) if not is_blank(raw)])


def is_blank(raw: bytes) -> bool:
    """Return whether a line holds nothing but white space."""
    return not raw or raw.isspace()


def admit(block: Block, intake: Intake) -> Block:
    """Return the records of a block that may be read.

    Records beyond the limit are left out; longer ones than a record may be go to the
    quarantine.
    """
    if intake.room < len(block):
        block = block.without_blank()
        block = block.take(list(range(min(intake.room, len(block)))))
    longest = intake.reading.max_record_bytes
    if len(block) == 0 or int(block.lengths.max()) <= longest:
        return block
    for row in np.flatnonzero(block.lengths > longest).tolist():
        intake.too_long(
            int(block.lines[row]),
            int(block.byte_offsets[row]),
            block.raws[row],
            int(block.lengths[row]),
        )
    return block.take(np.flatnonzero(block.lengths <= longest).tolist())


@dataclass(slots=True)
class Lines:
    """Some lines as they lie in the file, not split yet.

    Attributes
    ----------
    data : bytes
        The lines, each with its line feed; only the last line of a file may have none.
    line : int
        Number of the first one, from 1.
    byte_offset : int
        Where it starts; -1 where that means nothing.
    length : int
        The true length of all of them. It is more than ``data`` has where this is a single
        line, longer than a record may be: then only its beginning is here.
    ends : int64 array or None
        The places behind each line in ``data``, once somebody has looked for them.
    """

    data: bytes
    line: int
    byte_offset: int
    length: int
    ends: Int64s | None = None

    def split(self) -> Block:
        """Return them one by one."""
        # Twice as fast as bytes.split: readlines looks for the line feed with memchr.
        raws = BytesIO(self.data).readlines()
        self.ends = np.cumsum(np.fromiter(map(len, raws), np.int64, len(raws)))
        return Block(raws, *self.places(self.ends))

    def places(self, ends: Int64s) -> tuple[Int64s, Int64s, Int64s]:
        """Return lengths, lines and byte offsets as :class:`Block` has them."""
        offsets = np.zeros_like(ends)
        offsets[1:] = ends[:-1]
        lengths = ends - offsets
        lengths[:-1] -= 1
        lengths[-1:] += self.length - len(self.data) - self.data.endswith(b"\n")
        if self.byte_offset < 0:
            offsets[:] = -1
        else:
            offsets += self.byte_offset
        return lengths, np.arange(self.line, self.line + len(ends)), offsets

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.split() if self.ends is None else self.ends)


class LineReader:
    r"""Reads a stream as blocks of lines, split at ``\n`` and nowhere else.

    A line that is longer than a record may be is passed over without being held: only
    its beginning is handed on. Where the stream breaks off, the line it breaks off in
    goes to the quarantine.

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
        self._line = 1
        self._offset = stream.start
        self._held: list[bytes] = []
        self._held_bytes = 0

    def __iter__(self) -> Iterator[Block]:
        """Yield the lines of the file in blocks."""
        return map(Lines.split, self.unsplit())

    def unsplit(self) -> Iterator[Lines]:
        """Yield the lines of the file, some hundred at a time."""
        while chunk := self._stream.read(BLOCK_BYTES):
            for lines in self._lines(chunk):
                yield lines
                self._line += len(lines)
        yield from self._end()

    def _lines(self, chunk: bytes) -> Iterator[Lines]:
        """Yield the lines that end in this chunk, the first one with what was held."""
        end = chunk.rfind(b"\n") + 1
        start = 0
        if end and self._held_bytes > self._intake.reading.max_record_bytes:
            start = chunk.index(b"\n") + 1
            yield self._take(chunk[:start])
        if start < end:
            yield self._take(memoryview(chunk)[start:end])
        self._hold(chunk[end:])

    def _take(self, ended: bytes | memoryview) -> Lines:
        """Return the lines that end in some bytes, the first one with what was held."""
        lines = Lines(
            b"".join([*self._held, ended]),
            self._line,
            self._offset,
            self._held_bytes + len(ended),
        )
        if self._offset >= 0:
            self._offset += lines.length
        self._held.clear()
        self._held_bytes = 0
        return lines

    def _hold(self, piece: bytes) -> None:
        if not piece:
            return
        self._held_bytes += len(piece)
        self._held.append(piece)
        if self._held_bytes > self._intake.reading.max_record_bytes:
            self._held = [beginning(self._held)]

    def _end(self) -> Iterator[Lines]:
        """Yield the last line where it has no line feed, or give up on the rest."""
        rest = b"".join(self._held)
        fault = self._stream.fault
        if fault is not None and self._intake.room > 0:
            self._intake.reject(self._line, self._offset, fault, rest, -1)
        elif rest:
            yield self._take(b"")

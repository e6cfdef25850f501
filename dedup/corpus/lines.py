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


class LineReader:
    r"""Reads a stream as blocks of lines, split at ``\n`` and nowhere else.

    A line that is longer than a record may be is passed over without being held: its
    block has only its beginning. Where the stream breaks off, the line it breaks off in
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
        while chunk := self._stream.read(BLOCK_BYTES):
            # Twice as fast as bytes.split: readlines looks for the line feed with memchr.
            raws = BytesIO(chunk).readlines()
            rest = b"" if chunk.endswith(b"\n") else raws.pop()
            if raws:
                yield self._block(raws)
            self._hold(rest)
        yield from self._end()

    def _block(self, raws: list[bytes]) -> Block:
        """Return the lines that end in this chunk, the first one with what was held."""
        first_length = self._held_bytes + len(raws[0])
        if self._held:
            raws[0] = b"".join([*self._held, raws[0]])
            self._held.clear()
        lengths = np.fromiter(map(len, raws), np.int64, len(raws))
        lengths[0] = first_length
        self._held_bytes = 0
        return self._placed(raws, lengths, feed=1)

    def _placed(self, raws: list[bytes], lengths: Int64s, *, feed: int) -> Block:
        """Return lines as a block; ``feed`` bytes at their end are the line feed."""
        n_lines = len(raws)
        lines = np.arange(self._line, self._line + n_lines)
        self._line += n_lines
        if self._offset < 0:
            return Block(raws, lengths - feed, lines, np.full(n_lines, -1, np.int64))
        ends = np.cumsum(lengths)
        ends += self._offset
        self._offset = int(ends[-1])
        return Block(raws, lengths - feed, lines, ends - lengths)

    def _hold(self, piece: bytes) -> None:
        if not piece:
            return
        self._held_bytes += len(piece)
        self._held.append(piece)
        if self._held_bytes > self._intake.reading.max_record_bytes:
            self._held = [beginning(self._held)]

    def _end(self) -> Iterator[Block]:
        """Yield the last line where it has no line feed, or give up on the rest."""
        rest = b"".join(self._held)
        fault = self._stream.fault
        if fault is not None and self._intake.room > 0:
            self._intake.reject(self._line, self._offset, fault, rest, -1)
        elif rest:
            yield self._placed([rest], np.array([self._held_bytes], np.int64), feed=0)

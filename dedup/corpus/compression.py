"""Reading gzip and zstd, whole or broken off, in bounded pieces.

Both are found by content. A decompressor has one method, ``read(size)``, which returns
up to ``size`` bytes, ``b""`` at the end, and raises :class:`BrokenStream` where the data
stop making sense; everything before that has been returned, but for the damaged block of
zstd.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import IO, Any, Final, Protocol, cast

Read = Callable[[int], bytes]

GZIP_MAGIC: Final = b"\x1f\x8b"
ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_SKIPPABLE_MAGIC: Final = b"\x2a\x4d\x18"  # after one byte from 0x50 to 0x5f

_INPUT_BYTES = 64 * 1024
_RATIO_FREE_BYTES = 64 * 1024 * 1024


class BrokenStream(Exception):
    """The rest of a file cannot be read; the message says why."""


class Decompressor(Protocol):
    """What reads decompressed bytes."""

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes; ``b""`` at the end."""
        ...


def compression_of(head: bytes) -> str:
    r"""Return "gzip", "zstd" or "none" by the first bytes of a file.

    Examples
    --------
    >>> compression_of(b"\x1f\x8b\x08"), compression_of(b"plain text")
    ('gzip', 'none')
    """
    if head.startswith(GZIP_MAGIC):
        return "gzip"
    skippable = head[1:4] == _SKIPPABLE_MAGIC and 0x50 <= head[0] <= 0x5F
    return "zstd" if head.startswith(ZSTD_MAGIC) or skippable else "none"


def open_decompressor(compression: str, read: Read) -> Decompressor:
    """Return the decompressor for "gzip" or "zstd" over raw bytes from ``read``."""
    return Gunzip(read) if compression == "gzip" else Unzstd(read)


class Gunzip:
    """Decompresses gzip of one or many members.

    Parameters
    ----------
    read : callable
        Returns up to so many compressed bytes, ``b""`` at the end.
    """

    def __init__(self, read: Read) -> None:
        self._read = read
        self._member = zlib.decompressobj(wbits=31)
        self._waiting = b""
        self._members_read = 0
        self._started = False
        self._fault: BrokenStream | None = None

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes; ``b""`` at the end."""
        if self._fault:
            raise self._fault
        while True:
            if self._member.eof:
                self._start_member(self._member.unused_data)
            if not self._waiting:
                self._waiting = self._read(_INPUT_BYTES)
                if not self._waiting:
                    self._check_end()
                    return b""
            if not self._started:
                self._drop_padding()
                if not self._waiting:
                    continue
            self._started = True
            piece = self._inflate(size)
            if piece:
                return piece

    def _inflate(self, size: int) -> bytes:
        before = self._member.copy()
        try:
            piece = self._member.decompress(self._waiting, size)
        except zlib.error as error:
            what = "the data after its end are no gzip" if self._members_read else "damaged gzip"
            self._fault = BrokenStream(f"{what}: {error}")
            if piece := _inflate_bytes(before, self._waiting):
                return piece
            raise self._fault from error
        self._waiting = self._member.unconsumed_tail
        return piece

    def _start_member(self, rest: bytes) -> None:
        self._members_read += 1
        self._member = zlib.decompressobj(wbits=31)
        self._waiting = rest
        self._started = False

    def _drop_padding(self) -> None:
        """Drop the zero bytes that tapes and block devices leave after a member."""
        if self._members_read:
            self._waiting = self._waiting.lstrip(b"\0")

    def _check_end(self) -> None:
        if self._started and not self._member.eof:
            reason = "the gzip stream breaks off before its end"
            raise BrokenStream(reason)


def _inflate_bytes(member: Any, data: bytes) -> bytes:  # noqa: ANN401 - zlib's class has no name
    """Return what comes out of the bytes before the one that zlib refuses.

    When it refuses some byte, all that the call before it made is lost: up to 512 KiB.
    """
    pieces: list[bytes] = []
    with suppress(zlib.error):
        for at in range(len(data)):
            pieces.append(member.decompress(data[at : at + 1]))
    return b"".join(pieces)


class Unzstd:
    """Decompresses zstd of one or many frames.

    ``zstandard`` takes a file that breaks off inside a frame for a whole one, so the
    frames are followed along (:func:`_follow_frames`); and it gives nothing of what a call
    made that finds damage, so it is handed one block at a time.
    """

    def __init__(self, read: Read) -> None:
        import zstandard  # noqa: PLC0415 - most inputs do without

        self._raw = _Followed(read)
        self._error = zstandard.ZstdError
        self._reader = zstandard.ZstdDecompressor().stream_reader(
            cast("IO[bytes]", self._raw), read_size=_INPUT_BYTES, read_across_frames=True
        )

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes; ``b""`` at the end."""
        try:
            piece = self._reader.read1(size)
        except self._error as error:
            reason = f"damaged zstd: {error}"
            raise BrokenStream(reason) from error
        if not piece and not self._raw.at_frame_end:
            reason = "the zstd stream breaks off before its end"
            raise BrokenStream(reason)
        return piece


class _Followed:
    """Compressed bytes on their way to ``zstandard``, with the frames counted along."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._data, self._position = b"", 0
        self._frames = _follow_frames()
        self._need = next(self._frames)
        self._header = b""
        self.at_frame_end = True

    def read(self, size: int = -1) -> bytes:
        """Return raw bytes, to the end of a block at most; take note of where frames end."""
        if self._position == len(self._data):
            self._data, self._position = self._read(size if size > 0 else _INPUT_BYTES), 0
        start, ended = self._position, False
        while self._position < len(self._data) and not ended:
            in_block = self._need < 0
            self._position = self._advance(self._data, self._position)
            ended = in_block and self._need >= 0
        return self._data[start : self._position]

    def _advance(self, data: bytes, position: int) -> int:
        """Go on by one header or skipped block, or to the end of the data."""
        if self._need < 0:
            step = min(-self._need, len(data) - position)
            self._need += step
            if self._need == 0:
                self._need = self._frames.send(b"")
        else:
            step = min(self._need - len(self._header), len(data) - position)
            self._header += data[position : position + step]
            self.at_frame_end = False
            if len(self._header) == self._need:
                header, self._header = self._header, b""
                self._need = self._frames.send(header)
        while self._need == 0:
            self.at_frame_end = True
            self._need = self._frames.send(b"")
        return position + step


def _follow_frames() -> Generator[int, bytes, None]:
    """Walk the layout of zstd frames (RFC 8878) without decompressing.

    Yields
    ------
    int
        Positive: send me so many bytes. Negative: skip so many, then send nothing. Zero:
        a frame has ended here.
    """
    while True:
        magic = yield 4
        if magic[1:] == _SKIPPABLE_MAGIC:
            size = int.from_bytes((yield 4), "little")
            if size:
                yield -size
        else:
            yield from _follow_blocks()
        yield 0


def _follow_blocks() -> Generator[int, bytes, None]:
    descriptor = (yield 1)[0]
    single_segment = descriptor >> 5 & 1
    window = 0 if single_segment else 1
    dictionary = (0, 1, 2, 4)[descriptor & 3]
    content_size = (single_segment, 2, 4, 8)[descriptor >> 6]
    if window + dictionary + content_size:
        yield window + dictionary + content_size
    last = False
    while not last:
        header = int.from_bytes((yield 3), "little")
        last = bool(header & 1)
        run_length = header >> 1 & 3 == 1
        size = 1 if run_length else header >> 3
        if size:
            yield -size
    if descriptor >> 2 & 1:
        yield 4


class RatioGuard:
    """Stops a decompression bomb.

    Parameters
    ----------
    inner : Decompressor
        What is watched.
    consumed : callable
        Returns how many compressed bytes have been read so far.
    max_ratio : float
        Decompressed to compressed bytes; looked at once 64 MiB have come out.
    """

    def __init__(self, inner: Decompressor, consumed: Callable[[], int], max_ratio: float) -> None:
        self._inner = inner
        self._consumed = consumed
        self._max_ratio = max_ratio
        self._produced = 0

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes, or raise where the ratio is over the limit."""
        piece = self._inner.read(size)
        self._produced += len(piece)
        over = self._produced > self._max_ratio * max(self._consumed(), 1)
        if over and self._produced > _RATIO_FREE_BYTES:
            reason = (
                f"{self._produced:,} bytes came out of {self._consumed():,} compressed bytes, "
                f"more than {self._max_ratio:g} to 1: a decompression bomb? "
                "(--max-ratio raises the limit)"
            )
            raise BrokenStream(reason)
        return piece

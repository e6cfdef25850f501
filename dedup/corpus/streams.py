"""One input file as a stream of UTF-8 bytes: hashed, decompressed, decoded, guarded."""

from __future__ import annotations

import codecs
import os
from pathlib import Path
from typing import Final

import xxhash

from dedup.config import Reading
from dedup.corpus.compression import (
    BrokenStream,
    RatioGuard,
    Read,
    compression_of,
    open_decompressor,
)
from dedup.errors import SettingsError

HEAD_BYTES: Final = 256 * 1024
"""Bytes looked at to find the format and the fields: fixed, so that the size of a batch
never changes the choice."""

BLOCK_BYTES: Final = 512 * 1024
"""Bytes read at a time: a block and its records together stay in a core's cache, which is
worth a third of the reading time. With half as many, threads wait for each other more often."""

_BOM = b"\xef\xbb\xbf"
_DRAIN_BYTES = 1024 * 1024


class RawFile:
    """The bytes of a file as they lie on disk, counted and hashed on the way.

    Parameters
    ----------
    path : Path
        The file. An ``OSError`` on opening is left to the caller.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("rb", buffering=0)
        self.size = os.fstat(self._file.fileno()).st_size
        self._hash = xxhash.xxh3_128()
        self._peeked = b""
        self.n_read = 0

    def peek(self, size: int) -> bytes:
        """Return the first bytes without taking them; to be called before ``read``."""
        self._peeked = self._fill(size)
        return self._peeked

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes; ``b""`` at the end."""
        if self._peeked:
            data, self._peeked = self._peeked[:size], self._peeked[size:]
        else:
            data = self._fill(size)
        self._hash.update(data)
        self.n_read += len(data)
        return data

    def digest(self) -> str:
        """Read what is left and return the XXH3 digest of the whole file ("" if it fails)."""
        try:
            while self.read(_DRAIN_BYTES):
                pass
        except BrokenStream:
            return ""
        return self._hash.hexdigest()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _fill(self, size: int) -> bytes:
        try:
            return self._file.read(size) or b""
        except OSError as error:
            reason = f"the file cannot be read on: {error.strerror}"
            raise BrokenStream(reason) from error


class ByteStream:
    """The decompressed contents of a file as UTF-8.

    Where the stream breaks off, ``read`` returns ``b""`` as at the end, and ``fault``
    says why.

    Parameters
    ----------
    path : Path
        The file.
    reading : Reading
        Encoding and decompression limit.

    Attributes
    ----------
    raw : RawFile
        The file below.
    compression : str
        "gzip", "zstd" or "none".
    original : bytes
        The first decompressed bytes, not yet decoded.
    head : bytes
        The first bytes as UTF-8 (:data:`HEAD_BYTES` of them are looked at, where there are
        as many); they are still to be read.
    start : int
        Offset of the first byte after a byte order mark; -1 when the bytes are decoded
        from another encoding, so that offsets mean nothing.
    fault : str or None
        Why the rest of the file cannot be read.
    seen : int
        Bytes on disk that a library which opens the file itself has read so far.
    """

    def __init__(self, path: Path, reading: Reading) -> None:
        self.raw = RawFile(path)
        self.fault: str | None = None
        self.seen = 0
        self.compression = "none"
        self._read = self._open(reading)
        self.original = self._first(HEAD_BYTES)
        encoding = canonical_encoding(reading.encoding)
        head = self.original
        if encoding != "utf-8":
            head = self._transcode(encoding)
        has_bom = head.startswith(_BOM)
        self.head = head[len(_BOM) :] if has_bom else head
        self.start = (len(_BOM) if has_bom else 0) if encoding == "utf-8" else -1
        self._waiting = self.head

    @property
    def n_read(self) -> int:
        """Bytes on disk read so far."""
        return max(self.raw.n_read, self.seen)

    def read(self, size: int) -> bytes:
        """Return about ``size`` bytes; ``b""`` at the end or where the stream breaks off."""
        if self._waiting:
            data, self._waiting = self._waiting[:size], self._waiting[size:]
            return data
        return self._piece(size)

    def close(self) -> None:
        """Close the file."""
        self.raw.close()

    def _open(self, reading: Reading) -> Read:
        raw = self.raw
        try:
            self.compression = compression_of(raw.peek(HEAD_BYTES))
        except BrokenStream as broken:
            self.fault = str(broken)
        if self.compression == "none":
            return raw.read
        # The guard must not refer to this object: a cycle would keep the decompressor's
        # memory until the garbage collector comes by.
        inner = open_decompressor(self.compression, raw.read)
        return RatioGuard(inner, lambda: raw.n_read, reading.max_ratio).read

    def _transcode(self, encoding: str) -> bytes:
        """Decode from here on; return the first bytes as UTF-8."""
        transcoder = Transcoder(self._read, encoding)
        self._read = transcoder.read
        try:
            return transcoder.decode(self.original)
        except BrokenStream as broken:
            self.fault = str(broken)
            return b""

    def _first(self, size: int) -> bytes:
        pieces: list[bytes] = []
        while size > 0 and (piece := self._piece(size)):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def _piece(self, size: int) -> bytes:
        if self.fault is None:
            try:
                return self._read(size)
            except BrokenStream as broken:
                self.fault = str(broken)
        return b""


class Transcoder:
    """Decodes another encoding and encodes UTF-8.

    What cannot be decoded becomes a byte that is not valid UTF-8, so that exactly the
    record around it is quarantined later.

    Parameters
    ----------
    read : callable
        Returns up to so many bytes, ``b""`` at the end.
    encoding : str
        Name of a Python codec for text.
    """

    def __init__(self, read: Read, encoding: str) -> None:
        self._read = read
        codecs.register_error("dedup.mark", _mark_undecodable)
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("dedup.mark")
        self._ended = False

    def read(self, size: int) -> bytes:
        """Return about ``size`` bytes of UTF-8; ``b""`` at the end."""
        while not self._ended:
            data = self._read(size)
            self._ended = not data
            text = self.decode(data)
            if text:
                return text
        return b""

    def decode(self, data: bytes) -> bytes:
        """Return the next bytes as UTF-8; what is cut off at their end is kept for later."""
        try:
            text = self._decoder.decode(data, final=self._ended)
        except UnicodeError as error:
            # Not what one byte is, but the whole: UTF-16 without a byte order mark, say.
            reason = f"cannot be decoded as {self._encoding}: {error} (--encoding)"
            raise BrokenStream(reason) from error
        return text.encode("utf-8", "surrogateescape")


def canonical_encoding(name: str) -> str:
    """Return the name of an encoding as Python spells it; UTF-8 in any spelling is "utf-8".

    Raises
    ------
    SettingsError
        When there is no text encoding of that name.

    Examples
    --------
    >>> canonical_encoding("UTF8"), canonical_encoding("latin1")
    ('utf-8', 'iso8859-1')
    """
    try:
        codec = codecs.lookup(name)
        "".encode(name)
    except (LookupError, ValueError) as error:
        message = f"--encoding {name}: there is no text encoding of that name"
        raise SettingsError(message) from error
    return "utf-8" if codec.name in {"utf-8", "utf-8-sig"} else codec.name


def _mark_undecodable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff", error.end

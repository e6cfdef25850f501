"""Plain types that pass between the stages, and the words for what is found.

Text moves as ragged arrays; inside, units and records are int64 row numbers. User ids
and paths appear here only in types that stand at the edges (:class:`Document`,
:class:`Batch`, :class:`Quarantined`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Int64s = NDArray[np.int64]
UInt32s = NDArray[np.uint32]
UInt64s = NDArray[np.uint64]
Floats = NDArray[np.float64]

NO_DATE = np.iinfo(np.int64).max
"""Sentinel in date columns: the record has no date (sorts after every date)."""


def well_formed(text: str) -> str:
    r"""Return text that UTF-8 can hold: lone surrogates as escapes.

    They come from file names that are no UTF-8, and from damaged text in memory.

    Examples
    --------
    >>> well_formed("a\udc80b") == r"a\udc80b"
    True
    """
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


class Story(IntEnum):
    """What metadata says of two records: nothing, or that they are one story."""

    OTHER = 0
    SAME_TITLE = 1
    """The same source and title: versions of a story, or issues of a regular report."""
    SAME_PAGE = 2
    """The same canonical url."""


Stories = Callable[[Int64s, Int64s], Bytes]
"""From left and right rows, of units or of texts, to values of :class:`Story`."""


class Verdict(IntEnum):
    """What the texts of a scored pair are to each other (docs/algorithm.md, step 9)."""

    NONE = 0
    EXACT = 1
    NORMALISED = 2
    NEAR = 3
    CONTAINED = 4
    REWRITE = 5
    TEMPLATE = 6

    @property
    def label(self) -> str:
        """The word used in every report and file."""
        return self.name.lower()

    @property
    def removable(self) -> bool:
        """Whether the pair may stand in one cluster."""
        return self in (Verdict.EXACT, Verdict.NORMALISED, Verdict.NEAR)


class Reason(IntEnum):
    """Which row of the rule decided a pair's verdict (docs/algorithm.md, step 9).

    :mod:`dedup.report.reasons` has each in words.
    """

    LOW_OVERLAP = 0
    LITTLE_DISTINCTIVE = 1
    TOO_SHORT_TO_CONTAIN = 2
    LOW_COSINE = 3
    SAME_BYTES = 4
    SAME_TEXT = 5
    NEARLY_ALL_SHARED = 6
    MOST_SHARED = 7
    SCATTERED_EDITS = 8
    SAME_PAGE = 9
    SAME_TITLE = 10
    ONLY_NUMBERS_DIFFER = 11
    OTHER_TABLE = 12
    NUMBERS_REPLACED = 13
    NAME_AND_NUMBER_REPLACED = 14
    COMMON_WORDING = 15
    NUMBER_IN_DOUBT = 16
    NAME_IN_DOUBT = 17
    MOST_HELD = 18
    PARTLY_SHARED = 19
    NAMES_REPLACED = 20
    PASSAGE_REPLACED = 21

    @property
    def label(self) -> str:
        """The word used in every file."""
        return self.name.lower().replace("_", "-")

    @property
    def verdict(self) -> Verdict:
        """The verdict that this reason gives."""
        return _VERDICTS[self]


_VERDICTS = {
    Reason.LOW_OVERLAP: Verdict.NONE,
    Reason.LITTLE_DISTINCTIVE: Verdict.NONE,
    Reason.TOO_SHORT_TO_CONTAIN: Verdict.NONE,
    Reason.LOW_COSINE: Verdict.NONE,
    Reason.SAME_BYTES: Verdict.EXACT,
    Reason.SAME_TEXT: Verdict.NORMALISED,
    Reason.NEARLY_ALL_SHARED: Verdict.NEAR,
    Reason.MOST_SHARED: Verdict.NEAR,
    Reason.SCATTERED_EDITS: Verdict.NEAR,
    Reason.SAME_PAGE: Verdict.NEAR,
    Reason.SAME_TITLE: Verdict.NEAR,
    Reason.ONLY_NUMBERS_DIFFER: Verdict.TEMPLATE,
    Reason.OTHER_TABLE: Verdict.TEMPLATE,
    Reason.NUMBERS_REPLACED: Verdict.TEMPLATE,
    Reason.NAME_AND_NUMBER_REPLACED: Verdict.TEMPLATE,
    Reason.COMMON_WORDING: Verdict.TEMPLATE,
    Reason.NUMBER_IN_DOUBT: Verdict.REWRITE,
    Reason.NAME_IN_DOUBT: Verdict.REWRITE,
    Reason.MOST_HELD: Verdict.CONTAINED,
    Reason.PARTLY_SHARED: Verdict.REWRITE,
    Reason.NAMES_REPLACED: Verdict.TEMPLATE,
    Reason.PASSAGE_REPLACED: Verdict.REWRITE,
}


_LONG_TEXT = 256
"""Bytes of a text on average from which on texts are copied one by one: the numbers of their
bytes would take eight times as much memory as they."""
PADDING = 64
"""Bytes behind the texts of a batch that kernels may read: they load 64 at once."""


@dataclass(frozen=True, slots=True)
class Ragged:
    """Variable-length byte strings in one buffer: the layout of an Arrow string column.

    Attributes
    ----------
    data : uint8 array
        All texts, one after the other, UTF-8; bytes that mean nothing may follow.
    offsets : int64 array, shape (n + 1,)
        Text ``i`` is ``data[offsets[i]:offsets[i + 1]]``.
    """

    data: Bytes
    offsets: Int64s

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> bytes:
        """Return text ``row`` as bytes."""
        return self.data[self.offsets[row] : self.offsets[row + 1]].tobytes()

    @property
    def filled(self) -> Bytes:
        """The bytes of all texts, and no others."""
        return self.data[self.offsets[0] : self.offsets[-1]]

    def pieces(self) -> list[bytes]:
        """Return all texts as bytes."""
        data, bounds = self.filled.tobytes(), (self.offsets - self.offsets[0]).tolist()
        return [data[start:end] for start, end in pairwise(bounds)]

    def strings(self, rows: Int64s | None = None) -> list[str]:
        """Return all texts, or those of some rows, as strings."""
        if rows is not None:
            return self.take(rows).strings()
        data = self.filled.tobytes()
        if not data.isascii():
            return list(map(bytes.decode, self.pieces()))
        text, bounds = data.decode(), (self.offsets - self.offsets[0]).tolist()
        return [text[start:end] for start, end in pairwise(bounds)]

    def take(self, rows: Int64s) -> Ragged:
        """Return a copy of some texts."""
        starts, ends = self.offsets[rows], self.offsets[rows + 1]
        offsets = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(ends - starts, out=offsets[1:])
        if offsets[-1] > _LONG_TEXT * len(rows):
            return Ragged(
                np.concatenate([self.data[s:e] for s, e in zip(starts, ends, strict=True)]), offsets
            )
        # in place of a slice for each: as many objects keep the garbage collector busy
        return Ragged(self.data[ranges(starts, ends - starts)], offsets)

    def part(self, start: int, stop: int) -> Ragged:
        """Return the texts from ``start`` up to, not with, ``stop``; nothing is copied."""
        offsets = self.offsets[start : stop + 1]
        return Ragged(self.data[offsets[0] :], offsets - offsets[0])

    def views(self, rows: Int64s) -> list[memoryview]:
        """Return some texts without copying them."""
        data = self.data.data
        starts, ends = self.offsets[rows].tolist(), self.offsets[rows + 1].tolist()
        return [data[start:end] for start, end in zip(starts, ends, strict=True)]

    @classmethod
    def from_bytes(cls, texts: list[bytes]) -> Ragged:
        """Join byte strings into one ragged array.

        Examples
        --------
        >>> r = Ragged.from_bytes([b"ab", b"", b"c"])
        >>> r.offsets.tolist(), r[2]
        ([0, 2, 2, 3], b'c')
        """
        return cls(np.frombuffer(b"".join(texts), np.uint8), _offsets_of(texts))

    @classmethod
    def from_strings(cls, texts: Sequence[str | None]) -> Ragged:
        """Join strings into one ragged array; None counts as an empty one.

        Examples
        --------
        >>> Ragged.from_strings(["a", None, "ü"]).strings()
        ['a', '', 'ü']
        """
        pieces = [text or "" for text in texts]
        joined = "".join(pieces)
        if not joined.isascii():
            return cls.from_bytes([well_formed(text).encode() for text in pieces])
        return cls(np.frombuffer(joined.encode(), np.uint8), _offsets_of(pieces))

    @classmethod
    def blank(cls, n: int) -> Ragged:
        """Return ``n`` empty texts."""
        return cls(np.zeros(0, np.uint8), np.zeros(n + 1, np.int64))

    @classmethod
    def concatenate(cls, parts: Sequence[Ragged], padding: int = 0) -> Ragged:
        """Return the texts of all parts, one part after the other.

        Parameters
        ----------
        parts : sequence of Ragged
        padding : int
            Bytes that mean nothing and are to follow the last text.
        """
        offsets = np.zeros(sum(map(len, parts)) + 1, np.int64)
        np.cumsum(np.concatenate([np.diff(part.offsets) for part in parts]), out=offsets[1:])
        data = np.empty(offsets[-1] + padding, np.uint8)
        np.concatenate([part.filled for part in parts], out=data[: offsets[-1]])
        return cls(data, offsets)


def ranges(starts: Int64s, sizes: Int64s) -> Int64s:
    """Return the numbers of all ranges, one range after the other.

    Examples
    --------
    >>> ranges(np.array([7, 0]), np.array([2, 3])).tolist()
    [7, 8, 0, 1, 2]
    """
    ends = np.cumsum(sizes)
    return np.arange(int(sizes.sum())) + np.repeat(starts - ends + sizes, sizes)


def _offsets_of(pieces: Sequence[str | bytes]) -> Int64s:
    offsets = np.zeros(len(pieces) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, pieces), np.int64, len(pieces)), out=offsets[1:])
    return offsets


@dataclass(frozen=True, slots=True)
class Document:
    """One input record as a library user gives it to :func:`dedup.scan`."""

    text: str
    id: str | None = None
    title: str | None = None
    url: str | None = None
    date: str | None = None
    source: str | None = None


@dataclass(slots=True)
class Batch:
    """A bounded number of records, as a reader yields them.

    Attributes
    ----------
    texts : Ragged
        Raw texts, valid UTF-8, in reading order.
    ids : Ragged
        As the user wrote them; ``path#line`` where a record has none.
    titles, urls, dates, sources : Ragged, or None
        Metadata, empty where a record has none; None when no record of the batch has
        the field.
    further : dict of str to Ragged
        Values of further fields that were asked for, empty where a record has none; a
        field that no record has is absent.
    files : int32 array, shape (n,)
        Row of the record's file in the reader's list of files.
    lines : int64 array, shape (n,)
        Line of the record in its file, from 1 (the row, for formats without lines).
    byte_offsets : int64 array, shape (n,)
        Where the record starts in the decompressed file; -1 where that means nothing.
    digests : uint64 array, shape (n, 2), or None
        Content digests, where those of the texts do not tell: a page of HTML is more
        than the text that was found in it. None when the texts tell of all records.
    """

    texts: Ragged
    ids: Ragged
    files: NDArray[np.int32]
    lines: Int64s
    byte_offsets: Int64s
    titles: Ragged | None = None
    urls: Ragged | None = None
    dates: Ragged | None = None
    sources: Ragged | None = None
    further: dict[str, Ragged] = field(default_factory=dict[str, Ragged])
    digests: UInt64s | None = None

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A record that could not be read, kept so that nothing is lost.

    ``raw`` holds at most the first 64 KiB; ``raw_length`` says how long the record is
    (-1 when the file broke off and nobody can know).
    """

    file: str
    line: int
    byte_offset: int
    reason: str
    raw: bytes
    raw_length: int


@dataclass(slots=True)
class SourceFile:
    """One input file and what became of its records."""

    path: str
    format: str
    compression: str = "none"
    bytes: int = 0
    digest: str = ""
    """128-bit XXH3 digest of the file as it lies on disk (``xxhsum -H2``); empty for standard
    input. It tells that a file changed; it is no guard against malice."""
    n_records: int = 0
    n_quarantined: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    """Which field held which part, for example ``{"text": "body"}``."""
    against: bool = False
    """Whether the file belongs to the corpus that is scanned against."""
    path_bytes: str = ""
    """The path in hexadecimal digits where it is no UTF-8, and ``path`` only shows it."""

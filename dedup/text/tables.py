"""The frozen character tables that normalisation and tokens are defined by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from dedup.model import Bytes, UInt32s

_REMEMBERED = 1 << 13
"""Characters that are remembered: to look one up in the tables takes ten times as long."""


class CharClass(IntEnum):
    """What a character of normalised text is to the tokeniser.

    LETTER to MARK can stand inside a token (kernels rely on these being 2 to 6);
    CHAR is a character of a script without spaces and makes a token by itself; JOIN
    belongs to a token between two digits; SIGN, CURRENCY and PERCENT beside a digit.
    """

    OTHER = 0
    SPACE = 1
    LETTER = 2
    DIGIT = 3
    NUMBER = 4
    CHAR = 5
    MARK = 6
    JOIN = 7
    SIGN = 8
    CURRENCY = 9
    PERCENT = 10


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Two-level tables over all code points.

    The entry of code point ``c`` is ``entries[pages[c >> 8] * 256 + (c & 255)]``: the
    folded code point in the low 21 bits (0: itself) and its class from ``CLASS_SHIFT`` on; or with
    the flag ``MULTI`` an index into ``pool`` (a length, then that many code points); or
    ``DROP``, for characters without meaning to the eye. ``combining`` holds canonical
    combining classes in the same way (0 for starters).
    """

    CLASS_SHIFT: ClassVar[int] = 24
    MULTI: ClassVar[int] = 1 << 28
    DROP: ClassVar[int] = 1 << 29

    pages: NDArray[np.uint16]
    entries: UInt32s
    pool: UInt32s
    combining_pages: NDArray[np.uint16]
    combining: Bytes
    unicode_version: str

    def entry(self, code: int) -> int:
        """Return the table entry of one code point."""
        return int(self.entries[int(self.pages[code >> 8]) * 256 + (code & 255)])

    @lru_cache(_REMEMBERED)  # noqa: B019 - there is one object of this class, for good
    def fold(self, code: int) -> tuple[int, ...]:
        """Return the code points one code point folds to, out of context.

        Examples
        --------
        >>> [chr(c) for c in load_tables().fold(ord("É"))]
        ['e', '́']
        >>> load_tables().fold(0xAD)
        ()
        """
        entry = self.entry(code)
        if entry & self.DROP:
            return ()
        if entry & self.MULTI:
            index = entry & ~self.MULTI
            length = int(self.pool[index])
            return tuple(self.pool[index + 1 : index + 1 + length].tolist())
        return (entry & 0x1FFFFF or code,)

    @lru_cache(_REMEMBERED)  # noqa: B019
    def char_class(self, code: int) -> CharClass:
        """Return the class of a code point that is already folded."""
        return CharClass(self.entry(code) >> self.CLASS_SHIFT & 15)

    @lru_cache(_REMEMBERED)  # noqa: B019
    def combining_class(self, code: int) -> int:
        """Return the canonical combining class of a code point."""
        return int(self.combining[int(self.combining_pages[code >> 8]) * 256 + (code & 255)])

    def save(self, path: Path) -> None:
        """Write the tables as an ``.npz`` file."""
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        np.savez_compressed(path, unicode_version=np.array(self.unicode_version), **arrays)


_ARRAYS = ("pages", "entries", "pool", "combining_pages", "combining")


@cache
def load_tables() -> Tables:
    """Read the frozen tables that come with the package."""
    with np.load(Path(__file__).with_name("tables.npz"), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in _ARRAYS}
        return Tables(unicode_version=str(stored["unicode_version"]), **arrays)

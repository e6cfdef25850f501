"""Lines that were one paragraph before somebody wrapped them, told plainly.

The same as ``dedup/kernels/wrapping.py``; the rule is in docs/algorithm.md, step 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, takewhile

NARROWEST_LINE = 30
WIDEST_LINE = 120
MANY_LINES = 4
WIDE_LINE = 55
LONGEST_WORD = 20
UNSPACED_WORD = 2
SMALL_LETTERS = ((0x61, 0x7A), (0xDF, 0xFF), (0x3AC, 0x3CE), (0x430, 0x45F))
_UNSPACED = "\u3000", "\u9fff"
_BLANKS = "".join(map(chr, range(ord(" ") + 1)))


@dataclass(frozen=True, slots=True)
class _Line:
    """How wide a line and its first word are, and whether that begins with a small letter."""

    width: int
    word: int
    small: bool


def _measure(line: str) -> _Line:
    line = line.rstrip(_BLANKS)
    rest = line.lstrip(f"{_BLANKS}>")
    word = len(list(takewhile(lambda char: char > " ", rest)))
    if rest and _UNSPACED[0] <= rest[0] <= _UNSPACED[1]:
        word = UNSPACED_WORD
    small = any(low <= ord(char) <= high for char in rest[:1] for low, high in SMALL_LETTERS)
    return _Line(len(line), min(word, LONGEST_WORD), small)


def unwrap(text: str, start: int, end: int, most: int | None = None) -> int:
    """Return how many lines the paragraph has that begins at ``start``: ``most`` at the most.

    Lines were wrapped if each is full: the first word of the next, and the blank before
    it, would have made it longer than the longest.
    """
    lines = [_measure(line) for line in text[start:end].split("\n")[:most]]
    n = 1
    while n < len(lines) and _are_full(lines[: n + 1]):
        n += 1
    wide = max(line.width for line in lines[:n]) >= WIDE_LINE
    goes_on = n > 2 or (n == 2 and lines[1].small)
    return n if n >= MANY_LINES or (wide and goes_on) else 1


def _are_full(lines: list[_Line]) -> bool:
    widest = max(line.width for line in lines)
    return widest <= WIDEST_LINE and all(
        NARROWEST_LINE <= line.width >= widest - 1 - following.word and following.word
        for line, following in pairwise(lines)
    )

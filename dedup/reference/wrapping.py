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
LINES_AHEAD = 8
LONGEST_WORD = 20
UNSPACED_WORD = 2
LETTER_WIDTH, IDEOGRAPH_WIDTH = 5, 8
SMALL_LETTERS = ((0x61, 0x7A), (0xDF, 0xFF), (0x3AC, 0x3CE), (0x430, 0x45F))
UNCASED_LETTERS = ((0x580, 0xFFF), (0x3000, 0xDFFF))
SMALL, UNCASED, OTHER = 2, 1, 0
_UNSPACED = ("\u3000", "\u9fff"), ("\uff00", "\uff7f")
_BLANKS = "".join(map(chr, range(ord(" ") + 1)))


@dataclass(frozen=True, slots=True)
class _Line:
    """How wide a line and its first word are, and with what kind of letter that begins.

    Widths are in fifths of a letter.
    """

    width: int
    word: int
    kind: int


def _measure(line: str) -> _Line:
    line = line.rstrip(_BLANKS)
    rest = line.lstrip(f"{_BLANKS}>")
    word = _width("".join(takewhile(lambda char: char > " ", rest)))
    if rest and _is_unspaced(rest[0]):
        word = UNSPACED_WORD * IDEOGRAPH_WIDTH
    longest = LONGEST_WORD * LETTER_WIDTH
    kind = _kind_of(rest[0]) if rest and word <= longest else OTHER
    return _Line(_width(line), min(word, longest), kind)


def _kind_of(char: str) -> int:
    for kind, ranges in ((SMALL, SMALL_LETTERS), (UNCASED, UNCASED_LETTERS)):
        if any(low <= ord(char) <= high for low, high in ranges):
            return kind
    return OTHER


def _width(text: str) -> int:
    return sum(IDEOGRAPH_WIDTH if _is_unspaced(char) else LETTER_WIDTH for char in text)


def _is_unspaced(char: str) -> bool:
    return any(first <= char <= last for first, last in _UNSPACED)


def unwrap(text: str, start: int, end: int, most: int | None = None) -> int:
    """Return how many lines the paragraph has that begins at ``start``: ``most`` at the most.

    Lines were wrapped if each is full: the first word of the next, and the blank before
    it, would have made it longer than the longest.
    """
    lines = [_measure(line) for line in text[start:end].split("\n")[:most]]
    n, goes_on = 1, OTHER
    while n < len(lines) and _are_full(lines[: n + 1]):
        goes_on = max(goes_on, lines[n].kind)
        n += 1
        if n == LINES_AHEAD and goes_on == OTHER and not _is_wide(lines[:n]):
            return 1
    if n >= MANY_LINES:
        is_enough = goes_on != OTHER or _is_wide(lines[:n])
    else:
        is_enough = _is_wide(lines[:n]) and (n == MANY_LINES - 1 or goes_on == SMALL)
    return n if is_enough else 1


def _is_wide(lines: list[_Line]) -> bool:
    return max(line.width for line in lines) >= WIDE_LINE * LETTER_WIDTH


def _are_full(lines: list[_Line]) -> bool:
    widest = max(line.width for line in lines)
    return widest <= WIDEST_LINE * LETTER_WIDTH and all(
        NARROWEST_LINE * LETTER_WIDTH <= line.width >= widest - LETTER_WIDTH - following.word
        and following.word
        for line, following in pairwise(lines)
    )

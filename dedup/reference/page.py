"""A page in tokens and in characters: how the reference engine goes from one to the other."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from dedup.text.normalise import DOT_ABOVE, GROUP_SPACE, MAX_MARKS, NARROW_SPACES
from dedup.text.tables import CharClass, load_tables
from dedup.text.tokens import token_hash, token_spans
from dedup.units import UNSPACED_SCALE

BLANK = ord(" ")
LINK_TARGET = 12
BEHIND_LATIN, BEFORE_SYMBOLS = 0x180, 0x2000
_BLANKS = "".join(map(chr, range(BLANK + 1)))
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Page:
    """A page and what each of its tokens is and where it stands."""

    text: str
    normalised: str
    positions: list[int]  # character of the text, for each one of the normalised text
    spans: list[Range]
    hashes: list[int]
    lines: list[int]
    scale: float

    def raw_range(self, tokens: Range) -> Range:
        """Characters of the text from the first of some tokens to the last."""
        start, end = self.spans[tokens[0]][0], self.spans[tokens[1] - 1][1]
        return self.positions[start], self.positions[end - 1] + 1

    def between(self, token: int) -> str:
        """Text between a token and the next one."""
        end, start = self.spans[token][1], self.spans[token + 1][0]
        return self.text[self.positions[end - 1] + 1 : self.positions[start]]


def read_page(text: str) -> Page:
    """Tokenise a page, keeping the place of everything."""
    tables = load_tables()
    folded = fold_with_places(text)
    normalised = "".join(chr(code) for code, _ in folded)
    positions = [position for _, position in folded]
    spans = token_spans(normalised)
    unspaced = sum(tables.char_class(folded[start][0]) is CharClass.CHAR for start, _ in spans)
    return Page(
        text=text,
        normalised=normalised,
        positions=positions,
        spans=spans,
        hashes=[token_hash(normalised[start:end]) for start, end in spans],
        lines=[text.count("\n", 0, positions[start]) for start, _ in spans],
        scale=UNSPACED_SCALE if 2 * unspaced > len(spans) else 1.0,
    )


def fold_with_places(text: str) -> list[tuple[int, int]]:
    """Do what ``normalise`` does, and keep the place that each code point came from."""
    tables = load_tables()
    done: list[tuple[int, int]] = [(BLANK, -1)]  # a blank before the text takes in others
    marks: list[tuple[int, int]] = []

    def put_marks() -> None:
        dotted = done[-1][0] == ord("i")
        marks.sort(key=lambda mark: tables.combining_class(mark[0]))
        done.extend(mark for mark in marks if not (dotted and mark[0] == DOT_ABOVE))
        marks.clear()

    for position, char in enumerate(text):
        codes = tables.fold(ord(char))
        if ord(char) in NARROW_SPACES:
            put_marks()
            beside = chr(done[-1][0]), text[position + 1 : position + 2]
            codes = [GROUP_SPACE if all(map(_is_digit, beside)) else BLANK]
        for code in codes:
            if tables.combining_class(code):
                marks.append((code, position))
            if len(marks) == MAX_MARKS or not tables.combining_class(code):
                put_marks()
            if not tables.combining_class(code) and (code, done[-1][0]) != (BLANK, BLANK):
                done.append((code, position))
    put_marks()
    return done[1:-1] if done[-1][0] == BLANK else done[1:]


def _is_digit(char: str) -> bool:
    tables = load_tables()
    return bool(char) and tables.entry(ord(char)) >> tables.CLASS_SHIFT == CharClass.DIGIT


def whole_lines(page: Page, place: Range) -> Range:
    """Tokens of all lines that some tokens stand on."""
    first, last = page.lines[place[0]], page.lines[place[1] - 1]
    on_lines = [t for t, line in enumerate(page.lines) if first <= line <= last]
    return on_lines[0], on_lines[-1] + 1


def line_start(text: str, position: int) -> int:
    """Where the line of a position begins."""
    return text.rfind("\n", 0, position) + 1


def line_end(text: str, position: int) -> int:
    """Where the line of a position ends."""
    return f"{text}\n".index("\n", position)


def nth_line_start(text: str, line: int) -> int:
    """Where a line begins; lines count from 0."""
    return sum(len(before) + 1 for before in text.split("\n")[:line])


def is_joined(page: Page, token: int) -> bool:
    """Whether nothing but ASCII punctuation stands between a token and the one before it.

    As in addresses, and in words with a hyphen or an apostrophe.
    """
    between = page.between(token - 1)
    return bool(between) and all("!" <= char <= "~" for char in between)


def line_range(text: str, start: int, end: int) -> Range:
    """Characters of whole lines, without space around them."""
    start, end = line_start(text, start), line_end(text, end)
    while text[start] <= " ":
        start += 1
    while text[end - 1] <= " ":
        end -= 1
    return start, end


def take_punctuation(text: str, ranges: list[Range]) -> list[Range]:
    """Extend all ranges over the ASCII punctuation that they have in common outside."""
    before = _common_punctuation([text[:start][::-1] for start, _ in ranges])
    after = _common_punctuation([text[end:] for _, end in ranges])
    room = min(later[0] - earlier[1] for earlier, later in pairwise(ranges))
    before = min(before, room)  # never into the occurrence before or behind
    after = min(after, room - before)
    return [(start - before, end + after) for start, end in ranges]


def _common_punctuation(parts: list[str]) -> int:
    n = 0
    for chars in zip(*parts, strict=False):
        char = chars[0]
        if len(set(chars)) > 1 or not "!" <= char <= "~" or char.isalnum():
            break
        n += 1
    return n


def is_link_target(text: str, before: Range, place: Range) -> bool:
    """Whether a place is the address of a Markdown link whose text is the place before."""
    between = text[before[1] : place[0]]
    return between.startswith("](") and len(between.encode()) <= LINK_TARGET


def is_table_row(text: str, place: Range) -> bool:
    """Whether a place begins in a row of a Markdown table."""
    line = text[text.rfind("\n", 0, place[0]) + 1 :]
    return line.lstrip(_BLANKS).startswith("|")


def is_inside_sentence(text: str, place: Range) -> bool:
    """Whether a place begins and ends inside a sentence, as far as letters tell."""
    start, end = place
    beside = text[:start].rstrip(" ")[-1:], text[end:].lstrip(" ")[:1]
    return all(map(_goes_on, (*beside, text[start], text[end - 1])))


def _goes_on(char: str) -> bool:
    """Whether a sentence goes on with a character: a letter or digit, or a comma.

    Of Latin letters those of ASCII: others are too often damage. Not of Han, Kana and
    Hangul, which stand behind the symbols.
    """
    if not char or char.isascii():
        return char == "," or char.isalnum()
    is_known = BEHIND_LATIN <= ord(char) < BEFORE_SYMBOLS
    tables = load_tables()
    is_letter = CharClass.LETTER <= tables.char_class(ord(char)) <= CharClass.MARK
    return is_known and (is_letter or len(tables.fold(ord(char))) > 1)


def normalised_text(page: Page, member: Range, place: Range) -> str:
    """Normalised text that came from the raw range around some tokens."""
    start, end = page.spans[member[0]][0], page.spans[member[1] - 1][1]
    while start > 0 and page.positions[start - 1] >= place[0]:
        start -= 1
    while end < len(page.positions) and page.positions[end] < place[1]:
        end += 1
    return page.normalised[start:end]

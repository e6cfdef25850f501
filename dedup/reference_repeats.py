"""Repeats inside one page, written plainly: the specification of the kernels.

Everything happens on lists of tokens and on Python strings; ranges are ``(start, end)``,
the end exclusive. The rules and their reasons are in docs/algorithm.md, step 7.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dedup.config import Settings
from dedup.model import Verdict
from dedup.text.normalise import DOT_ABOVE, GROUP_SPACE, MAX_MARKS, NARROW_SPACES
from dedup.text.tables import CharClass, load_tables
from dedup.text.tokens import NUMBER_BIT, token_hash, token_spans
from dedup.units import UNSPACED_SCALE

# The same as in the kernels, which cannot be imported without numba; a test holds them
# together.
MAX_CHAIN = 8
MAX_GAP = 4
MIN_MATCHED = 0.8
SAME_SPAN = 0.8
STRETCH = 0.9
STRETCH_ALIKE = 0.75
SHORT_LINE = 10
REGULAR = 0.1
MANY_NUMBERS = 0.5
MIN_SPREAD = 2.0
BLANK = ord(" ")

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Repeat:
    """One passage that stands in a page more than once.

    Attributes
    ----------
    verdict : Verdict
        The least close of what the occurrences are to the first.
    jaccard : float
        The lowest Jaccard of the first occurrence and another.
    occurrences : list of (int, int)
        Characters of the page, in text order.
    """

    verdict: Verdict
    jaccard: float
    occurrences: list[Range]


@dataclass(frozen=True, slots=True)
class _Page:
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


@dataclass(frozen=True, slots=True)
class _Run:
    """Tokens from ``later`` on that stand in the same order from ``earlier`` on."""

    later: int
    earlier: int
    length: int

    @property
    def overlaps(self) -> bool:
        return self.earlier + self.length > self.later


@dataclass(slots=True)
class _Span:
    """Runs joined over small differences: what stands twice, as token ranges."""

    later: Range
    earlier: Range
    matched: int
    overlaps: bool

    def join(self, run: _Run) -> bool:
        """Take in the next run if it follows closely on both sides."""
        gaps = run.later - self.later[1], run.earlier - self.earlier[1]
        cut = max(0, -gaps[0], -gaps[1])  # of the run's head lies in the span already
        if self.overlaps or run.overlaps or cut >= run.length or max(gaps) + cut > MAX_GAP:
            return False
        longest = max(run.later - self.later[0], run.earlier - self.earlier[0]) + run.length
        if self.matched + run.length - cut < MIN_MATCHED * longest:
            return False  # too little of the longer span would be equal
        self.later = self.later[0], run.later + run.length
        self.earlier = self.earlier[0], run.earlier + run.length
        self.matched += run.length - cut
        return True

    def counts(self, min_tokens: int) -> bool:
        """Whether enough tokens match, and both sides lie apart or are periodic."""
        longest = max(end - start for start, end in (self.later, self.earlier))
        apart = self.overlaps or self.earlier[1] <= self.later[0]
        return apart and self.matched >= max(min_tokens, MIN_MATCHED * longest)


def find_repeats(text: str, settings: Settings) -> list[Repeat]:
    r"""Return the passages that stand in one page more than once.

    Parameters
    ----------
    text : str
        The raw page.
    settings : Settings
        ``shingle_width`` and ``repeat_min_tokens``.

    Examples
    --------
    >>> blurb = "A storm took the roof of the old mill by the river on Monday night."
    >>> [found] = find_repeats(f"{blurb}\n\n{blurb}\n", Settings())
    >>> found.verdict.label, found.jaccard, found.occurrences
    ('exact', 1.0, [(0, 67), (69, 136)])
    """
    page = _read(text)
    min_tokens = math.ceil(settings.repeat_min_tokens * page.scale)
    runs = _find_runs(page.hashes, settings.shingle_width)
    spans = [span for span in _join_runs(runs) if span.counts(min_tokens)]
    repeats: list[Repeat] = []
    for group in _group(spans, min_tokens):
        if _is_refrain(page, group):
            continue
        members, whole = _stretch(page, group)
        if len(members) > 1 and not _is_template(page, members):
            repeats.append(_describe(page, members, whole, settings.shingle_width))
    return repeats


def _read(text: str) -> _Page:
    """Tokenise a page, keeping the place of everything."""
    tables = load_tables()
    folded = fold_with_places(text)
    normalised = "".join(chr(code) for code, _ in folded)
    positions = [position for _, position in folded]
    spans = token_spans(normalised)
    unspaced = sum(tables.char_class(folded[start][0]) is CharClass.CHAR for start, _ in spans)
    return _Page(
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


def _find_runs(tokens: list[int], width: int) -> list[_Run]:
    """Walk over the page; take the longest run at each place and go on behind it."""
    places: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    latest: list[list[int]] = []
    for i in range(len(tokens) - width + 1):
        seen = places[tuple(tokens[i : i + width])]
        latest.append(seen[-MAX_CHAIN:][::-1])
        seen.append(i)
    runs: list[_Run] = []
    i = 0
    while i < len(latest):
        if not latest[i]:
            i += 1
            continue
        lengths = [_common_length(tokens[i:], tokens[earlier:]) for earlier in latest[i]]
        length = max(lengths)
        earlier = latest[i][lengths.index(length)]
        room = min(earlier, i - runs[-1].later - 1 if runs else i)
        before = tokens[i - room : i], tokens[earlier - room : earlier]
        back = _common_length(before[0][::-1], before[1][::-1])
        runs.append(_Run(i - back, earlier - back, length + back))
        i += max(length - width + 1, 1)
    return runs


def _common_length(left: Sequence[int], right: Sequence[int]) -> int:
    """Length of the common beginning."""
    for n, (x, y) in enumerate(zip(left, right, strict=False)):
        if x != y:
            return n
    return min(len(left), len(right))


def _join_runs(runs: list[_Run]) -> list[_Span]:
    spans: list[_Span] = []
    for run in runs:
        if not spans or not spans[-1].join(run):
            later = run.later, run.later + run.length
            earlier = run.earlier, run.earlier + run.length
            spans.append(_Span(later, earlier, run.length, run.overlaps))
    return spans


def _group(spans: list[_Span], min_tokens: int) -> list[list[Range]]:
    """Gather the places of one passage; a periodic span gives one for each period."""
    groups: list[list[Range]] = []
    owner: dict[int, tuple[int, Range]] = {}  # the latest place that holds a token

    def register(group: int, place: Range) -> None:
        groups[group].append(place)
        owner.update(dict.fromkeys(range(*place), (group, place)))

    for span in spans:
        first, _ = span.earlier
        if span.overlaps:
            period, (_, end) = span.later[0] - first, span.later
            if period >= min_tokens:
                groups.append([])
                for start in range(first, end - period + 1, period):
                    register(len(groups) - 1, (start, start + period))
            continue
        group, place = owner.get(sum(span.earlier) // 2, (-1, (0, 0)))
        if group < 0 or _overlap_share(span.earlier, place) < SAME_SPAN:
            group = len(groups)
            groups.append([])
            register(group, span.earlier)
        register(group, span.later)
    return groups


def _overlap_share(one: Range, other: Range) -> float:
    """Length of the common part of two ranges over the length of their union."""
    common = min(one[1], other[1]) - max(one[0], other[0])
    return max(common, 0) / (max(one[1], other[1]) - min(one[0], other[0]))


def _is_refrain(page: _Page, group: list[Range]) -> bool:
    """Whether a passage is verse, list, table or menu, or comes at regular distances."""
    first = group[0]
    length = first[1] - first[0]
    n_numbers = sum(token & NUMBER_BIT for token in page.hashes[slice(*first)])
    if n_numbers > MANY_NUMBERS * length:
        return True
    n_lines = len(set(page.lines[slice(*first)]))
    if n_lines > 1 and length < SHORT_LINE * page.scale * n_lines:
        return True
    distances = [later[0] - earlier[0] for earlier, later in pairwise(group)]
    mean = sum(distances) / len(distances)
    if len(group) < 3 or mean <= length + MAX_GAP:
        return False
    return all(abs(d - mean) <= max(REGULAR * mean, MIN_SPREAD) for d in distances)


def _whole_lines(page: _Page, place: Range) -> Range:
    """Tokens of all lines that some tokens stand on."""
    first, last = page.lines[place[0]], page.lines[place[1] - 1]
    on_lines = [t for t, line in enumerate(page.lines) if first <= line <= last]
    return on_lines[0], on_lines[-1] + 1


def _stretch(page: _Page, group: list[Range]) -> tuple[list[Range], bool]:
    """Stretch what covers most of its lines, and drop what then overlaps an earlier place.

    Returns the places, and whether all of them are whole lines.
    """
    edges = [_whole_lines(page, place) for place in group]
    ends = [(page.hashes[start], page.hashes[end - 1]) for start, end in edges]
    members: list[Range] = []
    whole = True
    for k, (place, edge) in enumerate(zip(group, edges, strict=True)):
        alike = ends[k or 1] == ends[0]  # the first is compared with the second
        cover = (place[1] - place[0]) / (edge[1] - edge[0])
        is_whole = cover >= (STRETCH_ALIKE if alike else STRETCH)
        start, end = edge if is_whole else place
        if not members or start >= members[-1][1]:
            members.append((start, end))
            whole &= is_whole
    return members, whole


def _is_template(page: _Page, members: list[Range]) -> bool:
    """Whether an occurrence differs from the first in numbers only, inside or just beside."""
    tokens = [page.hashes[slice(*member)] for member in members]
    wording = [[token for token in part if not token & NUMBER_BIT] for part in tokens]
    return any(
        (tokens[k] != tokens[0] and wording[k] == wording[0])
        or _numbers_beside(page, (members[0][0], -1), (members[k][0], -1))
        or _numbers_beside(page, (members[0][1] - 1, 1), (members[k][1] - 1, 1))
        for k in range(1, len(members))
    )


def _numbers_beside(page: _Page, one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether the tokens beside two edge tokens, on their lines, are different numbers."""
    beside: list[int] = []
    for token, step in (one, other):
        here = token + step
        if not 0 <= here < len(page.hashes) or page.lines[here] != page.lines[token]:
            return False
        beside.append(page.hashes[here])
    return beside[0] != beside[1] and bool(beside[0] & beside[1] & NUMBER_BIT)


def _describe(page: _Page, members: list[Range], whole: bool, width: int) -> Repeat:
    """Locate a passage in the page and say how alike its occurrences are."""
    ranges = [page.raw_range(member) for member in members]
    if whole:
        ranges = [_line_range(page.text, *place) for place in ranges]
    ranges = _take_punctuation(page.text, ranges)
    raw = [page.text[slice(*place)] for place in ranges]
    folded = [_normalised_text(page, m, r) for m, r in zip(members, ranges, strict=True)]
    verdict = Verdict.NEAR
    if all(part == raw[0] for part in raw):
        verdict = Verdict.EXACT
    elif all(part == folded[0] for part in folded):
        verdict = Verdict.NORMALISED
    shingles = [_shingles(page.hashes[slice(*member)], width) for member in members]
    jaccards = [len(shingles[0] & part) / len(shingles[0] | part) for part in shingles]
    return Repeat(verdict, min(jaccards), ranges)


def _shingles(tokens: list[int], width: int) -> set[tuple[int, ...]]:
    last = max(len(tokens) - width, 0)
    return {tuple(tokens[i : i + width]) for i in range(last + 1)}


def _line_range(text: str, start: int, end: int) -> Range:
    """Characters of whole lines, without space around them."""
    start = text.rfind("\n", 0, start) + 1
    end = f"{text}\n".index("\n", end)
    while text[start] <= " ":
        start += 1
    while text[end - 1] <= " ":
        end -= 1
    return start, end


def _take_punctuation(text: str, ranges: list[Range]) -> list[Range]:
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


def _normalised_text(page: _Page, member: Range, place: Range) -> str:
    """Normalised text that came from the raw range around some tokens."""
    start, end = page.spans[member[0]][0], page.spans[member[1] - 1][1]
    while start > 0 and page.positions[start - 1] >= place[0]:
        start -= 1
    while end < len(page.positions) and page.positions[end] < place[1]:
        end += 1
    return page.normalised[start:end]

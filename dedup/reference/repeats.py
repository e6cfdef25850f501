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
from dedup.reference.page import (
    Page,
    Range,
    is_inside_sentence,
    is_link_target,
    is_table_row,
    line_range,
    normalised_text,
    read_page,
    take_punctuation,
)
from dedup.reference.repeat_rules import (
    MAX_GAP,
    PART_OF_SENTENCE,
    equal_lines,
    is_refrain,
    part_by_numbers,
    stretch,
    trim,
)

# The same as in the kernels, which cannot be imported without numba; a test holds them
# together.
MAX_CHAIN = 8
MIN_MATCHED = 0.8
SAME_SPAN = 0.8


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
        if run.earlier + run.length > self.later[0]:
            return False  # the earlier side would reach into the later one
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
    page = read_page(text)
    min_tokens = math.ceil(settings.repeat_min_tokens * page.scale)
    runs = _find_runs(page.hashes, settings.shingle_width)
    spans = [span for span in _join_runs(runs) if span.counts(min_tokens)]
    repeats: list[Repeat] = []
    for group in _group(page, spans, min_tokens):
        if is_refrain(page, group, min_tokens):
            continue
        group = trim(page, group, min_tokens)
        members, whole = stretch(page, group)
        parts = part_by_numbers(page, members)
        if not parts and (lines := equal_lines(page, group, min_tokens)):
            members, whole = stretch(page, lines)
            parts = part_by_numbers(page, members)
        for same in parts:
            same, ranges = _locate(page, same, whole)
            if len(same) > 1 and not _is_explained(page, same, ranges):
                repeats.append(_describe(page, same, ranges, settings.shingle_width))
    return repeats


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


def _group(page: Page, spans: list[_Span], min_tokens: int) -> list[list[Range]]:
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
        if group >= 0 and (part := _part_known(page, span, place, min_tokens)):
            register(group, part)
            continue
        if group < 0 or _overlap_share(span.earlier, place) < SAME_SPAN:
            group = len(groups)
            groups.append([])
            register(group, span.earlier)
        register(group, span.later)
    return groups


def _part_known(page: Page, span: _Span, place: Range, min_tokens: int) -> Range | None:
    """Return the part of the later side that a known place inside the earlier side equals.

    None if there is more to the span than that part and, on other lines, a little more.
    """
    start, end = span.earlier
    rest = end - start - (place[1] - place[0])
    if not start <= place[0] < place[1] <= end or not 0 < rest < min_tokens:
        return None
    inner = [edge for edge in place if start < edge < end]
    if any(page.lines[edge - 1] == page.lines[edge] for edge in inner):
        return None
    shift = span.later[0] - start
    part = place[0] + shift, place[1] + shift
    return part if page.hashes[slice(*part)] == page.hashes[slice(*place)] else None


def _overlap_share(one: Range, other: Range) -> float:
    """Length of the common part of two ranges over the length of their union."""
    common = min(one[1], other[1]) - max(one[0], other[0])
    return max(common, 0) / (max(one[1], other[1]) - min(one[0], other[0]))


def _locate(page: Page, members: list[Range], whole: bool) -> tuple[list[Range], list[Range]]:
    """Return the occurrences of a passage that are no addresses of links, and their characters."""
    ranges = [page.raw_range(member) for member in members]
    if whole:
        ranges = [line_range(page.text, *place) for place in ranges]
    ranges = take_punctuation(page.text, ranges)
    kept = [0]
    for k, (before, place) in enumerate(pairwise(ranges), 1):
        if not is_link_target(page.text, before, place):
            kept.append(k)
    return [members[k] for k in kept], [ranges[k] for k in kept]


def _is_explained(page: Page, members: list[Range], ranges: list[Range]) -> bool:
    """Whether all occurrences are cells of tables, or short phrases inside sentences."""
    if all(is_table_row(page.text, place) for place in ranges):
        return True
    start, end = members[0]
    is_short = end - start < PART_OF_SENTENCE * page.scale
    return is_short and all(is_inside_sentence(page.text, place) for place in ranges)


def _describe(page: Page, members: list[Range], ranges: list[Range], width: int) -> Repeat:
    """Say how alike the occurrences of a passage are."""
    raw = [page.text[slice(*place)] for place in ranges]
    folded = [normalised_text(page, m, r) for m, r in zip(members, ranges, strict=True)]
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

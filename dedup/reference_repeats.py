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
from dedup.reference_page import (
    Page,
    Range,
    is_inside_sentence,
    is_joined,
    is_link_target,
    is_table_row,
    line_end,
    line_range,
    line_start,
    normalised_text,
    read_page,
    take_punctuation,
    whole_lines,
)
from dedup.reference_wrapping import unwrap
from dedup.text.tokens import NUMBER_BIT

# The same as in the kernels, which cannot be imported without numba; a test holds them
# together.
MAX_CHAIN = 8
MAX_GAP = 4
MIN_MATCHED = 0.8
SAME_SPAN = 0.8
STRETCH = 0.9
STRETCH_ALIKE = 0.75
SHORT_LINE = 10
LONGEST_CHORUS = 60
REGULAR = 0.1
MANY_NUMBERS = 0.5
MIN_SPREAD = 2.0
PART_OF_SENTENCE = 20


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
    for group in _group(spans, min_tokens):
        if _is_refrain(page, group, min_tokens):
            continue
        members, whole = _stretch(page, group)
        if len(members) < 2 or _is_template(page, members):
            continue
        members, ranges = _locate(page, members, whole)
        if len(members) > 1 and not _is_explained(page, members, ranges):
            repeats.append(_describe(page, members, ranges, settings.shingle_width))
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


def _is_refrain(page: Page, group: list[Range], min_tokens: int) -> bool:
    """Whether a passage is verse, list, table or menu, or comes at regular distances."""
    first = group[0]
    length = first[1] - first[0]
    n_numbers = sum(token & NUMBER_BIT for token in page.hashes[slice(*first)])
    if n_numbers > MANY_NUMBERS * length:
        return True
    if _is_verse(page, first, min_tokens):
        return True
    distances = [later[0] - earlier[0] for earlier, later in pairwise(group)]
    mean = sum(distances) / len(distances)
    if len(group) < 3 or mean <= length + MAX_GAP:
        return False
    return all(abs(d - mean) <= max(REGULAR * mean, MIN_SPREAD) for d in distances)


def _is_verse(page: Page, place: Range, min_tokens: int) -> bool:
    """Whether a passage is made of several short lines, none of them a passage by itself.

    Neither is what some of them were before they were wrapped.
    """
    lines = page.lines[slice(*place)]
    length, n_lines = len(lines), len(set(lines))
    longest = min(SHORT_LINE * n_lines, LONGEST_CHORUS)
    if n_lines < 2 or length >= longest * page.scale:
        return False
    words = [t for t in range(*place) if t == place[0] or not is_joined(page, t)]
    last = line_end(page.text, page.raw_range(place)[1])
    token = place[0]
    while token < place[1]:
        start = line_start(page.text, page.raw_range((token, token + 1))[0])
        behind = page.lines[token] + unwrap(page.text, start, last)
        if sum(page.lines[token] <= page.lines[word] < behind for word in words) >= min_tokens:
            return False
        while token < place[1] and page.lines[token] < behind:
            token += 1
    return True


def _stretch(page: Page, group: list[Range]) -> tuple[list[Range], bool]:
    """Stretch what covers most of its lines, and drop what then overlaps an earlier place.

    Returns the places, and whether all of them are whole lines.
    """
    edges = [whole_lines(page, place) for place in group]
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


def _is_template(page: Page, members: list[Range]) -> bool:
    """Whether an occurrence differs from the first in numbers only, inside or just beside."""
    tokens = [page.hashes[slice(*member)] for member in members]
    wording = [[token for token in part if not token & NUMBER_BIT] for part in tokens]
    return any(
        (tokens[k] != tokens[0] and wording[k] == wording[0])
        or _numbers_beside(page, (members[0][0], -1), (members[k][0], -1))
        or _numbers_beside(page, (members[0][1] - 1, 1), (members[k][1] - 1, 1))
        for k in range(1, len(members))
    )


def _numbers_beside(page: Page, one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether the tokens beside two edge tokens, on their lines, are different numbers."""
    beside: list[int] = []
    for token, step in (one, other):
        here = token + step
        if not 0 <= here < len(page.hashes) or page.lines[here] != page.lines[token]:
            return False
        beside.append(page.hashes[here])
    return beside[0] != beside[1] and bool(beside[0] & beside[1] & NUMBER_BIT)


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

"""What of the passages that stand twice in a page is a repeat: the rules, written plainly.

Places are ranges of tokens. The rules and their reasons are in docs/algorithm.md, step 7.
"""

from __future__ import annotations

from itertools import pairwise, zip_longest

from dedup.reference.page import (
    Page,
    Range,
    is_joined,
    line_end,
    line_start,
    nth_line_start,
    whole_lines,
)
from dedup.reference.wrapping import MANY_LINES, unwrap
from dedup.text.tokens import NUMBER_BIT

# The same as in the kernels, which cannot be imported without numba; a test holds them
# together.
MAX_GAP = 4
SHORT_LINE = 10
LONGEST_CHORUS = 60
MANY_NUMBERS = 0.5
REGULAR = 0.1
MIN_SPREAD = 2.0
CHANCE_WORDS = 5
STRETCH = 0.9
STRETCH_ALIKE = 0.75
PART_OF_SENTENCE = 20
FORM_TOKENS = 60
FORM_NUMBER_EVERY = 400
MOST_FORMS = 32
LIST_MARKS, SENTENCE_ENDS = tuple(map(ord, ".):|]")), tuple(map(ord, ".!?|"))
APART, WITHIN = 1, 2


def is_refrain(page: Page, group: list[Range], min_tokens: int) -> bool:
    """Whether a passage is verse, list, table or menu, or comes at regular distances."""
    first = group[0]
    length = first[1] - first[0]
    n_numbers = sum(token & NUMBER_BIT for token in page.hashes[slice(*first)])
    if n_numbers > MANY_NUMBERS * length:
        return True
    if _is_verse(page, first, min_tokens):
        return True
    if len(group) < 3 or length >= PART_OF_SENTENCE * page.scale:
        return False
    distances = [later[0] - earlier[0] for earlier, later in pairwise(group)]
    mean = sum(distances) / len(distances)
    if mean <= length + MAX_GAP:
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


def trim(page: Page, group: list[Range], min_tokens: int) -> list[Range]:
    """Cut off the words by which places reach into the lines before and behind by chance.

    As where the next paragraphs begin with the same word. Nothing is cut off that would
    leave too little.
    """
    head = max(_count_chance_words(page, place, at_end=False) for place in group)
    tail = max(_count_chance_words(page, place, at_end=True) for place in group)
    if min(end - start for start, end in group) - head - tail < min_tokens:
        return group
    return [(start + head, end - tail) for start, end in group]


def _count_chance_words(page: Page, place: Range, *, at_end: bool) -> int:
    """Count the words of a place on its first or last line if they are few and not all of it."""
    lines = page.lines[slice(*place)]
    edge = lines[-1 if at_end else 0]
    n, n_on_line = lines.count(edge), page.lines.count(edge)
    if n in (len(lines), n_on_line) or n >= CHANCE_WORDS * page.scale:
        return 0
    behind = edge if at_end else page.lines[place[0] + n]
    return 0 if _is_wrapped(page, behind) else n


def _is_wrapped(page: Page, line: int) -> bool:
    """Whether the line before was wrapped onto a line; two lines alone tell little."""
    text = page.text
    return any(
        start + unwrap(text, nth_line_start(text, start), len(text), MANY_LINES) > line
        for start in set(page.lines)
        if 0 < line - start < MANY_LINES
    )


def stretch(page: Page, group: list[Range]) -> tuple[list[Range], bool]:
    """Stretch what covers most of its lines, and drop what then overlaps an earlier place.

    A number that stands apart at the edge of a line, and is another one elsewhere, is not
    stretched over: it counts or dates the passage. Nor are words that were added to a
    passage that is complete without them. Returns the places, and whether all of them are
    whole lines.
    """
    edges = [whole_lines(page, place) for place in group]
    ends = [(page.hashes[start], page.hashes[end - 1]) for start, end in edges]
    members: list[Range] = []
    held = any(_numbers_beside(page, group[0], place) == APART for place in group[1:])
    complete = _is_complete(page, group, edges)
    whole = True
    for k, (place, edge) in enumerate(zip(group, edges, strict=True)):
        alike = ends[k or 1] == ends[0]  # the first is compared with the second
        cover = (place[1] - place[0]) / (edge[1] - edge[0])
        added = complete and place != edge and not _tells_number_beside(page, place, edge)
        is_whole = not (held or added) and cover >= (STRETCH_ALIKE if alike else STRETCH)
        start, end = edge if is_whole else place
        if not members or start >= members[-1][1]:
            members.append((start, end))
            whole &= is_whole
    return members, whole


def _is_complete(page: Page, group: list[Range], edges: list[Range]) -> bool:
    """Whether places are equal, and one of them begins with its line, and one ends with it."""
    begins, ends = (
        any(place[side] == edge[side] for place, edge in zip(group, edges, strict=True))
        for side in (0, 1)
    )
    first, *others = (page.hashes[slice(*place)] for place in group)
    return begins and ends and all(other == first for other in others)


def _tells_number_beside(page: Page, place: Range, edge: Range) -> bool:
    """Whether a number, but not that of a list, stands beside a place on its lines."""
    before = [t for t in range(edge[0], place[0]) if not _has_mark(page, t, LIST_MARKS)]
    return any(page.hashes[t] & NUMBER_BIT for t in (*before, *range(place[1], edge[1])))


def equal_lines(page: Page, group: list[Range], min_tokens: int) -> list[Range]:
    """Return the longest run of whole lines that are equal in all places, if it is a passage.

    Places that tell other facts may do so on the line beneath a passage, or on that above.
    """
    length = group[0][1] - group[0][0]
    if any(end - start != length for start, end in group):
        return []
    best, begin = (0, 0), None
    for k in range(length + 1):
        tokens = [start + k for start, _ in group]
        if all(_begins_line(page, token) for token in tokens):
            begin = k if begin is None else begin
            best = max(best, (begin, k), key=lambda run: run[1] - run[0])
        if k < length and len({page.hashes[token] for token in tokens}) > 1:
            begin = None
    lines = [(start + best[0], start + best[1]) for start, _ in group]
    if best[1] - best[0] < min_tokens or is_refrain(page, lines, min_tokens):
        return []
    cuts = [page.lines[t] for place in lines for t in place if t < len(page.lines)]
    return [] if any(_is_wrapped(page, line) for line in cuts) else lines


def _begins_line(page: Page, token: int) -> bool:
    """Whether a token, or the end of the page, stands first on a line."""
    is_inner = 0 < token < len(page.lines)
    return not is_inner or page.lines[token - 1] != page.lines[token]


def part_by_numbers(page: Page, members: list[Range]) -> list[list[Range]]:
    """Part occurrences into groups that tell the same facts, and leave out single ones."""
    groups: list[list[Range]] = []
    for _ in range(MOST_FORMS):
        if len(members) < 2:
            break
        same = [m for m in members if m == members[0] or _agree(page, members[0], m)]
        members = [m for m in members if m not in same]
        if len(same) > 1:
            groups.append(same)
    return groups


def _agree(page: Page, one: Range, other: Range) -> bool:
    """Whether two places are the same text, and not one form with other numbers."""
    length = one[1] - one[0]
    is_long = length >= FORM_TOKENS * page.scale
    n_other = _count_other_numbers(page.hashes[slice(*one)], page.hashes[slice(*other)])
    if n_other > (1 + length // FORM_NUMBER_EVERY if is_long else 0):
        return False
    beside = _numbers_beside(page, one, other)
    is_short = length < PART_OF_SENTENCE * page.scale
    return is_long or beside == 0 or (beside == APART and not is_short)


def _count_other_numbers(one: list[int], other: list[int]) -> int:
    """Count the numbers that differ between tokens whose words are the same; 0 if words differ."""
    texts: list[list[int]] = []
    numbers: list[list[list[int]]] = []
    for tokens in (one, other):
        texts.append([])
        numbers.append([[]])
        for token in tokens:
            if token & NUMBER_BIT:
                numbers[-1][-1].append(token)
            else:
                texts[-1].append(token)
                numbers[-1].append([])
    if texts[0] != texts[1]:
        return 0
    gaps = zip(*numbers, strict=True)
    return sum(x != y for left, right in gaps for x, y in zip_longest(left, right))


def _numbers_beside(page: Page, one: Range, other: Range) -> int:
    """Whether different numbers stand beside two places on their lines: 0, APART or WITHIN.

    They stand apart if the mark of a list or the end of a sentence parts them from both.
    """
    found = 0
    for step, marks in ((-1, LIST_MARKS), (1, SENTENCE_ENDS)):
        edges = [place[0] if step < 0 else place[1] - 1 for place in (one, other)]
        beside = [edge + step for edge in edges]
        if any(
            not 0 <= b < len(page.hashes) or page.lines[b] != page.lines[edge]
            for b, edge in zip(beside, edges, strict=True)
        ):
            continue
        x, y = (page.hashes[b] for b in beside)
        if x != y and x & y & NUMBER_BIT:
            apart = all(_has_mark(page, min(b, b - step), marks) for b in beside)
            found = max(found, APART if apart else WITHIN)
    return found


def _has_mark(page: Page, token: int, marks: tuple[int, ...]) -> bool:
    """Whether one of some marks stands between a token and the next one."""
    return any(ord(char) in marks for char in page.between(token))

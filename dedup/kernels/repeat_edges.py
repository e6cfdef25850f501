"""Where occurrences begin and end: chance words cut off, and lines that they nearly fill.

The rules and their reasons are in docs/algorithm.md, step 7.
"""

from __future__ import annotations

from dedup.kernels import part
from dedup.kernels.repeat_numbers import APART, numbers_beside
from dedup.kernels.wrapping import MANY_LINES, line_start, unwrap

CHANCE_WORDS = 5
"""Fewer words of the line before or behind belong to an occurrence only by chance."""
STRETCH = 0.9
"""Share of its lines from which a span is stretched to their edges ..."""
STRETCH_ALIKE = 0.75
"""... and share that is enough where the lines of two occurrences begin and end alike."""


@part
def number_edges(lines, firsts, lasts):
    """Fill the first token, and the one past the last, of each token's line."""
    n = len(lines)
    for t in range(n):
        firsts[t] = firsts[t - 1] if t and lines[t] == lines[t - 1] else t
    for t in range(n - 1, -1, -1):
        lasts[t] = lasts[t + 1] if t + 1 < n and lines[t] == lines[t + 1] else t + 1


@part
def _is_wrapped(text, before, behind):
    """Whether the line of a token was wrapped onto that of the next token.

    Lines before it are looked at as well: two lines alone tell little.
    """
    data, raw, edges, lines, limits = text
    token = before
    while token >= 0 and lines[behind] - lines[token] < MANY_LINES:
        start = line_start(data, raw, edges, token, limits)
        n_lines, _ = unwrap(data, start, limits[1], MANY_LINES)
        if lines[token] + n_lines > lines[behind]:
            return True
        token = edges[0][token] - 1
    return False


@part
def trim(text, members, enough, scale):
    """Cut off the words by which places reach into the lines before and behind by chance.

    As where the next paragraphs begin with the same word. Nothing is cut off that would
    leave too little.
    """
    firsts, lasts = text[2]
    head, tail, shortest = 0, 0, members[0, 2] - members[0, 1]
    for k in range(len(members)):
        start, end = members[k, 1], members[k, 2]
        shortest = min(shortest, end - start)
        if lasts[start] >= end:
            continue  # on one line
        n = lasts[start] - start
        if head < n < CHANCE_WORDS * scale and firsts[start] < start:
            if not _is_wrapped(text, lasts[start] - 1, lasts[start]):
                head = n
        n = end - firsts[end - 1]
        if tail < n < CHANCE_WORDS * scale and end < lasts[end - 1]:
            if not _is_wrapped(text, firsts[end - 1] - 1, firsts[end - 1]):
                tail = n
    if shortest - head - tail >= enough:
        for k in range(len(members)):
            members[k, 1] += head
            members[k, 2] -= tail


@part
def stretch(tokens, text, members, whole):
    """Stretch spans that cover most of their lines to the edges of the lines.

    Less cover is enough where both lines also begin and end alike: then the words
    between the run and the edge were changed, not added. A number that stands apart at
    the edge of a line, and is another one elsewhere, is not stretched over: it counts or
    dates the passage. Spans that then overlap an earlier one are dropped; returns how
    many are left, in front.
    """
    firsts, lasts = text[2]
    held = False
    for k in range(1, len(members)):
        held |= numbers_beside(tokens, text, members[0], members[k]) == APART
    head = tokens[firsts[members[0, 1]]]
    tail = tokens[lasts[members[0, 2] - 1] - 1]
    alike = True
    for k in range(len(members) - 1, -1, -1):
        first, last = firsts[members[k, 1]], lasts[members[k, 2] - 1]
        if k:
            alike = tokens[first] == head and tokens[last - 1] == tail
        cover = (members[k, 2] - members[k, 1]) / (last - first)
        whole[k] = not held and (cover >= STRETCH or (alike and cover >= STRETCH_ALIKE))
        if whole[k]:
            members[k, 1], members[k, 2] = first, last
    n = 0
    for k in range(len(members)):
        if n == 0 or members[k, 1] >= members[n - 1, 2]:
            members[n, 1], members[n, 2] = members[k, 1], members[k, 2]
            whole[n] = whole[k]
            n += 1
    return n

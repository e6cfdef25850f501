"""Where occurrences begin and end: chance words cut off, lines that they nearly fill or share.

The rules and their reasons are in docs/algorithm.md, step 7.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels import part
from dedup.kernels.repeat_numbers import APART, LIST_MARKS, any_agree, has_mark, numbers_beside
from dedup.kernels.repeat_refrains import is_refrain
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
def _trim(text, members, enough, scale):
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
def _are_equal(tokens, members):
    """Whether all occurrences have the same tokens."""
    first, length = members[0, 1], members[0, 2] - members[0, 1]
    for k in range(1, len(members)):
        start = members[k, 1]
        if members[k, 2] - start != length:
            return False
        for t in range(length):
            if tokens[start + t] != tokens[first + t]:
                return False
    return True


@part
def _is_complete(tokens, text, members):
    """Whether places are equal, and one of them begins with its line, and one ends with it."""
    firsts, lasts = text[2]
    begins, ends = False, False
    for k in range(len(members)):
        begins |= firsts[members[k, 1]] == members[k, 1]
        ends |= lasts[members[k, 2] - 1] == members[k, 2]
    return begins and ends and _are_equal(tokens, members)


@part
def _tells_number_beside(tokens, text, place, first, last):
    """Whether a number, but not that of a list, stands beside a place on its lines."""
    data, raw, _, _, _ = text
    for t in range(first, place[1]):
        if tokens[t] & np.uint32(1) and not has_mark(data, raw, t, LIST_MARKS):
            return True
    for t in range(place[2], last):
        if tokens[t] & np.uint32(1):
            return True
    return False


@part
def _stretch(tokens, text, members, stretched, whole):
    """Stretch spans that cover most of their lines to the edges of the lines.

    Less cover is enough where both lines also begin and end alike: then the words
    between the run and the edge were changed, not added. A number that stands apart at
    the edge of a line, and is another one elsewhere, is not stretched over: it counts or
    dates the passage. Nor are words that were added to a passage that is complete without
    them. Spans that then overlap an earlier one are dropped; returns how many are left,
    in front of ``stretched``.
    """
    firsts, lasts = text[2]
    held = False
    for k in range(1, len(members)):
        held |= numbers_beside(tokens, text, members[0], members[k]) == APART
    complete = _is_complete(tokens, text, members)
    head = tokens[firsts[members[0, 1]]]
    tail = tokens[lasts[members[0, 2] - 1] - 1]
    alike = True
    for k in range(len(members) - 1, -1, -1):
        start, end = members[k, 1], members[k, 2]
        first, last = firsts[start], lasts[end - 1]
        if k:
            alike = tokens[first] == head and tokens[last - 1] == tail
        cover = (end - start) / (last - first)
        whole[k] = not held and (cover >= STRETCH or (alike and cover >= STRETCH_ALIKE))
        if whole[k] and complete and (first < start or end < last):
            whole[k] = _tells_number_beside(tokens, text, members[k], first, last)
        stretched[k, 0] = members[k, 0]
        stretched[k, 1] = first if whole[k] else start
        stretched[k, 2] = last if whole[k] else end
    n = 0
    for k in range(len(members)):
        if n == 0 or stretched[k, 1] >= stretched[n - 1, 2]:
            for column in range(3):
                stretched[n, column] = stretched[k, column]
            whole[n] = whole[k]
            n += 1
    return n


@part
def _cut_to_equal_lines(tokens, text, members, scale, enough):
    """Cut all places to the longest run of whole lines that are equal in them.

    Returns whether there is one and it is a passage. Places that tell other facts may do
    so on the line beneath a passage, or on that above.
    """
    (firsts, _), lines = text[2], text[3]
    first, length = members[0, 1], members[0, 2] - members[0, 1]
    if lines[first] == lines[first + length - 1]:
        return False
    for k in range(1, len(members)):
        if members[k, 2] - members[k, 1] != length:
            return False
    head, tail, begin = 0, 0, -1
    for t in range(length + 1):
        begins, same = True, True
        for k in range(len(members)):
            token = members[k, 1] + t
            begins &= token == len(tokens) or firsts[token] == token
            same &= t == length or tokens[token] == tokens[first + t]
        if begins and begin < 0:
            begin = t
        if begins and t - begin > tail - head:
            head, tail = begin, t
        if not same:
            begin = -1
    if tail - head < enough:
        return False
    for k in range(len(members)):
        start = members[k, 1]
        members[k, 1], members[k, 2] = start + head, start + tail
        for behind in (start + head, start + tail):
            if 0 < behind < len(tokens) and _is_wrapped(text, behind - 1, behind):
                return False
    return not is_refrain(tokens, members, text, scale, enough)


@part
def set_edges(tokens, text, members, stretched, whole, scale, enough):
    """Find where the occurrences of a group begin and end; return how many there are.

    They are in front of ``stretched``, and ``whole`` says which of them are whole lines.
    ``members`` is changed.
    """
    _trim(text, members, enough, scale)
    n = _stretch(tokens, text, members, stretched, whole)
    if any_agree(tokens, text, stretched[:n], scale):
        return n
    if _cut_to_equal_lines(tokens, text, members, scale, enough):
        return _stretch(tokens, text, members, stretched, whole)
    return n

"""Repeats that markup or a sentence around them explains: told by the raw text beside them.

The rules and their reasons are in docs/algorithm.md, step 7.
"""

from __future__ import annotations

from dedup.kernels import part
from dedup.kernels.wrapping import line_start

LINK_TARGET = 12
"""Bytes between the text of a Markdown link and the place of its address that is looked at."""
PART_OF_SENTENCE = 20
"""Tokens of a phrase inside a sentence that is worth telling."""
BRACKET, PARENTHESIS, COMMA, BAR, BLANK = 0x5D, 0x28, 0x2C, 0x7C, 0x20


@part
def drop_link_targets(data, members, ranges):
    """Drop the addresses of links that are written as their own addresses.

    Returns how many occurrences are left, in front of ``members`` and of ``ranges``.
    """
    n = 1
    for k in range(1, len(ranges)):
        end, start = ranges[k - 1, 1], ranges[k, 0]
        near = end + 2 <= start <= end + LINK_TARGET
        if near and data[end] == BRACKET and data[end + 1] == PARENTHESIS:
            continue
        members[n, 1], members[n, 2] = members[k, 1], members[k, 2]
        for column in range(ranges.shape[1]):
            ranges[n, column] = ranges[k, column]
        n += 1
    return n


@part
def in_table(text, members, ranges):
    """Whether all occurrences begin in rows of a Markdown table."""
    data, raw, edges, _, limits = text
    for k in range(len(ranges)):
        start = line_start(data, raw, edges, members[k, 1], limits)
        while start < ranges[k, 0] and data[start] <= BLANK:
            start += 1
        if data[start] != BAR:
            return False
    return True


@part
def _goes_on(byte):
    """Whether a sentence goes on with a character: a letter or digit of ASCII, or a comma."""
    letter = byte | 0x20
    return 0x61 <= letter <= 0x7A or 0x30 <= byte <= 0x39 or byte == COMMA


@part
def inside_sentences(data, ranges, limits):
    """Whether every occurrence begins and ends inside a sentence, as far as ASCII tells."""
    for k in range(len(ranges)):
        before, behind = ranges[k, 0] - 1, ranges[k, 1]
        if not (_goes_on(data[before + 1]) and _goes_on(data[behind - 1])):
            return False
        while before >= limits[0] and data[before] == BLANK:
            before -= 1
        while behind < limits[1] and data[behind] == BLANK:
            behind += 1
        if before < limits[0] or behind >= limits[1]:
            return False
        if not (_goes_on(data[before]) and _goes_on(data[behind])):
            return False
    return True

"""Repeats that markup or a sentence around them explains: told by the raw text beside them.

The rules and their reasons are in docs/algorithm.md, step 7.
"""

from __future__ import annotations

from dedup.kernels import part
from dedup.kernels.normalise import letter_at
from dedup.kernels.wrapping import line_start

LINK_TARGET = 12
"""Bytes between the text of a Markdown link and the place of its address that is looked at."""
PART_OF_SENTENCE = 20
"""Tokens of a phrase inside a sentence that is worth telling."""
BEHIND_LATIN, BEFORE_SYMBOLS = 0x180, 0x2000
"""Code points of letters beyond ASCII with which a sentence is known to go on."""
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
def _goes_on(data, at, tables):
    """Whether a sentence goes on with a character: a letter or digit, or a comma.

    Of Latin letters those of ASCII: others are too often damage. Not of Han, Kana and
    Hangul, which stand behind the symbols.
    """
    while data[at] & 0xC0 == 0x80:
        at -= 1
    byte = data[at]
    if byte < 0x80:
        letter = byte | 0x20
        return 0x61 <= letter <= 0x7A or 0x30 <= byte <= 0x39 or byte == COMMA
    return BEHIND_LATIN <= letter_at(data, at, tables) < BEFORE_SYMBOLS


@part
def inside_sentences(data, ranges, limits, tables):
    """Whether every occurrence begins and ends inside a sentence, as far as letters tell."""
    for k in range(len(ranges)):
        before, behind = ranges[k, 0] - 1, ranges[k, 1]
        if not (_goes_on(data, before + 1, tables) and _goes_on(data, behind - 1, tables)):
            return False
        while before >= limits[0] and data[before] == BLANK:
            before -= 1
        while behind < limits[1] and data[behind] == BLANK:
            behind += 1
        if before < limits[0] or behind >= limits[1]:
            return False
        if not (_goes_on(data, before, tables) and _goes_on(data, behind, tables)):
            return False
    return True

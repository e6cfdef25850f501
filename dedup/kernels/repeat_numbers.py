"""Occurrences that tell the same facts, and those of one form with other numbers.

The rules and their reasons are in docs/algorithm.md, step 7.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels import part
from dedup.kernels.repeat_markup import PART_OF_SENTENCE

FORM_TOKENS = 60
"""Tokens from which two texts with one other number are one text, edited ..."""
FORM_NUMBER_EVERY = 400
"""... and so many tokens for each further number."""
MOST_FORMS = 32
"""Sets of numbers that are told apart in one group."""
LIST_MARKS = (0x2E, 0x29, 0x3A, 0x7C, 0x5D)
"""What parts a number from the passage behind it: . ) : | ]"""
SENTENCE_ENDS = (0x2E, 0x21, 0x3F, 0x7C)
"""What parts a number from the passage before it: . ! ? |"""
APART, WITHIN = 1, 2


@part
def has_mark(data, raw, token, marks):
    """Whether one of some marks stands between a token and the next one."""
    for at in range(raw[1][token], raw[0][token + 1]):
        for mark in marks:
            if data[at] == mark:
                return True
    return False


@part
def numbers_beside(tokens, text, one, other):
    """Whether different numbers stand beside two places on their lines: 0, APART or WITHIN.

    They stand apart if the mark of a list or the end of a sentence parts them from both.
    ``text`` is as :func:`dedup.kernels.repeat_refrains.is_refrain` takes it; places are
    rows of members.
    """
    data, raw, _, lines, _ = text
    found = 0
    x, y = one[1] - 1, other[1] - 1
    if x >= 0 and y >= 0 and tokens[x] & tokens[y] & np.uint32(1) and tokens[x] != tokens[y]:
        if lines[x] == lines[x + 1] and lines[y] == lines[y + 1]:
            marked = has_mark(data, raw, x, LIST_MARKS) and has_mark(data, raw, y, LIST_MARKS)
            found = APART if marked else WITHIN
    x, y, n = one[2] - 1, other[2] - 1, len(tokens) - 1
    if x < n and y < n and tokens[x + 1] & tokens[y + 1] & np.uint32(1):
        if tokens[x + 1] != tokens[y + 1]:
            if lines[x] == lines[x + 1] and lines[y] == lines[y + 1]:
                marked = has_mark(data, raw, x, SENTENCE_ENDS)
                marked &= has_mark(data, raw, y, SENTENCE_ENDS)
                found = max(found, APART if marked else WITHIN)
    return found


@part
def _count_other_numbers(tokens, one, other):
    """Count the numbers that differ between places whose words are the same; 0 if words differ."""
    i, j, n = one[1], other[1], 0
    while i < one[2] or j < other[2]:
        left = i < one[2] and tokens[i] & np.uint32(1) != 0
        right = j < other[2] and tokens[j] & np.uint32(1) != 0
        if left or right:
            n += not (left and right and tokens[i] == tokens[j])
            i += left
            j += right
        elif i < one[2] and j < other[2] and tokens[i] == tokens[j]:
            i += 1
            j += 1
        else:
            return 0
    return n


@part
def _agree(tokens, text, one, other, scale):
    """Whether two places are the same text, and not one form with other numbers."""
    length = one[2] - one[1]
    is_long = length >= FORM_TOKENS * scale
    allowed = 1 + length // FORM_NUMBER_EVERY if is_long else 0
    if _count_other_numbers(tokens, one, other) > allowed:
        return False
    if is_long:
        return True
    beside = numbers_beside(tokens, text, one, other)
    return beside == 0 or (beside == APART and length >= PART_OF_SENTENCE * scale)


@part
def any_agree(tokens, text, members, scale):
    """Whether two occurrences agree, so that :func:`take_alike` finds them in MOST_FORMS times."""
    for k in range(min(len(members), MOST_FORMS)):
        for later in range(k + 1, len(members)):
            if _agree(tokens, text, members[k], members[later], scale):
                return True
    return False


@part
def take_alike(tokens, text, members, alike, scale):
    """Move the first occurrence and those that agree with it to ``alike``; return how many.

    The others move up to the front of ``members``.
    """
    n, left = 0, 0
    for k in range(len(members)):
        if k == 0 or _agree(tokens, text, alike[0], members[k], scale):
            for column in range(3):
                alike[n, column] = members[k, column]
            n += 1
        else:
            for column in range(3):
                members[left, column] = members[k, column]
            left += 1
    return n

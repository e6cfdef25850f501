"""Groups of occurrences that are no repeats: verse, lists, tables, menus and refrains.

The rules and their reasons are in docs/algorithm.md, step 7.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels import part
from dedup.kernels.repeat_markup import PART_OF_SENTENCE
from dedup.kernels.repeat_runs import MAX_GAP
from dedup.kernels.wrapping import BLANK, line_end, line_start, unwrap

SHORT_LINE = 10
"""Several lines with fewer tokens each on average are verse, a list, a table, a menu ..."""
LONGEST_CHORUS = 60
"""... unless they have as many tokens together: no chorus is so long."""
MANY_NUMBERS = 0.5
"""Share of number tokens above which a span is a table or a list of years."""
REGULAR = 0.1
"""Spread of the distances, as a share of their mean, that still counts as regular."""


@part
def _is_joined(data, raw, token):
    """Whether only ASCII punctuation stands between a token and the one before it.

    As in addresses, and in words with a hyphen or an apostrophe.
    """
    start, end = raw[1][token - 1], raw[0][token]
    for at in range(start, end):
        if not BLANK < data[at] < 127:
            return False
    return start < end


@part
def _holds_passage(text, place, enough):
    """Whether a line, or what lines were before they were wrapped, has enough words."""
    data, raw, edges, lines, limits = text
    last = limits[0], line_end(data, raw, edges, place[1] - 1, limits)
    token = place[0]
    while token < place[1]:
        start = line_start(data, raw, edges, token, limits)
        n_lines, _ = unwrap(data, start, last[1], len(lines))
        behind = lines[token] + n_lines
        words = 0
        while token < place[1] and lines[token] < behind:
            words += token == place[0] or not _is_joined(data, raw, token)
            token += 1
        if words >= enough:
            return True
    return False


@part
def is_refrain(tokens, members, text, scale, enough):
    """Whether a group is verse, list, table or menu, or comes at regular distances.

    ``text`` is ``(data, (raw starts, raw ends of tokens), (firsts, lasts), lines,
    limits)``, where edges are what :func:`number_edges` filled and the limits those of
    the raw text.
    """
    n = len(members)
    lines = text[3]
    place = members[0, 1], members[0, 2]
    n_lines, numbers = 1, np.int64(tokens[place[0]] & np.uint32(1))
    for t in range(place[0] + 1, place[1]):
        n_lines += lines[t] != lines[t - 1]
        numbers += np.int64(tokens[t] & np.uint32(1))
    length = place[1] - place[0]
    if numbers > MANY_NUMBERS * length:
        return True
    if n_lines > 1 and length < min(SHORT_LINE * n_lines, LONGEST_CHORUS) * scale:
        if not _holds_passage(text, place, enough):
            return True
    if n < 3 or length >= PART_OF_SENTENCE * scale:
        return False
    mean = (members[n - 1, 1] - members[0, 1]) / (n - 1)
    if mean <= length + MAX_GAP:
        return False  # nothing in between: copies, not a refrain
    for k in range(1, n):
        if abs(members[k, 1] - members[k - 1, 1] - mean) > max(REGULAR * mean, 2.0):
            return False
    return True

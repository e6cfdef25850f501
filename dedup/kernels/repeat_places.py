"""Where the occurrences of a repeat stand in the raw and in the normalised text.

The rules and their reasons are in docs/algorithm.md, step 7.
"""

from __future__ import annotations

from dedup.kernels import part
from dedup.kernels.repeat_markup import (
    PART_OF_SENTENCE,
    drop_link_targets,
    in_table,
    inside_sentences,
)

NEWLINE, BLANK = 10, 32


@part
def _raw_range(data, raw, a, b, whole, limits):
    """Raw byte range of tokens ``a`` to ``b``; whole lines keep their punctuation."""
    raw_starts, raw_ends = raw
    start, end = raw_starts[a], raw_ends[b - 1]
    if not whole:
        return start, end
    while start > limits[0] and data[start - 1] != NEWLINE:
        start -= 1
    while data[start] <= BLANK:
        start += 1
    while end < limits[1] and data[end] != NEWLINE:
        end += 1
    while data[end - 1] <= BLANK:
        end -= 1
    return start, end


@part
def _take_punctuation(data, ranges, limits):
    """Extend all ranges over the ASCII punctuation that they have in common outside."""
    for side, step in ((0, -1), (1, 1)):
        while True:
            here = ranges[0, side] - (side == 0)
            if here < limits[0] or here >= limits[1]:
                break
            byte = data[here]
            folded = byte | 32
            if byte <= BLANK or byte >= 127 or 48 <= byte <= 57 or 97 <= folded <= 122:
                break
            common = True
            for k in range(1, len(ranges)):
                there = ranges[k, side] - (side == 0)
                common &= limits[0] <= there < limits[1] and data[there] == byte
                # never into the occurrence before or behind
                common &= ranges[k - 1, 1] < ranges[k, 0]
            if not common:
                break
            for k in range(len(ranges)):
                ranges[k, side] += step


@part
def normalised_range(folded, raw_range, member):
    """Range of normalised bytes that came from the raw range around a span of tokens.

    ``folded`` is where tokens start and end in the normalised text, the raw byte of each of
    its bytes, and its limits.
    """
    starts, ends, raw_positions, limits = folded
    first, n = limits[0], limits[1] - limits[0]
    low, high = starts[member[1]] - first, ends[member[2] - 1] - first
    while low > 0 and raw_positions[low - 1] >= raw_range[0]:
        low -= 1
    while high < n and raw_positions[high] < raw_range[1]:
        high += 1
    return first + low, first + high


@part
def place(text, members, whole, scale, places, tables):
    """Fill the raw byte ranges of occurrences; return how many are left that are repeats.

    ``text`` is as :func:`dedup.kernels.repeat_refrains.is_refrain` takes it.
    """
    data, raw, _, _, limits = text
    ranges = places[: len(members)]
    for k in range(len(members)):
        ranges[k, 0], ranges[k, 1] = _raw_range(
            data, raw, members[k, 1], members[k, 2], whole, limits
        )
    if len(members) > 1:
        _take_punctuation(data, ranges, limits)
        ranges = ranges[: drop_link_targets(data, members, ranges)]
    if len(ranges) < 2 or in_table(text, members, ranges):
        return 0
    is_short = members[0, 2] - members[0, 1] < PART_OF_SENTENCE * scale
    if is_short and inside_sentences(data, ranges, limits, tables):
        return 0
    return len(ranges)

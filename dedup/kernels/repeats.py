"""Repeats inside one text: found, judged and located.

All positions are token positions of one text until the last step. The rules and their
reasons are in docs/algorithm.md, step 7.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels import kernel, part
from dedup.kernels.normalise import EXPANSION, MAX_MARKS, trace_text
from dedup.kernels.repeat_edges import number_edges, set_edges
from dedup.kernels.repeat_groups import by_group, group_spans
from dedup.kernels.repeat_markup import (
    PART_OF_SENTENCE,
    drop_link_targets,
    in_table,
    inside_sentences,
)
from dedup.kernels.repeat_numbers import MOST_FORMS, take_alike
from dedup.kernels.repeat_refrains import is_refrain
from dedup.kernels.repeat_runs import find_runs, join_runs
from dedup.kernels.shingles import count_positions, fill_table, shingle_at, table_size
from dedup.kernels.words import ALL_ONES, count_ones, fill, range_mask, trailing_zeros

U = np.uintp
UNSPACED_SCALE = 1.6
"""Factor of token thresholds in texts of scripts without spaces."""
EXACT, NORMALISED, NEAR = 1, 2, 3
NEWLINE, BLANK = 10, 32


@part
def _character_end(data, position, limit):
    """Byte behind the character that starts at ``position``."""
    position += 1
    while position < limit and data[position] & 0xC0 == 0x80:
        position += 1
    return position


@part
def _same_bytes(data, a, b, c, d):
    if b - a != d - c:
        return False
    for k in range(b - a):
        if data[a + k] != data[c + k]:
            return False
    return True


@part
def _count_shared(tokens, start, n_tokens, width, mask, keys, used):
    """Count the distinct shingles of one span that stand in the table."""
    span = min(width, n_tokens)
    n = 0
    for slot in range(mask + U(1)):
        used[slot] = min(used[slot], 0)
    for i in range(U(count_positions(n_tokens, width))):
        key = shingle_at(tokens, start + i, span)
        slot = U(key) & mask
        while used[slot] >= 0 and keys[slot] != key:
            slot = (slot + U(1)) & mask
        n += used[slot] == 0
        used[slot] = min(used[slot] + 1, 1) if used[slot] >= 0 else -1
    return n


@part
def _group_jaccard(tokens, members, width, table, spare):
    """Lowest Jaccard of the distinct shingles of the first occurrence and another."""
    start, n_tokens = U(members[0, 1]), members[0, 2] - members[0, 1]
    mask, distinct = fill_table(tokens, start, n_tokens, width, table[0], table[1])
    lowest = 1.0
    for k in range(1, len(members)):
        start, n_tokens = U(members[k, 1]), members[k, 2] - members[k, 1]
        shared = _count_shared(tokens, start, n_tokens, width, mask, table[0], table[1])
        _, other = fill_table(tokens, start, n_tokens, width, spare[0], spare[1])
        lowest = min(lowest, shared / (distinct + other - shared))
    return lowest


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
def _normalised_range(text, raw_range, member, limits):
    """Range of normalised bytes that came from the raw range around a span of tokens."""
    starts, ends, raw_positions = text
    first, n = limits[0], limits[1] - limits[0]
    low, high = starts[member[1]] - first, ends[member[2] - 1] - first
    while low > 0 and raw_positions[low - 1] >= raw_range[0]:
        low -= 1
    while high < n and raw_positions[high] < raw_range[1]:
        high += 1
    return first + low, first + high


@part
def _group_verdict(members, ranges, buffers):
    """EXACT, NORMALISED or NEAR: what the occurrences are to the first one."""
    data, normalised = buffers
    exact, same = True, True
    for k in range(1, len(members)):
        exact &= _same_bytes(data, ranges[0, 0], ranges[0, 1], ranges[k, 0], ranges[k, 1])
        same &= _same_bytes(normalised, ranges[0, 2], ranges[0, 3], ranges[k, 2], ranges[k, 3])
    if exact:
        return EXACT
    return NORMALISED if same else NEAR


@part
def _count_bytes(data, start, end, low, count):
    """Count the bytes of a range from ``low`` to ``low + count - 1``, 64 at a time."""
    n = 0
    for block in range(start, end, 64):
        mask = range_mask(data, U(block), np.uint8(low), np.uint8(count))
        n += np.int64(count_ones(mask & _first_bits(end - block)))
    return n


@njit(inline="always")
def _first_bits(count):
    return ALL_ONES if count >= 64 else (np.uint64(1) << np.uint64(count)) - np.uint64(1)


@part
def _number_lines(data, start, end, raw_starts, lines):
    """Fill the line (from 0) on which each token starts."""
    line, t = 0, 0
    for block in range(start, end, 64):
        feeds = range_mask(data, U(block), np.uint8(NEWLINE), np.uint8(1))
        feeds &= _first_bits(end - block)
        while feeds:
            position = block + np.int64(trailing_zeros(feeds))
            feeds &= feeds - np.uint64(1)
            while t < len(lines) and raw_starts[t] < position:
                lines[t] = line
                t += 1
            line += 1
    fill(lines, t, len(lines), line)


@part
def _place(text, members, whole, scale, places, tables):
    """Fill the raw byte ranges of occurrences; return how many are left that are repeats."""
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


@part
def _are_all(flags, n):
    """Whether the first ``n`` are true; with numpy's own, loading would load a compiler."""
    for k in range(n):
        if not flags[k]:
            return False
    return True


@kernel
def locate(texts, normalised, tokens, previous, limits, found, verdicts, jaccards):
    """Find, judge and locate the repeats of texts that :func:`may_repeat` marked.

    Parameters
    ----------
    texts : (uint8 array, int64 array of shape (n + 1,), int64 array)
        Raw texts, which reach 64 bytes past their end, their offsets, and the rows of
        those to look at.
    normalised : (uint8 array, int64 array of shape (n + 1,), tuple)
        Normalised texts, their offsets, and the tables of :func:`normalise.normalise`.
    tokens : (uint32, int32, int32 arrays, int64 array of shape (n + 1,), int64 array)
        Hashes, first and past-the-end normalised byte, offsets; and the number of
        one-character tokens of each text.
    previous : int32 array
        As :func:`dedup.kernels.shingles.shingle` fills it for the chosen texts.
    limits : (int, int)
        Shingle width; tokens that a repeat has at least.
    found : int64 array, shape (m, 4)
        Filled with ``(row, group, first raw byte, past the last raw byte)``; two
        rows for every token of the chosen texts are always enough.
    verdicts : uint8 array, jaccards : float64 array
        Filled for each group.

    Returns
    -------
    int, int
        Occurrences and groups.
    """
    data, offsets, rows = texts
    folded, folded_offsets, tables = normalised
    hashes, starts, ends, token_offsets, n_unspaced = tokens
    width, min_tokens = limits
    most, n_bytes = 1, 0
    for u in rows:
        most = max(most, token_offsets[u + 1] - token_offsets[u])
        n_bytes = max(n_bytes, offsets[u + 1] - offsets[u])
    room = EXPANSION * n_bytes + 64
    scratch = np.empty(room, np.uint8), np.empty(room, np.uint8)
    marks, raw_positions = np.empty((MAX_MARKS + 1, 3), np.uint32), np.empty(room, np.int32)
    runs, spans = np.empty((most, 3), np.int64), np.empty((most, 4), np.int64)
    groups_of, ordered = np.empty((2 * most, 3), np.int64), np.empty((2 * most, 3), np.int64)
    stretched, alike = np.empty((2 * most, 3), np.int64), np.empty((2 * most, 3), np.int64)
    places = np.empty((2 * most, 4), np.int64)
    bounds, whole = np.empty(most + 2, np.int64), np.empty(2 * most, np.bool_)
    owner, lines = np.empty(most, np.int64), np.empty(most, np.int64)
    firsts, lasts = np.empty(most, np.int64), np.empty(most, np.int64)
    raw_starts, raw_ends = np.empty(most, np.int64), np.empty(most, np.int64)
    size = table_size(most)
    table = (np.empty(size, np.uint64), np.empty(size, np.int32))
    spare = (np.empty(size, np.uint64), np.empty(size, np.int32))
    n_found, n_groups = 0, 0
    for u in rows:
        a, b = token_offsets[u], token_offsets[u + 1]
        text = hashes[a:b]
        n = b - a
        scale = UNSPACED_SCALE if 2 * n_unspaced[u] > n else 1.0
        enough = int(np.ceil(min_tokens * scale))
        n_runs = find_runs(text, previous[a:b], width, runs)
        n_spans = join_runs(runs, n_runs, enough, spans)
        if n_spans == 0:
            continue
        trace_text((data, offsets), u, tables, marks, scratch, raw_positions)
        first = folded_offsets[u]
        for t in range(n):
            raw_starts[t] = raw_positions[starts[a + t] - first]
            last = raw_positions[ends[a + t] - 1 - first]
            raw_ends[t] = _character_end(data, last, offsets[u + 1])
        line_of, raw = lines[:n], (raw_starts[:n], raw_ends[:n])
        _number_lines(data, offsets[u], offsets[u + 1], raw[0], line_of)
        edges = (firsts[:n], lasts[:n])
        number_edges(line_of, firsts[:n], lasts[:n])
        n_members, groups = group_spans(text, line_of, spans, n_spans, enough, groups_of, owner[:n])
        by_group(groups_of[:n_members], groups, ordered, bounds)
        page = data, raw, edges, line_of, (offsets[u], offsets[u + 1])
        for group in range(groups):
            members = ordered[bounds[group] : bounds[group + 1]]
            if is_refrain(text, members, page, scale, enough):
                continue
            n_stretched = set_edges(text, page, members, stretched, whole, scale, enough)
            members = stretched[:n_stretched]
            all_whole = _are_all(whole, len(members))
            for _ in range(MOST_FORMS):
                if len(members) < 2:
                    break
                n_alike = take_alike(text, page, members, alike, scale)
                members = members[: len(members) - n_alike]
                n_alike = _place(page, alike[:n_alike], all_whole, scale, places, tables)
                if n_alike < 2:
                    continue
                same, ranges = alike[:n_alike], places[:n_alike]
                for k in range(n_alike):
                    ranges[k, 2], ranges[k, 3] = _normalised_range(
                        (starts[a:b], ends[a:b], raw_positions),
                        ranges[k],
                        same[k],
                        (folded_offsets[u], folded_offsets[u + 1]),
                    )
                    found[n_found, 0], found[n_found, 1] = u, n_groups
                    found[n_found, 2], found[n_found, 3] = ranges[k, 0], ranges[k, 1]
                    n_found += 1
                verdicts[n_groups] = _group_verdict(same, ranges, (data, folded))
                jaccards[n_groups] = _group_jaccard(text, same, width, table, spare)
                n_groups += 1
    return n_found, n_groups


@kernel
def translate(data, offsets, rows, points, order, chars, lines):
    """Translate byte positions into characters and lines of their texts.

    Parameters
    ----------
    data : uint8 array
        Raw texts; reaches 64 bytes past their end.
    offsets : int64 array
    rows, points : int64 arrays, shape (m,)
        Texts, and byte positions in ``data``.
    order : int64 array, shape (m,)
        Sorts the points by text and position.
    chars, lines : int64 arrays, shape (m,)
        Filled: code points before each position, and its line, from 1.
    """
    row = np.int64(-1)
    n_chars, line, position = 0, 1, 0
    for k in order:
        if rows[k] != row:
            row = rows[k]
            n_chars, line, position = 0, 1, offsets[row]
        inside = _count_bytes(data, position, points[k], 0x80, 0x40)  # behind lead bytes
        n_chars += points[k] - position - inside
        line += _count_bytes(data, position, points[k], NEWLINE, 1)
        position = points[k]
        chars[k], lines[k] = n_chars, line

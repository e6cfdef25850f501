"""Repeats inside one text: found, judged and located.

All positions are token positions of one text until the last step. The rules and their
reasons are in docs/algorithm.md, step 7.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from dedup.kernels import kernel, part
from dedup.kernels.normalise import EXPANSION, MAX_MARKS, trace_text
from dedup.kernels.repeat_edges import number_edges, set_edges
from dedup.kernels.repeat_groups import by_group, group_spans
from dedup.kernels.repeat_numbers import MOST_FORMS, take_alike
from dedup.kernels.repeat_places import NEWLINE, normalised_range, place
from dedup.kernels.repeat_refrains import is_refrain
from dedup.kernels.repeat_runs import find_runs, join_runs
from dedup.kernels.shingles import count_positions, fill_table, shingle_at, table_size
from dedup.kernels.words import ALL_ONES, count_ones, fill, range_mask, trailing_zeros

U = np.uintp
UNSPACED_SCALE = 1.6
"""Factor of token thresholds in texts of scripts without spaces."""
EXACT, NORMALISED, NEAR = 1, 2, 3


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
def _are_all(flags, n):
    """Whether the first ``n`` are true; with numpy's own, loading would load a compiler."""
    for k in range(n):
        if not flags[k]:
            return False
    return True


class _Room(NamedTuple):
    """Room for what is filled anew for each text: for the longest of them."""

    folded: Any
    raw_positions: Any
    marks: Any
    raw_starts: Any
    raw_ends: Any
    lines: Any
    firsts: Any
    lasts: Any
    runs: Any
    spans: Any
    groups_of: Any
    ordered: Any
    bounds: Any
    owner: Any
    stretched: Any
    whole: Any
    alike: Any
    places: Any
    table: Any
    spare: Any


@njit(inline="always")
def _room_for(rows, offsets, token_offsets):
    """Make room for the longest of some texts."""
    most, n_bytes = 1, 0
    for u in rows:
        most = max(most, token_offsets[u + 1] - token_offsets[u])
        n_bytes = max(n_bytes, offsets[u + 1] - offsets[u])
    room, size = EXPANSION * n_bytes + 64, table_size(most)
    return _Room(
        folded=(np.empty(room, np.uint8), np.empty(room, np.uint8)),
        raw_positions=np.empty(room, np.int32),
        marks=np.empty((MAX_MARKS + 1, 3), np.uint32),
        raw_starts=np.empty(most, np.int64),
        raw_ends=np.empty(most, np.int64),
        lines=np.empty(most, np.int64),
        firsts=np.empty(most, np.int64),
        lasts=np.empty(most, np.int64),
        runs=np.empty((most, 3), np.int64),
        spans=np.empty((most, 4), np.int64),
        groups_of=np.empty((2 * most, 3), np.int64),
        ordered=np.empty((2 * most, 3), np.int64),
        bounds=np.empty(most + 2, np.int64),
        owner=np.empty(most, np.int64),
        stretched=np.empty((2 * most, 3), np.int64),
        whole=np.empty(2 * most, np.bool_),
        alike=np.empty((2 * most, 3), np.int64),
        places=np.empty((2 * most, 4), np.int64),
        table=(np.empty(size, np.uint64), np.empty(size, np.int32)),
        spare=(np.empty(size, np.uint64), np.empty(size, np.int32)),
    )


@part
def _trace_tokens(texts, u, tables, folded, room):
    """Fill where each token of a text stands in the raw text: its bytes, and its line.

    ``folded`` is as for :func:`normalised_range`: of each token, and of the text.
    """
    data, offsets = texts
    starts, ends, raw_positions, limits = folded
    n = len(starts)
    trace_text(texts, u, tables, room.marks, room.folded, raw_positions)
    for t in range(n):
        room.raw_starts[t] = raw_positions[starts[t] - limits[0]]
        last = raw_positions[ends[t] - 1 - limits[0]]
        room.raw_ends[t] = _character_end(data, last, offsets[u + 1])
    _number_lines(data, offsets[u], offsets[u + 1], room.raw_starts, room.lines[:n])
    number_edges(room.lines[:n], room.firsts, room.lasts)


@njit(inline="always")
def _record_group(tokens, page, folded, members, rule, tables, room, results, counts):
    """Record the repeats of a group: one of each set of occurrences that tell the same facts.

    ``rule`` is the factor of thresholds, whether whole lines repeat, and the shingle width.
    ``counts`` are the text, and how many occurrences and groups have been recorded.

    Returns how many have been by now.
    """
    scale, are_whole, width = rule
    normalised, spans = folded
    found, verdicts, jaccards = results
    u, n_found, n_groups = counts
    for _ in range(MOST_FORMS):
        if len(members) < 2:
            break
        n_alike = take_alike(tokens, page, members, room.alike, scale)
        members = members[: len(members) - n_alike]
        n_alike = place(page, room.alike[:n_alike], are_whole, scale, room.places, tables)
        if n_alike < 2:
            continue
        alike, ranges = room.alike[:n_alike], room.places[:n_alike]
        for k in range(n_alike):
            ranges[k, 2], ranges[k, 3] = normalised_range(spans, ranges[k], alike[k])
            found[n_found, 0], found[n_found, 1] = u, n_groups
            found[n_found, 2], found[n_found, 3] = ranges[k, 0], ranges[k, 1]
            n_found += 1
        verdicts[n_groups] = _group_verdict(alike, ranges, (page[0], normalised))
        jaccards[n_groups] = _group_jaccard(tokens, alike, width, room.table, room.spare)
        n_groups += 1
    return n_found, n_groups


@njit(inline="always")
def _locate_in(u, texts, normalised, tokens, previous, limits, room, results, counts):
    """Find, judge and locate the repeats of one text.

    ``counts`` is how many occurrences and groups have been recorded. Returns how many have
    been by now.
    """
    data, offsets = texts
    folded, folded_offsets, tables = normalised
    hashes, starts, ends, token_offsets, n_unspaced = tokens
    width, min_tokens = limits
    a, b = token_offsets[u], token_offsets[u + 1]
    text, n = hashes[a:b], b - a
    scale = UNSPACED_SCALE if 2 * n_unspaced[u] > n else 1.0
    enough = int(np.ceil(min_tokens * scale))
    n_runs = find_runs(text, previous[a:b], width, room.runs)
    n_spans = join_runs(room.runs, n_runs, enough, room.spans)
    if n_spans == 0:
        return counts
    spans = starts[a:b], ends[a:b], room.raw_positions, folded_offsets[u : u + 2]
    _trace_tokens(texts, u, tables, spans, room)
    lines, raw = room.lines[:n], (room.raw_starts, room.raw_ends)
    page = data, raw, (room.firsts, room.lasts), lines, offsets[u : u + 2]
    n_members, n_groups = group_spans(
        text, lines, room.spans, n_spans, enough, room.groups_of, room.owner[:n]
    )
    by_group(room.groups_of[:n_members], n_groups, room.ordered, room.bounds)
    for group in range(n_groups):
        members = room.ordered[room.bounds[group] : room.bounds[group + 1]]
        if is_refrain(text, members, page, scale, enough):
            continue
        n_left = set_edges(text, page, members, room.stretched, room.whole, scale, enough)
        members = room.stretched[:n_left]
        rule = scale, _are_all(room.whole, n_left), width
        counts = _record_group(
            text, page, (folded, spans), members, rule, tables, room, results, (u, *counts)
        )
    return counts


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
    room = _room_for(rows, offsets, tokens[3])
    results, counts = (found, verdicts, jaccards), (0, 0)
    for u in rows:
        counts = _locate_in(
            u, (data, offsets), normalised, tokens, previous, limits, room, results, counts
        )
    return counts


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

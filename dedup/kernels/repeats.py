"""Repeats inside one text: maximal repeated token runs, joined, grouped and located.

All positions are token positions of one text until the last step. The rules and their
reasons are in docs/algorithm.md, step 4.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels import kernel, part
from dedup.kernels.shingles import count_positions, fill_table, shingle_at, table_size
from dedup.kernels.words import fill

U = np.uintp
MAX_CHAIN = 8
"""Earlier occurrences tried for each run: the latest ones."""
MAX_GAP = 4
"""Differing tokens that two runs may have between them, on either side."""
MIN_MATCHED = 0.8
"""Share of the longer joined span that must lie in runs."""
SAME_SPAN = 0.8
"""Overlap over union from which two spans are one occurrence."""
STRETCH = 0.9
"""Share of its lines from which a span is stretched to their edges ..."""
STRETCH_ALIKE = 0.75
"""... and share that is enough where the lines of two occurrences begin and end alike."""
SHORT_LINE = 10
"""Several lines with fewer tokens each on average are verse, a list, a table, a menu."""
MANY_NUMBERS = 0.5
"""Share of number tokens above which a span is a table or a list of years."""
REGULAR = 0.1
"""Spread of the distances, as a share of their mean, that still counts as regular."""
UNSPACED_SCALE = 1.6
"""Factor of token thresholds in texts of scripts without spaces."""
EXACT, NORMALISED, NEAR = 1, 2, 3
NEWLINE, BLANK = 10, 32


@part
def _run_length(tokens, later, earlier):
    n = 0
    while later + n < len(tokens) and tokens[later + n] == tokens[earlier + n]:
        n += 1
    return n


@part
def _find_runs(tokens, previous, width, runs):
    """Write ``(later, earlier, length)`` of repeated runs, in order; return how many.

    At each position the longest of the ``MAX_CHAIN`` latest earlier occurrences is
    taken, extended to both sides, and the walk goes on behind it: linear time.
    """
    n = 0
    i = 0
    while i < count_positions(len(tokens), width):
        earlier = previous[i]
        if earlier < 0:
            i += 1
            continue
        best, length = earlier, 0
        for _ in range(MAX_CHAIN):
            found = _run_length(tokens, i, earlier)
            if found > length:
                best, length = earlier, found
            earlier = previous[earlier]
            if earlier < 0:
                break
        floor = runs[n - 1, 0] + 1 if n else 0
        back = 0
        while i - back > floor and best - back > 0:
            if tokens[i - back - 1] != tokens[best - back - 1]:
                break
            back += 1
        runs[n, 0], runs[n, 1], runs[n, 2] = i - back, best - back, length + back
        n += 1
        i += max(length - width + 1, 1)
    return n


@part
def _join_runs(runs, n_runs, min_tokens, spans):
    """Join runs with small differences between them; keep what is long enough.

    Writes ``(later start, later end, earlier start, earlier end)``; returns how many.
    """
    n = 0
    k = 0
    while k < n_runs:
        start, from_, length = runs[k, 0], runs[k, 1], runs[k, 2]
        end, from_end, matched = start + length, from_ + length, length
        overlapping = length > start - from_
        k += 1
        while k < n_runs and not overlapping:
            gap = runs[k, 0] - end
            from_gap = runs[k, 1] - from_end
            cut = max(0, -gap, -from_gap)
            if cut >= runs[k, 2] or gap + cut > MAX_GAP or from_gap + cut > MAX_GAP:
                break
            if runs[k, 2] > runs[k, 0] - runs[k, 1]:
                break
            end = runs[k, 0] + runs[k, 2]
            from_end = runs[k, 1] + runs[k, 2]
            matched += runs[k, 2] - cut
            k += 1
        longest = max(end - start, from_end - from_)
        apart = from_end <= start or overlapping
        if matched >= min_tokens and matched >= MIN_MATCHED * longest and apart:
            spans[n, 0], spans[n, 1], spans[n, 2], spans[n, 3] = start, end, from_, from_end
            n += 1
    return n


@kernel
def may_repeat(tokens, texts, previous, n_repeated, width, min_tokens, found):
    """Mark the texts that hold a repeated run of ``min_tokens`` or more.

    Parameters
    ----------
    tokens : uint32 array
    texts : (int64 array of shape (n + 1,), int64 array of shape (m,))
        Token offsets, and the rows of the texts to look at.
    previous : int32 array
        As :func:`dedup.kernels.shingles.shingle` filled it.
    n_repeated : int64 array, shape (m,)
    width, min_tokens : int
    found : bool array, shape (m,)
        Filled.
    """
    offsets, rows = texts
    most = 1
    for m in range(len(rows)):
        if n_repeated[m]:
            most = max(most, offsets[rows[m] + 1] - offsets[rows[m]])
    runs, spans = np.empty((most, 3), np.int64), np.empty((most, 4), np.int64)
    for m in range(len(rows)):
        found[m] = False
        # a joined repeat loses at most width - 1 shingles at each of its gaps
        if n_repeated[m] * width < min_tokens:
            continue
        text = tokens[offsets[rows[m]] : offsets[rows[m] + 1]]
        before = previous[offsets[rows[m]] : offsets[rows[m] + 1]]
        n_runs = _find_runs(text, before, width, runs)
        found[m] = _join_runs(runs, n_runs, min_tokens, spans) > 0


@part
def _overlap_share(a, b, c, d):
    """Length of the common part of two ranges over the length of their union."""
    common = min(b, d) - max(a, c)
    return common / (max(b, d) - min(a, c)) if common > 0 else 0.0


@part
def _register(occurrences, n, start, end, group, owner):
    occurrences[n, 0], occurrences[n, 1], occurrences[n, 2] = group, start, end
    fill(owner, start, end, n)
    return n + 1


@part
def _group_spans(spans, n_spans, min_tokens, occurrences, owner):
    """Turn pairs of spans into groups of occurrences ``(group, start, end)``.

    A span that overlaps itself is periodic: each full period is an occurrence, unless
    the period is too short to be a passage. Returns occurrences and groups.
    """
    fill(owner, 0, len(owner), -1)
    n, groups = 0, 0
    for k in range(n_spans):
        start, end, from_, from_end = spans[k, 0], spans[k, 1], spans[k, 2], spans[k, 3]
        period = start - from_
        if from_end > start:
            if period >= min_tokens:
                for place in range(from_, end - period + 1, period):
                    n = _register(occurrences, n, place, place + period, groups, owner)
                groups += 1
            continue
        known = owner[(from_ + from_end) // 2]
        if known >= 0:
            share = _overlap_share(from_, from_end, occurrences[known, 1], occurrences[known, 2])
            if share < SAME_SPAN:
                known = np.int64(-1)
        if known < 0:
            n = _register(occurrences, n, from_, from_end, groups, owner)
            known = n - 1
            groups += 1
        n = _register(occurrences, n, start, end, occurrences[known, 0], owner)
    return n, groups


@part
def _line_edges(lines, start, end):
    """First token of the line of ``start``; past the last token of the line of ``end - 1``."""
    first, last = start, end
    while first > 0 and lines[first - 1] == lines[start]:
        first -= 1
    while last < len(lines) and lines[last] == lines[end - 1]:
        last += 1
    return first, last


@part
def _is_refrain(tokens, members, lines, scale):
    """Whether a group is verse, list, table or menu, or comes at regular distances."""
    n = len(members)
    n_lines, numbers = 1, np.int64(tokens[members[0, 1]] & np.uint32(1))
    for t in range(members[0, 1] + 1, members[0, 2]):
        n_lines += lines[t] != lines[t - 1]
        numbers += np.int64(tokens[t] & np.uint32(1))
    length = members[0, 2] - members[0, 1]
    if numbers > MANY_NUMBERS * length:
        return True
    if n_lines > 1 and length < SHORT_LINE * scale * n_lines:
        return True
    if n < 3:
        return False
    mean = (members[n - 1, 1] - members[0, 1]) / (n - 1)
    if mean <= length + MAX_GAP:
        return False  # nothing in between: copies, not a refrain
    for k in range(1, n):
        if abs(members[k, 1] - members[k - 1, 1] - mean) > max(REGULAR * mean, 2.0):
            return False
    return True


@part
def _differ_in_numbers(tokens, a, b, c, d):
    """Whether two different token ranges are equal once numbers are left out."""
    i, j = a, c
    same = b - a == d - c
    while i < b or j < d:
        if same and i < b and j < d and tokens[i] == tokens[j]:
            i += 1
            j += 1
            continue
        same = False
        if i < b and tokens[i] & np.uint32(1):
            i += 1
        elif j < d and tokens[j] & np.uint32(1):
            j += 1
        elif i < b and j < d and tokens[i] == tokens[j]:
            i += 1
            j += 1
        else:
            return False
    return not same


@part
def _numbers_beside(tokens, lines, one, other):
    """Whether the tokens next to two equal spans are, on one side, both numbers."""
    if one[1] > 0 and other[1] > 0:
        x, y = one[1] - 1, other[1] - 1
        if tokens[x] & tokens[y] & np.uint32(1) and tokens[x] != tokens[y]:
            if lines[x] == lines[one[1]] and lines[y] == lines[other[1]]:
                return True
    if one[2] < len(tokens) and other[2] < len(tokens):
        x, y = one[2], other[2]
        if tokens[x] & tokens[y] & np.uint32(1) and tokens[x] != tokens[y]:
            if lines[x] == lines[one[2] - 1] and lines[y] == lines[other[2] - 1]:
                return True
    return False


@part
def _is_template(tokens, lines, members):
    for k in range(1, len(members)):
        if _differ_in_numbers(
            tokens, members[0, 1], members[0, 2], members[k, 1], members[k, 2]
        ) or _numbers_beside(tokens, lines, members[0], members[k]):
            return True
    return False


@part
def _stretch(tokens, members, lines, whole):
    """Stretch spans that cover most of their lines to the edges of the lines.

    Less cover is enough where both lines also begin and end alike: then the words
    between the run and the edge were changed, not added.
    """
    first, last = _line_edges(lines, members[0, 1], members[0, 2])
    head, tail = tokens[first], tokens[last - 1]
    for k in range(len(members) - 1, -1, -1):
        first, last = _line_edges(lines, members[k, 1], members[k, 2])
        if k:
            alike = tokens[first] == head and tokens[last - 1] == tail
        cover = (members[k, 2] - members[k, 1]) / (last - first)
        whole[k] = cover >= STRETCH or (alike and cover >= STRETCH_ALIKE)
        if whole[k]:
            members[k, 1], members[k, 2] = first, last


@part
def _by_group(occurrences, n_groups, ordered, bounds):
    """Order occurrences by group (a counting sort; inside a group text order stays)."""
    fill(bounds, 0, n_groups + 1, 0)
    for k in range(len(occurrences)):
        bounds[occurrences[k, 0] + 1] += 1
    for group in range(n_groups):
        bounds[group + 1] += bounds[group]
    for k in range(len(occurrences)):
        group = occurrences[k, 0]
        for column in range(3):
            ordered[bounds[group], column] = occurrences[k, column]
        bounds[group] += 1
    for group in range(n_groups, 0, -1):
        bounds[group] = bounds[group - 1]
    bounds[0] = 0


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
            if not common:
                break
            for k in range(len(ranges)):
                ranges[k, side] += step


@part
def _normalised_range(text, raw_range, member, limits):
    """Range of normalised bytes that came from the raw range around a span of tokens."""
    starts, ends, raw_positions = text
    low, high = np.int64(starts[member[1]]), np.int64(ends[member[2] - 1])
    while low > limits[0] and raw_positions[low - 1] >= raw_range[0]:
        low -= 1
    while high < limits[1] and raw_positions[high] < raw_range[1]:
        high += 1
    return low, high


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
def _number_lines(data, start, end, raw_starts, lines):
    """Fill the line (from 0) on which each token starts."""
    line = 0
    position = start
    for t in range(len(raw_starts)):
        while position < raw_starts[t] and position < end:
            line += data[position] == NEWLINE
            position += 1
        lines[t] = line


@kernel
def locate(texts, normalised, tokens, previous, limits, found, verdicts, jaccards):
    """Find, judge and locate the repeats of texts that :func:`may_repeat` marked.

    Parameters
    ----------
    texts : (uint8 array, int64 array of shape (n + 1,))
        Raw texts and their offsets.
    normalised : (uint8 array, int64 array of shape (n + 1,), int64 array)
        Normalised texts, their offsets, and the raw byte of each normalised byte.
    tokens : (uint32, int32, int32 arrays, int64 array of shape (n + 1,), int64 array)
        Hashes, first and past-the-end normalised byte, offsets; and the number of
        one-character tokens of each text.
    previous : int32 array
    limits : (int, int)
        Shingle width; tokens that a repeat has at least.
    found : int64 array, shape (m, 4)
        Filled with ``(text, group, first raw byte, past the last raw byte)``; one row
        for every two tokens is always enough.
    verdicts : uint8 array, jaccards : float64 array
        Filled for each group.

    Returns
    -------
    int, int
        Occurrences and groups.
    """
    data, offsets = texts
    folded, folded_offsets, raw_positions = normalised
    hashes, starts, ends, token_offsets, n_unspaced = tokens
    width, min_tokens = limits
    most = 1
    for u in range(len(offsets) - 1):
        most = max(most, token_offsets[u + 1] - token_offsets[u])
    runs, spans = np.empty((most, 3), np.int64), np.empty((most, 4), np.int64)
    groups_of, ordered = np.empty((2 * most, 3), np.int64), np.empty((2 * most, 3), np.int64)
    bounds = np.empty(most + 2, np.int64)
    owner, lines = np.empty(most, np.int64), np.empty(most, np.int64)
    raw_starts, raw_ends = np.empty(most, np.int64), np.empty(most, np.int64)
    size = table_size(most)
    table = (np.empty(size, np.uint64), np.empty(size, np.int32))
    spare = (np.empty(size, np.uint64), np.empty(size, np.int32))
    n_found, n_groups = 0, 0
    for u in range(len(offsets) - 1):
        a, b = token_offsets[u], token_offsets[u + 1]
        text = hashes[a:b]
        n = b - a
        scale = UNSPACED_SCALE if 2 * n_unspaced[u] > n else 1.0
        enough = int(np.ceil(min_tokens * scale))
        n_runs = _find_runs(text, previous[a:b], width, runs)
        n_spans = _join_runs(runs, n_runs, enough, spans)
        if n_spans == 0:
            continue
        for t in range(n):
            raw_starts[t] = raw_positions[starts[a + t]]
            raw_ends[t] = _character_end(data, raw_positions[ends[a + t] - 1], offsets[u + 1])
        line_of, raw = lines[:n], (raw_starts[:n], raw_ends[:n])
        _number_lines(data, offsets[u], offsets[u + 1], raw[0], line_of)
        n_members, groups = _group_spans(spans, n_spans, enough, groups_of, owner[:n])
        _by_group(groups_of[:n_members], groups, ordered, bounds)
        for group in range(groups):
            members = ordered[bounds[group] : bounds[group + 1]]
            whole = np.empty(len(members), np.bool_)
            if _is_refrain(text, members, line_of, scale):
                continue
            _stretch(text, members, line_of, whole)
            if _is_template(text, line_of, members):
                continue
            raw_limits = offsets[u], offsets[u + 1]
            ranges = np.empty((len(members), 4), np.int64)
            all_whole = True
            for k in range(len(members)):
                all_whole &= whole[k]
            for k in range(len(members)):
                ranges[k, 0], ranges[k, 1] = _raw_range(
                    data, raw, members[k, 1], members[k, 2], all_whole, raw_limits
                )
            _take_punctuation(data, ranges, raw_limits)
            for k in range(len(members)):
                ranges[k, 2], ranges[k, 3] = _normalised_range(
                    (starts[a:b], ends[a:b], raw_positions),
                    ranges[k],
                    members[k],
                    (folded_offsets[u], folded_offsets[u + 1]),
                )
                found[n_found, 0], found[n_found, 1] = u, n_groups
                found[n_found, 2], found[n_found, 3] = ranges[k, 0], ranges[k, 1]
                n_found += 1
            verdicts[n_groups] = _group_verdict(members, ranges, (data, folded))
            jaccards[n_groups] = _group_jaccard(text, members, width, table, spare)
            n_groups += 1
    return n_found, n_groups


@kernel
def translate(data, start, points, chars, lines):
    """Translate byte positions of one text into characters and lines.

    Parameters
    ----------
    data : uint8 array
    start : int
        First byte of the text.
    points : int64 array, shape (m,)
        Ascending byte positions in ``data``.
    chars, lines : int64 arrays, shape (m,)
        Filled: code points before each position, and its line, from 1.
    """
    n_chars, line = 0, 1
    position = start
    for k in range(len(points)):
        while position < points[k]:
            n_chars += (data[position] & 0xC0) != 0x80
            line += data[position] == NEWLINE
            position += 1
        chars[k], lines[k] = n_chars, line

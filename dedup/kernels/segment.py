"""Raw texts to passages: lines, or the paragraphs of hard-wrapped text."""

from __future__ import annotations

from dedup.kernels import kernel, part

NEWLINE, BLANK = 10, 32
WRAPPED_LINES = 3
"""Lines that a block has at least when it counts as hard-wrapped ..."""
WRAPPED_WIDTH = 120
"""... none of them longer than this ..."""
WRAPPED_FILL = 0.6
"""... and all but the last at least this share of the longest."""


@part
def _line_end(data, start, end):
    while start < end and data[start] != NEWLINE:
        start += 1
    return start


@part
def _is_blank(data, start, end):
    for i in range(start, end):
        if data[i] > BLANK:
            return False
    return True


@part
def _block_end(data, start, end):
    """End of the lines from ``start`` on up to a blank one; and whether they are wrapped."""
    n, longest, shortest, last = 0, 0, 1 << 60, 0
    at = start
    while at < end:
        stop = _line_end(data, at, end)
        if _is_blank(data, at, stop):
            break
        if n:
            shortest = min(shortest, last)
        last = stop - at
        longest = max(longest, last)
        n += 1
        at = stop + 1
    wrapped = n >= WRAPPED_LINES and longest <= WRAPPED_WIDTH and shortest >= WRAPPED_FILL * longest
    return min(at, end), wrapped


@kernel
def segment(data, offsets, passages):
    """Cut texts into passages.

    A passage is a line; or a block of lines between blank ones that look wrapped at
    one width. White space at its ends is left out, blank passages are.

    Parameters
    ----------
    data : uint8 array
    offsets : int64 array, shape (n + 1,)
    passages : int64 array, shape (m, 7)
        Filled with text, first byte, past the last byte; the same in characters of the
        text; first and last line from 1. Room for one more than there are newlines
        and texts is enough.

    Returns
    -------
    int
        Passages written.
    """
    n = 0
    for text in range(len(offsets) - 1):
        at, end = offsets[text], offsets[text + 1]
        chars, line, counted = 0, 1, at
        block_end, wrapped = at, False
        while at < end:
            if at >= block_end:
                block_end, wrapped = _block_end(data, at, end)
            stop = block_end if wrapped else _line_end(data, at, end)
            first, last = at, stop
            while first < last and data[first] <= BLANK:
                first += 1
            while last > first and data[last - 1] <= BLANK:
                last -= 1
            if first < last:
                for place in range(2):
                    point = first if place == 0 else last
                    while counted < point:
                        chars += (data[counted] & 0xC0) != 0x80
                        line += data[counted] == NEWLINE
                        counted += 1
                    passages[n, 3 + place], passages[n, 5 + place] = chars, line
                passages[n, 0], passages[n, 1], passages[n, 2] = text, first, last
                n += 1
            at = stop if wrapped else stop + 1
            block_end = max(block_end, at)
    return n


@kernel
def gather(data, passages, out, offsets):
    """Copy passages into a ragged array of their own."""
    n = 0
    for p in range(len(passages)):
        offsets[p] = n
        for i in range(passages[p, 1], passages[p, 2]):
            out[n] = data[i]
            n += 1
    offsets[len(passages)] = n

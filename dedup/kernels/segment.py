"""Raw texts to passages: lines, or the paragraphs of hard-wrapped text."""

from __future__ import annotations

from dedup.kernels import kernel, part
from dedup.kernels.wrapping import BLANK, NEWLINE, unwrap


@part
def _line_end(data, start, end):
    while start < end and data[start] != NEWLINE:
        start += 1
    return start


@kernel
def segment(data, offsets, passages):
    """Cut texts into passages.

    A passage is a line; or the lines of a paragraph that somebody wrapped, as far as each
    is full. White space at its ends is left out, blank passages are.

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
        while at < end:
            _, stop = unwrap(data, at, end, end - at)
            stop = _line_end(data, stop, end)  # of a line too wide to have been followed
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
            at = stop + 1
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

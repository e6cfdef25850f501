"""Raw bytes to normalised bytes, and the class of each.

The plain specification of the same result is ``dedup/text/normalise.py``. Unsigned
indexes throughout: numba adds a test for negative ones, which halves the speed of such
loops.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels import inlined_part, kernel, part
from dedup.kernels.words import fill, fold_ascii, sequence_length, trailing_zeros

U = np.uintp
SPACE, LETTER, DIGIT, NUMBER, CHAR, MARK, JOIN, SIGN, CURRENCY, PERCENT = range(1, 11)
MULTI = np.uint32(1 << 28)
DROP = np.uint32(1 << 29)
CODE_MASK = np.uint32(0x1FFFFF)
DOT_ABOVE = np.uint32(0x307)
GROUP_SPACE = np.uint32(0x202F)
THIN_SPACE = np.uint32(0x2009)
MAX_MARKS = 30
NEARBY = U(12)
"""ASCII bytes taken one at a time behind any other character."""
EXPANSION = 4
"""No character grows by more than this factor when it is folded (tested)."""


@part
def _decode(src, i):
    """Code point of the UTF-8 sequence at ``i``."""
    lead = np.uint32(src[i])
    if lead < 0x80:
        return lead
    code = np.uint32(src[i + U(1)]) & np.uint32(0x3F)
    if lead < 0xE0:
        return np.uint32((lead & np.uint32(0x1F)) << np.uint32(6) | code)
    code = np.uint32(code << np.uint32(6) | (np.uint32(src[i + U(2)]) & np.uint32(0x3F)))
    if lead < 0xF0:
        return np.uint32((lead & np.uint32(0x0F)) << np.uint32(12) | code)
    code = np.uint32(code << np.uint32(6) | (np.uint32(src[i + U(3)]) & np.uint32(0x3F)))
    return np.uint32((lead & np.uint32(0x07)) << np.uint32(18) | code)


@njit(inline="always")
def _look_up(pages, blocks, code):
    return blocks[U(pages[U(code >> np.uint32(8))]) * U(256) + U(code & np.uint32(255))]


@part
def letter_at(src, i, tables):
    """Return the code point at ``i`` if it can stand in a token or is folded to several, else 0."""
    code = _decode(src, U(i))
    entry = _look_up(tables[2], tables[3], code)
    cls = entry >> np.uint32(24) & np.uint32(15)
    return np.int64(code) if entry & MULTI or LETTER <= cls <= MARK else np.int64(0)


@part
def _put(out, classes, n, code, cls):
    """Write one folded code point as UTF-8; return the new length."""
    tail = MARK if cls == CHAR else cls
    if code < 0x80:
        out[n] = code
        classes[n] = cls
        return n + U(1)
    length = U(2) if code < 0x800 else (U(3) if code < 0x10000 else U(4))
    k = length - U(1)
    while k > 0:
        out[n + k] = np.uint32(0x80) | (code & np.uint32(0x3F))
        classes[n + k] = tail
        code = np.uint32(code >> np.uint32(6))
        k -= U(1)
    lead = np.uint32(0xC0) if length == 2 else (np.uint32(0xE0) if length == 3 else np.uint32(0xF0))
    out[n] = lead | code
    classes[n] = cls
    return n + length


@part
def _put_traced(text, n, code, cls, here, raw_positions):
    """Write one folded code point that came from the raw byte ``here``; return the new length."""
    out, classes = text
    end = _put(out, classes, n, code, cls)
    if raw_positions is not None:
        fill(raw_positions, n, end, here)
    return end


@part
def _take_mark(code, order, here, marks, n_marks):
    """Let a combining mark wait for those behind it; return how many wait."""
    marks[n_marks, 0] = code
    marks[n_marks, 1] = order
    marks[n_marks, 2] = here
    return n_marks + 1


@part
def _put_marks(text, n, start, marks, n_marks, raw_positions):
    """Write waiting marks in canonical order; the dot over an i is dropped."""
    out, _ = text
    dotted = n > start and out[n - U(1)] == 105
    for i in range(1, n_marks):  # insertion sort: stable, and at most MAX_MARKS long
        mark, order, position = marks[i, 0], marks[i, 1], marks[i, 2]
        j = i
        while j > 0 and marks[j - 1, 1] > order:
            for k in range(3):
                marks[j, k] = marks[j - 1, k]
            j -= 1
        marks[j, 0], marks[j, 1], marks[j, 2] = mark, order, position
    for i in range(n_marks):
        if not (dotted and marks[i, 0] == DOT_ABOVE):
            here = np.int32(marks[i, 2])
            n = _put_traced(text, n, marks[i, 0], np.uint8(MARK), here, raw_positions)
    return n


@part
def _between_digits(src, i, end, text, n, pages, entries):
    if text[1][n - U(1)] != DIGIT or i >= end:
        return False
    return _look_up(pages, entries, _decode(src, i)) >> np.uint32(24) == DIGIT


@part
def _put_ascii(src, i, end, text, n, after_space, raw_positions):
    """Fold ASCII from ``i`` on, 64 bytes at a time, up to the first other byte.

    Returns where it stopped, the new length, and whether a space was written last.
    """
    out, classes = text
    while i < end:
        spaces, foreign = fold_ascii(src, i, out, classes, n)
        count = U(trailing_zeros(foreign)) if foreign else U(64)
        whole = count == U(64)
        if end - i < count:
            count = end - i
        again = spaces & (spaces << np.uint64(1) | np.uint64(after_space))
        kept = U(trailing_zeros(again)) if again else U(64)
        if raw_positions is not None:
            for k in range(min(kept, count)):
                raw_positions[n + k] = np.int32(i + k)
        if kept < count:  # a second space: go on behind this run of spaces
            n += kept
            others = ~(spaces >> np.uint64(kept))
            i += kept + min(U(trailing_zeros(others)) if others else U(64), count - kept)
            after_space = U(1)
            continue
        n += count
        i += count
        after_space = U(spaces >> np.uint64(count - U(1))) & U(1) if count else after_space
        if not whole:
            break
    return i, n, after_space


@inlined_part
def _put_single_ascii(src, i, end, class_tables, text, n, after_space, nearby, raw_positions):
    """Fold ASCII from ``i`` on, a byte at a time, ``nearby`` bytes at most.

    Returns where it stopped, the new length, whether a space was written last, and how many
    bytes more may be taken singly.
    """
    fold256, class256 = class_tables
    out, classes = text
    byte = src[i]
    while nearby and i < end and byte < 0x80:
        nearby -= U(1)
        cls = class256[byte]
        out[n] = fold256[byte]
        classes[n] = cls
        if raw_positions is not None:
            raw_positions[n] = np.int32(i)
        space = U(cls == SPACE)
        n += U(1) - (space & after_space)
        after_space = space
        i += U(1)
        byte = src[i]
    return i, n, after_space, nearby


@inlined_part
def _fold_character(code, entry, k, tables):
    """Return the ``k``-th code point of what a character is folded to, and its class."""
    _, _, pages, entries, pool, _, _ = tables
    index = U(entry & CODE_MASK)
    if (entry & MULTI) == 0:
        return np.uint32(index) if index else code, np.uint8(entry >> np.uint32(24))
    folded = pool[index + U(1) + U(k)]
    return folded, np.uint8(_look_up(pages, entries, folded) >> np.uint32(24))


@inlined_part
def _put_space(text, n, after_space, here, raw_positions):
    """Write a space, unless one was written last; return the new length."""
    out, classes = text
    if after_space:
        return n
    out[n], classes[n] = 32, SPACE
    if raw_positions is not None:
        raw_positions[n] = here
    return n + U(1)


@part
def _normalise_text(src, i, end, tables, text, n, marks, raw_positions):
    """Fold one text; return the new length, its code points, and whether CHARs are in it."""
    fold256, class256, pages, entries, pool, combining_pages, combining = tables
    start, chars, unspaced = n, np.int64(end - i), False
    after_space, n_marks = U(1), np.int64(0)
    nearby = U(0)  # ASCII bytes yet to be taken singly: among other characters runs are short
    while i < end:
        if src[i] < 0x80:
            if n_marks:
                n = _put_marks(text, n, start, marks, n_marks, raw_positions)
                n_marks, after_space = np.int64(0), U(0)
            i, n, after_space, nearby = _put_single_ascii(
                src, i, end, (fold256, class256), text, n, after_space, nearby, raw_positions
            )
            if i < end and src[i] < 0x80:
                i, n, after_space = _put_ascii(src, i, end, text, n, after_space, raw_positions)
            continue
        nearby, here = NEARBY, np.int32(i)
        code, length = _decode(src, i), sequence_length(src[i])
        chars -= np.int64(length - U(1))
        i += length
        entry = _look_up(pages, entries, code)
        if entry & DROP:
            continue
        count = U(pool[U(entry & CODE_MASK)]) if entry & MULTI else U(1)
        for k in range(count):
            folded, cls = _fold_character(code, entry, k, tables)
            order = _look_up(combining_pages, combining, folded)
            if order:
                n_marks = _take_mark(folded, order, here, marks, n_marks)
            if n_marks and (not order or n_marks == MAX_MARKS):
                n = _put_marks(text, n, start, marks, n_marks, raw_positions)
                n_marks, after_space = np.int64(0), U(0)
            if order:
                continue
            if folded == GROUP_SPACE or folded == THIN_SPACE:
                in_number = n > start and _between_digits(src, i, end, text, n, pages, entries)
                folded, cls = (GROUP_SPACE, cls) if in_number else (np.uint32(32), np.uint8(SPACE))
            if cls == SPACE:
                n, after_space = _put_space(text, n, after_space, here, raw_positions), U(1)
            else:
                unspaced |= cls == CHAR
                n = _put_traced(text, n, folded, cls, here, raw_positions)
                after_space = U(0)
    if n_marks:
        n = _put_marks(text, n, start, marks, n_marks, raw_positions)
    if n > start and text[1][n - U(1)] == SPACE:
        n -= U(1)
    return n, chars, unspaced


@kernel
def normalise(texts, tables, out, classes, out_offsets, n_chars, has_chars):
    """Fold raw UTF-8 texts into normalised bytes and the class of each.

    Parameters
    ----------
    texts : (uint8 array, int64 array of shape (n + 1,))
        Raw texts, valid UTF-8, and their offsets; the array reaches 64 bytes past the
        last of them.
    tables : tuple
        ``(fold256, class256, pages, entries, pool, combining_pages, combining)``.
    out, classes : uint8 arrays
        Room for the result: ``EXPANSION`` times the input and 64 bytes are always enough.
    out_offsets : int64 array, shape (n + 1,)
        Filled with where each normalised text starts.
    n_chars : int64 array, shape (n,)
        Filled with the number of code points of each raw text.
    has_chars : bool array, shape (n,)
        Filled: whether a text holds characters of a script without spaces.
    """
    src, offsets = texts
    marks = np.empty((MAX_MARKS + 1, 3), np.uint32)
    n = U(0)
    for text in range(len(offsets) - 1):
        out_offsets[text] = n
        n, n_chars[text], has_chars[text] = _normalise_text(
            src, U(offsets[text]), U(offsets[text + 1]), tables, (out, classes), n, marks, None
        )
    out_offsets[len(offsets) - 1] = n


@part
def trace_text(texts, row, tables, marks, scratch, raw_positions):
    """Find the raw byte that each normalised byte of one text came from.

    Parameters
    ----------
    texts, tables
        As for :func:`normalise`.
    row : int
        The text.
    marks : uint32 array, shape (MAX_MARKS + 1, 3)
        Scratch.
    scratch : (uint8 array, uint8 array)
        Room for the normalised text, as ``out`` and ``classes``.
    raw_positions : int32 array
        Filled, from the first byte of the normalised text on; as long as the scratch.
    """
    src, offsets = texts
    start, end = U(offsets[row]), U(offsets[row + 1])
    _normalise_text(src, start, end, tables, scratch, U(0), marks, raw_positions)


@kernel
def trace(texts, tables, out_offsets, scratch, raw_positions):
    """Find the raw byte that each normalised byte of all texts came from.

    Apart from :func:`normalise`, because positions are seldom asked for, and take four
    times the room of what they are the positions of.

    Parameters
    ----------
    texts, tables, out_offsets, scratch
        As for :func:`normalise` and :func:`trace_text`.
    raw_positions : int32 array, 64 bytes longer than all normalised texts
        Filled.
    """
    marks = np.empty((MAX_MARKS + 1, 3), np.uint32)
    for row in range(len(out_offsets) - 1):
        trace_text(texts, row, tables, marks, scratch, raw_positions[out_offsets[row] :])

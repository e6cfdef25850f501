"""JSON strings and their texts; whether bytes are UTF-8, and where their lines end."""

from __future__ import annotations

import numpy as np

from dedup.kernels import kernel, part
from dedup.kernels.words import copy_block, range_mask, trailing_zeros

U = np.uintp
NONE = np.uintp(0)
"""No place: nothing that is looked for ends before the first byte."""
QUOTE, BACKSLASH, LINE_FEED = 0x22, 0x5C, 0x0A
PADDING = 64
"""Bytes that must follow what is written."""


@part
def _is_hex(data, i):
    for k in range(U(4)):
        digit = data[i + k]
        letter = digit | 0x20
        if not (0x30 <= digit <= 0x39 or 0x61 <= letter <= 0x66):
            return False
    return True


@part
def _escape_end(data, i, stop):
    """Return the place behind the escape at ``i``, which is a backslash; or ``NONE``."""
    if i + U(1) >= stop:
        return NONE
    kind = data[i + U(1)]
    if kind != 0x75:  # u
        for known in (0x6E, QUOTE, BACKSLASH, 0x2F, 0x74, 0x72, 0x62, 0x66):  # n " \ / t r b f
            if kind == known:
                return i + U(2)
        return NONE
    if i + U(6) > stop or not _is_hex(data, i + U(2)):
        return NONE
    if data[i + U(2)] | 0x20 != 0x64 or data[i + U(3)] < 0x38:  # not D800 to DFFF
        return i + U(6)
    # a high surrogate, D8 to DB, must be followed by a low one, DC to DF
    if data[i + U(3)] | 0x20 > 0x62 or i + U(12) > stop or not _is_hex(data, i + U(8)):
        return NONE
    if data[i + U(6)] != BACKSLASH or data[i + U(7)] != 0x75:
        return NONE
    is_low = data[i + U(8)] | 0x20 == 0x64 and data[i + U(9)] | 0x20 >= 0x63
    return i + U(12) if is_low else NONE


@part
def string_end(data, i, stop):
    """Return the place behind the string whose quote is at ``i``; or ``NONE``."""
    i += U(1)
    n = U(len(data))
    while i < stop:
        if i + U(64) <= n:
            ends = range_mask(data, i, np.uint8(0), np.uint8(0x20))
            ends |= range_mask(data, i, np.uint8(QUOTE), np.uint8(1))
            ends |= range_mask(data, i, np.uint8(BACKSLASH), np.uint8(1))
            if ends == 0:
                i += U(64)
                continue
            i += U(trailing_zeros(ends))
            if i >= stop:
                return NONE
        if data[i] == QUOTE:
            return i + U(1)
        if data[i] < 0x20:
            return NONE
        if data[i] != BACKSLASH:
            i += U(1)
        while i < stop and data[i] == BACKSLASH:
            i = _escape_end(data, i, stop)
            if i == NONE:
                return NONE
    return NONE


@part
def _hex_digits(data, i):
    """Return what the four hexadecimal digits from ``i`` on say."""
    code = np.uint32(0)
    for k in range(U(4)):
        digit = np.uint32(data[i + k])
        # the letters a to f and A to F have their bit 6 set, and say 10 more than theirs
        digit = (digit & np.uint32(15)) + np.uint32(9) * (digit >> np.uint32(6))
        code = code << np.uint32(4) | digit
    return code


@part
def _unescape(data, i, out, n):
    """Write what the escape at ``i`` stands for; return the places behind both."""
    kind = data[i + U(1)]
    if kind != 0x75:  # u
        if kind == 0x6E:  # n
            kind = np.uint8(0x0A)
        elif kind == 0x74:  # t
            kind = np.uint8(0x09)
        elif kind == 0x72:  # r
            kind = np.uint8(0x0D)
        elif kind == 0x62:  # b
            kind = np.uint8(0x08)
        elif kind == 0x66:  # f
            kind = np.uint8(0x0C)
        out[n] = kind
        return i + U(2), n + U(1)
    code = _hex_digits(data, i + U(2))
    i += U(6)
    if 0xD800 <= code < 0xE000:
        low = _hex_digits(data, i + U(2))
        code = np.uint32(0x10000) + ((code - np.uint32(0xD800)) << np.uint32(10))
        code += low - np.uint32(0xDC00)
        i += U(6)
    if code < 0x80:
        out[n] = code
        return i, n + U(1)
    length = U(2) if code < 0x800 else (U(3) if code < 0x10000 else U(4))
    for k in range(length - U(1), U(0), -1):
        out[n + U(k)] = np.uint32(0x80) | (code & np.uint32(0x3F))
        code >>= np.uint32(6)
    lead = np.uint32(0xC0) if length == 2 else (np.uint32(0xE0) if length == 3 else np.uint32(0xF0))
    out[n] = lead | code
    return i, n + length


@part
def copy_string(data, i, stop, out, n):
    """Write the text of the string whose quote is at ``i`` from ``n`` on.

    Returns the places behind both, the first of them ``NONE`` where that is no string.
    """
    i += U(1)
    while i < stop:
        if i + U(64) <= U(len(data)):
            ends = range_mask(data, i, np.uint8(0), np.uint8(0x20))
            ends |= range_mask(data, i, np.uint8(QUOTE), np.uint8(1))
            ends |= copy_block(data, i, out, n, np.uint8(BACKSLASH))
            count = U(trailing_zeros(ends)) if ends else U(64)
            i += count
            n += count
            if ends == 0:
                continue
            if i >= stop:
                return NONE, n
        if data[i] == QUOTE:
            return i + U(1), n
        if data[i] < 0x20:
            return NONE, n
        if data[i] != BACKSLASH:
            out[n] = data[i]
            i += U(1)
            n += U(1)
        while i < stop and data[i] == BACKSLASH:
            if _escape_end(data, i, stop) == NONE:
                return NONE, n
            i, n = _unescape(data, i, out, n)
    return NONE, n


@kernel
def read_strings(data, spans, out, offsets, kinds):
    """Turn JSON strings into the UTF-8 that they stand for, column by column.

    Parameters
    ----------
    data : uint8 array
    spans : int64 array, shape (n_columns, n, 2)
        Where each value starts and ends, quotes included; -1 for none. All are sound, as
        :func:`dedup.kernels.json_fields.read_objects` has found them.
    out : uint8 array
        Filled; ``PADDING`` bytes longer than all values (no escape is shorter than its text).
    offsets : int64 array, shape (n_columns, n + 1)
        Filled: where each text starts. What is no string counts as an empty one.
    kinds : uint8 array, shape (n_columns,)
        Filled: the sum of 1 where some value of a column is null or missing, and 2 where
        some is neither that nor a string.
    """
    n = U(0)
    n_rows = spans.shape[1]
    for column in range(len(spans)):
        kind = np.uint8(0)
        for row in range(n_rows):
            offsets[column, row] = n
            start, end = spans[column, row]
            if start >= 0 and data[start] == QUOTE:
                _, n = copy_string(data, U(start), U(end), out, n)
            elif start < 0 or data[start] == 0x6E:  # null
                kind |= np.uint8(1)
            else:
                kind |= np.uint8(2)
        offsets[column, n_rows] = n
        kinds[column] = kind


@part
def _sequence_end(data, i, end):
    """Return the place behind the UTF-8 sequence at ``i``, or 0 if there is none.

    As Table 3-7 of the Unicode Standard says: no overlong forms, no surrogates, nothing
    beyond U+10FFFF.
    """
    lead = data[i]
    if lead < 0xC2 or lead > 0xF4:
        return U(0)
    length = U(2) if lead < 0xE0 else (U(3) if lead < 0xF0 else U(4))
    if i + length > end:
        return U(0)
    least, most = np.uint8(0x80), np.uint8(0xBF)
    if lead == 0xE0:
        least = np.uint8(0xA0)
    elif lead == 0xED:
        most = np.uint8(0x9F)
    elif lead == 0xF0:
        least = np.uint8(0x90)
    elif lead == 0xF4:
        most = np.uint8(0x8F)
    if data[i + U(1)] < least or data[i + U(1)] > most:
        return U(0)
    for k in range(U(2), length):
        if data[i + U(k)] & 0xC0 != 0x80:
            return U(0)
    return i + length


@part
def _skip_ascii(data, i, stop):
    """Return the place of the first byte from ``i`` on that is no ASCII, or ``stop``."""
    while i + U(64) <= stop:
        foreign = range_mask(data, i, np.uint8(0x80), np.uint8(0x80))
        if foreign:
            return i + U(trailing_zeros(foreign))
        i += U(64)
    while i < stop and data[i] < 0x80:
        i += U(1)
    return i


@kernel
def is_utf8(data):
    """Whether bytes (a uint8 array) are UTF-8."""
    stop = U(len(data))
    i = _skip_ascii(data, U(0), stop)
    while i < stop:
        i = _sequence_end(data, i, stop)
        if i == 0:
            return False
        if i < stop and data[i] < 0x80:
            i = _skip_ascii(data, i, stop)
    return True


@kernel
def find_line_ends(data, ends):
    """Fill ``ends`` with the places behind each line; return the number of lines.

    Parameters
    ----------
    data : uint8 array
        A last line without a line feed is one, too.
    ends : int64 array
        Where it is too short for all lines, it holds the first ones.
    """
    n, i, stop, room = U(0), U(0), U(len(data)), U(len(ends))
    while i < stop:
        if i + U(64) <= stop:
            feeds = range_mask(data, i, np.uint8(LINE_FEED), np.uint8(1))
            while feeds:
                if n < room:
                    ends[n] = i + U(trailing_zeros(feeds)) + U(1)
                feeds &= feeds - np.uint64(1)
                n += U(1)
            i += U(64)
        else:
            if data[i] == LINE_FEED:
                if n < room:
                    ends[n] = i + U(1)
                n += U(1)
            i += U(1)
    if stop > 0 and data[stop - U(1)] != LINE_FEED:
        if n < room:
            ends[n] = stop
        n += U(1)
    return n

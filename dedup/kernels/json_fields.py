"""Where the fields of JSON objects stand, many objects at a time.

What is accepted is JSON as RFC 8259 has it, but for names with escapes among the fields of
the objects themselves, and for what is nested deeper than 64 brackets: whoever calls reads
these with a parser. That bytes are UTF-8 is for :func:`dedup.kernels.json_strings.is_utf8`
to say.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels import kernel, part
from dedup.kernels.words import range_mask, trailing_zeros

U = np.uintp
NONE = np.uintp(0)
"""No place: nothing that is looked for ends before the first byte."""
QUOTE, BACKSLASH, COMMA, COLON, MINUS, POINT = 0x22, 0x5C, 0x2C, 0x3A, 0x2D, 0x2E
OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT = 0x5B, 0x5D, 0x7B, 0x7D
ZERO, NINE = 0x30, 0x39
TRUE, FALSE, NULL = 0x65757274, 0x736C6166, 0x6C6C756E
"""The first four letters of the words, as numbers of four bytes, the lowest first."""
MOST_DEEP = 64


@part
def _skip_space(data, i, stop):
    while i < stop and data[i] <= 0x20:
        if data[i] != 0x20 and data[i] != 0x0A and data[i] != 0x0D and data[i] != 0x09:
            break
        i += U(1)
    return i


@part
def _is_hex(data, i):
    for k in range(U(4)):
        digit = data[i + k]
        letter = digit | 0x20
        if not (ZERO <= digit <= NINE or 0x61 <= letter <= 0x66):
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
def _string_end(data, i, stop):
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
def _digits_end(data, i, stop):
    while i < stop and ZERO <= data[i] <= NINE:
        i += U(1)
    return i


@part
def _number_end(data, i, stop):
    """Return the place behind the number at ``i``; or ``NONE``."""
    if data[i] == MINUS:
        i += U(1)
    start = i
    i = _digits_end(data, i, stop)
    if i == start or (data[start] == ZERO and i > start + U(1)):
        return NONE
    if i < stop and data[i] == POINT:
        start = i + U(1)
        i = _digits_end(data, start, stop)
        if i == start:
            return NONE
    if i < stop and data[i] | 0x20 == 0x65:  # e
        start = i + U(1)
        if start < stop and (data[start] == MINUS or data[start] == 0x2B):  # +
            start += U(1)
        i = _digits_end(data, start, stop)
        if i == start:
            return NONE
    return i


@part
def _scalar_end(data, i, stop):
    """Return the place behind the string, number or word at ``i``; or ``NONE``."""
    first = data[i]
    if first == QUOTE:
        return _string_end(data, i, stop)
    if first == MINUS or ZERO <= first <= NINE:
        return _number_end(data, i, stop)
    if i + U(4) > stop:
        return NONE
    word = np.uint32(0)
    for k in range(U(4)):
        word |= np.uint32(data[i + k]) << np.uint32(U(8) * k)
    if word == TRUE or word == NULL:
        return i + U(4)
    if word == FALSE and i + U(4) < stop and data[i + U(4)] == 0x65:  # e
        return i + U(5)
    return NONE


@part
def _name_end(data, i, stop):
    """Return the place of the value whose name is at ``i``; or ``NONE``."""
    if i >= stop or data[i] != QUOTE:
        return NONE
    i = _string_end(data, i, stop)
    if i == NONE:
        return NONE
    i = _skip_space(data, i, stop)
    if i >= stop or data[i] != COLON:
        return NONE
    return _skip_space(data, i + U(1), stop)


@part
def _value_end(data, i, stop):
    """Return the place behind the value at ``i``, whatever it holds; or ``NONE``."""
    kinds = np.uint64(0)  # a bit for each open bracket, the lowest for the last: an object?
    depth = 0
    while i < stop:
        if data[i] == OPEN_ARRAY or data[i] == OPEN_OBJECT:
            if depth == MOST_DEEP:
                return NONE
            kind = np.uint64(data[i] == OPEN_OBJECT)
            i = _skip_space(data, i + U(1), stop)
            if i < stop and data[i] == (CLOSE_OBJECT if kind else CLOSE_ARRAY):
                i += U(1)
            else:
                kinds = kinds << np.uint64(1) | kind
                depth += 1
                if kind:
                    i = _name_end(data, i, stop)
                    if i == NONE:
                        return NONE
                continue
        else:
            i = _scalar_end(data, i, stop)
            if i == NONE:
                return NONE
        while True:  # behind a value: brackets may close, or a comma leads to the next one
            if depth == 0:
                return i
            i = _skip_space(data, i, stop)
            if i >= stop:
                return NONE
            kind = kinds & np.uint64(1)
            if data[i] == COMMA:
                i = _skip_space(data, i + U(1), stop)
                if kind:
                    i = _name_end(data, i, stop)
                    if i == NONE:
                        return NONE
                break
            if data[i] != (CLOSE_OBJECT if kind else CLOSE_ARRAY):
                return NONE
            kinds >>= np.uint64(1)
            depth -= 1
            i += U(1)
    return NONE


@part
def _plain_name_end(data, i, stop):
    """Return the place behind the quote of the name that begins at ``i``; or ``NONE``."""
    while i < stop and data[i] != QUOTE:
        if data[i] < 0x20 or data[i] == BACKSLASH:
            return NONE
        i += U(1)
    return i + U(1) if i < stop else NONE


@part
def _place_of(data, start, end, names, name_ends):
    """Return which of the names ``data[start:end]`` is, or their number."""
    begin = U(0)
    for k in range(len(name_ends)):
        length = U(name_ends[k]) - begin
        if length == end - start:
            j = U(0)
            while j < length and names[begin + j] == data[start + j]:
                j += U(1)
            if j == length:
                return k
        begin = U(name_ends[k])
    return len(name_ends)


@part
def _find_in_object(data, i, stop, names, name_ends, spans, row):
    """Fill the spans of one object; return whether it is one, and nothing else is there."""
    i = _skip_space(data, i, stop)
    if i >= stop or data[i] != OPEN_OBJECT:
        return False
    i = _skip_space(data, i + U(1), stop)
    if i < stop and data[i] == CLOSE_OBJECT:
        return _skip_space(data, i + U(1), stop) == stop
    while i < stop and data[i] == QUOTE:
        start = i + U(1)
        i = _plain_name_end(data, start, stop)
        if i == NONE:
            return False
        place = _place_of(data, start, i - U(1), names, name_ends)
        i = _skip_space(data, i, stop)
        if i >= stop or data[i] != COLON:
            return False
        start = _skip_space(data, i + U(1), stop)
        i = _value_end(data, start, stop)
        if i == NONE:
            return False
        if place < len(name_ends):
            spans[place, row, 0], spans[place, row, 1] = start, i
        i = _skip_space(data, i, stop)
        if i >= stop:
            return False
        if data[i] == CLOSE_OBJECT:
            return _skip_space(data, i + U(1), stop) == stop
        if data[i] != COMMA:
            return False
        i = _skip_space(data, i + U(1), stop)
    return False


@kernel
def find_fields(data, ends, names, name_ends, spans):
    """Find some fields of JSON objects that stand one after the other.

    Parameters
    ----------
    data : uint8 array
    ends : int64 array, shape (n,)
        Where each object, with the white space around it, ends.
    names : uint8 array
        The names of the fields, one after the other.
    name_ends : int64 array, shape (n_names,)
    spans : int64 array, shape (n_names, n, 2)
        Filled: where the value of each field starts and ends; the last one of several,
        and -1 where there is none.

    Returns
    -------
    bool
        False where anything is not as it should be; then the spans mean nothing.
    """
    start = U(0)
    for row in range(len(ends)):
        for place in range(len(name_ends)):
            spans[place, row, 0], spans[place, row, 1] = -1, -1
        end = U(ends[row])
        if not _find_in_object(data, start, end, names, name_ends, spans, row):
            return False
        start = end
    return True

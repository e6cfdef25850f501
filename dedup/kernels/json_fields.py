"""The fields of JSON objects, many objects at a time.

What is accepted is JSON as RFC 8259 has it, but for what is nested deeper than 64 brackets:
whoever calls reads that with a parser. That bytes are UTF-8 is for
:func:`dedup.kernels.json_strings.is_utf8` to say.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels import inlined_part, kernel, part
from dedup.kernels.json_strings import NONE, QUOTE, copy_string, string_end

U = np.uintp
COMMA, COLON, MINUS, POINT = 0x2C, 0x3A, 0x2D, 0x2E
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
        return string_end(data, i, stop)
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
    i = string_end(data, i, stop)
    if i == NONE:
        return NONE
    i = _skip_space(data, i, stop)
    if i >= stop or data[i] != COLON:
        return NONE
    return _skip_space(data, i + U(1), stop)


@part
def _item_of(data, i, stop, kinds):
    """Return the place of the value at ``i``, behind its name in an object; or ``NONE``."""
    return _name_end(data, i, stop) if kinds & np.uint64(1) else i


@part
def _closes(byte, kinds):
    """Whether a byte closes the innermost open bracket."""
    return byte == (CLOSE_OBJECT if kinds & np.uint64(1) else CLOSE_ARRAY)


@part
def _close_brackets(data, i, stop, kinds, depth):
    """Close the brackets that end behind a value.

    Returns the place behind them, and what is still open: without brackets the place behind
    the value, else that of the first sign that is no bracket; or ``NONE``.
    """
    while depth > 0:
        i = _skip_space(data, i, stop)
        if i >= stop:
            return NONE, kinds, depth
        if not _closes(data[i], kinds):
            break
        kinds >>= np.uint64(1)
        depth -= 1
        i += U(1)
    return i, kinds, depth


@part
def _value_end(data, i, stop):
    """Return the place behind the value at ``i``, whatever it holds; or ``NONE``."""
    kinds = np.uint64(0)  # a bit for each open bracket, the lowest for the last: an object?
    depth = 0
    while i < stop:
        if data[i] == OPEN_ARRAY or data[i] == OPEN_OBJECT:
            if depth == MOST_DEEP:
                return NONE
            kinds = kinds << np.uint64(1) | np.uint64(data[i] == OPEN_OBJECT)
            depth += 1
            i = _skip_space(data, i + U(1), stop)
            if i >= stop or not _closes(data[i], kinds):
                i = _item_of(data, i, stop, kinds)
                if i == NONE:
                    return NONE
                continue
        else:
            i = _scalar_end(data, i, stop)
            if i == NONE:
                return NONE
        i, kinds, depth = _close_brackets(data, i, stop, kinds, depth)
        if i == NONE or depth == 0:
            return i
        if data[i] != COMMA:
            return NONE
        i = _item_of(data, _skip_space(data, i + U(1), stop), stop, kinds)
        if i == NONE:
            return NONE
    return NONE


@part
def _place_of(text, start, end, names, name_ends):
    """Return which of the names ``text[start:end]`` is, or their number."""
    begin = U(0)
    for k in range(len(name_ends)):
        length = U(name_ends[k]) - begin
        if length == end - start:
            j = U(0)
            while j < length and names[begin + j] == text[start + j]:
                j += U(1)
            if j == length:
                return k
        begin = U(name_ends[k])
    return len(name_ends)


@inlined_part
def _read_field(data, i, stop, names, name_ends, spans, row, texts):
    """Fill the text or a span with the field whose name is at ``i``; return the place behind it.

    ``NONE`` where that is no field.
    """
    out, text_ends = texts
    # names may be written with escapes: they are copied behind the text, for a while
    start = U(max(text_ends[row], text_ends[row + 1]))
    i, end = copy_string(data, i, stop, out, start)
    if i == NONE:
        return NONE
    place = _place_of(out, start, end, names, name_ends)
    i = _skip_space(data, i, stop)
    if i >= stop or data[i] != COLON:
        return NONE
    start = _skip_space(data, i + U(1), stop)
    if place == 0 and start < stop and data[start] == QUOTE:
        i, text_ends[row + 1] = copy_string(data, start, stop, out, U(text_ends[row]))
        return i
    i = _value_end(data, start, stop)
    if place == 0:
        text_ends[row + 1] = -1
    elif place < len(name_ends):
        spans[place - 1, row, 0], spans[place - 1, row, 1] = start, i
    return i


@part
def _read_object(data, i, stop, names, name_ends, spans, row, texts):
    """Fill the text and the spans of one object; return whether nothing else is there."""
    texts[1][row + 1] = -1
    i = _skip_space(data, i, stop)
    if i >= stop or data[i] != OPEN_OBJECT:
        return False
    i = _skip_space(data, i + U(1), stop)
    if i < stop and data[i] == CLOSE_OBJECT:
        return _skip_space(data, i + U(1), stop) == stop
    while i < stop and data[i] == QUOTE:
        i = _read_field(data, i, stop, names, name_ends, spans, row, texts)
        if i == NONE:
            return False
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
def read_objects(data, ends, names, name_ends, spans, out, text_ends):
    """Read the texts of JSON objects that stand one after the other, and find other fields.

    Texts are nearly all of the objects: they are checked and turned into UTF-8 in one go.

    Parameters
    ----------
    data : uint8 array
    ends : int64 array, shape (n,)
        Where each object, with the white space around it, ends.
    names : uint8 array
        The names of the fields, one after the other, that of the text first.
    name_ends : int64 array, shape (n_names,)
    spans : int64 array, shape (n_names - 1, n, 2)
        Filled: where the value of each other field starts and ends; the last one of
        several, and -1 where there is none.
    out : uint8 array
        Filled with the texts, and with names for a while; ``PADDING`` bytes longer than
        ``data``.
    text_ends : int64 array, shape (n + 1,)
        Filled: 0, and where each text ends.

    Returns
    -------
    bool
        False where anything is not as it should be, or an object has no text; then what
        was filled means nothing.
    """
    start = U(0)
    text_ends[0] = 0
    for row in range(len(ends)):
        for place in range(len(spans)):
            spans[place, row, 0], spans[place, row, 1] = -1, -1
        end = U(ends[row])
        texts = out, text_ends
        if not _read_object(data, start, end, names, name_ends, spans, row, texts):
            return False
        if text_ends[row + 1] < 0:
            return False
        start = end
    return True

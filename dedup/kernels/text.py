"""Raw bytes to normalised bytes, digests and token hashes.

The plain specification of the same results is in ``dedup/text``. Unsigned indexes
throughout: numba adds a test for negative ones, which halves the speed of these loops.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels import kernel, part
from dedup.kernels.words import (
    ALL_ONES,
    FINAL,
    MULTIPLIER,
    count_ones,
    fill,
    finish,
    load_word,
    low_bytes,
    range_mask,
    rotate,
    trailing_zeros,
)

U = np.uintp
SPACE, LETTER, DIGIT, NUMBER, CHAR, MARK, JOIN, SIGN, CURRENCY, PERCENT = range(1, 11)
TOKEN_CLASSES = 5  # LETTER to MARK
MULTI = np.uint32(1 << 28)
DROP = np.uint32(1 << 29)
CODE_MASK = np.uint32(0x1FFFFF)
DOT_ABOVE = np.uint32(0x307)
GROUP_SPACE = np.uint32(0x202F)
THIN_SPACE = np.uint32(0x2009)
MAX_MARKS = 30
EXPANSION = 4
"""No character grows by more than this factor when it is folded (tested)."""


@njit(inline="always")
def _sequence_length(lead):
    """Bytes of the UTF-8 sequence that starts with ``lead``."""
    if lead < 0x80:
        return U(1)
    if lead < 0xE0:
        return U(2)
    return U(3) if lead < 0xF0 else U(4)


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
def _put_marks(out, classes, n, start, marks, n_marks, raw_positions):
    """Write waiting marks in canonical order; the dot over an i is dropped."""
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
            before = n
            n = _put(out, classes, n, marks[i, 0], np.uint8(MARK))
            if raw_positions is not None:
                fill(raw_positions, before, n, marks[i, 2])
    return n


@part
def _between_digits(src, i, end, classes, n, pages, entries):
    if classes[n - U(1)] != DIGIT or i >= end:
        return False
    return _look_up(pages, entries, _decode(src, i)) >> np.uint32(24) == DIGIT


@kernel
def normalise(texts, tables, out, classes, out_offsets, n_chars, has_chars, raw_positions):
    """Fold raw UTF-8 texts into normalised bytes and the class of each.

    Parameters
    ----------
    texts : (uint8 array, int64 array of shape (n + 1,))
        Raw texts, valid UTF-8, and their offsets.
    tables : tuple
        ``(fold256, class256, pages, entries, pool, combining_pages, combining)``.
    out, classes : uint8 arrays
        Room for the result: ``EXPANSION`` times the input is always enough.
    out_offsets : int64 array, shape (n + 1,)
        Filled with where each normalised text starts.
    n_chars : int64 array, shape (n,)
        Filled with the number of code points of each raw text.
    has_chars : bool array, shape (n,)
        Filled: whether a text holds characters of a script without spaces.
    raw_positions : int64 array like ``out``, or None
        Filled with the raw byte index that each normalised byte came from. None costs
        nothing: numba then compiles the kernel without it.
    """
    src, offsets = texts
    fold256, class256, pages, entries, pool, combining_pages, combining = tables
    marks = np.empty((MAX_MARKS + 1, 3), np.uint32)
    n = U(0)
    for text in range(len(offsets) - 1):
        start = n
        out_offsets[text] = n
        i, end = U(offsets[text]), U(offsets[text + 1])
        chars = np.int64(end - i)
        unspaced = False
        after_space = U(1)
        n_marks = 0
        while i < end:
            byte = src[i]
            if byte < 0x80 and n_marks:
                n = _put_marks(out, classes, n, start, marks, n_marks, raw_positions)
                n_marks = 0
                after_space = U(0)
            while byte < 0x80:
                cls = class256[byte]
                out[n] = fold256[byte]
                classes[n] = cls
                if raw_positions is not None:
                    raw_positions[n] = i
                space = U(cls == SPACE)
                n += U(1) - (space & after_space)
                after_space = space
                i += U(1)
                byte = src[i]
                if i >= end:
                    break
            if i >= end:
                break
            code = _decode(src, i)
            length = _sequence_length(byte)
            here = i
            chars -= np.int64(length - U(1))
            i += length
            entry = _look_up(pages, entries, code)
            if entry & DROP:
                continue
            single = (entry & MULTI) == 0
            index = U(entry & CODE_MASK)
            count = U(1) if single else U(pool[index])
            for k in range(count):
                if single:
                    folded = np.uint32(index) if index else code
                    cls = np.uint8(entry >> np.uint32(24))
                else:
                    folded = pool[index + U(1) + U(k)]
                    cls = np.uint8(_look_up(pages, entries, folded) >> np.uint32(24))
                order = _look_up(combining_pages, combining, folded)
                if order:
                    marks[n_marks, 0] = folded
                    marks[n_marks, 1] = order
                    marks[n_marks, 2] = here
                    n_marks += 1
                    if n_marks < MAX_MARKS:
                        continue
                if n_marks:
                    n = _put_marks(out, classes, n, start, marks, n_marks, raw_positions)
                    n_marks = 0
                    after_space = U(0)
                    if order:
                        continue
                if folded == GROUP_SPACE or folded == THIN_SPACE:
                    if n > start and _between_digits(src, i, end, classes, n, pages, entries):
                        folded = GROUP_SPACE
                    else:
                        folded, cls = np.uint32(32), np.uint8(SPACE)
                if cls == SPACE:
                    if not after_space:
                        out[n], classes[n] = 32, SPACE
                        if raw_positions is not None:
                            raw_positions[n] = here
                        n += U(1)
                    after_space = U(1)
                    continue
                unspaced |= cls == CHAR
                before = n
                n = _put(out, classes, n, folded, cls)
                if raw_positions is not None:
                    fill(raw_positions, before, n, here)
                after_space = U(0)
        if n_marks:
            n = _put_marks(out, classes, n, start, marks, n_marks, raw_positions)
        if n > start and classes[n - U(1)] == SPACE:
            n -= U(1)
        n_chars[text] = chars
        has_chars[text] = unspaced
    out_offsets[len(offsets) - 1] = n


@part
def _plain_edges(classes, start, end, edges):
    """Write start and end of each run of token characters, 64 bytes at a time."""
    n = U(0)
    carry = np.uint64(0)
    for block in range(start, end, U(64)):
        mask = range_mask(classes, U(block), np.uint8(LETTER), np.uint8(TOKEN_CLASSES))
        if end - U(block) < U(64):
            mask &= (np.uint64(1) << np.uint64(end - U(block))) - np.uint64(1)
        turns = mask ^ (mask << np.uint64(1) | carry)
        carry = mask >> np.uint64(63)
        count = U(count_ones(turns))
        done = U(0)
        while done < count:  # eight at a time: writing a few too many costs no branch
            for k in range(U(8)):
                edges[n + done + k] = U(block) + U(trailing_zeros(turns))
                turns &= turns - np.uint64(1)
            done += U(8)
        n += count
    if n & U(1):
        edges[n] = end
        n += U(1)
    return n


@part
def _unspaced_edges(classes, start, end, edges):
    """Like ``_plain_edges``, with a token for each CHAR and its marks."""
    n = U(0)
    i = start
    while i < end:
        cls = classes[i]
        if cls < LETTER or cls > MARK:
            i += U(1)
            continue
        edges[n] = i
        i += U(1)
        if cls == CHAR:
            while i < end and classes[i] == MARK:
                i += U(1)
        else:
            while i < end and LETTER <= classes[i] <= MARK and classes[i] != CHAR:
                i += U(1)
        edges[n + U(1)] = i
        n += U(2)
    return n


@part
def _number_end(text, edges, t, n_edges, end):
    """Extend a token that ends in a digit over joins and following digits.

    Returns the new end of the token and the next edge to look at.
    """
    out, classes = text
    stop = edges[t + U(1)]
    t += U(2)
    while t < n_edges and classes[stop - U(1)] == DIGIT and classes[stop] == JOIN:
        following = stop + _sequence_length(out[stop])
        if edges[t] != following or classes[following] != DIGIT:
            break
        stop = edges[t + U(1)]
        t += U(2)
    if (
        stop < end
        and classes[stop - U(1)] == DIGIT
        and (classes[stop] == PERCENT or classes[stop] == CURRENCY)
    ):
        stop += _sequence_length(out[stop])
    return stop, t


@part
def _number_start(text, first, floor, start):
    """Extend a token that starts with a digit over its currency and sign."""
    out, classes = text
    if first > floor and classes[first - U(1)] == CURRENCY:
        first -= U(1)
        while out[first] & 0xC0 == 0x80:
            first -= U(1)
    if first > floor and classes[first - U(1)] == SIGN:
        before = classes[first - U(2)] if first - U(1) > start else np.uint8(0)
        if before < LETTER or before > MARK:
            first -= U(1)
    return first


@njit(inline="always")
def _hash_token(text, first, stop):
    """32-bit hash of a token; its lowest bit says whether it holds a number."""
    out, classes = text
    state = np.uint64(0)
    number = np.uint64(0)
    foreign = np.uint64(0)
    i = first
    left = stop - first
    while left > U(8):
        word = load_word(out, i)
        number |= ~word & (~word << np.uint64(1)) & (word << np.uint64(2))
        foreign |= word
        state = (state ^ word) * MULTIPLIER
        state ^= state >> np.uint64(32)
        i += U(8)
        left -= U(8)
    word = low_bytes(load_word(out, i), left)
    # a byte with the bits 001xxxxx: in a token that is a digit, or a join, sign,
    # currency or percent sign beside one
    number |= ~word & (~word << np.uint64(1)) & (word << np.uint64(2))
    foreign |= word
    state = (state ^ word) * MULTIPLIER
    state ^= state >> np.uint64(32)
    high_bits = np.uint64(0x8080808080808080)
    is_number = (number & high_bits) != 0
    if not is_number and foreign & high_bits:
        for k in range(first, stop):
            is_number |= classes[k] == NUMBER
    value = (state * FINAL) >> np.uint64(32)
    return np.uint32((value & ~np.uint64(1)) | np.uint64(is_number))


@kernel
def tokenise(out, classes, offsets, has_chars, tokens, token_offsets, n_unspaced):
    """Hash the tokens of normalised texts.

    Parameters
    ----------
    out, classes, offsets, has_chars
        As :func:`normalise` filled them; ``out`` reaches 8 bytes past the end and
        ``classes`` 64 (0 there).
    tokens : (uint32 array, int32 array, int32 array)
        Filled: hash, and first and past-the-end byte in ``out``, of each token.
    token_offsets : int64 array, shape (n + 1,)
        Filled with where each text's tokens start.
    n_unspaced : int64 array, shape (n,)
        Filled with the number of one-character tokens of each text.
    """
    hashes, starts, ends = tokens
    text = (out, classes)
    widest = np.int64(0)
    for u in range(len(offsets) - 1):
        widest = max(widest, offsets[u + 1] - offsets[u])
    edges = np.empty(2 * widest + 16, np.uintp)
    n = U(0)
    for u in range(len(offsets) - 1):
        token_offsets[u] = n
        start, end = U(offsets[u]), U(offsets[u + 1])
        if has_chars[u]:
            n_edges = _unspaced_edges(classes, start, end, edges)
        else:
            n_edges = _plain_edges(classes, start, end, edges)
        floor = start
        unspaced = 0
        t = U(0)
        while t < n_edges:
            first = edges[t]
            if classes[edges[t + U(1)] - U(1)] == DIGIT:
                stop, t = _number_end(text, edges, t, n_edges, end)
            else:
                stop = edges[t + U(1)]
                t += U(2)
            if classes[first] == DIGIT:
                first = _number_start(text, first, floor, start)
            unspaced += classes[first] == CHAR
            hashes[n] = _hash_token(text, first, stop)
            starts[n] = first
            ends[n] = stop
            floor = stop
            n += U(1)
        n_unspaced[u] = unspaced
    token_offsets[len(offsets) - 1] = n


@kernel
def digest(data, offsets, digests):
    """128-bit digest of each text, four independent lanes of eight bytes.

    Not a cryptographic hash: it keeps apart what was not made to collide.

    Parameters
    ----------
    data : uint8 array
        Reaches 8 bytes past the last text.
    offsets : int64 array, shape (n + 1,)
    digests : uint64 array, shape (n, 2)
        Filled.
    """
    for u in range(len(offsets) - 1):
        i, end = U(offsets[u]), U(offsets[u + 1])
        length = np.uint64(end - i)
        a, b, c, d = MULTIPLIER, FINAL, ~MULTIPLIER, ~FINAL
        while i + U(32) <= end:
            a = rotate(a ^ (load_word(data, i) * FINAL), 31) * MULTIPLIER
            b = rotate(b ^ (load_word(data, i + U(8)) * FINAL), 31) * MULTIPLIER
            c = rotate(c ^ (load_word(data, i + U(16)) * FINAL), 31) * MULTIPLIER
            d = rotate(d ^ (load_word(data, i + U(24)) * FINAL), 31) * MULTIPLIER
            i += U(32)
        while i < end:
            left = end - i
            word = load_word(data, i) if left >= U(8) else low_bytes(load_word(data, i), left)
            carry = a
            a = rotate(b ^ (word * FINAL), 31) * MULTIPLIER
            b, c, d = c, d, carry
            i += U(8)
        x = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)
        y = finish(a ^ rotate(c, 27)) + finish(b ^ rotate(d, 39)) * MULTIPLIER
        digests[u, 0] = finish(finish(x ^ length) + finish(y) & ALL_ONES)
        digests[u, 1] = finish(finish(y + length) ^ rotate(finish(x), 32))

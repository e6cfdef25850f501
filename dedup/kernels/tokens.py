"""Normalised bytes to token hashes.

The plain specification of the same result is ``dedup/text/tokens.py``.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels import kernel, part
from dedup.kernels.normalise import (
    CHAR,
    CURRENCY,
    DIGIT,
    JOIN,
    LETTER,
    MARK,
    NUMBER,
    PERCENT,
    SIGN,
)
from dedup.kernels.numbers import number_hash
from dedup.kernels.words import (
    FINAL,
    MULTIPLIER,
    count_ones,
    load_word,
    low_bytes,
    range_mask,
    sequence_length,
    trailing_zeros,
)

U = np.uintp
TOKEN_CLASSES = 5  # LETTER to MARK
UPPER_BITS = np.uint64(0x8080808080808080)


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
        following = stop + sequence_length(out[stop])
        if edges[t] != following or classes[following] != DIGIT:
            break
        stop = edges[t + U(1)]
        t += U(2)
    if (
        stop < end
        and classes[stop - U(1)] == DIGIT
        and (classes[stop] == PERCENT or classes[stop] == CURRENCY)
    ):
        stop += sequence_length(out[stop])
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
def _take_word(state, word):
    """Take up to eight bytes into the running hash of a token."""
    state = (state ^ word) * MULTIPLIER
    return state ^ (state >> np.uint64(32))


@njit(inline="always")
def _unlike_letters(word):
    """Set the upper bit of each byte of a token that is no ASCII letter.

    In a token ASCII is letters, all lower-case, and digits, with joins, signs, currency
    and percent signs beside them: of these the letters have bit 6, all have bit 5.
    """
    return (word << np.uint64(2) & ~(word << np.uint64(1))) | word


@njit(inline="always")
def _hash_token(out, first, stop):
    """32-bit hash of a token as a word, its lowest bit 0; whether it is more than letters.

    Tokens of up to eight bytes are most of all: what they take decides.
    """
    left = stop - first
    word = load_word(out, first)
    if left <= U(8):
        word = low_bytes(word, left)
        state = _take_word(np.uint64(0), word)
        seen = _unlike_letters(word)
    else:
        state = _take_word(np.uint64(0), word)
        seen = _unlike_letters(word)
        i = first + U(8)
        left -= U(8)
        while left > U(8):
            word = load_word(out, i)
            state = _take_word(state, word)
            seen |= _unlike_letters(word)
            i += U(8)
            left -= U(8)
        word = low_bytes(load_word(out, i), left)
        state = _take_word(state, word)
        seen |= _unlike_letters(word)
    hashed = np.uint32((state * FINAL) >> np.uint64(32)) & ~np.uint32(1)
    return hashed, seen & UPPER_BITS != 0


@part
def _holds_number(classes, first, stop):
    for i in range(first, stop):
        if classes[i] == DIGIT or classes[i] == NUMBER:
            return True
    return False


@part
def _number_range(text, edges, t, n_edges, places):
    """Extend a token that holds a number over what belongs to the number.

    ``places`` are where the last token ends, where the text starts, and where it ends.

    Returns the first and the past-the-end byte, and the next edge to look at.
    """
    classes = text[1]
    floor, start, end = places
    first, stop = edges[t], edges[t + U(1)]
    if classes[stop - U(1)] == DIGIT:
        stop, t = _number_end(text, edges, t, n_edges, end)
    else:
        t += U(2)
    if classes[first] == DIGIT:
        first = _number_start(text, first, floor, start)
    return first, stop, t


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
        t = U(0)
        while t < n_edges:
            first, stop = edges[t], edges[t + U(1)]
            hashed, more_than_letters = _hash_token(out, first, stop)
            if more_than_letters and _holds_number(classes, first, stop):
                places = floor, start, end
                first, stop, t = _number_range(text, edges, t, n_edges, places)
                hashed = number_hash(text, first, stop, _hash_token(out, first, stop)[0])
            else:
                t += U(2)
            hashes[n] = hashed
            starts[n] = first
            ends[n] = stop
            floor = stop
            n += U(1)
        n_unspaced[u] = 0
        if has_chars[u]:
            for k in range(U(token_offsets[u]), n):
                n_unspaced[u] += classes[U(starts[k])] == CHAR
    token_offsets[len(offsets) - 1] = n

"""Numbers inside token hashes: made, compared and joined.

The plain specification is ``dedup/text/numbers.py``, which also says what each bit means.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels import inlined_part, part
from dedup.kernels.normalise import DIGIT, JOIN, LETTER, MARK, NUMBER
from dedup.kernels.words import sequence_length

U = np.uintp
DIGIT_BASE = np.uint64(11)
DIGIT_PRIME = np.uint64(1048573)
MOST_DIGITS = 14
"""11 ** 15 fits 64 bits: one remainder at the end serves for all digits."""
_SHIFTS = np.array([pow(11, n, 1048573) for n in range(16)], np.uint64)
OPAQUE_BITS = np.uint32(15 << 8 | 1)
WORD_TABLE_BITS = 11
DRESS_BITS = np.uint32(0x7F)
DIGITS_SHIFT = np.uint32(8)
"""What lies above: the digits of a number, and how many they are."""
_FIRST_DAY = np.uint32((11**3 + 11**2 + 11 + 2) << 4 | 4)
"""The digits of 0001, and how many they are: Monday."""
DRESS_MULTIPLIER = np.uint64(0x67F86286688EED8F)


@njit(inline="always")
def _is_digit(byte):
    return byte - np.uint8(48) < np.uint8(10)


@inlined_part
def _next_digit(out, i, stop):
    while i < stop and not _is_digit(out[i]):
        i += U(1)
    return i


@inlined_part
def _fold_digits(out, i, stop, folded):
    """Put the digits from ``i`` on behind those folded so far; return where they end, too."""
    while i < stop and _is_digit(out[i]):
        folded = folded * DIGIT_BASE + np.uint64(out[i]) - np.uint64(47)
        i += U(1)
    return i, folded


@inlined_part
def _add_dress(text, i, end, classes_from, classes_to, dress):
    """Take what stands beside digits into the hash of all that does.

    Returns it, and whether a class among it makes the number a code.
    """
    out, classes = text
    is_code = False
    while i < end:
        is_code |= classes_from <= classes[i] <= classes_to
        dress = (dress + np.uint64(out[i]) + np.uint64(1)) * DRESS_MULTIPLIER
        dress ^= dress >> np.uint64(32)
        i += U(1)
    return dress, is_code


@njit(inline="always")
def _pack(folded, n_digits, decimals, dress, is_dressed):
    """Put what is known of a number into its hash."""
    look = U(1) + U(dress >> np.uint64(16)) % U(63) if is_dressed else U(0)
    bits = (
        U(folded % DIGIT_PRIME) << U(12)
        | U(n_digits) << U(8)
        | U(decimals) << U(7)
        | look << U(1)
        | U(1)
    )
    return np.uint32(bits)


@part
def number_hash(text, first, stop, plain):
    """Hash a token that holds a number; ``plain`` is its hash as a word."""
    out, classes = text
    folded, decimals = np.uint64(0), False
    i = _next_digit(out, first, stop)
    dress, is_code = _add_dress(text, first, i, LETTER, MARK, np.uint64(0))
    n_dress = i - first
    while i < stop and not is_code:
        i, folded = _fold_digits(out, i, stop, folded)
        following = _next_digit(out, i, stop)
        n_dress += following - i
        dress, is_code = _add_dress(text, i, following, DIGIT, NUMBER, dress)
        if following < stop:
            is_code |= classes[i] != JOIN or following - i != sequence_length(out[i])
            end, _ = _fold_digits(out, following, stop, folded)
            decimals |= end - following != 3
        i = following
    n_digits = stop - first - n_dress
    if is_code or n_digits == 0 or n_digits > MOST_DIGITS:
        return plain | OPAQUE_BITS
    return _pack(folded, n_digits, decimals, dress, n_dress > 0)


@njit(inline="always")
def is_opaque(token):
    """Whether a number token has letters before or between its digits."""
    return token & OPAQUE_BITS == OPAQUE_BITS


@njit(inline="always")
def has_decimals(token):
    """Whether a join other than a thousands separator stands between digits; chance if opaque."""
    return token & np.uint32(1 << 7) != 0


@njit(inline="always")
def value(token):
    """Return what two hashes of one number share."""
    return token if is_opaque(token) else token & ~DRESS_BITS


@njit(inline="always")
def append_digits(folded, token):
    """Put the digits of one more number behind those folded so far."""
    if is_opaque(token):
        return (folded * np.uint64(31) + np.uint64(token)) % DIGIT_PRIME
    shift = _SHIFTS[U((token >> np.uint32(8)) & np.uint32(15))]
    return (folded * shift + np.uint64(token >> np.uint32(12))) % DIGIT_PRIME


@njit(inline="always")
def spelled(token, words):
    """Return the number that a word means, as the hash of its digits; 0 if it means none.

    ``words`` is the table of :func:`dedup.text.number_words.number_table`.
    """
    slot = U(token >> np.uint32(32 - WORD_TABLE_BITS))
    while words[0, slot] != 0 and words[0, slot] != token:
        slot = (slot + U(1)) & U((1 << WORD_TABLE_BITS) - 1)
    return words[1, slot]


@njit(inline="always")
def number_of(token, words):
    """Return a number, or that which a word means, as :func:`spelled` does; 0 for other words."""
    return token if token & np.uint32(1) else spelled(token, words)


@njit(inline="always")
def is_weekday(number):
    """Whether a number is what a day of the week means: 0001 to 0007."""
    digits = number >> DIGITS_SHIFT
    return digits & np.uint32(15) == 4 and (digits - _FIRST_DAY) >> np.uint32(4) < 7

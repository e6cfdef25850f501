"""The content digest of a text: the plain specification.

``kernels/digest.py`` computes the same numbers over many texts.
"""

from __future__ import annotations

import numpy as np

from dedup.model import Ragged, UInt64s
from dedup.text.tokens import FINAL_MULTIPLIER, HASH_MULTIPLIER, MASK64

_WORD = 8
_LANES = 4


def digest_texts(texts: Ragged) -> UInt64s:
    """Return the digests of many texts, by the kernel where there is one.

    Returns
    -------
    uint64 array, shape (n, 2)

    Examples
    --------
    >>> digests = digest_texts(Ragged.from_strings(["one text", "another"]))
    >>> tuple(digests[1].tolist()) == digest(b"another")
    True
    """
    found = np.empty((len(texts), 2), np.uint64)
    try:
        from dedup.kernels import digest as kernels  # noqa: PLC0415 - numba takes half a second
    except ImportError:
        found[:] = np.array([digest(text) for text in texts.pieces()], np.uint64).reshape(-1, 2)
        return found
    data = np.zeros(len(texts.filled) + _WORD, np.uint8)  # the kernel reads whole words
    data[:-_WORD] = texts.filled
    kernels.digest(data, texts.offsets - texts.offsets[0], found)
    return found


def hex_of(digests: UInt64s) -> str:
    """Return digests in hexadecimal digits, 32 each, one after the other.

    Examples
    --------
    >>> hex_of(np.array([[1, 2]], np.uint64))
    '00000000000000010000000000000002'
    """
    return digests.astype(">u8").tobytes().hex()


def digest(data: bytes) -> tuple[int, int]:
    """Return the 128-bit digest of a text as two 64-bit numbers.

    Words of eight bytes, little-endian, go round four independent lanes; the last word
    may be shorter. Not a cryptographic hash: it keeps apart what was not made to collide.

    Parameters
    ----------
    data : bytes
        The text, UTF-8.

    Returns
    -------
    int, int

    Examples
    --------
    >>> digest(b"one text") == digest(b"one text")
    True
    >>> digest(b"") == digest(bytes(1))
    False
    """
    a, b = HASH_MULTIPLIER, FINAL_MULTIPLIER
    lanes = [a, b, ~a & MASK64, ~b & MASK64]
    words = [int.from_bytes(data[i : i + _WORD], "little") for i in range(0, len(data), _WORD)]
    n_even = len(data) // (_WORD * _LANES) * _LANES
    for i, word in enumerate(words[:n_even]):
        lanes[i % _LANES] = _mix(lanes[i % _LANES], word)
    for word in words[n_even:]:  # here the lanes move on by one place
        lanes = [_mix(lanes[1], word), lanes[2], lanes[3], lanes[0]]
    a, b, c, d = lanes
    x = (_rotate(a, 1) + _rotate(b, 7) + _rotate(c, 12) + _rotate(d, 18)) & MASK64
    y = _finish(a ^ _rotate(c, 27)) + _finish(b ^ _rotate(d, 39)) * HASH_MULTIPLIER & MASK64
    first = _finish(_finish(x ^ len(data)) + _finish(y) & MASK64)
    return first, _finish(_finish(y + len(data) & MASK64) ^ _rotate(_finish(x), 32))


def _mix(lane: int, word: int) -> int:
    return _rotate(lane ^ (word * FINAL_MULTIPLIER & MASK64), 31) * HASH_MULTIPLIER & MASK64


def _rotate(value: int, bits: int) -> int:
    return (value << bits | value >> 64 - bits) & MASK64


def _finish(state: int) -> int:
    state = (state ^ state >> 32) * FINAL_MULTIPLIER & MASK64
    return state ^ state >> 29

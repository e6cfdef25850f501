"""Tokens and their hashes, and the hash of a shingle: the plain specification.

``kernels/tokens.py`` and ``kernels/shingles.py`` compute the same numbers over arrays.
"""

from __future__ import annotations

import re

from dedup.text.normalise import normalise
from dedup.text.numbers import number_hash
from dedup.text.tables import CharClass, load_tables

HASH_MULTIPLIER = 0x9E3779B97F4A7C15
FINAL_MULTIPLIER = 0xC2B2AE3D27D4EB4F
MASK64 = 0xFFFFFFFFFFFFFFFF
NUMBER_BIT = 1
"""Lowest bit of a token hash: set exactly when the token holds a digit or number."""

_LETTERS = {
    CharClass.OTHER: "o",
    CharClass.SPACE: " ",
    CharClass.LETTER: "L",
    CharClass.DIGIT: "D",
    CharClass.NUMBER: "N",
    CharClass.CHAR: "C",
    CharClass.MARK: "M",
    CharClass.JOIN: "J",
    CharClass.SIGN: "S",
    CharClass.CURRENCY: "$",
    CharClass.PERCENT: "%",
}
# Matched against the string of class letters, so that positions are those of the text.
_TOKEN = re.compile(
    r"(?:(?:(?<![LDNCM])S)?\$?(?=D))?"  # sign and currency, only before a digit
    r"(?:[LDNM]|(?<=D)J(?=D))+"  # letters, digits and marks; joins between digits
    r"(?:(?<=D)[$%])?"  # percent or currency after a digit
    r"|CM*"  # a character of a script without spaces
)


def token_spans(normalised: str) -> list[tuple[int, int]]:
    """Return the character range of each token of a normalised text."""
    tables = load_tables()
    classes = "".join(_LETTERS[tables.char_class(ord(char))] for char in normalised)
    return [match.span() for match in _TOKEN.finditer(classes)]


def tokens(normalised: str) -> list[str]:
    """Split normalised text into tokens.

    A token is a run of letters, digits and marks; a number is one token with its
    joins, sign, currency and percent sign; a character of a script written without
    spaces is a token, marks included.

    Examples
    --------
    >>> tokens("it rose -3.5% to $1,250.75 at 11:01, up 1\u202f000 (10-12)")
    ['it', 'rose', '-3.5%', 'to', '$1,250.75', 'at', '11:01', 'up', '1\u202f000', '10', '12']
    >>> tokens(normalise("第3章 GPT"))
    ['第', '3', '章', 'gpt']
    """
    return [normalised[start:end] for start, end in token_spans(normalised)]


def holds_number(token: str) -> bool:
    """Whether a token holds a digit or another number character."""
    tables = load_tables()
    numbers = (CharClass.DIGIT, CharClass.NUMBER)
    return any(tables.char_class(ord(char)) in numbers for char in token)


def token_hash(token: str) -> int:
    """Hash one token to 32 bits, the lowest of which says whether it is a number.

    Eight bytes at a time, little-endian: multiply and fold, so that tokens of up to
    eight bytes differ before the final cut to 31 bits. Numbers are hashed by
    :func:`dedup.text.numbers.number_hash`, which keeps their value apart.

    Examples
    --------
    >>> token_hash("1987") & NUMBER_BIT, token_hash("year") & NUMBER_BIT
    (1, 0)
    """
    data = token.encode("utf-8", "surrogatepass")
    state = 0
    for start in range(0, len(data), 8):
        word = int.from_bytes(data[start : start + 8], "little")
        state = (state ^ word) * HASH_MULTIPLIER & MASK64
        state ^= state >> 32
    state = state * FINAL_MULTIPLIER & MASK64
    word = state >> 32 & ~NUMBER_BIT
    return number_hash(token, word) if holds_number(token) else word


def shingle_hash(token_hashes: list[int]) -> int:
    """Hash consecutive token hashes to one 64-bit shingle."""
    state = 0
    for value in token_hashes:
        state = (state + value) * HASH_MULTIPLIER & MASK64
    state ^= state >> 32
    state = state * FINAL_MULTIPLIER & MASK64
    return state ^ state >> 29


def hashfunc(data: bytes) -> int:
    """Hash the text of one shingle as the signatures do: pass this to datasketch.

    ``datasketch.MinHash(num_perm, seed, hashfunc=dedup.hashfunc)`` updated with each
    shingle of a text (its tokens joined by spaces, UTF-8) holds the same values as the
    signature that dedup computes for that text.

    Returns
    -------
    int
        32 bits: the upper half of the 64-bit shingle hash.
    """
    text = normalise(data.decode("utf-8"))
    return shingle_hash([token_hash(token) for token in tokens(text)]) >> 32

"""Hashes of numbers that tell their value from their dress: the plain specification.

A number token is hashed so that "-1,200" and "1200mg" differ as tokens, yet still show
that both are the number 1200. The number guard compares values, so that a copy which
lost a minus sign or a thousands comma is no report with other figures.

The 32 bits of a number, from the highest:

- 20: the digits, as a number to the base 11 modulo a prime, which can be continued: the
  digits of "4" and "5" make those of "45";
- 4: how many digits, 1 to 14; 15 marks a token with letters before or between its
  digits, or with more digits: all its other bits are those of an ordinary hash;
- 1: whether a join other than a thousands separator stands between digits ("4.5");
- 6: everything that is no digit: signs, joins, currency, units; 0 for bare digits;
- 1: always set, as in every token that holds a number (``NUMBER_BIT``).
"""

from __future__ import annotations

from itertools import pairwise

from dedup.text.tables import CharClass, load_tables

DIGIT_BASE = 11
DIGIT_PRIME = 1048573
"""The largest prime below 2**20."""
MOST_DIGITS = 14
OPAQUE = 15
DRESS_MULTIPLIER = 0x67F86286688EED8F
"""Chosen so that no two of the common signs, units and joins look alike in six bits."""
_MASK64 = 0xFFFFFFFFFFFFFFFF
_OPAQUE_BITS = OPAQUE << 8 | 1
_DIGITS = frozenset("0123456789")


def number_hash(token: str, plain: int) -> int:
    """Hash a token that holds a number.

    Parameters
    ----------
    token : str
        Normalised.
    plain : int
        The hash it would have as a word, 32 bits.

    Examples
    --------
    >>> value(number_hash("-1,200", 0)) == value(number_hash("1200mg", 0))
    True
    >>> value(number_hash("1.5", 0)) == value(number_hash("15", 0))
    False
    """
    parts = _parse(token)
    if parts is None:
        return plain | _OPAQUE_BITS
    digits, has_decimals, dress = parts
    folded = 0
    for digit in digits:
        folded = (folded * DIGIT_BASE + int(digit) + 1) % DIGIT_PRIME
    return folded << 12 | len(digits) << 8 | has_decimals << 7 | _fold_dress(dress) << 1 | 1


def value(token: int) -> int:
    """Return what two hashes of one number share, whatever it is dressed in."""
    is_opaque = token & _OPAQUE_BITS == _OPAQUE_BITS
    return token if is_opaque else token & ~0x7F


def fold_digits(tokens: list[int]) -> int:
    """Return what numbers share that are equal but for where their digits are split.

    Examples
    --------
    >>> split = [number_hash("250", 0), number_hash("000", 0)]
    >>> fold_digits(split) == fold_digits([number_hash("$250,000", 0)])
    True
    """
    folded = 0
    for token in tokens:
        if token & _OPAQUE_BITS == _OPAQUE_BITS:
            folded = (folded * 31 + token) % DIGIT_PRIME
        else:
            folded = folded * DIGIT_BASE ** (token >> 8 & 15) + (token >> 12)
            folded %= DIGIT_PRIME
    return folded


def _parse(token: str) -> tuple[str, bool, str] | None:
    """Split a token into digits, whether it has decimals, and everything else."""
    char_class = load_tables().char_class
    letters = (CharClass.LETTER, CharClass.MARK, CharClass.CHAR, CharClass.NUMBER, CharClass.DIGIT)
    runs = _runs(token)
    places = [place for place, run in enumerate(runs) if run[0] in _DIGITS]
    digits = "".join(runs[place] for place in places)
    if not 0 < len(digits) <= MOST_DIGITS:
        return None
    if any(char_class(ord(char)) in letters for run in runs[: places[0]] for char in run):
        return None
    if any(char_class(ord(char)) in letters[3:] for run in runs[places[-1] + 1 :] for char in run):
        return None  # an exponent or a fraction belongs to the value
    has_decimals = False
    for place, following in pairwise(places):
        join = runs[place + 1]
        if len(join) > 1 or char_class(ord(join)) is not CharClass.JOIN:
            return None
        has_decimals |= len(runs[following]) != 3
    return digits, has_decimals, "".join(run for run in runs if run[0] not in _DIGITS)


def _runs(token: str) -> list[str]:
    """Cut a token into runs of digits and runs of everything else."""
    runs: list[str] = []
    for char in token:
        if runs and (runs[-1][0] in _DIGITS) == (char in _DIGITS):
            runs[-1] += char
        else:
            runs.append(char)
    return runs


def _fold_dress(dress: str) -> int:
    if not dress:
        return 0
    state = 0
    for byte in dress.encode("utf-8", "surrogatepass"):
        state = (state + byte + 1) * DRESS_MULTIPLIER & _MASK64
        state ^= state >> 32
    return 1 + (state >> 16) % 63

"""What one text has in the place of something else in another: the plain specification.

``kernels/alignment.py`` computes the same over arrays.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from dedup.text.numbers import OPAQUE, fold_digits, value
from dedup.text.tokens import NUMBER_BIT

# The same as in kernels/alignment.py, which needs numba; a test holds them together.
WIDEST_GAP = 48
SHORT_TEXT = 48
REMEMBERED = 64
OCCURRENCES = 16


class Replacements(NamedTuple):
    """What :func:`align` counts."""

    numbers_kept: int = 0
    numbers_replaced: int = 0
    words_replaced: int = 0
    names_replaced: int = 0


@dataclass(slots=True)
class _Side:
    """One text of a pair: what it holds, and the words of it that were seen replaced."""

    tokens: list[int]
    held: set[int] = field(default_factory=set)
    seen: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, tokens: list[int]) -> _Side:
        return cls(tokens, {_meaning(token) for token in tokens})


def align(left: list[int], right: list[int], width: int) -> Replacements:
    """Follow the runs that two texts share through the right one; count what gaps replace.

    Parameters
    ----------
    left, right : list of int
        Token hashes.
    width : int
        Tokens of the shortest run.
    """
    one, other = _Side.of(left), _Side.of(right)
    short = max(len(left), len(right)) < SHORT_TEXT
    total = [0, 0, 0, 0]
    ends = (0, 0)
    for number, run in enumerate(_runs(left, right, width)):
        at, start, length = run
        if at >= ends[0]:
            found = _compare(one, other, (ends[0], at), (min(ends[1], start), start))
            _add(total, found if number or short else [0, 0, *found[2:]])
        total[0] += sum(map(_is_number, right[max(start, ends[1]) : start + length]))
        ends = at + length, start + length
    found = _compare(one, other, (ends[0], len(left)), (ends[1], len(right)))
    _add(total, found if short else [0, 0, *found[2:]])
    return Replacements(*total)


def _runs(left: list[int], right: list[int], width: int) -> list[tuple[int, int, int]]:
    """Return the runs in the order of the right text: place on the left, on the right, length."""
    places: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for place in range(len(left) - width + 1):
        places[tuple(left[place : place + width])].append(place)
    runs: list[tuple[int, int, int]] = []
    start = 0
    while start <= len(right) - width:
        words = right[start : start + width]
        at = start + runs[-1][0] - runs[-1][1] if runs else -1
        if at < 0 or left[at : at + width] != words:
            found = places.get(tuple(words))
            if not found:
                start += 1
                continue
            end = runs[-1][0] + runs[-1][2] if runs else 0
            at = next((place for place in found[:OCCURRENCES] if place >= end), found[0])
        length = width
        while left[at + length : at + length + 1] == right[start + length : start + length + 1]:
            if start + length == len(right):
                break
            length += 1
        runs.append((at, start, length))
        start += length - width + 1
    return runs


def _compare(one: _Side, other: _Side, here: tuple[int, int], there: tuple[int, int]) -> list[int]:
    """Count what the gap between two runs replaces."""
    left, right = one.tokens[slice(*here)], other.tokens[slice(*there)]
    if max(len(left), len(right)) > WIDEST_GAP:
        return [0, 0, 0, 0]
    lost, word, again = _look(left, one, other)
    more, other_word, twice = _look(right, other, one)
    n_replaced = min(lost, more)
    kept = n_replaced if _same_digits(left, right) else 0
    words = word and other_word
    return [kept, n_replaced - kept, int(words), int(words and again and twice)]


def _look(gap: list[int], own: _Side, other: _Side) -> tuple[int, bool, bool]:
    """Return how many numbers the other text lacks, whether words, and whether again."""
    lost = [token for token in gap if _meaning(token) not in other.held]
    words = [token for token in lost if not _is_number(token)]
    again = bool(set(words) & set(own.seen))
    own.seen += words[: REMEMBERED - len(own.seen)]
    return len(lost) - len(words), bool(words), again


def _same_digits(left: list[int], right: list[int]) -> bool:
    """Whether two gaps hold the same numbers, however their digits are split."""
    numbers, others = ([token for token in gap if _is_number(token)] for gap in (left, right))
    if fold_digits(numbers) != fold_digits(others):
        return False
    return len(numbers) != len(others) or _n_decimals(numbers) == _n_decimals(others)


def _n_decimals(numbers: list[int]) -> int:
    return sum(1 for token in numbers if token >> 8 & 15 != OPAQUE and token >> 7 & 1)


def _is_number(token: int) -> bool:
    return bool(token & NUMBER_BIT)


def _meaning(token: int) -> int:
    """Return a word's hash, or what all hashes of one number share."""
    return value(token) | NUMBER_BIT if _is_number(token) else token


def _add(total: list[int], more: list[int]) -> None:
    for place, n in enumerate(more):
        total[place] += n

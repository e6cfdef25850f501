"""What one text has in the place of something else in another: the plain specification.

``kernels/alignment.py`` computes the same over arrays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from dedup.reference.own_passages import (
    OWN_PASSAGE,
    WIDEST_PASSAGE,
    Run,
    longest_unmet,
    meaning,
    moved_on,
    own_of_left,
    own_of_right,
    own_on_both,
)
from dedup.text.number_words import is_weekday, number_words
from dedup.text.numbers import OPAQUE, fold_digits
from dedup.text.tokens import NUMBER_BIT

# The same as in kernels/alignment.py, which needs numba; a test holds them together.
WIDEST_GAP = 48
SHORT_TEXT = 48
FORM_NUMBERS = 2
FORM_WORDS = 3
REMEMBERED = 64
OCCURRENCES = 16
AMOUNT_DIGITS = 3
LONGEST_NAME = 12
NAME_WORDS = 2
SHORTEST_PASSAGE = 8
MISSING_SHARE = 0.4
CHAINED = 32
TOLD_APART = 64
"""Gaps of which it is remembered what they replaced."""


class Replacements(NamedTuple):
    """What :func:`align` counts."""

    numbers_kept: int = 0
    numbers_replaced: int = 0
    words_replaced: int = 0
    names_replaced: int = 0
    passage_words: int = 0
    gaps: int = 0
    own_words_left: int = 0
    own_words_right: int = 0


class NameWords(NamedTuple):
    """Which words a name may be made of: the rare ones, and those of them that are known."""

    rare: Callable[[int], bool]
    known: Callable[[int], bool]


@dataclass(slots=True)
class _Side:
    """One text of a pair: what it holds, and the words of it that were seen replaced."""

    tokens: list[int]
    held: set[int] = field(default_factory=set)
    seen: list[tuple[int, int | None]] = field(default_factory=list)
    """Words, each with the number of its gap, if that is remembered."""

    @classmethod
    def of(cls, tokens: list[int]) -> _Side:
        return cls(tokens, {meaning(token) for token in tokens})

    def lost(self, gap: list[int], other: _Side) -> list[int]:
        """Return the tokens of a gap whose meaning the other text holds nowhere."""
        return [token for token in gap if meaning(token) not in other.held]


class _Found(NamedTuple):
    """What one side of a gap has that the other text lacks."""

    numbers: list[int]
    words: list[int]
    again: bool
    """Whether one of the words was replaced before."""
    before: set[int]
    """Gaps that replaced one of the words that are rare and known."""


def align(left: list[int], right: list[int], width: int, names: NameWords) -> Replacements:
    """Follow the runs that two texts share through the right one; count what gaps replace.

    Parameters
    ----------
    left, right : list of int
        Token hashes.
    width : int
        Tokens of the shortest run.
    names : NameWords
    """
    gaps = _Gaps(_Side.of(left), _Side.of(right), names)
    short = max(len(left), len(right)) < SHORT_TEXT
    runs = _runs(left, right, width)
    kept = _count_kept(right, runs)
    own_right = own_of_right(left, right, runs)
    own = min(own_right.longest, longest_unmet(left, right, width))
    runs = _chain(runs)
    own_left = own_of_left(left, right, runs, width)
    ends = (0, 0)
    for number, (at, start, length) in enumerate(runs):
        if at >= ends[0]:
            here, there = (ends[0], at), (min(ends[1], start), start)
            gaps.compare(here, there, counts_numbers=number > 0 or short)
            if number == 0 and not short:
                gaps.count_form(here, there, from_end=True)
        ends = at + length, start + length
    here, there = (ends[0], len(left)), (ends[1], len(right))
    gaps.compare(here, there, counts_numbers=short)
    if not short:
        gaps.count_form(here, there, from_end=not runs)
    passages = sum(gaps.count_passage(*sides) for sides in _between(runs))
    passages = max(passages, own if own >= OWN_PASSAGE else 0)
    passages = max(passages, moved_on(own_left, own_right), own_on_both(own_left, own_right))
    replaced = gaps.n_replaced + min(gaps.amounts)
    return Replacements(
        kept + gaps.n_kept,
        replaced,
        gaps.n_words,
        len(gaps.of_names),
        passages,
        gaps.n_held,
        own_left.total,
        own_right.total,
    )


def _count_kept(right: list[int], runs: list[Run]) -> int:
    """Count the numbers that stand in runs."""
    inside = {place for _, start, length in runs for place in range(start, start + length)}
    return sum(_is_number(right[place]) for place in inside)


def _chain(runs: list[Run]) -> list[Run]:
    """Keep the runs that are in order in both texts, as many tokens as can be.

    Each goes on from one of ``CHAINED`` runs before it, or from the best chain so far.
    """
    tokens: list[int] = []
    before: list[int] = []
    best = 0
    for number, (at, _, length) in enumerate(runs):
        choices = [*range(number - 1, max(number - CHAINED, 0) - 1, -1), best]
        in_order = [
            choice
            for choice in choices
            if choice < number
            and runs[choice][0] < at
            and runs[choice][0] + runs[choice][2] < at + length
        ]
        chosen = max(in_order, key=tokens.__getitem__, default=-1)
        before.append(chosen)
        tokens.append(length + (tokens[chosen] if in_order else 0))
        best = max(best, number, key=tokens.__getitem__)
    kept: list[Run] = []
    number = best if runs else -1
    while number >= 0:
        kept.append(runs[number])
        number = before[number]
    return kept[::-1]


def _between(runs: list[Run]) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield what stands between runs that follow each other in both texts, as two ranges."""
    for (at, start, length), following in pairwise(runs):
        ends = at + length, start + length
        if ends[0] <= following[0] and ends[1] <= following[1]:
            yield (ends[0], following[0]), (ends[1], following[1])


def _runs(left: list[int], right: list[int], width: int) -> list[Run]:
    """Return the runs in the order of the right text: place on the left, on the right, length."""
    places: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for place in range(len(left) - width + 1):
        places[tuple(left[place : place + width])].append(place)
    runs: list[Run] = []
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


@dataclass(slots=True)
class _Gaps:
    """Compares gap after gap, and remembers what was replaced."""

    one: _Side
    other: _Side
    names: NameWords
    n: int = 0
    """Gaps with a word that the other text lacks, or that replace a name."""
    of_names: set[int] = field(default_factory=set)
    """Gaps that replace a name."""
    n_held: int = 0
    """Gaps that hold anything."""
    n_kept: int = 0
    n_replaced: int = 0
    n_words: int = 0
    """Gaps that replace words."""
    amounts: list[int] = field(default_factory=lambda: [0, 0])
    """Amounts on either side that stand for no other number in their gap."""

    def compare(
        self, here: tuple[int, int], there: tuple[int, int], *, counts_numbers: bool
    ) -> None:
        """Count the numbers kept and replaced in a gap, and whether it replaces words."""
        left, right = self.one.tokens[slice(*here)], self.other.tokens[slice(*there)]
        shortest, longest = sorted(map(len, (left, right)))
        self.n_held += longest > 0
        if longest > WIDEST_GAP:
            if counts_numbers:
                self._keep_amounts(self.one.lost(left, self.other), 0, 0)
                self._keep_amounts(self.other.lost(right, self.one), 0, 1)
            return
        # one word for several may be the same, written in one
        told_apart = self.n < TOLD_APART and (shortest == longest or shortest > 1)
        number = self.n if told_apart else None
        some = self._look(left, self.one, self.other, number)
        others = self._look(right, self.other, self.one, number)
        if counts_numbers:
            n = min(len(some.numbers), len(others.numbers))
            kept = n if _same_digits(left, right) else 0
            self.n_kept += kept
            replaced = n - kept
            self._keep_amounts(some.numbers, n, 0)
            self._keep_amounts(others.numbers, n, 1)
            if longest <= LONGEST_NAME:
                in_words, in_place = self._count_spelled(left, right), _count_in_place(left, right)
                replaced = max(replaced, in_words, in_place)
            self.n_replaced += replaced
        is_name = longest <= LONGEST_NAME and self._swaps_names(left, right)
        if (some.words and others.words) or is_name:
            self.n_words += 1
            before = some.before & others.before if told_apart else set[int]()
            if before or is_name or (some.again and others.again):
                self.of_names |= before | {self.n}
        self.n += bool(some.words or others.words or is_name)

    def _count_spelled(self, left: list[int], right: list[int]) -> int:
        """Count the numbers that are replaced where some are written as words."""
        sides = ((left, self.one, self.other), (right, self.other, self.one))
        numbers = [[_spelled(token) for token in gap if _spelled(token)] for gap, *_ in sides]
        in_words = sum(not _is_number(token) and _spelled(token) > 0 for token in left + right)
        days = [sum(map(is_weekday, gap)) for gap in (left, right)]
        if len(numbers[0]) != len(numbers[1]) or not in_words or days[0] != days[1]:
            return 0
        if fold_digits(numbers[0]) == fold_digits(numbers[1]):
            return 0
        return min(sum(map(bool, map(_spelled, own.lost(gap, other)))) for gap, own, other in sides)

    def count_form(self, here: tuple[int, int], there: tuple[int, int], *, from_end: bool) -> None:
        """Count the numbers that a sentence of a form replaces before or after all runs."""
        left, right = self.one.tokens[slice(*here)], self.other.tokens[slice(*there)]
        if from_end:
            left, right = left[::-1], right[::-1]
        alike = [one == other for one, other in zip(left, right, strict=False)]
        behind = [True, *alike] if from_end else [*alike[1:], False]
        words = replaced = 0
        for place in range(min(len(alike), WIDEST_GAP)):
            words += alike[place] and not _is_number(left[place])
            replaced += behind[place] and self._replaces_plain(left[place], right[place])
        if replaced >= FORM_NUMBERS and words >= FORM_WORDS:
            self.n_replaced += replaced

    def _replaces_plain(self, one: int, other: int) -> bool:
        """Whether one number without decimals stands for another."""
        numbers = _spelled(one), _spelled(other)
        if not all(numbers) or (numbers[0] | numbers[1]) >> 7 & 1:
            return False
        return meaning(one) not in self.other.held and meaning(other) not in self.one.held

    def _keep_amounts(self, lost: list[int], n_paired: int, side: int) -> None:
        self.amounts[side] += max(sum(map(_is_amount, lost)) - n_paired, 0)

    def _swaps_names(self, left: list[int], right: list[int]) -> bool:
        """Whether each side of a gap has rare words that the other side lacks."""
        for gap, other in ((left, right), (right, left)):
            own = [t for t in gap if not _is_number(t) and self.names.rare(t) and t not in other]
            if len(own) < NAME_WORDS:
                return False
        return True

    def count_passage(self, here: tuple[int, int], there: tuple[int, int]) -> int:
        """Count the tokens of a passage that stands for another, 0 if none does."""
        left, right = self.one.tokens[slice(*here)], self.other.tokens[slice(*there)]
        shortest, longest = sorted(map(len, (left, right)))
        if shortest < SHORTEST_PASSAGE or longest > WIDEST_PASSAGE:
            return 0
        for gap, held in ((left, self.other.held), (right, self.one.held)):
            if sum(meaning(token) not in held for token in gap) < MISSING_SHARE * len(gap):
                return 0
        return shortest

    def _look(self, gap: list[int], own: _Side, other: _Side, number: int | None) -> _Found:
        """Look at one side of a gap."""
        lost = own.lost(gap, other)
        words = [token for token in lost if not _is_number(token)]
        names = {word for word in words if self.names.rare(word) and self.names.known(word)}
        again = any(word in words for word, _ in own.seen)
        before = {gap for word, gap in own.seen if word in names and gap is not None}
        own.seen += [(word, number) for word in words][: REMEMBERED - len(own.seen)]
        return _Found([token for token in lost if _is_number(token)], words, again, before)


def _count_in_place(left: list[int], right: list[int]) -> int:
    """Count the numbers of a gap that others, of other digits, replace between the same words."""
    if len(left) != len(right):
        return 0
    alike = [True, *(one == other for one, other in zip(left, right, strict=True)), True]
    return sum(
        _is_replaced(one, other) and alike[place] and alike[place + 2]
        for place, (one, other) in enumerate(zip(left, right, strict=True))
    )


def _is_replaced(one: int, other: int) -> bool:
    """Whether both are numbers, of other digits: two days of the week, or none."""
    numbers = _spelled(one) >> 8, _spelled(other) >> 8
    return 0 not in numbers and numbers[0] != numbers[1] and is_weekday(one) == is_weekday(other)


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


def _spelled(token: int) -> int:
    """Return a number, or that which a word means; 0 for other words."""
    return token if _is_number(token) else number_words().get(token, 0)


def _is_amount(token: int) -> bool:
    """Whether a token is a number with the digits of an amount, and no code."""
    return _is_number(token) and AMOUNT_DIGITS <= token >> 8 & 15 != OPAQUE

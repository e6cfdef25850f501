"""What one text has in the place of something else in another: the plain specification.

``kernels/alignment.py`` and ``kernels/gaps.py`` compute the same over arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from dedup.reference.own_passages import (
    OWN_PASSAGE,
    WIDEST_PASSAGE,
    longest_unmet,
    meaning,
    moved_on,
    own_of_left,
    own_of_right,
    own_on_both,
)
from dedup.reference.runs import Run, around, chain, follow_runs
from dedup.text.number_words import is_weekday, number_words
from dedup.text.numbers import OPAQUE, fold_digits
from dedup.text.tokens import NUMBER_BIT

# The same as in kernels/gaps.py and kernels/own_passages.py, which need numba; a test holds
# them together.
WIDEST_GAP = 48
SHORT_TEXT = 48
FORM_NUMBERS = 2
FORM_WORDS = 3
REMEMBERED = 64
AMOUNT_DIGITS = 3
LONGEST_NAME = 12
NAME_WORDS = 2
SHORTEST_PASSAGE = 8
MISSING_SHARE = 0.4
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

    held: set[int]
    seen: list[tuple[int, int | None]] = field(default_factory=list)
    """Words, each with the number of its gap, if that is remembered."""

    @classmethod
    def of(cls, tokens: list[int]) -> _Side:
        return cls({meaning(token) for token in tokens})

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
    runs = follow_runs(left, right, width)
    n_kept = _count_kept(right, runs)
    own_right = own_of_right(left, right, runs)
    inside = min(own_right.longest, longest_unmet(left, right, width))
    runs = chain(runs)
    own_left = own_of_left(left, right, runs, width)
    own = (moved_on(own_left, own_right), own_on_both(own_left, own_right))
    gaps = _compare_gaps(left, right, runs, names)
    return Replacements(
        numbers_kept=n_kept + gaps.n_kept,
        numbers_replaced=gaps.n_replaced + min(gaps.amounts),
        words_replaced=gaps.n_words,
        names_replaced=len(gaps.of_names),
        passage_words=max(gaps.n_passage_words, inside if inside >= OWN_PASSAGE else 0, *own),
        gaps=gaps.n_held,
        own_words_left=own_left.total,
        own_words_right=own_right.total,
    )


def _compare_gaps(left: list[int], right: list[int], runs: list[Run], names: NameWords) -> _Gaps:
    """Compare what stands before, between and after runs.

    Numbers count between runs; before and after them, in longer texts, only those of a form.
    """
    gaps = _Gaps(_Side.of(left), _Side.of(right), names)
    is_short = max(len(left), len(right)) < SHORT_TEXT
    for number, (here, there) in enumerate(around(left, right, runs)):
        is_between = 0 < number < len(runs)
        if here.start > here.stop:
            continue  # the run reaches into the one before
        gap = left[here], right[there]
        gaps.compare(*gap, counts_numbers=is_between or is_short)
        if is_between and there.start <= there.stop:
            gaps.count_passage(*gap)
        if not (is_between or is_short):
            gaps.count_form(*gap, from_end=number == 0)
    return gaps


def _count_kept(right: list[int], runs: list[Run]) -> int:
    """Count the numbers that stand in runs."""
    inside = {place for _, start, length in runs for place in range(start, start + length)}
    return sum(_is_number(right[place]) for place in inside)


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
    n_passage_words: int = 0
    """Tokens of passages that stand for others."""
    amounts: list[int] = field(default_factory=lambda: [0, 0])
    """Amounts on either side that stand for no other number in their gap."""

    def compare(self, left: list[int], right: list[int], *, counts_numbers: bool) -> None:
        """Count the numbers kept and replaced in a gap, and whether it replaces words."""
        shortest, longest = sorted(map(len, (left, right)))
        self.n_held += longest > 0
        if longest > WIDEST_GAP:
            if counts_numbers:
                lost = self.one.lost(left, self.other), self.other.lost(right, self.one)
                self._keep_amounts(*lost, n_paired=0)
            return
        # one word for several may be the same, written in one
        told_apart = self.n < TOLD_APART and (shortest == longest or shortest > 1)
        number = self.n if told_apart else None
        here = self._look(left, self.one, self.other, number)
        there = self._look(right, self.other, self.one, number)
        if counts_numbers:
            self._count_numbers(left, right, here, there)
        is_name = longest <= LONGEST_NAME and self._swaps_names(left, right)
        self._count_words(here, there, is_name=is_name, told_apart=told_apart)

    def _count_numbers(
        self, left: list[int], right: list[int], here: _Found, there: _Found
    ) -> None:
        """Count the numbers that a gap keeps, and those that it replaces."""
        n_paired = min(len(here.numbers), len(there.numbers))
        self._keep_amounts(here.numbers, there.numbers, n_paired)
        n_kept = n_paired if _same_digits(left, right) else 0
        n_replaced = n_paired - n_kept
        if max(len(left), len(right)) <= LONGEST_NAME:
            in_words, in_place = self._count_spelled(left, right), _count_in_place(left, right)
            n_replaced = max(n_replaced, in_words, in_place)
        self.n_kept += n_kept
        self.n_replaced += n_replaced

    def _count_words(self, here: _Found, there: _Found, *, is_name: bool, told_apart: bool) -> None:
        """Count a gap that replaces words, and take note of the gaps that replace names."""
        if (here.words and there.words) or is_name:
            self.n_words += 1
            before = here.before & there.before if told_apart else set[int]()
            if before or is_name or (here.again and there.again):
                self.of_names |= before | {self.n}
        self.n += bool(here.words or there.words or is_name)

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

    def count_form(self, left: list[int], right: list[int], *, from_end: bool) -> None:
        """Count the numbers that a sentence of a form replaces before or after all runs."""
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

    def _keep_amounts(self, lost: list[int], lost_there: list[int], n_paired: int) -> None:
        """Keep the amounts on both sides of a gap that stand for no other number in it."""
        for side, tokens in enumerate((lost, lost_there)):
            self.amounts[side] += max(sum(map(_is_amount, tokens)) - n_paired, 0)

    def _swaps_names(self, left: list[int], right: list[int]) -> bool:
        """Whether each side of a gap has rare words that the other side lacks."""
        for gap, other in ((left, right), (right, left)):
            own = [t for t in gap if not _is_number(t) and self.names.rare(t) and t not in other]
            if len(own) < NAME_WORDS:
                return False
        return True

    def count_passage(self, left: list[int], right: list[int]) -> None:
        """Count the tokens of a passage, if it stands for another."""
        shortest, longest = sorted(map(len, (left, right)))
        if shortest < SHORTEST_PASSAGE or longest > WIDEST_PASSAGE:
            return
        sides = (left, self.other.held), (right, self.one.held)
        lacks = [
            sum(meaning(token) not in held for token in gap) >= MISSING_SHARE * len(gap)
            for gap, held in sides
        ]
        if all(lacks):
            self.n_passage_words += shortest

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

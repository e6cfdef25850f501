"""Passages that one of two texts has for itself: the plain specification.

``kernels/own_passages.py`` computes the same over arrays.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from dedup.reference.runs import Run, around
from dedup.text.numbers import value
from dedup.text.tokens import NUMBER_BIT

# The same as in kernels/own_passages.py, which needs numba; a test holds them together.
OWN_PASSAGE = 12
EDITED_SHARE = 0.4
WIDEST_PASSAGE = 256
MOVED_ON = 20
OWN_ON_BOTH = 25


class OwnPassages(NamedTuple):
    """Tokens of the passages that a text has for itself."""

    total: int
    first: int
    """Those before all runs that both texts share."""
    last: int
    """Those behind them."""
    longest: int
    """Those of the longest passage between runs."""

    @property
    def inside(self) -> int:
        """Those of all passages between runs."""
        return self.total - self.first - self.last


def own_of_left(left: list[int], right: list[int], runs: list[Run], width: int) -> OwnPassages:
    """Count the passages of the left text, around the runs of the chain.

    Parameters
    ----------
    left, right : list of int
        Token hashes.
    runs : list of Run
    width : int
        Tokens of the shortest run: a passage holds no such run of the right text.
    """
    met = {place + word for place in _met(left, right, width) for word in range(width)}
    found: list[int] = []
    for here, there in around(left, right, runs):
        unmet = "".join(" " if place in met else "x" for place in range(here.start, here.stop))
        n = sum(len(passage) for passage in unmet.split() if len(passage) >= OWN_PASSAGE)
        in_order = there.start <= there.stop
        found.append(0 if in_order and _is_edited(right[there], left[here]) else n)
    return _of_gaps(found)


def own_of_right(left: list[int], right: list[int], runs: list[Run]) -> OwnPassages:
    """Count the passages of the right text, around all runs."""
    found: list[int] = []
    for here, there in around(left, right, runs):
        passage = right[there]
        in_order = here.start <= here.stop
        is_own = len(passage) >= OWN_PASSAGE and not (in_order and _is_edited(left[here], passage))
        found.append(len(passage) if is_own else 0)
    return _of_gaps(found)


def moved_on(left: OwnPassages, right: OwnPassages) -> int:
    """Return the tokens by which one text has moved on from the other, 0 if it has not."""
    n = 0
    if left.first == right.last == 0:
        n = min(left.last, right.first)
    elif left.last == right.first == 0:
        n = min(left.first, right.last)
    return n if n >= MOVED_ON else 0


def own_on_both(left: OwnPassages, right: OwnPassages) -> int:
    """Return the tokens that each of two texts has for itself, 0 if these are few or frames."""
    n = min(left.total, right.total)
    return n if n >= OWN_ON_BOTH and max(left.inside, right.inside) >= OWN_PASSAGE else 0


def longest_unmet(text: list[int], other: list[int], width: int) -> int:
    """Return the tokens of the longest passage inside a text without a shingle of the other."""
    places = _met(text, other, width)
    return max((after - before - width for before, after in pairwise(places)), default=0)


def meaning(token: int) -> int:
    """Return a word's hash, or what all hashes of one number share."""
    return value(token) | NUMBER_BIT if token & NUMBER_BIT else token


def _of_gaps(found: list[int]) -> OwnPassages:
    first, last = (found[0], found[-1]) if len(found) > 1 else (0, 0)
    return OwnPassages(sum(found), first, last, max(found[1:-1], default=0))


def _met(text: list[int], other: list[int], width: int) -> list[int]:
    """Return the places of a text at which a run of another one begins."""
    known = {tuple(other[place : place + width]) for place in range(len(other) - width + 1)}
    return [
        place
        for place in range(len(text) - width + 1)
        if tuple(text[place : place + width]) in known
    ]


def _is_edited(left: list[int], right: list[int]) -> bool:
    """Whether enough words of a passage stand across its gap next to a neighbour from here."""
    if max(len(left), len(right)) > WIDEST_PASSAGE:
        return False
    across = set(pairwise(map(meaning, left)))
    pairs = [pair in across for pair in pairwise(map(meaning, right))]
    kept = sum(before or after for before, after in pairwise([False, *pairs, False]))
    return kept >= EDITED_SHARE * len(right)

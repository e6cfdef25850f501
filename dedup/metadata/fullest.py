"""Fuller texts: of two near copies, the one with passages that the other one lacks.

A copy without a passage must not stand for one that has it, or text would be lost. So a
fuller copy comes before a lesser one, and is never taken by it (docs/algorithm.md, step 11).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from dedup.metadata.survivors import FULLEST, RecordFacts, parse_policy
from dedup.model import Int64s, UInt64s, Verdict
from dedup.pairs import ScoredPairs, directed

FULLER_WORDS = 12
"""Words, in passages of its own, by which one of two near copies is the fuller one."""


@dataclass(frozen=True, slots=True)
class UnitOrder:
    """Which unit may represent which, and in what order they are asked to.

    Attributes
    ----------
    ranks : int64 array, shape (n_units,)
        Place of each unit by what its records say; no two are equal.
    fullest_first : bool
        Whether fuller copies come before lesser ones all the same.
    spares_fuller : bool
        Whether a lesser copy never takes a fuller one.
    """

    ranks: Int64s
    fullest_first: bool = False
    spares_fuller: bool = False

    @classmethod
    def by(cls, policy: str, facts: RecordFacts, ranks: Int64s, leads: Int64s) -> UnitOrder:
        """Return the order of units by a survivor policy.

        Scanning against another corpus, whose records always survive, none gives way to a
        fuller copy; but none takes it either.

        Parameters
        ----------
        policy : str
        facts : RecordFacts
        ranks : int64 array, shape (n_records,)
            The place of each record.
        leads : int64 array, shape (n_units,)
            The leading record of each unit.
        """
        compares = parse_policy(policy)[0].name == FULLEST
        return cls(ranks[leads], compares and not facts.against.any(), compares)

    def takes(self, pairs: ScoredPairs) -> UInt64s:
        """Return who may take whom: the one that represents in the upper half, ascending."""
        left, right, more = _near(pairs)
        if not self.spares_fuller:
            more[:] = 0
        takes = np.concatenate(
            (
                directed(left, right)[more < FULLER_WORDS],
                directed(right, left)[more > -FULLER_WORDS],
            )
        )
        takes.sort()
        return takes

    def given(self, pairs: ScoredPairs) -> Int64s:
        """Return numbers by whose order units become representative; no two are equal.

        It is the order of ``ranks``, but for units of which there are fuller copies: these
        come first, and before them copies that are fuller still.
        """
        if not self.fullest_first:
            return self.ranks
        places, turns = self.ranks.copy(), np.zeros(len(self.ranks), np.int64)
        for turn, (place, unit) in enumerate(self._walk(pairs)):
            places[unit], turns[unit] = place, turn
        return places * (turns.max(initial=0) + 1) + turns

    def _walk(self, pairs: ScoredPairs) -> Iterator[tuple[int, int]]:
        """Yield fuller and lesser units in order, each with the place that it comes to.

        Where texts are fuller in a circle, the one that is met first gives way.
        """
        fuller = self._fuller_copies(pairs)
        units = np.unique(np.fromiter(chain(fuller, *fuller.values()), np.int64))
        met: set[int] = set()
        for first in units[np.argsort(self.ranks[units])].tolist():
            for unit in _post_order(first, fuller, met):
                yield int(self.ranks[first]), unit

    def _fuller_copies(self, pairs: ScoredPairs) -> dict[int, list[int]]:
        """Return the fuller copies of each unit that has any, in the order of ``ranks``."""
        left, right, more = _near(pairs)
        lesser = np.concatenate((left[more >= FULLER_WORDS], right[more <= -FULLER_WORDS]))
        fuller = np.concatenate((right[more >= FULLER_WORDS], left[more <= -FULLER_WORDS]))
        by_rank = np.argsort(self.ranks[fuller])
        copies: defaultdict[int, list[int]] = defaultdict(list)
        for unit, copy in zip(lesser[by_rank].tolist(), fuller[by_rank].tolist(), strict=True):
            copies[unit].append(copy)
        return dict(copies)


def _post_order(first: int, above: dict[int, list[int]], met: set[int]) -> Iterator[int]:
    """Yield a unit and all above it that were not met yet, each behind those above it.

    Without recursion: stories may have grown hundreds of times.
    """
    path = [] if first in met else [(first, iter(above.get(first, ())))]
    met.add(first)
    while path:
        unit, higher = path[-1]
        further = next((other for other in higher if other not in met), None)
        if further is None:
            yield unit
            path.pop()
        else:
            met.add(further)
            path.append((further, iter(above.get(further, ()))))


def _near(pairs: ScoredPairs) -> tuple[Int64s, Int64s, Int64s]:
    """Return both units of near pairs, and how many words more the right one has of its own."""
    near = pairs.verdict == Verdict.NEAR
    more = pairs.own_words_right[near] - pairs.own_words_left[near]
    return pairs.left[near], pairs.right[near], more

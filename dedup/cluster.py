"""Anchored clusters: every member is verified against its representative."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.kernels.components import components
from dedup.metadata.fullest import UnitOrder
from dedup.model import Int64s, UInt64s, Verdict
from dedup.pairs import ScoredPairs, contains, directed, pair_codes, split_codes


@dataclass(frozen=True, slots=True)
class Clusters:
    """Which unit represents which.

    Attributes
    ----------
    representative : int64 array, shape (n_units,)
        The unit that represents each unit; itself for those that represent and for
        those in no cluster.
    extra : ScoredPairs
        Pairs at or above the floor that were scored on demand.
    n_capped : int
        Units that met the limit of representatives to be scored against on demand and
        could from then on join by pairs already scored only.
    """

    representative: Int64s
    extra: ScoredPairs
    n_capped: int


@dataclass(frozen=True, slots=True)
class Anchoring:
    """What clustering needs besides the scored pairs.

    Attributes
    ----------
    order : UnitOrder
        Which unit may represent which, and in what order.
    score : function
        From ascending pairs to those at or above the floor, with verdicts.
    allowed : function
        From units that represent, and other units, to whether they may take them.
    max_on_demand : int
        Representatives that one unit is scored against on demand at most.
    """

    order: UnitOrder
    score: Callable[[UInt64s], ScoredPairs]
    allowed: Callable[[Int64s, Int64s], NDArray[np.bool_]]
    max_on_demand: int


class CorpusSides:
    """Which units may meet when a corpus is scanned against another.

    Parameters
    ----------
    units : int64 array, shape (n_records,)
        The unit of each record, -1 for none.
    against : bool array, shape (n_records,)
    """

    def __init__(self, units: Int64s, against: NDArray[np.bool_]) -> None:
        n_units = int(units.max(initial=-1)) + 1
        self._one_corpus = not against.any()
        self._scanned = np.zeros(n_units, np.bool_)
        self._against = np.zeros(n_units, np.bool_)
        self._scanned[units[(units >= 0) & ~against]] = True
        self._against[units[(units >= 0) & against]] = True

    def may_take(self, leader: Int64s, unit: Int64s) -> NDArray[np.bool_]:
        """Whether a unit may stand for another: what lies in the other corpus stays."""
        if self._one_corpus:
            return np.ones(len(leader), np.bool_)
        return self._against[leader] & ~self._against[unit]

    def may_meet(self, left: Int64s, right: Int64s) -> NDArray[np.bool_]:
        """Whether one unit of each pair stands on either side."""
        if self._one_corpus:
            return np.ones(len(left), np.bool_)
        return (self._scanned[left] & self._against[right]) | (
            self._against[left] & self._scanned[right]
        )


def cluster(scored: ScoredPairs, anchoring: Anchoring) -> Clusters:
    """Group units around representatives.

    Inside each connected component of ``near`` pairs the units are walked in policy
    order: one that is not taken yet becomes representative and takes every unit of the
    component that is not taken and is itself ``near`` to it, unless that one is fuller;
    pairs that were never candidates are scored now. A unit that hangs on by a chain alone
    is thus left for a cluster of its own. All components take one step at a time, together.

    Parameters
    ----------
    scored : ScoredPairs
        Ascending by pair.
    anchoring : Anchoring
    """
    ranks = anchoring.order.given(scored)
    representative = np.arange(len(ranks))
    takes, known_codes = anchoring.order.takes(scored), scored.codes
    waiting, labels = _in_components(scored, ranks)
    extra: list[ScoredPairs] = [scored.take(np.zeros(0, np.int64))]
    for _ in range(anchoring.max_on_demand):
        if len(waiting) == 0:
            break
        first = np.flatnonzero(np.diff(labels, prepend=-1))
        leader = np.repeat(waiting[first], np.diff(np.append(first, len(waiting))))
        others = leader != waiting
        others &= anchoring.allowed(leader, waiting)
        codes, wanted = pair_codes(leader, waiting), directed(leader, waiting)
        taken = others & contains(takes, wanted)
        missing = others & ~contains(known_codes, codes)
        fresh = anchoring.score(np.sort(codes[missing]))
        extra.append(fresh)
        taken |= missing & contains(anchoring.order.takes(fresh), wanted)
        representative[waiting[taken]] = leader[taken]
        left = ~taken & (leader != waiting)
        waiting, labels = waiting[left], labels[left]
    leaders, others = split_codes(takes)
    allowed = anchoring.allowed(leaders, others)
    _walk_known(waiting[np.argsort(ranks[waiting])], takes[allowed], representative)
    return Clusters(representative, ScoredPairs.concatenate(extra), len(waiting))


def _in_components(scored: ScoredPairs, ranks: Int64s) -> tuple[Int64s, Int64s]:
    """Return the units of ``near`` pairs and their components, one by one, in policy order."""
    near = scored.verdict == Verdict.NEAR
    ends = np.concatenate((scored.left[near], scored.right[near]))
    units, nodes = np.unique(ends, return_inverse=True)
    labels = components(len(units), nodes[: near.sum()], nodes[near.sum() :])
    order = np.lexsort((ranks[units], labels))
    return units[order], labels[order]


def _walk_known(waiting: Int64s, takes: UInt64s, representative: Int64s) -> None:
    """Finish units past the limit, in order, by the pairs already scored: linear in those."""
    if len(waiting) == 0:
        return
    leaders, others = split_codes(takes)
    inside = np.isin(leaders, waiting) & np.isin(others, waiting)
    neighbours: dict[int, list[int]] = {}
    for leader, other in zip(leaders[inside].tolist(), others[inside].tolist(), strict=True):
        neighbours.setdefault(leader, []).append(other)
    free = set(waiting.tolist())
    for unit in waiting.tolist():
        if unit not in free:
            continue
        free.remove(unit)
        for other in neighbours.get(unit, ()):
            if other in free:
                free.remove(other)
                representative[other] = unit

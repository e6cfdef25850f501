"""Anchored clusters on small graphs: what hangs on by a chain alone stays out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.cluster import Anchoring, Clusters, cluster
from dedup.metadata.fullest import UnitOrder
from dedup.model import Verdict
from dedup.pairs import ScoredPairs, join_pairs, split_codes

Pair = tuple[int, int]


def table(verdicts: dict[Pair, Verdict]) -> ScoredPairs:
    """Return a table of pairs that have nothing but verdicts."""
    pairs = sorted(verdicts)
    columns = {f.name: np.zeros(len(pairs)) for f in fields(ScoredPairs)}
    columns["left"] = np.array([left for left, _ in pairs], np.int64)
    columns["right"] = np.array([right for _, right in pairs], np.int64)
    columns["verdict"] = np.array([verdicts[pair] for pair in pairs], np.uint8)
    return ScoredPairs(**columns)


class Graph:
    """The truth about units, of which only a part is known before clustering."""

    def __init__(self, names: str, near: Iterable[str], unscored: Iterable[str] = ()) -> None:
        self.names = names
        self.near = {self._pair(text) for text in near}
        self.unscored = {self._pair(text) for text in unscored}
        self.asked: list[Pair] = []

    def _pair(self, text: str) -> Pair:
        left, right = sorted(map(self.names.index, text))
        return left, right

    def _verdict(self, pair: Pair) -> Verdict:
        return Verdict.NEAR if pair in self.near else Verdict.REWRITE

    def score(self, codes: np.ndarray) -> ScoredPairs:
        pairs = list(zip(*(ends.tolist() for ends in split_codes(codes)), strict=True))
        self.asked += pairs
        return table({pair: self._verdict(pair) for pair in pairs})

    def cluster(
        self,
        order: str | None = None,
        max_on_demand: int = 64,
        allowed: Callable[[Pair], bool] = lambda pair: True,
    ) -> Clusters:
        """Cluster; every pair is known unless it is unscored."""
        self.asked.clear()
        n = len(self.names)
        known = set(combinations(range(n), 2)) - self.unscored
        ranks = np.array([(order or self.names).index(name) for name in self.names])
        return cluster(
            table({pair: self._verdict(pair) for pair in known}),
            Anchoring(
                order=UnitOrder(ranks),
                score=self.score,
                allowed=lambda left, right: np.array(
                    [allowed((int(x), int(y))) for x, y in zip(left, right, strict=True)], np.bool_
                ),
                max_on_demand=max_on_demand,
            ),
        )

    def groups(self, found: Clusters) -> list[str]:
        """Return each cluster of two and more, the representative first."""
        groups: dict[int, str] = {}
        for unit, lead in enumerate(found.representative.tolist()):
            groups.setdefault(lead, self.names[lead])
            if lead != unit:
                groups[lead] += self.names[unit]
        return sorted(group for group in groups.values() if len(group) > 1)


def test_a_star_is_one_cluster_around_the_unit_that_ranks_first() -> None:
    graph = Graph("abcd", ["ab", "ac", "ad", "bc", "bd", "cd"])
    assert graph.groups(graph.cluster()) == ["abcd"]
    assert graph.groups(graph.cluster(order="dcba")) == ["dabc"]


def test_a_chain_is_cut_where_its_ends_are_no_copies() -> None:
    graph = Graph("abcd", ["ab", "bc", "cd"])
    assert graph.groups(graph.cluster()) == ["ab", "cd"]


def test_the_survivor_order_decides_where_a_chain_is_cut() -> None:
    graph = Graph("abcd", ["ab", "bc", "cd"])
    assert graph.groups(graph.cluster(order="bcad")) == ["bac"]


def test_a_bridge_joins_nothing() -> None:
    graph = Graph("abcd", ["ab", "cd"])  # b and c share much, and are only a rewrite
    assert graph.groups(graph.cluster()) == ["ab", "cd"]


def test_related_units_that_are_not_near_stay_alone() -> None:
    graph = Graph("abc", [])
    found = graph.cluster()
    assert found.representative.tolist() == [0, 1, 2]
    assert graph.asked == []


def test_a_pair_that_was_never_a_candidate_is_scored_on_demand() -> None:
    graph = Graph("abc", ["ab", "bc", "ac"], unscored=["ac"])
    found = graph.cluster()
    assert graph.groups(found) == ["abc"]
    assert graph.asked == [(0, 2)]
    assert list(zip(found.extra.left, found.extra.right, strict=True)) == [(0, 2)]
    assert found.extra.verdict.tolist() == [Verdict.NEAR]


def test_a_score_on_demand_may_deny() -> None:
    graph = Graph("abc", ["ab", "bc"], unscored=["ac"])
    found = graph.cluster()
    assert graph.groups(found) == ["ab"]
    assert graph.asked == [(0, 2)]


def test_a_pair_that_is_known_is_never_scored_again() -> None:
    graph = Graph("abcd", ["ab", "bc", "cd"])
    graph.cluster()
    assert graph.asked == []


def test_units_of_different_components_are_never_scored_on_demand() -> None:
    graph = Graph("abcd", ["ab", "cd", "ac"], unscored=["ac", "ad", "bc", "bd"])
    assert graph.groups(graph.cluster()) == ["ab", "cd"]
    assert graph.asked == []


def test_units_that_may_not_meet_share_no_cluster() -> None:
    graph = Graph("abc", ["ab", "bc", "ac"], unscored=["ac"])
    found = graph.cluster(allowed=lambda pair: pair != (0, 2))
    assert graph.groups(found) == ["ab"]
    assert graph.asked == []


def test_past_the_cap_known_pairs_still_cluster_and_the_cap_is_counted() -> None:
    chain = "abcdef"
    graph = Graph(chain, [x + y for x, y in pairwise(chain)])
    capped = graph.cluster(max_on_demand=1)
    assert graph.groups(capped) == ["ab", "cd", "ef"]
    assert capped.n_capped == 4
    assert graph.cluster(max_on_demand=3).n_capped == 0


def test_past_the_cap_nothing_is_scored_on_demand() -> None:
    graph = Graph("abcd", ["ab", "bc", "cd", "bd"], unscored=["ac", "ad", "bd"])
    found = graph.cluster(max_on_demand=1)
    assert set(graph.asked) == {(0, 2), (0, 3)}
    assert graph.groups(found) == ["ab", "cd"]
    assert found.n_capped == 2


@pytest.mark.parametrize("n", [0, 1])
def test_less_than_two_units_make_no_cluster(n: int) -> None:
    graph = Graph("abc"[:n], [])
    assert graph.cluster().representative.tolist() == list(range(n))


# --- against a plain walk, on graphs of every shape

N = 7
ALL = list(combinations("abcdefg", 2))
subsets = st.sets(st.sampled_from(["".join(pair) for pair in ALL]))


def plain_walk(graph: Graph, order: str) -> list[str]:
    """Cluster as the design says it, a unit at a time, knowing every verdict."""
    near = {frozenset(graph.names[unit] for unit in pair) for pair in graph.near}
    known = {frozenset(graph.names[unit] for unit in pair) for pair in graph.near - graph.unscored}
    component = {name: {name} for name in graph.names}
    for pair in known:
        one, other = pair
        joined = component[one] | component[other]
        component.update(dict.fromkeys(joined, joined))
    free, clusters = set(graph.names), []
    for lead in order:
        if lead in free:
            taken = {x for x in free & component[lead] if frozenset((lead, x)) in near}
            free -= taken | {lead}
            clusters.append(lead + "".join(sorted(taken)))
    return sorted(group for group in clusters if len(group) > 1)


@given(subsets, subsets, st.permutations("abcdefg"))
def test_clusters_are_those_of_a_plain_walk(
    near: set[str], unscored: set[str], order: list[str]
) -> None:
    graph = Graph("abcdefg", near, unscored)
    assert graph.groups(graph.cluster("".join(order))) == plain_walk(graph, "".join(order))


@given(subsets, subsets, st.permutations("abcdefg"), st.integers(1, 3))
def test_a_member_is_near_its_representative_even_past_the_cap(
    near: set[str], unscored: set[str], order: list[str], cap: int
) -> None:
    graph = Graph("abcdefg", near, unscored)
    lead = graph.cluster("".join(order), max_on_demand=cap).representative.tolist()
    for unit in range(N):
        if lead[unit] != unit:
            assert tuple(sorted((unit, lead[unit]))) in graph.near
            assert order.index(graph.names[lead[unit]]) < order.index(graph.names[unit])
            assert lead[lead[unit]] == lead[unit]


@given(subsets, subsets, st.permutations("abcdefg"))
def test_the_rows_of_units_do_not_matter(
    near: set[str], unscored: set[str], rows: list[str]
) -> None:
    one = Graph("abcdefg", near, unscored)
    other = Graph("".join(rows), near, unscored)
    canonical = [
        {group[0] + "".join(sorted(group[1:])) for group in graph.groups(graph.cluster("gfedcba"))}
        for graph in (one, other)
    ]
    assert canonical[0] == canonical[1]


def test_joined_pairs_tell_which_of_them_were_scored_on_demand() -> None:
    known = table({(0, 3): Verdict.NEAR, (1, 2): Verdict.REWRITE})
    extra = table({(0, 1): Verdict.NEAR, (2, 3): Verdict.NEAR})
    pairs, on_demand = join_pairs(known, extra)
    assert list(zip(pairs.left, pairs.right, on_demand, strict=True)) == [
        (0, 1, True),
        (0, 3, False),
        (1, 2, False),
        (2, 3, True),
    ]

"""The whole flow written plainly: the specification that ``pipeline.py`` is held to.

Texts are Python strings and shingles Python sets; signatures and buckets are datasketch's,
TF-IDF is scikit-learn's. The tests compare the two engines, and this one serves as an
independent check, and where compiled kernels fail. It sets no limit to the size of a bucket.
Texts become units in ``units.py``, pairs are scored in ``scores.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from dedup.config import Settings
from dedup.corpus_model import CorpusModel
from dedup.errors import SettingsError
from dedup.found.outcome import (
    EXCERPT_BYTES,
    STAGES,
    Announce,
    CandidateCounts,
    Found,
    FoundRepeats,
    Resolved,
)
from dedup.metadata.fullest import UnitOrder
from dedup.metadata.records import Records
from dedup.metadata.survivor_order import SurvivorOrder
from dedup.model import Batch, Verdict
from dedup.pairs import ScoredPairs, join_pairs, split_codes
from dedup.reference.excerpts import find_excerpts, find_short
from dedup.reference.repeats import Repeat
from dedup.reference.scores import Pair, Scorer, count_frequencies
from dedup.reference.units import Unit, UnitCorpus
from dedup.storage.spill import Spill

_OfUnits = Callable[[int, int], bool]
_CorpusSides = tuple[_OfUnits, _OfUnits]
"""Whether two units may meet, and whether the first may represent the second."""


def find(
    batches: Iterable[Batch],
    settings: Settings,
    spill: Spill,
    *,
    against: Iterable[Batch] = (),
    model: CorpusModel | None = None,
    announce: Announce = lambda stage: None,
) -> Found:
    """Run the flow; parameters and result are those of :func:`dedup.pipeline.find`.

    Raises
    ------
    SettingsError
        For what only the other engine does: passages, and a single band.
    """
    _check(settings)
    announce(STAGES[0])
    corpus = UnitCorpus(settings, spill)
    corpus.take(against, against=True)
    corpus.take(batches, against=False)
    records = corpus.writer.finish()
    order = SurvivorOrder.of(records, settings.keep)
    counted = count_frequencies(corpus.units)
    judged_by = model or counted
    scorer = Scorer(corpus.units, settings, judged_by, order.stories(records))
    return Found(
        records=records,
        order=order,
        resolved=_resolve(scorer, settings, _sides(records), order.units, announce),
        repeats=_table_of_repeats(corpus.repeats),
        model=counted,
        judged_by=judged_by,
        spilled=spill.size(),
    )


def _check(settings: Settings) -> None:
    if settings.unit == "passage":
        message = "the engine `reference` compares documents only: use `kernels` for passages"
        raise SettingsError(message)
    if settings.bands == 1:
        message = "datasketch takes no single band: raise bands, or use the engine `kernels`"
        raise SettingsError(message)


def _resolve(
    scorer: Scorer, settings: Settings, sides: _CorpusSides, order: UnitOrder, announce: Announce
) -> Resolved:
    """Find candidates, verify and cluster."""
    may_meet, may_take = sides
    announce(STAGES[1])
    candidates, counts = _propose(scorer, settings, may_meet)
    announce(STAGES[2])
    scored = scorer.score(candidates)
    n_proposed = scorer.n_scored
    announce(STAGES[3])
    clusters = _Clusters(scored, scorer, may_take, order)
    clusters.anchor(settings.max_on_demand)
    extra = ScoredPairs.concatenate([scored.take(np.zeros(0, np.int64)), *clusters.extra])
    pairs, on_demand = join_pairs(scored, extra)
    return Resolved(
        pairs=pairs,
        on_demand=on_demand,
        representative=np.array(clusters.representative, np.int64),
        candidates=counts,
        n_scored=scorer.n_scored,
        n_on_demand=scorer.n_scored - n_proposed,
        n_capped=clusters.n_capped,
    )


def _propose(
    scorer: Scorer, settings: Settings, may_meet: _OfUnits
) -> tuple[list[Pair], CandidateCounts]:
    """Return the pairs to score, ascending: by buckets, as excerpts, and as short texts."""
    units = scorer.units

    def worthwhile(pairs: Iterable[Pair]) -> set[Pair]:
        return {pair for pair in pairs if may_meet(*pair) and scorer.plausible(*pair)}

    candidates = _find_candidates(units, settings)
    proposed = worthwhile(candidates)
    counts = CandidateCounts(len(candidates), len(candidates) - len(proposed))

    def add(pairs: list[Pair]) -> int:
        more = worthwhile(pairs) - proposed
        proposed.update(more)
        return len(more)

    if settings.excerpts:
        texts = [unit.tokens for unit in units]
        counts.n_excerpt_candidates = add(find_excerpts(texts, settings, scorer.is_common, counts))
    short = [unit.tokens if unit.is_short else [] for unit in units]
    counts.n_short_candidates = add(find_short(short, settings, counts))
    return sorted(proposed), counts


def _find_candidates(units: list[Unit], settings: Settings) -> list[Pair]:
    """Return every pair that shares a bucket, ascending."""
    from datasketch import MinHashLSH  # noqa: PLC0415

    index: Any = MinHashLSH(num_perm=settings.num_perm, params=(settings.bands, settings.rows))
    pairs: set[Pair] = set()
    for row, unit in enumerate(units):
        if len(unit.tokens) >= settings.min_tokens:
            pairs.update((other, row) for other in index.query(unit.minhash))
            index.insert(row, unit.minhash)
    return sorted(pairs)


def _sides(records: Records) -> _CorpusSides:
    """Return whether two units may meet, and whether the first may represent the second.

    If there are two corpora, one from each may meet, and what lies in the corpus that
    is scanned against represents and stays.
    """
    sides: tuple[set[int], set[int]] = (set(), set())
    for unit, against in zip(records.units.tolist(), records.facts.against.tolist(), strict=True):
        sides[against].add(unit)
    scanned, known = sides

    def may_meet(left: int, right: int) -> bool:
        return (left in scanned and right in known) or (left in known and right in scanned)

    def may_take(leader: int, unit: int) -> bool:
        return leader in known and unit not in known

    if known:
        return may_meet, may_take
    return (lambda left, right: True), (lambda leader, unit: True)


class _Clusters:
    """Anchored clusters: every member is itself ``near`` to its representative."""

    def __init__(
        self, scored: ScoredPairs, scorer: Scorer, may_take: _OfUnits, order: UnitOrder
    ) -> None:
        self._scorer = scorer
        self._may_take = may_take
        self._order = order
        self._ranks: list[int] = order.given(scored).tolist()
        self._known = set(zip(scored.left.tolist(), scored.right.tolist(), strict=True))
        self._near = _near_pairs(scored)
        self._takes = self._ways(scored)
        self.representative = list(range(len(scorer.units)))
        self.extra: list[ScoredPairs] = []
        self.n_capped = 0

    def _ways(self, scored: ScoredPairs) -> set[Pair]:
        """Return which unit of a near pair may take which."""
        leaders, units = split_codes(self._order.takes(scored))
        return set(zip(leaders.tolist(), units.tolist(), strict=True))

    def anchor(self, max_on_demand: int) -> None:
        """Walk the units of each component in survivor order; each takes what it can."""
        for component in _components(self._near):
            waiting = sorted(component, key=self._ranks.__getitem__)
            n_leaders = 0
            while waiting:
                leader, *others = waiting
                may_score = n_leaders < max_on_demand
                self.n_capped += len(waiting) if n_leaders == max_on_demand else 0
                waiting = [unit for unit in others if not self._can_take(leader, unit, may_score)]
                for unit in set(others).difference(waiting):
                    self.representative[unit] = leader
                n_leaders += 1

    def _can_take(self, leader: int, unit: int, may_score: bool) -> bool:
        """Whether a unit takes another; a pair that was no candidate is scored now."""
        pair = min(leader, unit), max(leader, unit)
        if not self._may_take(leader, unit):
            return False
        if pair in self._known or not may_score:
            return (leader, unit) in self._takes
        fresh = self._scorer.score([pair] if self._scorer.plausible(*pair) else [])
        self.extra.append(fresh)
        return (leader, unit) in self._ways(fresh)


def _near_pairs(scored: ScoredPairs) -> set[Pair]:
    near = scored.take(scored.verdict == Verdict.NEAR)
    return set(zip(near.left.tolist(), near.right.tolist(), strict=True))


def _components(edges: Iterable[Pair]) -> list[set[int]]:
    """Return the connected components of a graph."""
    component_of: dict[int, set[int]] = {}
    for left, right in edges:
        joined = component_of.get(left, {left}) | component_of.get(right, {right})
        component_of.update(dict.fromkeys(joined, joined))
    return list({id(component): component for component in component_of.values()}.values())


def _table_of_repeats(found: list[tuple[int, str, Repeat]]) -> FoundRepeats:
    """Put the repeats of all records into columns, with lines."""
    places = [
        (row, group, start, end, text.count("\n", 0, start) + 1, text.count("\n", 0, end) + 1)
        for group, (row, text, repeat) in enumerate(found)
        for start, end in repeat.occurrences
    ]
    begins = [text[slice(*repeat.occurrences[0])].encode() for _, text, repeat in found]
    excerpts = b"".join(begin[:EXCERPT_BYTES].ljust(EXCERPT_BYTES, b"\0") for begin in begins)
    return FoundRepeats(
        *np.array(places, np.int64).reshape(-1, 6).T,
        verdicts=np.array([repeat.verdict for _, _, repeat in found], np.uint8),
        jaccards=np.array([repeat.jaccard for _, _, repeat in found], np.float64),
        excerpts=np.frombuffer(excerpts, np.uint8).reshape(-1, EXCERPT_BYTES),
    )

"""Exact scores of pairs of units."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.config import Settings
from dedup.corpus_model import CorpusModel
from dedup.kernels import candidates as candidate_kernels
from dedup.kernels import scores as kernels
from dedup.model import Int64s, UInt64s, Verdict
from dedup.pairs import ScoredPairs, split_codes
from dedup.units import Units
from dedup.verdicts import FLOOR_CONTAINMENT, FLOOR_JACCARD, SCORE_DIGITS, judge, ratio

FILTER_SIGMAS = 3.0
"""Standard errors of the estimated Jaccard that the filter leaves as margin."""
_PAIRS_AT_ONCE = 1 << 16

Mapper = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


class Verifier:
    """Scores pairs of units exactly, on demand; what one unit needs is computed once."""

    def __init__(
        self,
        units: Units,
        model: CorpusModel,
        settings: Settings,
        revises: Callable[[Int64s, Int64s], NDArray[np.bool_]],
        mapper: Mapper = map,
    ) -> None:
        """Prepare to score.

        Parameters
        ----------
        units : Units
        model : CorpusModel
        settings : Settings
        revises : function from left and right units to bool
            Whether metadata says that two units are versions of one story: then
            differing numbers are a correction and no template.
        mapper : function like ``map``
            Runs chunks of work, in parallel if it likes; order must be kept.
        """
        n_units = len(units.offsets) - 1
        self._units = units
        self._settings = settings
        self._revises = revises
        self._map = mapper
        self._idf = model.idf()
        self._every = (model.shingle_counts, 0)
        self._distinctive = (model.shingle_counts, model.common_above(settings.rule))
        self._described = np.zeros(n_units, np.bool_)
        self._facts = np.zeros((n_units, 3), np.int32)
        self._norms = np.zeros(n_units, np.float64)
        self._digests = np.zeros((n_units, 2), np.uint64)
        self.n_scored = 0

    def plausible(self, pairs: UInt64s) -> NDArray[np.bool_]:
        """Return which pairs may reach the recorded floor, by their estimated Jaccard."""
        equal = np.empty(len(pairs), np.int32)
        signatures = self._units.signatures

        def estimate(part: slice) -> None:
            kernels_args = (signatures, pairs[part], equal[part])
            candidate_kernels.estimate(*kernels_args)

        self._in_parts(estimate, len(pairs))
        left, right = split_codes(pairs)
        sizes_left, sizes_right = self._units.n_distinct[left], self._units.n_distinct[right]
        held = FLOOR_CONTAINMENT * np.minimum(sizes_left, sizes_right)
        needed = np.minimum(held / (sizes_left + sizes_right - held), FLOOR_JACCARD)
        n_values = signatures.shape[1]
        margin = FILTER_SIGMAS * np.sqrt(needed * (1 - needed) / n_values)
        return equal / n_values >= needed - margin

    def score(self, pairs: UInt64s) -> ScoredPairs:
        """Return the pairs at or above the floor with all scores and their verdict.

        Parameters
        ----------
        pairs : uint64 array
            Ascending.
        """
        self.n_scored += len(pairs)
        units = self._units
        width = self._settings.shingle_width
        shared = np.empty(len(pairs), np.int64)

        def overlap(part: slice) -> None:
            kernels.overlap(
                units.tokens, units.offsets, width, self._every, pairs[part], shared[part]
            )

        self._in_parts(overlap, len(pairs))
        left, right = split_codes(pairs)
        sizes = units.n_distinct[left].astype(np.int64), units.n_distinct[right].astype(np.int64)
        jaccard = np.round(shared / (sizes[0] + sizes[1] - shared), SCORE_DIGITS)
        containment = np.round(shared / np.minimum(*sizes), SCORE_DIGITS)
        kept = (jaccard >= FLOOR_JACCARD) | (containment >= FLOOR_CONTAINMENT)
        return self._detail(pairs[kept], shared[kept])

    def _detail(self, pairs: UInt64s, shared: Int64s) -> ScoredPairs:
        """Score pairs in full, given how many shingles they share."""
        units, rule = self._units, self._settings.rule
        width = self._settings.shingle_width
        left, right = split_codes(pairs)
        self._describe(np.unique(np.concatenate((left, right))))
        distinctive = np.empty(len(pairs), np.int64)
        counts, dots = np.empty((len(pairs), 3), np.int32), np.empty(len(pairs), np.float64)

        def compare(part: slice) -> None:
            tokens, offsets = units.tokens, units.offsets
            kernels.overlap(
                tokens, offsets, width, self._distinctive, pairs[part], distinctive[part]
            )
            kernels.compare(tokens, offsets, self._idf, pairs[part], counts[part], dots[part])

        self._in_parts(compare, len(pairs))
        n_left, n_right = units.n_distinct[left], units.n_distinct[right]
        facts_left, facts_right = self._facts[left], self._facts[right]
        numbers = np.minimum(facts_left[:, 1], facts_right[:, 1])
        digests_left, digests_right = self._digests[left], self._digests[right]
        same_wording = digests_left[:, 1] == digests_right[:, 1]
        same_tokens = digests_left[:, 0] == digests_right[:, 0]
        only_numbers = (same_wording & ~same_tokens) | ((counts[:, 2] == 0) & (counts[:, 1] > 0))
        n_tokens = units.offsets[1:] - units.offsets[:-1]
        shares = np.maximum(facts_left[:, 2] / n_tokens[left], facts_right[:, 2] / n_tokens[right])
        scored = ScoredPairs(
            left=left,
            right=right,
            verdict=np.zeros(len(pairs), np.uint8),
            jaccard=ratio(shared, n_left + n_right - shared),
            containment_left=ratio(shared, n_left),
            containment_right=ratio(shared, n_right),
            cosine=np.round(dots / (self._norms[left] * self._norms[right]), SCORE_DIGITS),
            distinctive_jaccard=ratio(
                distinctive, facts_left[:, 0] + facts_right[:, 0] - distinctive
            ),
            distinctive_containment=ratio(
                distinctive, np.minimum(facts_left[:, 0], facts_right[:, 0])
            ),
            number_agreement=np.where(numbers == 0, 1.0, ratio(counts[:, 0], numbers)),
            only_numbers_differ=only_numbers,
            table=shares >= rule.table_number_share,
            numbers_equal=(counts[:, 0] == facts_left[:, 1]) & (counts[:, 0] == facts_right[:, 1]),
            shorter=np.minimum(units.word_lengths(left), units.word_lengths(right)),
        )
        scored.verdict = judge(scored, rule)
        self._forgive_revisions(scored)
        return scored

    def _forgive_revisions(self, scored: ScoredPairs) -> None:
        """Make ``template`` of one story's versions ``near``: a changed figure corrects."""
        rows = np.flatnonzero(
            (scored.verdict == Verdict.TEMPLATE)
            & (scored.jaccard >= self._settings.rule.near_jaccard)
        )
        revised = rows[self._revises(scored.left[rows], scored.right[rows])]
        scored.verdict[revised] = Verdict.NEAR

    def _describe(self, wanted: Int64s) -> None:
        """Compute the facts of units that no earlier pair needed."""
        new = wanted[~self._described[wanted]]
        facts, norms = np.empty((len(new), 3), np.int32), np.empty(len(new), np.float64)
        digests = np.empty((len(new), 2), np.uint64)
        units, model = self._units, (self._idf, self._distinctive)

        def describe(part: slice) -> None:
            kernels.describe(
                units.tokens,
                units.offsets,
                self._settings.shingle_width,
                model,
                new[part],
                facts[part],
                norms[part],
                digests[part],
            )

        self._in_parts(describe, len(new))
        self._facts[new], self._norms[new], self._digests[new] = facts, norms, digests
        self._described[new] = True

    def _in_parts(self, work: Callable[[slice], None], n: int) -> None:
        """Run work on slices of ``n`` rows: at most ``_PAIRS_AT_ONCE``, at least eight."""
        step = min(_PAIRS_AT_ONCE, max(1, n // 8))
        parts = [slice(start, min(start + step, n)) for start in range(0, n, step)]
        for _ in self._map(work, parts):
            pass

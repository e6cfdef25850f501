"""Exact scores of pairs of units."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.config import FLOOR_CONTAINMENT, FLOOR_JACCARD, Settings
from dedup.corpus_model import CorpusModel
from dedup.kernels import candidates as candidate_kernels
from dedup.kernels import scores as kernels
from dedup.kernels.alignment import align
from dedup.model import Bytes, Floats, Int64s, UInt32s, UInt64s
from dedup.pairs import ScoredPairs, split_codes
from dedup.units import Units
from dedup.verdicts import (
    SCORE_DIGITS,
    above_floor,
    forgive_corrections,
    ratio,
    reasons,
    verdicts_of,
)

FILTER_SIGMAS = 3.0
"""Standard errors of the estimated Jaccard that the filter leaves as margin."""
_ESTIMATED_AT_ONCE = 1 << 16
_SCORED_AT_ONCE = 1 << 12
"""Pairs of a chunk: small enough that the sorted tokens of its units stay few."""

Mapper = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


class Verifier:
    """Scores pairs of units exactly, on demand.

    Parameters
    ----------
    units : Units
    model : CorpusModel
    settings : Settings
    stories : function from left and right units to uint8
        What metadata says of two units, :class:`dedup.model.Story`: a changed number
        in versions of one story is a correction and makes no template.
    mapper : function like ``map``
        Runs chunks of work, in parallel if it likes; order must be kept.
    """

    def __init__(
        self,
        units: Units,
        model: CorpusModel,
        settings: Settings,
        stories: Callable[[Int64s, Int64s], Bytes],
        mapper: Mapper = map,
    ) -> None:
        self._units = units
        self._settings = settings
        self._stories = stories
        self._map = mapper
        self._idf = model.idf()
        self._frequencies = (model.shingle_counts, model.common_above(settings.rule))
        # -1 where not counted yet; threads that meet write the same values
        self._n_distinctive = np.full(len(units.offsets) - 1, -1, np.int32)
        self.n_scored = 0

    def plausible(self, pairs: UInt64s) -> NDArray[np.bool_]:
        """Return which pairs may reach the recorded floor, by their estimated Jaccard."""
        parts = _chunks(len(pairs), _ESTIMATED_AT_ONCE)
        kept = self._map(lambda part: self._plausible(pairs[part]), parts)
        return np.concatenate([np.zeros(0, np.bool_), *kept])

    def score(self, pairs: UInt64s) -> ScoredPairs:
        """Return the pairs at or above the floor with all scores and their verdict.

        Parameters
        ----------
        pairs : uint64 array
            Ascending.
        """
        self.n_scored += len(pairs)
        parts = _chunks(len(pairs), _SCORED_AT_ONCE)
        return ScoredPairs.concatenate(
            list(self._map(lambda part: self._score(pairs[part]), parts))
        )

    def score_all(self, pairs: UInt64s) -> ScoredPairs:
        """Return all scores of every pair, ascending, also of those below the floor."""
        self.n_scored += len(pairs)
        parts = _chunks(len(pairs), _SCORED_AT_ONCE)
        whole = self._map(lambda part: self._score(pairs[part], whole=True), parts)
        return ScoredPairs.concatenate(list(whole))

    def _plausible(self, pairs: UInt64s) -> NDArray[np.bool_]:
        units = self._units
        equal = np.empty(len(pairs), np.int32)
        candidate_kernels.estimate(units.signatures, pairs, equal)
        left, right = split_codes(pairs)
        sizes_left, sizes_right = units.n_distinct[left], units.n_distinct[right]
        held = FLOOR_CONTAINMENT * np.minimum(sizes_left, sizes_right)
        needed = np.minimum(held / (sizes_left + sizes_right - held), FLOOR_JACCARD)
        n_values = units.signatures.shape[1]
        margin = FILTER_SIGMAS * np.sqrt(needed * (1 - needed) / n_values)
        return equal / n_values >= needed - margin

    def _score(self, pairs: UInt64s, *, whole: bool = False) -> ScoredPairs:
        """Score one chunk; what its units need is computed once for the chunk."""
        units = self._units
        shared = np.empty((len(pairs), 2), np.int64)
        kernels.overlap(
            units.tokens,
            units.offsets,
            self._settings.shingle_width,
            self._frequencies,
            pairs,
            shared,
        )
        left, right = split_codes(pairs)
        if whole:
            return self._detail(left, right, shared)
        n_left, n_right = units.n_distinct[left], units.n_distinct[right]
        jaccard = ratio(shared[:, 0], n_left + n_right - shared[:, 0])
        containment = ratio(shared[:, 0], np.minimum(n_left, n_right))
        distinctive = ratio(shared[:, 1], self._distinctive(left, right).min(axis=0))
        kept = above_floor(jaccard, containment, distinctive)
        return self._detail(left[kept], right[kept], shared[kept])

    def _distinctive(self, left: Int64s, right: Int64s) -> NDArray[np.int32]:
        """Return the shingles of each pair's units that are not common, shape (2, m)."""
        counts, units = self._n_distinctive, self._units
        texts = np.unique(np.concatenate((left, right)))
        kernels.count_distinctive(
            units.tokens,
            units.offsets,
            self._settings.shingle_width,
            self._frequencies,
            texts[counts[texts] < 0],
            counts,
        )
        return np.stack((counts[left], counts[right]))

    def _detail(self, left: Int64s, right: Int64s, shared: Int64s) -> ScoredPairs:
        """Score pairs in full, given how many shingles they share."""
        units, rule = self._units, self._settings.rule
        n_left, n_right = units.n_distinct[left], units.n_distinct[right]
        every, distinctive = shared[:, 0], shared[:, 1]
        distinctive_left, distinctive_right = self._distinctive(left, right)
        texts, places = np.unique(np.concatenate((left, right)), return_inverse=True)
        at_left, at_right = places[: len(left)], places[len(left) :]
        about = self._describe(texts)
        counts, dots = np.empty((len(left), 3), np.int32), np.empty(len(left), np.float64)
        kernels.compare(about.ordered, about.bounds, self._idf, at_left, at_right, counts, dots)
        numbers_left, numbers_right = about.numbers[at_left, 0], about.numbers[at_right, 0]
        kept, replaced, words, names = self._align(about, texts, at_left, at_right)
        number_share = about.numbers[:, 1] / np.diff(about.bounds)
        scored = ScoredPairs(
            left=left,
            right=right,
            verdict=np.zeros(len(left), np.uint8),
            reason=np.zeros(len(left), np.uint8),
            jaccard=ratio(every, n_left + n_right - every),
            containment_left=ratio(every, n_left),
            containment_right=ratio(every, n_right),
            cosine=np.round(dots / (about.norms[at_left] * about.norms[at_right]), SCORE_DIGITS),
            distinctive_jaccard=ratio(
                distinctive, distinctive_left + distinctive_right - distinctive
            ),
            distinctive_containment=ratio(
                distinctive, np.minimum(distinctive_left, distinctive_right)
            ),
            number_agreement=np.where(replaced == 0, 1.0, ratio(kept, kept + replaced)),
            only_numbers_differ=_only_numbers_differ(about, at_left, at_right, counts),
            table=np.maximum(number_share[at_left], number_share[at_right])
            >= rule.table_number_share,
            numbers_equal=(counts[:, 0] == numbers_left) & (counts[:, 0] == numbers_right),
            shorter=np.minimum(units.word_lengths(left), units.word_lengths(right)),
            numbers_kept=kept,
            numbers_replaced=replaced,
            words_replaced=words,
            names_replaced=names,
        )
        scored.reason = reasons(scored, rule)
        scored.verdict = verdicts_of(scored.reason)
        forgive_corrections(scored, self._stories, rule)
        return scored

    def _align(self, about: _Described, texts: Int64s, left: Int64s, right: Int64s) -> Int64s:
        """Count what each pair keeps and replaces, shape (4, m).

        Which text is followed through which is decided by the texts themselves: by the
        order of units, results would depend on reading order.
        """
        digests = about.digests[:, 0]
        turned = digests[right] < digests[left]
        base, other = np.where(turned, right, left), np.where(turned, left, right)
        order = np.argsort(base, kind="stable")  # pairs of one base share its table
        counts = np.empty((len(left), 4), np.int32)
        align(
            self._units.tokens,
            self._units.offsets,
            self._settings.shingle_width,
            (about.ordered, about.bounds, texts),
            (base[order], other[order]),
            counts,
        )
        found = np.empty((4, len(left)), np.int64)
        found[:, order] = counts.T
        return found

    def _describe(self, texts: Int64s) -> _Described:
        """Compute what pairs need of each of their units."""
        units, n = self._units, len(texts)
        bounds = np.zeros(n + 1, np.int64)
        np.cumsum(units.offsets[texts + 1] - units.offsets[texts], out=bounds[1:])
        about = _Described(
            np.empty(bounds[-1], np.uint32),
            bounds,
            np.empty((n, 2), np.int32),
            np.empty(n, np.float64),
            np.empty((n, 4), np.uint64),
        )
        kernels.describe(
            units.tokens,
            units.offsets,
            self._idf,
            texts,
            about.ordered,
            about.numbers,
            about.norms,
            about.digests,
        )
        return about


@dataclass(frozen=True, slots=True)
class _Described:
    """What :func:`dedup.kernels.scores.describe` fills."""

    ordered: UInt32s
    bounds: Int64s
    numbers: NDArray[np.int32]
    norms: Floats
    digests: UInt64s


def _only_numbers_differ(
    about: _Described, left: Int64s, right: Int64s, counts: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """Return which pairs differ in numbers alone, and not only in how these are written."""
    same = about.digests[left] == about.digests[right]
    split_elsewhere = about.numbers[left, 1] != about.numbers[right, 1]
    same_values = same[:, 1] & (same[:, 2] | (same[:, 3] & split_elsewhere))
    same_words = (counts[:, 2] == 0) & (counts[:, 1] > 0)
    return ((same[:, 1] & ~same[:, 0]) | same_words) & ~same_values


def _chunks(n: int, size: int) -> list[slice]:
    """Cut ``n`` rows into slices; at least one, so that empty results have columns."""
    return [slice(start, min(start + size, n)) for start in range(0, max(n, 1), size)]

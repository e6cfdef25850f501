"""Exact scores of the reference engine: sets of shingles, and TF-IDF by scikit-learn."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np

from dedup.config import Settings
from dedup.corpus_model import (
    KNOWN_FROM,
    SATURATED,
    SHINGLE_COUNTER_BITS,
    TERM_BITS,
    CorpusModel,
)
from dedup.model import Reason, Stories, Verdict
from dedup.pairs import ScoredPairs
from dedup.reference.alignment import NameWords, align
from dedup.reference.excerpts import shingles_of
from dedup.reference.units import Unit
from dedup.text.numbers import value
from dedup.text.tokens import NUMBER_BIT
from dedup.units import SHORT_WIDTH
from dedup.verdicts import (
    FLOOR_CONTAINMENT,
    FLOOR_JACCARD,
    SCORE_DIGITS,
    above_floor,
    judge,
    ratio,
)

# The same as in verify.py and kernels/, which need numba; a test holds them together.
FILTER_SIGMAS = 3.0
SHINGLE_SHIFT = 20

Pair = tuple[int, int]

_TERM_SHIFT = 32 - TERM_BITS
_COUNTER_MASK = (1 << SHINGLE_COUNTER_BITS) - 1


def count_frequencies(units: list[Unit]) -> CorpusModel:
    """Count the units that hold each term and each shingle, in hashed counters."""
    model = CorpusModel.empty()
    model.n_units = len(units)
    slots = Counter(s >> SHINGLE_SHIFT & _COUNTER_MASK for unit in units for s in unit.shingles)
    for slot, n in slots.items():
        model.shingle_counts[slot] = min(n, SATURATED)
    terms = Counter(t for unit in units for t in {t >> _TERM_SHIFT for t in unit.tokens})
    for term, n in terms.items():
        model.term_counts[term] = n
    return model


def _weigh_terms(units: list[Unit], model: CorpusModel) -> Any:  # noqa: ANN401
    """Return the TF-IDF vectors of all units as a sparse matrix, a row per unit."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415
    from sklearn.feature_extraction.text import TfidfTransformer  # noqa: PLC0415

    terms = [Counter(token >> _TERM_SHIFT for token in unit.tokens) for unit in units]
    columns = [term for counts in terms for term in counts]
    values = [float(n) for counts in terms for n in counts.values()]
    bounds = np.cumsum([0, *map(len, terms)])
    matrix = csr_matrix((values, columns, bounds), shape=(len(units), 1 << TERM_BITS))
    transformer = TfidfTransformer(norm="l2", smooth_idf=True)
    transformer.idf_ = np.sqrt(model.weights().astype(np.float64))
    return transformer.transform(matrix)


class Scorer:
    """Scores pairs of units exactly."""

    def __init__(
        self,
        units: list[Unit],
        settings: Settings,
        model: CorpusModel,
        stories: Stories,
    ) -> None:
        self.units = units
        self._settings = settings
        self._stories = stories
        self.frequencies = model
        self._counts = self.frequencies.shingle_counts
        self._common_above = self.frequencies.common_above(settings.rule)
        self._rare_up_to = self.frequencies.rare_up_to(settings.rule)
        self._names = NameWords(self._is_rare, self._is_known)
        self._vectors: Any = _weigh_terms(units, self.frequencies) if units else None
        self.n_scored = 0

    def plausible(self, left: int, right: int) -> bool:
        """Whether the estimated Jaccard lets a pair reach the recorded floor."""
        if self._is_narrow(left, right):
            return True
        one, other = self.units[left], self.units[right]
        n_both = len(one.shingles) + len(other.shingles)
        held = FLOOR_CONTAINMENT * min(len(one.shingles), len(other.shingles))
        needed = min(held / (n_both - held), FLOOR_JACCARD)
        margin = FILTER_SIGMAS * math.sqrt(needed * (1 - needed) / self._settings.num_perm)
        return one.minhash.jaccard(other.minhash) >= needed - margin

    def score(self, pairs: list[Pair]) -> ScoredPairs:
        """Return the pairs at or above the floor with all scores and their verdict."""
        self.n_scored += len(pairs)
        rows = [self._compare(*pair) for pair in pairs]
        columns = zip(*rows, strict=True) if rows else [()] * len(_DTYPES)
        arrays: list[Any] = list(map(np.array, columns, _DTYPES))
        scored = ScoredPairs(*arrays)
        containment = np.maximum(scored.containment_left, scored.containment_right)
        kept = above_floor(scored.jaccard, containment, scored.distinctive_containment)
        scored = scored.take(kept)
        judge(scored, self._stories, self._settings.rule)
        return scored

    def _compare(self, left: int, right: int) -> tuple[float, ...]:
        """Return a row of ``ScoredPairs``, its verdict and reason still open."""
        one, other = self.units[left], self.units[right]
        width, sets = self._settings.shingle_width, (one.shingles, other.shingles)
        if self._is_narrow(left, right):
            width = SHORT_WIDTH
            sets = shingles_of(one.tokens, width), shingles_of(other.tokens, width)
        shared, n_all = len(sets[0] & sets[1]), len(sets[0] | sets[1])
        some, others = map(self._distinctive, sets)
        # the texts decide which is followed through which, not what was read first
        base, followed = sorted((one, other), key=lambda unit: unit.digest)
        replaced = align(base.tokens, followed.tokens, width, self._names)
        *counts, own_base, own_followed = replaced
        own = (own_base, own_followed) if base is one else (own_followed, own_base)
        n_numbers = replaced.numbers_kept + replaced.numbers_replaced
        number_share = max(len(unit.numbers()) / len(unit.tokens) for unit in (one, other))
        cosine = (self._vectors[left] @ self._vectors[right].T).sum()
        return (
            left,
            right,
            Verdict.NONE,
            Reason.LOW_OVERLAP,
            _share(shared, n_all),
            _share(shared, len(sets[0])),
            _share(shared, len(sets[1])),
            np.round(cosine, SCORE_DIGITS),
            _share(len(some & others), len(some | others)),
            _share(len(some & others), min(len(some), len(others))),
            _share(replaced.numbers_kept, n_numbers) if replaced.numbers_replaced else 1.0,
            _only_numbers_differ(one, other),
            number_share >= self._settings.rule.table_number_share,
            set(one.numbers()) == set(other.numbers()),
            min(one.n_words, other.n_words),
            *counts,
            *own,
        )

    def _is_narrow(self, left: int, right: int) -> bool:
        """Whether two units are compared by the shingles of short texts."""
        both = self.units[left].is_short and self.units[right].is_short
        return both and self._settings.shingle_width > SHORT_WIDTH

    def is_common(self, shingle: int) -> bool:
        """Whether a shingle stands in too many units to tell them apart."""
        return bool(self._counts[shingle >> SHINGLE_SHIFT & _COUNTER_MASK] > self._common_above)

    def _is_rare(self, word: int) -> bool:
        """Whether a word stands in few units."""
        return bool(self.frequencies.term_counts[word >> _TERM_SHIFT] <= self._rare_up_to)

    def _is_known(self, word: int) -> bool:
        """Whether a word stands in several units, and so is no misprint."""
        return bool(self.frequencies.term_counts[word >> _TERM_SHIFT] >= KNOWN_FROM)

    def _distinctive(self, shingles: set[int]) -> set[int]:
        return {shingle for shingle in shingles if not self.is_common(shingle)}


# of the fields of ScoredPairs, in their order
_DTYPES = (
    *(np.int64, np.int64, np.uint8, np.uint8),
    *[np.float64] * 7,
    *[np.bool_] * 3,
    np.float64,
    *[np.int64] * 8,
)


def _share(part: int, whole: int) -> float:
    return float(ratio(np.array(part), np.array(whole)))


def _only_numbers_differ(one: Unit, other: Unit) -> bool:
    """Whether the texts are equal but for as many numbers, or hold the same other tokens."""
    if len(one.numbers()) != len(other.numbers()):
        return False
    if one.wording() == other.wording():
        return one.tokens != other.tokens and not _same_values(one.numbers(), other.numbers())
    differing = Counter(one.tokens)
    differing.subtract(other.tokens)
    changed = [token for token, n in differing.items() if n]
    return bool(changed) and all(token & NUMBER_BIT for token in changed)


def _same_values(numbers: list[int], others: list[int]) -> bool:
    """Whether numbers, as many of them, differ only in dress."""
    return list(map(value, numbers)) == list(map(value, others))

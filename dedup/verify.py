"""Exact scores of pairs of units."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.candidates.short_texts import count_short_shingles
from dedup.config import Settings
from dedup.corpus_model import CorpusModel
from dedup.kernels import candidates as candidate_kernels
from dedup.kernels import scores as kernels
from dedup.kernels.alignment import N_COUNTS, align
from dedup.model import Bytes, Floats, Int64s, Stories, UInt64s
from dedup.pairs import ScoredPairs, split_codes
from dedup.rule import FLOOR_CONTAINMENT, FLOOR_JACCARD, Rule
from dedup.text.batch import kernel_number_words
from dedup.units import SHORT_WIDTH, Units
from dedup.verdicts import (
    SCORE_DIGITS,
    above_floor,
    judge,
    ratio,
)

FILTER_SIGMAS = 3.0
"""Standard errors of the estimated Jaccard that the filter leaves as margin."""
_ESTIMATED_AT_ONCE = 1 << 16
_SCORED_AT_ONCE = 1 << 16
"""Pairs of which all columns are at hand."""
_UNITS_OF_A_TASK, _PAIRS_OF_A_TASK = 1 << 11, 1 << 10
"""What one thread does at a time."""

Mapper = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


class Verifier:
    """Scores pairs of units exactly, on demand.

    Parameters
    ----------
    units : Units
    model : CorpusModel
    settings : Settings
    stories : Stories
        What metadata says of two units: a changed number in versions of one story is a
        correction and makes no template.
    mapper : function like ``map``
        Runs chunks of work, in parallel if it likes; order must be kept.
    """

    def __init__(
        self,
        units: Units,
        model: CorpusModel,
        settings: Settings,
        stories: Stories,
        mapper: Mapper = map,
    ) -> None:
        self._units = units
        self._map = mapper
        self._short = units.are_short() & (settings.shingle_width > SHORT_WIDTH)
        self._basis = _Basis(
            weights=model.weights(),
            common=model.common_shingles(settings.rule),
            words=(*model.name_weights(settings.rule), kernel_number_words()),
            rule=settings.rule,
            stories=stories,
            map=mapper,
        )
        self._wide = _PairScorer(units, settings.shingle_width, self._basis)
        self._narrow: _PairScorer | None = None
        self.n_scored = 0

    def plausible(self, pairs: UInt64s) -> NDArray[np.bool_]:
        """Return which pairs may reach the recorded floor, by their estimated Jaccard.

        Signatures say nothing of the narrower shingles of short texts: all of these may.
        """
        parts = _chunks(len(pairs), _ESTIMATED_AT_ONCE)
        kept = self._map(lambda part: self._plausible(pairs[part]), parts)
        return np.concatenate([np.zeros(0, np.bool_), *kept]) | self._are_short(pairs)

    def score(self, pairs: UInt64s) -> ScoredPairs:
        """Return the pairs at or above the floor with all scores and their verdict.

        Parameters
        ----------
        pairs : uint64 array
            Ascending.
        """
        return self._score_by_width(pairs, whole=False)

    def score_all(self, pairs: UInt64s) -> ScoredPairs:
        """Return all scores of every pair, ascending, also of those below the floor."""
        return self._score_by_width(pairs, whole=True)

    def _score_by_width(self, pairs: UInt64s, *, whole: bool) -> ScoredPairs:
        """Score pairs of short texts by narrower shingles, and all others as they are."""
        self.n_scored += len(pairs)
        short = self._are_short(pairs)
        found = self._wide.score(pairs[~short], whole=whole)
        if short.any():
            narrowed = self._for_short().score(pairs[short], whole=whole)
            found = ScoredPairs.concatenate([found, narrowed])
        return found.take(np.argsort(found.codes))

    def _are_short(self, pairs: UInt64s) -> NDArray[np.bool_]:
        left, right = split_codes(pairs)
        return self._short[left] & self._short[right]

    def _for_short(self) -> _PairScorer:
        """Return the scorer of pairs of short texts, made when it is first needed."""
        if self._narrow is None:
            units = replace(self._units, n_distinct=count_short_shingles(self._units))
            self._narrow = _PairScorer(units, SHORT_WIDTH, self._basis)
        return self._narrow

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Basis:
    """What pairs are scored and judged by, beside their texts.

    ``weights``, ``common`` and ``words`` are as :func:`align` takes them.
    """

    weights: NDArray[np.float32]
    common: Bytes
    words: tuple[Any, ...]
    rule: Rule
    stories: Stories
    map: Mapper


class _PairScorer:
    """Scores pairs by shingles of one width; ``n_distinct`` of the units counts these."""

    def __init__(self, units: Units, width: int, basis: _Basis) -> None:
        self._units, self._width, self._basis = units, width, basis

    def score(self, pairs: UInt64s, *, whole: bool) -> ScoredPairs:
        """Score pairs, those of one base together; ``whole`` asks for those below the floor too."""
        parts = _chunks(len(pairs), _SCORED_AT_ONCE)
        turned = np.concatenate([self._turned(pairs[part]) for part in parts])
        turned.sort()
        about = self._describe(self._units_of(turned, parts))
        found = [self._judge(turned[part], about, whole=whole) for part in parts]
        return ScoredPairs.concatenate(found)

    def _units_of(self, pairs: UInt64s, parts: list[slice]) -> Int64s:
        """Return the units of some pairs, each once and ascending."""
        named = np.zeros(len(self._units.n_distinct), np.bool_)
        for part in parts:
            for side in split_codes(pairs[part]):
                named[side] = True
        return np.flatnonzero(named)

    def _turned(self, pairs: UInt64s) -> UInt64s:
        """Put the base of each pair, the text that the other is followed through, first.

        By digest: by the order of units, results would depend on reading order. The
        anchors of over-full buckets are the units of lowest digest, so that one base
        serves all pairs of an anchor.
        """
        left, right = split_codes(pairs)
        first, second = self._units.digests[left], self._units.digests[right]
        equal = first[:, 0] == second[:, 0]
        swapped = np.where(equal, second[:, 1] < first[:, 1], second[:, 0] < first[:, 0])
        half = np.uint64(32)
        return np.where(swapped, pairs << half | pairs >> half, pairs)

    def _judge(self, turned: UInt64s, about: _Described, *, whole: bool) -> ScoredPairs:
        """Score and judge some pairs, given what describes their units."""
        scored = self._measure(turned, about)
        if not whole:
            containment = np.maximum(scored.containment_left, scored.containment_right)
            kept_apart = scored.distinctive_containment
            scored = scored.take(above_floor(scored.jaccard, containment, kept_apart))
        judge(scored, self._basis.stories, self._basis.rule)
        return scored

    def _measure(self, turned: UInt64s, about: _Described) -> ScoredPairs:
        """Return all scores of some pairs, as yet without verdict and reason."""
        base, other = split_codes(turned)
        left, right = np.minimum(base, other), np.maximum(base, other)
        sides = _Sides(about, about.rows_of(left), about.rows_of(right))
        compared = self._compare(base, other)
        every, distinctive = compared.shared
        n_left, n_right = self._units.n_distinct[left], self._units.n_distinct[right]
        some_left, some_right = sides.both("n_distinctive")
        norm_left, norm_right = sides.both("norms")
        share_left, share_right = sides.both("number_share")
        kept, replaced, words, names, passages, gaps, own_base, own_other = compared.counts
        return ScoredPairs(
            left=left,
            right=right,
            verdict=np.zeros(len(left), np.uint8),
            reason=np.zeros(len(left), np.uint8),
            jaccard=ratio(every, n_left + n_right - every),
            containment_left=ratio(every, n_left),
            containment_right=ratio(every, n_right),
            cosine=np.round(compared.dots / (norm_left * norm_right), SCORE_DIGITS),
            distinctive_jaccard=ratio(distinctive, some_left + some_right - distinctive),
            distinctive_containment=ratio(distinctive, np.minimum(some_left, some_right)),
            number_agreement=np.where(replaced == 0, 1.0, ratio(kept, kept + replaced)),
            only_numbers_differ=_only_numbers_differ(sides),
            table=np.maximum(share_left, share_right) >= self._basis.rule.table_number_share,
            numbers_equal=sides.same(kernels.NUMBER_SET),
            shorter=np.minimum(self._units.word_lengths(left), self._units.word_lengths(right)),
            numbers_kept=kept,
            numbers_replaced=replaced,
            words_replaced=words,
            names_replaced=names,
            passage_words=passages,
            gaps=gaps,
            own_words_left=np.where(base == left, own_base, own_other),
            own_words_right=np.where(base == left, own_other, own_base),
        )

    def _compare(self, base: Int64s, other: Int64s) -> _Compared:
        """Compare the texts of each pair."""
        n_pairs = len(base)
        shared, counts = np.empty((n_pairs, 2), np.int64), np.empty((n_pairs, N_COUNTS), np.int64)
        dots = np.empty(n_pairs, np.float64)

        def compare(part: slice) -> None:
            pairs = base[part], other[part]
            filled = shared[part], counts[part], dots[part]
            align(*self._terms(), self._basis.words, pairs, *filled)

        list(self._basis.map(compare, _chunks(n_pairs, _PAIRS_OF_A_TASK)))
        return _Compared(shared.T, counts.T, dots)

    def _describe(self, units: Int64s) -> _Described:
        """Compute what pairs need of each of their units."""
        counts, norms = np.empty((len(units), 2), np.int32), np.empty(len(units), np.float64)
        digests = np.empty((len(units), 6), np.uint64)
        n_distinct = self._units.n_distinct

        def describe(part: slice) -> None:
            filled = counts[part], norms[part], digests[part]
            kernels.describe(*self._terms(), units[part], n_distinct, *filled)

        list(self._basis.map(describe, _chunks(len(units), _UNITS_OF_A_TASK)))
        n_tokens = self._units.offsets[units + 1] - self._units.offsets[units]
        n_numbers = counts[:, kernels.N_NUMBERS]
        n_distinctive = counts[:, kernels.DISTINCTIVE]
        return _Described(units, n_distinctive, n_numbers, n_numbers / n_tokens, norms, digests)

    def _terms(self) -> tuple[Any, ...]:
        """Return what both kernels take first."""
        units, basis = self._units, self._basis
        return (units.tokens, units.offsets), self._width, basis.weights, basis.common


@dataclass(frozen=True, slots=True)
class _Described:
    """Units one by one, ascending; ``digests`` are as :func:`kernels.describe` fills them."""

    units: Int64s
    n_distinctive: NDArray[np.int32]
    n_numbers: NDArray[np.int32]
    number_share: Floats
    norms: Floats
    digests: UInt64s

    def rows_of(self, units: Int64s) -> Int64s:
        """Return where units stand here."""
        return np.searchsorted(self.units, units)


@dataclass(frozen=True, slots=True)
class _Compared:
    """What :func:`dedup.kernels.alignment.align` counts, a column per pair."""

    shared: Int64s
    counts: Int64s
    dots: Floats


@dataclass(frozen=True, slots=True)
class _Sides:
    """The two units of each pair, as rows of what describes them."""

    about: _Described
    left: Int64s
    right: Int64s

    def both(self, name: str) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return one column for the left and for the right units."""
        column = getattr(self.about, name)
        return column[self.left], column[self.right]

    def digests(self, kind: int) -> tuple[UInt64s, UInt64s]:
        """Return one kind of digest for the left and for the right units."""
        column = self.about.digests[:, kind]
        return column[self.left], column[self.right]

    def same(self, kind: int) -> NDArray[np.bool_]:
        """Return where the digests of a kind agree."""
        left, right = self.digests(kind)
        return left == right


def _only_numbers_differ(sides: _Sides) -> NDArray[np.bool_]:
    """Return which pairs differ in as many numbers alone, and not only in how these are written.

    One text with more numbers than the other is no report of the same form: an age was added,
    or a page number.
    """
    n_left, n_right = sides.both("n_numbers")
    same_wording = sides.same(kernels.WORDING)
    same_values = same_wording & sides.same(kernels.VALUES)
    same_words = sides.same(kernels.WORD_BAG) & ~sides.same(kernels.NUMBER_BAG)
    differ = ((same_wording & ~sides.same(kernels.SEQUENCE)) | same_words) & ~same_values
    return differ & (n_left == n_right)


def _chunks(n: int, size: int) -> list[slice]:
    """Cut ``n`` rows into slices; at least one, so that empty results have columns."""
    return [slice(start, min(start + size, n)) for start in range(0, max(n, 1), size)]

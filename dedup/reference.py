"""The whole flow written plainly: the specification that ``pipeline.py`` is held to.

Texts are Python strings and shingles Python sets; signatures and buckets are datasketch's,
TF-IDF is scikit-learn's. The tests compare the two engines, and this one serves where
numba cannot be installed. It sets no limit to the size of a bucket.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dedup.config import Settings
from dedup.corpus_model import SHINGLE_COUNTER_BITS, TERM_BITS, CorpusModel
from dedup.errors import SettingsError
from dedup.found import EXCERPT_BYTES, CandidateCounts, Found, FoundRepeats
from dedup.model import Batch, Reason, Story, Verdict
from dedup.pairs import ScoredPairs, join_pairs
from dedup.records import Records, RecordWriter, TextFacts, same_story
from dedup.reference_alignment import align
from dedup.reference_excerpts import find_excerpts, find_short, shingles_of
from dedup.reference_repeats import Repeat, find_repeats
from dedup.spill import Spill
from dedup.survivors import lead_units, policy_fields, rank_records
from dedup.text.digest import digest
from dedup.text.normalise import normalise
from dedup.text.numbers import fold_digits, value
from dedup.text.tables import CharClass, load_tables
from dedup.text.tokens import NUMBER_BIT, token_hash, tokens
from dedup.units import SHORT_WIDTH, SHORT_WORDS, UNSPACED_SCALE
from dedup.verdicts import (
    FLOOR_CONTAINMENT,
    FLOOR_JACCARD,
    SCORE_DIGITS,
    above_floor,
    correct,
    is_guarded,
    ratio,
    reasons,
    verdicts_of,
)

# The same as in pipeline.py, verify.py and kernels/, which need numba; a test holds them
# together.
STAGES = ("reading", "finding candidates", "verifying", "clustering")
FILTER_SIGMAS = 3.0
SHINGLE_SHIFT = 20
SATURATED = 65535

_TERM_SHIFT = 32 - TERM_BITS
_COUNTER_MASK = (1 << SHINGLE_COUNTER_BITS) - 1

Announce = Callable[[str], None]
Pair = tuple[int, int]


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
    corpus = _Corpus(settings, spill)
    corpus.take(against, against=True)
    corpus.take(batches, against=False)
    records = corpus.writer.finish()
    ranks = rank_records(records.facts, settings.keep, records.id_of)
    leads = lead_units(records.units, ranks)
    leaders = [records.metadata(row) for row in leads.tolist()]
    scorer = _Scorer(
        corpus.units, settings, model, lambda one, other: same_story(leaders[one], leaders[other])
    )
    may_meet, may_take = _sides(records)
    announce(STAGES[1])
    candidates = _find_candidates(corpus.units, settings)
    worthwhile = [pair for pair in candidates if may_meet(*pair) and scorer.plausible(*pair)]
    counts = CandidateCounts(len(candidates), len(candidates) - len(worthwhile))
    proposed = set(worthwhile)

    def add(pairs: list[Pair]) -> int:
        more = {p for p in pairs if may_meet(*p) and scorer.plausible(*p)} - proposed
        proposed.update(more)
        return len(more)

    if settings.excerpts:
        texts = [unit.tokens for unit in corpus.units]
        counts.n_excerpt_candidates = add(find_excerpts(texts, settings, scorer.is_common, counts))
    short = [unit.tokens if unit.is_short else [] for unit in corpus.units]
    counts.n_short_candidates = add(find_short(short, settings, counts))
    announce(STAGES[2])
    scored = scorer.score(sorted(proposed))
    announce(STAGES[3])
    clusters = _Clusters(scored, scorer, may_take)
    clusters.anchor(ranks[leads].tolist(), settings.max_on_demand)
    extra = ScoredPairs.concatenate([scored.take(np.zeros(0, np.int64)), *clusters.extra])
    pairs, on_demand = join_pairs(scored, extra)
    return Found(
        records=records,
        n_units=len(corpus.units),
        pairs=pairs,
        on_demand=on_demand,
        representative=np.array(clusters.representative, np.int64),
        leading_record=leads,
        record_ranks=ranks,
        repeats=_table_of_repeats(corpus.repeats),
        candidates=counts,
        n_scored=scorer.n_scored,
        n_on_demand=clusters.n_on_demand,
        n_capped=clusters.n_capped,
        spilled=spill.size(),
        judged_by=scorer.frequencies,
        policy=settings.keep,
    )


def _check(settings: Settings) -> None:
    if settings.unit == "passage":
        message = "the engine `reference` compares documents only: use `kernels` for passages"
        raise SettingsError(message)
    if settings.bands == 1:
        message = "datasketch takes no single band: raise bands, or use the engine `kernels`"
        raise SettingsError(message)


@dataclass(frozen=True, slots=True)
class _Unit:
    """One distinct text: what it is compared by."""

    tokens: list[int]
    n_words: float  # characters of scripts without spaces brought to the scale of words
    shingles: set[int]
    minhash: Any  # datasketch.MinHash
    digest: tuple[int, int]  # of the normalised text

    @classmethod
    def of(cls, normalised: str, words: list[str], width: int, signer: Any) -> _Unit:  # noqa: ANN401
        """Hash the tokens of a text; ``signer`` is an empty ``datasketch.MinHash``."""
        hashes = [token_hash(word) for word in words]
        shingles = shingles_of(hashes, width)
        minhash = signer.copy()
        minhash.update_batch(shingles)
        n_unspaced = sum(map(_is_unspaced, words))
        n_words = len(words) - n_unspaced + n_unspaced / UNSPACED_SCALE
        return cls(hashes, n_words, shingles, minhash, digest(normalised.encode()))

    @property
    def is_short(self) -> bool:
        """Whether it is compared with other short texts by narrower shingles."""
        return self.n_words < SHORT_WORDS

    def numbers(self) -> list[int]:
        return [token for token in self.tokens if token & NUMBER_BIT]

    def wording(self) -> list[int]:
        return [token for token in self.tokens if not token & NUMBER_BIT]


def _is_unspaced(token: str) -> bool:
    return load_tables().char_class(ord(token[0])) is CharClass.CHAR


class _Corpus:
    """Takes records in reading order; records with one normalised text share a unit."""

    def __init__(self, settings: Settings, spill: Spill) -> None:
        from datasketch import MinHash  # noqa: PLC0415 - the other engine never needs it

        self._settings = settings
        self._rows: dict[str, int] = {}  # unit of each normalised text
        self._signer = MinHash(
            settings.num_perm, settings.seed, hashfunc=_upper_half, scheme="affine32"
        )
        self.units: list[_Unit] = []
        self.writer = RecordWriter(
            spill, store_text=settings.store_text, fields=policy_fields(settings.keep)
        )
        self.repeats: list[tuple[int, str, Repeat]] = []

    def take(self, batches: Iterable[Batch], *, against: bool) -> None:
        """Take batches of records; repeats are looked for in the scanned corpus only."""
        for batch in batches:
            raw = [batch.texts[row] for row in range(len(batch))]
            texts = [data.decode("utf-8") for data in raw]
            if self._settings.repeats and not against:
                for row, text in enumerate(texts, self.writer.n_records):
                    found = find_repeats(text, self._settings)
                    self.repeats += [(row, text, repeat) for repeat in found]
            facts = TextFacts(
                units=np.array([self._unit_of(text) for text in texts], np.int64),
                n_chars=np.array([len(text) for text in texts], np.int64),
                raw_digests=np.array([digest(data) for data in raw], np.uint64).reshape(-1, 2),
            )
            self.writer.append(batch, facts, against=against)

    def _unit_of(self, text: str) -> int:
        normalised = normalise(text)
        words = tokens(normalised)
        if not words:
            return -1
        row = self._rows.setdefault(normalised, len(self.units))
        if row == len(self.units):
            width = self._settings.shingle_width
            self.units.append(_Unit.of(normalised, words, width, self._signer))
        return row


def _upper_half(shingle: int) -> int:
    return shingle >> 32


def _find_candidates(units: list[_Unit], settings: Settings) -> list[Pair]:
    """Return every pair that shares a bucket, ascending."""
    from datasketch import MinHashLSH  # noqa: PLC0415

    index: Any = MinHashLSH(num_perm=settings.num_perm, params=(settings.bands, settings.rows))
    pairs: set[Pair] = set()
    for row, unit in enumerate(units):
        if len(unit.tokens) >= settings.min_tokens:
            pairs.update((other, row) for other in index.query(unit.minhash))
            index.insert(row, unit.minhash)
    return sorted(pairs)


def _count_frequencies(units: list[_Unit]) -> CorpusModel:
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


def _weigh_terms(units: list[_Unit], model: CorpusModel) -> Any:  # noqa: ANN401
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


class _Scorer:
    """Scores pairs of units exactly."""

    def __init__(
        self,
        units: list[_Unit],
        settings: Settings,
        model: CorpusModel | None,
        story: Callable[[int, int], Story],
    ) -> None:
        self.units = units
        self._settings = settings
        self._story = story
        self.frequencies = model or _count_frequencies(units)
        self._counts = self.frequencies.shingle_counts
        self._common_above = self.frequencies.common_above(settings.rule)
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
        scored.reason = reasons(scored, self._settings.rule)
        scored.verdict = verdicts_of(scored.reason)
        self._forgive_corrections(scored)
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
        replaced = align(base.tokens, followed.tokens, width)
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
            *replaced,
        )

    def _is_narrow(self, left: int, right: int) -> bool:
        """Whether two units are compared by the shingles of short texts."""
        both = self.units[left].is_short and self.units[right].is_short
        return both and self._settings.shingle_width > SHORT_WIDTH

    def is_common(self, shingle: int) -> bool:
        """Whether a shingle stands in too many units to tell them apart."""
        return bool(self._counts[shingle >> SHINGLE_SHIFT & _COUNTER_MASK] > self._common_above)

    def _distinctive(self, shingles: set[int]) -> set[int]:
        return {shingle for shingle in shingles if not self.is_common(shingle)}

    def _forgive_corrections(self, scored: ScoredPairs) -> None:
        """Make guarded pairs of one story's versions ``near``: a changed figure corrects."""
        rule = self._settings.rule
        for row in np.flatnonzero(is_guarded(scored, rule)).tolist():
            story = self._story(int(scored.left[row]), int(scored.right[row]))
            scored.reason[row] = correct(scored.take(np.array([row])), np.array([story]), rule)[0]
            scored.verdict[row] = Reason(scored.reason[row]).verdict


# of the fields of ScoredPairs, in their order
_DTYPES = (
    *(np.int64, np.int64, np.uint8, np.uint8),
    *[np.float64] * 7,
    *[np.bool_] * 3,
    np.float64,
    *[np.int64] * 4,
)


def _share(part: int, whole: int) -> float:
    return float(ratio(np.array(part), np.array(whole)))


def _only_numbers_differ(one: _Unit, other: _Unit) -> bool:
    """Whether the texts are equal without their numbers, or hold the same other tokens."""
    if one.wording() == other.wording():
        return one.tokens != other.tokens and not _same_values(one.numbers(), other.numbers())
    differing = Counter(one.tokens)
    differing.subtract(other.tokens)
    changed = [token for token, n in differing.items() if n]
    return bool(changed) and all(token & NUMBER_BIT for token in changed)


def _same_values(numbers: list[int], others: list[int]) -> bool:
    """Whether numbers differ only in dress, or in where their digits are split."""
    if len(numbers) != len(others):
        return fold_digits(numbers) == fold_digits(others)
    return list(map(value, numbers)) == list(map(value, others))


def _sides(records: Records) -> tuple[Callable[[int, int], bool], Callable[[int, int], bool]]:
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
        self, scored: ScoredPairs, scorer: _Scorer, may_take: Callable[[int, int], bool]
    ) -> None:
        self._scorer = scorer
        self._may_take = may_take
        self._known = set(zip(scored.left.tolist(), scored.right.tolist(), strict=True))
        self._near = _near_pairs(scored)
        self.representative = list(range(len(scorer.units)))
        self.extra: list[ScoredPairs] = []
        self.n_on_demand = 0
        self.n_capped = 0

    def anchor(self, ranks: list[int], max_on_demand: int) -> None:
        """Walk the units of each component in survivor order; each takes what it can."""
        for component in _components(self._near):
            waiting = sorted(component, key=ranks.__getitem__)
            n_leaders = 0
            while waiting:
                leader, *others = waiting
                may_score = n_leaders < max_on_demand
                self.n_capped += len(waiting) if n_leaders == max_on_demand else 0
                waiting = [unit for unit in others if not self._is_near(leader, unit, may_score)]
                for unit in set(others).difference(waiting):
                    self.representative[unit] = leader
                n_leaders += 1

    def _is_near(self, leader: int, unit: int, may_score: bool) -> bool:
        """Whether a pair is near; one that was no candidate is scored now."""
        pair = min(leader, unit), max(leader, unit)
        if not self._may_take(leader, unit):
            return False
        if pair in self._known or not may_score:
            return pair in self._near
        self.n_on_demand += 1
        fresh = self._scorer.score([pair] if self._scorer.plausible(*pair) else [])
        self.extra.append(fresh)
        return bool(_near_pairs(fresh))


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

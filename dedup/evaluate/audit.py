"""Self-audit: a sample of the user's own corpus, compared with all of it by brute force."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.choices import AUDITED_TEXTS
from dedup.cluster import CorpusSides
from dedup.config import Settings
from dedup.corpus import CorpusReader
from dedup.corpus.intake import forget
from dedup.corpus_model import CorpusModel
from dedup.errors import InputError, ResultsError
from dedup.evaluate.audited_pairs import AuditedPair, Shown
from dedup.evaluate.metrics import CONFIDENCE, interval
from dedup.evaluate.misses import Misses, causes_of, count_misses
from dedup.found.result import Result
from dedup.ingest import Ingest
from dedup.kernels import neighbours as kernels
from dedup.metadata.records import Records, RecordWriter
from dedup.metadata.survivor_order import SurvivorOrder
from dedup.metadata.survivors import policy_fields
from dedup.model import Batch, Bytes, Int64s, SourceFile, UInt64s, Verdict
from dedup.pairs import ScoredPairs, pair_codes, split_codes
from dedup.parallel import count_threads, open_executor
from dedup.results import Results, check_opened
from dedup.results.texts import source_path
from dedup.rule import FLOOR_CONTAINMENT, FLOOR_JACCARD
from dedup.storage.spill import Spill
from dedup.units import Units
from dedup.verify import Verifier

BANDS = (FLOOR_JACCARD, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_RELATED = (Verdict.NEAR, Verdict.CONTAINED, Verdict.REWRITE, Verdict.TEMPLATE)
_PAIRS_AT_ONCE = 1 << 20


class Recall(NamedTuple):
    """How many pairs of a kind were found.

    ``low`` and ``high`` bound the share by Wilson's score interval for 95 %. It takes
    pairs to be independent; those of one text are not, so that the truth is a little
    wider.
    """

    kind: str
    found: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The measured recall; 1 where there was nothing to find."""
        return self.found / self.of if self.of else 1.0


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit measured.

    Attributes
    ----------
    n_units, n_sampled, n_pairs : int
        Distinct texts; those sampled; pairs of a sampled text and any other above the
        recorded floor.
    seed : int
    candidates : tuple of Recall
        Of the candidate stage: over all these pairs, and by exact Jaccard.
    misses : tuple of Misses
        Why it did not propose the others.
    whole : tuple of Recall
        Of the whole, by verdict: such a pair stands in one cluster or is linked.
    accepted, rejected, missed : tuple of AuditedPair
        ``near`` pairs of the lowest Jaccard; other pairs of the highest; related pairs
        that were not found, ``near`` ones first.
    """

    n_units: int
    n_sampled: int
    n_pairs: int
    seed: int
    candidates: tuple[Recall, ...]
    misses: tuple[Misses, ...]
    whole: tuple[Recall, ...]
    accepted: tuple[AuditedPair, ...]
    rejected: tuple[AuditedPair, ...]
    missed: tuple[AuditedPair, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as ``--json`` prints them."""
        whole = asdict(self)
        for name in ("candidates", "whole"):
            rows: tuple[Recall, ...] = getattr(self, name)
            whole[name] = [{**row._asdict(), "recall": round(row.share, 6)} for row in rows]
        whole["misses"] = [row._asdict() for row in self.misses]
        return {**whole, "confidence": CONFIDENCE, "interval": "Wilson"}


@dataclass(frozen=True, slots=True)
class Known:
    """What a scan said, in numbers of records in reading order.

    ``pairs`` (shape (m, 2)) were scored, whatever came out, those ``on_demand`` while
    clustering; records of one ``cluster`` stand for one another (-1 where none).
    """

    pairs: Int64s
    on_demand: NDArray[np.bool_]
    clusters: Int64s


@dataclass(frozen=True, slots=True)
class ScannedFiles:
    """What to read again: the files, where they lie now, and how they were read."""

    files: Sequence[SourceFile]
    paths: Sequence[str]
    settings: Settings


class Sampling(NamedTuple):
    """How many texts are compared with all others, and what chooses them."""

    size: int
    seed: int


def audit_results(results: Results, *, sample: int = AUDITED_TEXTS, seed: int = 1) -> Audit:
    """Audit a results folder; its source files are read again.

    Parameters
    ----------
    results : Results
    sample : int
        Texts to compare with all others.
    seed : int
        Chooses them.

    Raises
    ------
    InputError
        If ``results`` are none, such as the path of their folder.
    ResultsError
        If a source is gone, has changed, or was a stream.
    """
    check_opened(results)
    paths = [str(source_path(results, source)) for source in results.inputs]
    table = results.pairs(["left_record", "right_record", "on_demand"])
    *ends, on_demand = (table[name].to_numpy() for name in table.column_names)
    scored = np.stack(ends, axis=1), on_demand.astype(np.bool_)
    named = results.documents(["record", "cluster"])
    numbers = named["cluster"].fill_null(-1).to_numpy()
    clusters = np.full(int(named["record"].to_numpy().max(initial=-1)) + 1, -1, np.int64)
    clusters[named["record"].to_numpy()] = numbers
    settings = replace(results.settings, tmp_dir=results.tmp_dir)
    inputs = ScannedFiles(results.inputs, paths, settings)
    sampling = Sampling(sample, seed)
    return _audit(inputs, Known(*scored, clusters), results.model(), sampling)


def audit_scan(result: Result, *, sample: int = AUDITED_TEXTS, seed: int = 1) -> Audit:
    """Audit a scan that has just been made of files; see :func:`audit_results`.

    Parameters
    ----------
    result : Result
    sample, seed : int

    Raises
    ------
    InputError
        If an input is no file that can be read again.
    """
    found = result.found
    for file in result.inputs.files:
        if not Path(file.path).is_file():
            message = f"{file.path} cannot be read a second time: an audit needs files"
            raise InputError(message)
    leads, pairs = found.order.leads, found.pairs
    records_of = np.stack((leads[pairs.left], leads[pairs.right]), axis=1)
    units = found.records.units
    clusters = np.full(len(units), -1, np.int64)
    clusters[units >= 0] = found.resolved.representative[units[units >= 0]]
    inputs = ScannedFiles(
        result.inputs.files, [file.path for file in result.inputs.files], result.settings
    )
    known = Known(records_of, found.resolved.on_demand, clusters)
    return _audit(inputs, known, found.judged_by, Sampling(sample, seed))


def _audit(inputs: ScannedFiles, known: Known, model: CorpusModel, sampling: Sampling) -> Audit:
    settings = replace(inputs.settings, repeats=False, store_text=True, excerpts=False)
    n_threads = count_threads(settings.threads)
    with Spill(settings.tmp_dir) as spill, open_executor(n_threads) as executor:
        writer = RecordWriter(spill, store_text=True, fields=policy_fields(settings.keep))
        ingest: Ingest[Batch] = Ingest(writer, settings, spill, executor, n_threads)
        for batch, against in _read(inputs):
            ingest.push(batch, against=against)
        corpus, records = ingest.finish(), writer.finish()
        order = SurvivorOrder.of(records, settings.keep)
        verifier = Verifier(corpus.units, model, settings, order.stories(records), executor.map)
        sides = CorpusSides(records.units, records.facts.against)
        draw = np.random.default_rng(sampling.seed)
        units = corpus.buckets.units
        sampled = np.sort(draw.choice(units, min(sampling.size, len(units)), replace=False))
        codes = _neighbours(corpus.units, sampled, settings.shingle_width)
        left, right = split_codes(codes)
        meet = sides.may_meet(left, right) & np.isin(left, units) & np.isin(right, units)
        truth = verifier.score(codes[meet])

        def explain(missed: UInt64s) -> Bytes:
            return causes_of(missed, corpus.buckets, settings, executor)

        return _measure(
            truth, records, known, order.leads, Sampling(len(sampled), sampling.seed), explain
        )


def _read(inputs: ScannedFiles) -> Iterator[tuple[Batch, bool]]:
    """Read all sources as the scan did, the corpus scanned against first; check the files."""
    settings = inputs.settings
    for against in (True, False):
        here = [
            (file, path)
            for file, path in zip(inputs.files, inputs.paths, strict=True)
            if file.against == against
        ]
        if not here:
            continue
        reading = replace(settings.reading, limit=None) if against else settings.reading
        reader = CorpusReader(
            [path for _, path in here],
            reading,
            batch_bytes=settings.batch_bytes,
            quarantine=forget,
            tmp_dir=settings.tmp_dir,
        )
        for batch in reader.batches(policy_fields(settings.keep)):
            yield batch, against
        now = [(file.digest, file.n_records) for file in reader.files]
        for (file, path), what in zip(here, [*now, *[None] * len(here)], strict=False):
            if what != (file.digest, file.n_records):
                message = f"{path} has changed since the scan: scan again"
                raise ResultsError(message)


def _neighbours(units: Units, sampled: Int64s, width: int) -> UInt64s:
    """Return every pair of a sampled unit and another that may lie above the floor."""
    n_tokens = int((units.offsets[sampled + 1] - units.offsets[sampled]).sum())
    size = 1 << max(4, (2 * n_tokens).bit_length())
    keys, heads = np.empty(size, np.uint64), np.full(size, -1, np.int32)
    entries = np.empty(n_tokens, np.int32), np.empty(n_tokens, np.int32)
    kernels.index_shingles(units.tokens, units.offsets, width, sampled, keys, heads, entries)
    room = np.empty((max(_PAIRS_AT_ONCE, len(sampled)), 2), np.int64)
    found, unit = [np.empty(0, np.uint64)], 0
    while unit < len(units.offsets) - 1 and len(sampled):
        n, unit = kernels.find_neighbours(
            units.tokens,
            units.offsets,
            width,
            units.n_distinct,
            sampled,
            (keys, heads, entries),
            (FLOOR_JACCARD, FLOOR_CONTAINMENT),
            unit,
            room,
        )
        found.append(np.unique(pair_codes(sampled[room[:n, 0]], room[:n, 1])))
    return np.unique(np.concatenate(found))


def _measure(
    truth: ScoredPairs,
    records: Records,
    known: Known,
    leads: Int64s,
    sampling: Sampling,
    explain: Callable[[UInt64s], Bytes],
) -> Audit:
    """Hold what brute force found against what the scan said."""
    proposed, found = _found_by_scan(truth, known, records.units, len(leads))
    near, related = truth.verdict == Verdict.NEAR, truth.verdict != Verdict.NONE
    whole = [_recall(kind.label, found[truth.verdict == kind]) for kind in _RELATED]
    show = Shown(truth, found, records, leads)
    return Audit(
        n_units=len(leads),
        n_sampled=sampling.size,
        n_pairs=len(truth),
        seed=sampling.seed,
        candidates=_by_jaccard(truth, proposed),
        misses=count_misses(explain(truth.codes[~proposed]), ~proposed, related & ~found),
        whole=(_recall("every verdict", found[related]), *whole),
        accepted=show.first(near, truth.jaccard),
        rejected=show.first(~near, -truth.jaccard),
        missed=show.first(related & ~found, truth.verdict - truth.jaccard),
    )


def _found_by_scan(
    truth: ScoredPairs, known: Known, units: Int64s, n_units: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which pairs the candidate stage proposed, and which the scan found in any way."""
    recorded = pair_codes(units[known.pairs[:, 0]], units[known.pairs[:, 1]])
    # clustering scores pairs that the candidate stage missed: found, but not by it
    proposed = np.isin(truth.codes, recorded[~known.on_demand])
    clusters = np.full(n_units, -1, np.int64)
    numbered = np.flatnonzero(known.clusters >= 0)
    clusters[units[numbered]] = known.clusters[numbered]
    ends = clusters[truth.left], clusters[truth.right]
    together = (ends[0] >= 0) & (ends[0] == ends[1])
    return proposed, np.isin(truth.codes, recorded) | together


def _by_jaccard(truth: ScoredPairs, proposed: NDArray[np.bool_]) -> tuple[Recall, ...]:
    """Return the recall of the candidate stage: of all pairs, and band by band."""
    recalls = [_recall("all pairs above the floor", proposed)]
    for low, high in pairwise(BANDS):
        inside = (truth.jaccard >= low) & ((truth.jaccard < high) | (high == 1))
        recalls.append(_recall(f"Jaccard {low:.1f} to {high:.1f}", proposed[inside]))
    below = truth.jaccard < FLOOR_JACCARD
    recalls.append(_recall(f"contained, Jaccard below {FLOOR_JACCARD}", proposed[below]))
    return tuple(recalls)


def _recall(kind: str, found: NDArray[np.bool_]) -> Recall:
    n, of = int(found.sum()), len(found)
    low, high = interval(n, of)
    return Recall(kind, n, of, round(low, 6), round(high, 6))

"""One output against one set of labels: every metric that the labels allow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Literal

from dedup.errors import InputError
from dedup.evaluate import metrics
from dedup.evaluate.jaccards import compute_jaccards
from dedup.evaluate.labels import Labels, Pair, PairLabel, ordered
from dedup.evaluate.metrics import Counts
from dedup.evaluate.output import Output

Unlisted = Literal["ignore", "different"]
MOST_BANDED = 2_000_000
"""Pairs that are told by bands, at most: each is looked at one by one."""


@dataclass(frozen=True, slots=True)
class Band:
    """Pairs meant by the labels at one exact Jaccard, and how many of them were found.

    ``low`` is None for pairs that the table of Jaccards does not have.
    """

    low: float | None
    n_pairs: int
    n_found: int
    n_removable: int


@dataclass(frozen=True, slots=True)
class Negatives:
    """Labelled pairs that are no duplicates, and how many of them were said to be."""

    n_pairs: int
    n_found: int
    n_removable: int

    @property
    def rate(self) -> float:
        """The false-positive rate: found, of all negatives."""
        return self.n_found / self.n_pairs


@dataclass(frozen=True, slots=True)
class Scorecard:
    """What an output scores; parts are None where the labels do not speak of them.

    Attributes
    ----------
    pairs : dict of str to Counts
        ``found`` counts clusters and links, ``removable`` clusters alone.
    kinds : dict of str to dict of str to Counts
        The same for each kind of labelled pair, where labels have kinds.
    negatives : Negatives, optional
    adjusted_rand : dict of str to float, optional
    exact_sets : (int, int), optional
        Labelled clusters found member for member, of how many.
    bands : tuple of Band
    records : Counts, optional
    spans : Counts, optional
        Characters.
    exact_spans : (int, int), optional
        Documents whose spans are found to the character, of how many.
    n_unlisted : int
        Records of the output that the labels do not name.
    """

    pairs: dict[str, Counts]
    kinds: dict[str, dict[str, Counts]]
    negatives: Negatives | None
    adjusted_rand: dict[str, float] | None
    exact_sets: tuple[int, int] | None
    bands: tuple[Band, ...]
    records: Counts | None
    spans: Counts | None
    exact_spans: tuple[int, int] | None
    n_unlisted: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON; only what was scored."""
        found: dict[str, Any] = {
            "pairs": {name: counts.to_dict() for name, counts in self.pairs.items()},
            "kinds": {
                kind: {name: counts.to_dict() for name, counts in both.items()}
                for kind, both in self.kinds.items()
            },
            "adjusted_rand": self.adjusted_rand,
            "exact_sets": _share(self.exact_sets),
            "bands": [asdict(band) for band in self.bands],
            "records": self.records and self.records.to_dict(),
            "spans": self.spans and self.spans.to_dict(),
            "exact_spans": _share(self.exact_spans),
        }
        if self.negatives:
            found["negatives"] = {
                **asdict(self.negatives),
                "false_positive_rate": self.negatives.rate,
            }
        kept = {name: value for name, value in found.items() if value}
        return {**kept, "unlisted_records": self.n_unlisted}


def score(
    output: Output,
    labels: Labels,
    *,
    unlisted: Unlisted = "ignore",
    jaccards: Mapping[Pair, float] | None = None,
    text_of: Callable[[str], str] | None = None,
) -> Scorecard:
    """Score an output against labels.

    Parameters
    ----------
    output : Output
    labels : Labels
    unlisted : {"ignore", "different"}
        What records and pairs are that the labels do not name: not looked at, or no
        duplicates of anything. The second is for sets whose labels are complete.
    jaccards : dict of pair to float, optional
        Exact Jaccards, to tell recall by bands.
    text_of : function from id to text, optional
        Computes them instead.

    Returns
    -------
    Scorecard
    """
    clusters = _universe(output, labels, unlisted)
    pairs: dict[str, Counts] = {}
    if clusters:
        pairs = _cluster_counts(clusters, output)
    elif labels.pairs:
        pairs = _labelled_counts(labels.pairs, output, unlisted)
    truth = list(clusters.values())
    said = {record: output.cluster_of.get(record, f"@{record}") for record in clusters}
    joined = metrics.components(clusters, output)
    no = [pair for pair, label in labels.pairs.items() if not label.duplicate]
    named = labels.clusters.keys() | labels.records.keys() | {i for p in labels.pairs for i in p}
    partition = bool(clusters)
    return Scorecard(
        pairs=pairs,
        kinds=_by_kind(labels.pairs, output),
        negatives=_negatives(no, output) if no else None,
        adjusted_rand={
            "found": metrics.adjusted_rand(truth, list(joined.values())) or 0.0,
            "removable": metrics.adjusted_rand(truth, list(said.values())) or 0.0,
        }
        if partition
        else None,
        exact_sets=metrics.exact_sets(clusters, said) if partition else None,
        bands=tuple(_bands(labels, output, jaccards, text_of)),
        records=metrics.record_counts(labels.records, output) if labels.records else None,
        spans=_spans(labels, output) if labels.spans else None,
        exact_spans=_exact_spans(labels, output) if labels.spans else None,
        n_unlisted=len((output.cluster_of.keys() | {i for p in output.links for i in p}) - named)
        if named
        else 0,
    )


def is_removable(left: str, right: str, output: Output) -> bool:
    """Whether two records are in one cluster."""
    cluster = output.cluster_of.get(left)
    return cluster is not None and cluster == output.cluster_of.get(right)


def _finder(output: Output) -> Callable[[str, str], bool]:
    """Return whether two records are in one cluster, or linked."""
    links = metrics.block_links(output)

    def is_found(left: str, right: str) -> bool:
        one, other = sorted((metrics.block_of(left, output), metrics.block_of(right, output)))
        return is_removable(left, right, output) or (one, other) in links

    return is_found


def _universe(output: Output, labels: Labels, unlisted: Unlisted) -> dict[str, str]:
    """Return the labelled cluster of every record that is looked at."""
    clusters = dict(labels.clusters)
    if clusters and unlisted == "different":
        seen = output.cluster_of.keys() | {record for pair in output.links for record in pair}
        clusters.update((record, f"@{record}") for record in seen - clusters.keys())
    return clusters


def _cluster_counts(clusters: Mapping[str, str], output: Output) -> dict[str, Counts]:
    said = [output.cluster_of.get(record, f"@{record}") for record in clusters]
    removable = metrics.cluster_pairs(list(clusters.values()), said)
    return {"found": removable + metrics.linked_pairs(clusters, output), "removable": removable}


def _labelled_counts(
    pairs: Mapping[Pair, PairLabel], output: Output, unlisted: Unlisted
) -> dict[str, Counts]:
    """Count labelled pairs; with all others ``different``, everything said counts."""
    counts = _count_pairs(pairs, output)
    if unlisted == "different":
        sizes = Counter(output.cluster_of.values())
        n_clustered = sum(size * (size - 1) // 2 for size in sizes.values())
        blocks = Counter(output.block_of.values())
        n_linked = sum(
            (blocks[one] or 1) * (blocks[other] or 1) for one, other in metrics.block_links(output)
        )
        said = {"found": n_clustered + n_linked, "removable": n_clustered}
        counts = {name: Counts(c.right, said[name], c.meant) for name, c in counts.items()}
    return counts


def _count_pairs(pairs: Mapping[Pair, PairLabel], output: Output) -> dict[str, Counts]:
    def removable(left: str, right: str) -> bool:
        return is_removable(left, right, output)

    rules = {"found": _finder(output), "removable": removable}
    meant = sum(label.duplicate for label in pairs.values())
    counts: dict[str, Counts] = {}
    for name, says in rules.items():
        said = [label.duplicate for pair, label in pairs.items() if says(*pair)]
        counts[name] = Counts(sum(said), len(said), meant)
    return counts


def _by_kind(pairs: Mapping[Pair, PairLabel], output: Output) -> dict[str, dict[str, Counts]]:
    kinds = sorted({label.kind for label in pairs.values()})
    if kinds == [""]:
        return {}
    return {
        kind: _count_pairs({p: label for p, label in pairs.items() if label.kind == kind}, output)
        for kind in kinds
    }


def _negatives(pairs: list[Pair], output: Output) -> Negatives:
    is_found = _finder(output)
    return Negatives(
        len(pairs),
        sum(is_found(*pair) for pair in pairs),
        sum(is_removable(*pair, output) for pair in pairs),
    )


def _bands(
    labels: Labels,
    output: Output,
    jaccards: Mapping[Pair, float] | None,
    text_of: Callable[[str], str] | None,
) -> Iterator[Band]:
    """Yield the bands, the closest first; pairs without a Jaccard last."""
    if jaccards is None and text_of is None:
        return
    meant = list(_meant_pairs(labels))
    if jaccards is None and text_of is not None:
        jaccards = compute_jaccards(meant, text_of)
    is_found = _finder(output)
    totals: dict[float | None, list[int]] = {}
    for pair in meant:
        jaccard = (jaccards or {}).get(pair)
        low = None if jaccard is None else metrics.band_of(jaccard)
        counts = totals.setdefault(low, [0, 0, 0])
        counts[0] += 1
        counts[1] += is_found(*pair)
        counts[2] += is_removable(*pair, output)
    for low in sorted(totals, key=lambda low: -1.0 if low is None else low, reverse=True):
        yield Band(low, *totals[low])


def records_of_bands(labels: Labels) -> set[str]:
    """Return the records whose texts tell the Jaccards of what the labels mean.

    Raises
    ------
    InputError
        If they mean more pairs than bands look at.
    """
    return {record for pair in _meant_pairs(labels) for record in pair}


def _meant_pairs(labels: Labels) -> Iterator[Pair]:
    """Yield every pair that the labels mean."""
    if not labels.clusters:
        yield from (pair for pair, label in labels.pairs.items() if label.duplicate)
        return
    members: dict[str, list[str]] = {}
    for record, cluster in labels.clusters.items():
        members.setdefault(cluster, []).append(record)
    n_pairs = sum(len(found) * (len(found) - 1) // 2 for found in members.values())
    if n_pairs > MOST_BANDED:
        message = (
            f"the labels mean {n_pairs:,} pairs, and bands look at each: more than "
            f"{MOST_BANDED:,} are not told by bands. Leave out --jaccards and --corpus, or "
            "give labels of a sample"
        )
        raise InputError(message)
    for found in members.values():
        yield from (ordered(*pair) for pair in combinations(found, 2))


def _spans(labels: Labels, output: Output) -> Counts:
    total = Counts(0, 0, 0)
    for record, spans in labels.spans.items():
        total += metrics.span_counts(spans, output.spans.get(record, []))
    return total


def _exact_spans(labels: Labels, output: Output) -> tuple[int, int]:
    same = sum(
        set(spans) == set(output.spans.get(record, [])) for record, spans in labels.spans.items()
    )
    return same, len(labels.spans)


def _share(counted: tuple[int, int] | None) -> dict[str, float | int | None] | None:
    if counted is None:
        return None
    right, whole = counted
    return {"right": right, "of": whole, "share": right / whole if whole else None}

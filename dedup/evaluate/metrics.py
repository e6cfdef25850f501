"""The metrics, as plain functions. Pairs are counted by sums over clusters, never one by one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.evaluate.labels import Pair, Span
from dedup.evaluate.output import Output

BAND_EDGES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Lower ends of the bands of exact Jaccard; the last holds 1 too."""
CONFIDENCE = 0.95
"""Of the intervals of a share."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Pairs (or records, or characters) said and meant.

    Attributes
    ----------
    right : int
        Said and meant.
    said : int
        By the detector.
    meant : int
        By the labels.
    """

    right: int
    said: int
    meant: int

    @property
    def precision(self) -> float | None:
        """Share right of what was said; None where nothing was."""
        return self.right / self.said if self.said else None

    @property
    def recall(self) -> float | None:
        """Share said of what was meant; None where nothing was."""
        return self.right / self.meant if self.meant else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both: 2 right / (said + meant); None where nothing was."""
        return 2 * self.right / (self.said + self.meant) if self.said + self.meant else None

    def __add__(self, other: Counts) -> Counts:
        """Add what was counted elsewhere."""
        return Counts(self.right + other.right, self.said + other.said, self.meant + other.meant)

    def to_dict(self) -> dict[str, float | int | None]:
        """Return counts and shares, as ``--json`` prints them."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "right": self.right,
            "said": self.said,
            "meant": self.meant,
        }


def cluster_pairs(truth: Sequence[str], said: Sequence[str]) -> Counts:
    """Count pairs of records in one cluster, by scikit-learn's pair confusion matrix.

    Parameters
    ----------
    truth, said : sequences of str, one length
        The cluster of each record by the labels and by the detector.

    Examples
    --------
    >>> cluster_pairs(["a", "a", "a", "b"], ["x", "x", "y", "y"])
    Counts(right=1, said=2, meant=3)
    """
    from sklearn.metrics.cluster import pair_confusion_matrix  # noqa: PLC0415 - 1 s

    if not truth:
        return Counts(0, 0, 0)
    # every unordered pair stands in it twice
    matrix: NDArray[np.int64] = pair_confusion_matrix(_codes(truth), _codes(said)) // 2
    right, only_said, only_meant = (int(matrix[at]) for at in ((1, 1), (0, 1), (1, 0)))
    return Counts(right, right + only_said, right + only_meant)


def linked_pairs(truth: Mapping[str, str], output: Output) -> Counts:
    """Count pairs that are linked and in no common cluster; ``meant`` is 0.

    A link of two blocks of equal texts stands for every pair of a record of the one and
    a record of the other: counted by products.

    Parameters
    ----------
    truth : dict of id to cluster
        Records outside are not looked at.
    output : Output
    """
    blocks: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for record, cluster in truth.items():
        blocks[block_of(record, output)][cluster] += 1
    right = said = 0
    for one, other in block_links(output):
        left, joined = blocks.get(one), blocks.get(other)
        if left and joined:
            said += left.total() * joined.total()
            right += sum(n * joined[cluster] for cluster, n in left.items())
    return Counts(right, said, 0)


def block_of(record: str, output: Output) -> str:
    """Return the block of a record: itself alone, if the output does not tell."""
    return output.block_of.get(record, f"@{record}")


def block_links(output: Output) -> set[Pair]:
    """Return the links as pairs of blocks, without those inside a cluster."""
    found: set[Pair] = set()
    for left, right in output.links:
        cluster = output.cluster_of.get(left)
        if cluster is None or cluster != output.cluster_of.get(right):
            one, other = sorted((block_of(left, output), block_of(right, output)))
            found.add((one, other))
    return found


def components(records: Iterable[str], output: Output) -> dict[str, str]:
    """Return one name for all records that clusters and links connect."""
    parents: dict[str, str] = {}

    def find(name: str) -> str:
        while parents.setdefault(name, name) != name:
            parents[name] = name = parents[parents[name]]
        return name

    for record, cluster in output.cluster_of.items():
        parents[find(f"@{record}")] = find(f"cluster {cluster}")
    for left, right in output.links:
        parents[find(f"@{left}")] = find(f"@{right}")
    return {record: find(f"@{record}") for record in records}


def adjusted_rand(truth: Sequence[str], said: Sequence[str]) -> float | None:
    """Return scikit-learn's adjusted Rand index of two partitions; None without records.

    L. Hubert and P. Arabie, "Comparing partitions", Journal of Classification 2, 1985.
    """
    from sklearn.metrics import adjusted_rand_score  # noqa: PLC0415

    return float(adjusted_rand_score(_codes(truth), _codes(said))) if truth else None


def exact_sets(truth: Mapping[str, str], said: Mapping[str, str]) -> tuple[int, int]:
    """Return how many labelled clusters of two and more are found member for member, of how many.

    Examples
    --------
    >>> truth = {"a": "1", "b": "1", "c": "2", "d": "2"}
    >>> exact_sets(truth, {"a": "x", "b": "x", "c": "y", "d": "z"})
    (1, 2)
    """
    meant, found = _sets(truth), _sets(said)
    return len(meant & found), len(meant)


def record_counts(truth: Mapping[str, bool], output: Output) -> Counts:
    """Count records said and meant to have a duplicate: in a cluster of two, or linked."""
    sizes = Counter(output.cluster_of.values())
    said = {record for record, name in output.cluster_of.items() if sizes[name] > 1}
    said.update(*output.links) if output.links else None
    meant = {record for record, has in truth.items() if has}
    said &= truth.keys()
    return Counts(len(said & meant), len(said), len(meant))


def span_counts(truth: Sequence[Span], said: Sequence[Span]) -> Counts:
    """Count characters that lie in spans; one that lies in several counts once.

    Examples
    --------
    >>> span_counts([(0, 10)], [(5, 12), (5, 6)])
    Counts(right=5, said=7, meant=10)
    """
    meant, found = _merged(truth), _merged(said)
    both = sum(
        max(0, min(end, other_end) - max(start, other_start))
        for start, end in meant
        for other_start, other_end in found
    )
    return Counts(both, _length(found), _length(meant))


def band_of(jaccard: float) -> float:
    """Return the lower end of the band that a Jaccard lies in.

    Examples
    --------
    >>> band_of(0.5), band_of(0.49), band_of(1.0)
    (0.5, 0.4, 0.9)
    """
    return max(edge for edge in BAND_EDGES if edge <= jaccard)


def interval(part: int, whole: int) -> tuple[float, float]:
    """Return Wilson's score interval of a share, at a confidence of :data:`CONFIDENCE`.

    Examples
    --------
    >>> [round(bound, 3) for bound in interval(9, 10)], interval(0, 0)
    ([0.596, 0.982], (0.0, 1.0))
    """
    from scipy.stats import binomtest  # noqa: PLC0415 - 1 s

    if not whole:
        return 0.0, 1.0
    bounds: Any = binomtest(part, whole).proportion_ci(CONFIDENCE, method="wilson")
    return float(bounds.low), float(bounds.high)


def _codes(names: Sequence[str]) -> NDArray[Any]:
    return np.unique(np.asarray(names), return_inverse=True)[1]


def _sets(clusters: Mapping[str, str]) -> set[frozenset[str]]:
    members: defaultdict[str, set[str]] = defaultdict(set)
    for record, cluster in clusters.items():
        members[cluster].add(record)
    return {frozenset(found) for found in members.values() if len(found) > 1}


def _merged(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _length(spans: Sequence[Span]) -> int:
    return sum(end - start for start, end in spans)

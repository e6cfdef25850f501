"""What the peer pipelines share: reading, shingles, union-find, writing."""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import orjson

THRESHOLD = 0.5
NUM_PERM = 128
"""Values of a signature."""
WIDTH = 5
BATCH = 1000

_find_words = re.compile(r"\w+").findall


@dataclass(frozen=True, slots=True)
class Setting:
    """What a pipeline compares: words of a shingle, and the lowest estimated Jaccard."""

    width: int = WIDTH
    threshold: float = THRESHOLD


class Clusters:
    """Union-find over document numbers, kept as a list of parents."""

    def __init__(self) -> None:
        self._parents: list[int] = []

    def grow(self, n_documents: int) -> None:
        """Make room for documents ``0 .. n_documents - 1``."""
        self._parents.extend(range(len(self._parents), n_documents))

    def join(self, left: int, right: int) -> None:
        """Put two documents into one cluster."""
        left, right = self.find(left), self.find(right)
        if left != right:
            self._parents[max(left, right)] = min(left, right)

    def find(self, document: int) -> int:
        """Return the first document of the cluster."""
        parents = self._parents
        while parents[document] != document:
            parents[document] = document = parents[parents[document]]
        return document

    def members(self) -> Iterator[list[int]]:
        """Yield the clusters of two and more documents."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        for document in range(len(self._parents)):
            found[self.find(document)].append(document)
        return (cluster for cluster in found.values() if len(cluster) > 1)


def read_batches(path: Path) -> Iterator[tuple[list[str], list[str]]]:
    """Yield ids and texts, a thousand documents at a time."""
    with path.open("rb") as lines:
        while batch := list(islice(lines, BATCH)):
            records = [orjson.loads(line) for line in batch]
            yield [str(r["id"]) for r in records], [r["text"] for r in records]


def shingle(text: str, width: int = WIDTH) -> list[str]:
    """Return the word n-grams of a lower-cased text; a shorter text is one shingle.

    Examples
    --------
    >>> shingle("The quick brown fox, the lazy dog")
    ['the quick brown fox the', 'quick brown fox the lazy', 'brown fox the lazy dog']
    """
    words = _find_words(text.lower())
    if len(words) < width:
        return [" ".join(words)] if words else []
    return list(map(" ".join, zip(*(words[i:] for i in range(width)), strict=False)))


def write_clusters(path: Path, ids: list[str], clusters: Iterable[list[int]]) -> None:
    """Write one line ``{"cluster": n, "members": [ids]}`` for each cluster."""
    with path.open("wb") as out:
        for number, cluster in enumerate(clusters):
            line = {"cluster": number, "members": [ids[i] for i in cluster]}
            out.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def run_pipeline(find_clusters: Callable[[Path, Setting], tuple[list[str], Clusters]]) -> None:
    """Run a pipeline as a command: ``IN.jsonl OUT.jsonl [--width N] [--threshold J]``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path, metavar="IN.jsonl")
    parser.add_argument("out", type=Path, metavar="OUT.jsonl")
    parser.add_argument("--width", type=int, default=WIDTH)
    parser.add_argument("--threshold", type=float, default=THRESHOLD)
    options = parser.parse_args()
    setting = Setting(options.width, options.threshold)
    ids, clusters = find_clusters(options.corpus, setting)
    write_clusters(options.out, ids, clusters.members())

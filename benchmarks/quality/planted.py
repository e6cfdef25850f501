"""Recall and precision of a tool's clusters against the planted truth of a corpus.

A pair of documents in one cluster is right when both come from one family: an original and the
planted copies of it that may share a cluster. Pairs are counted by sums over clusters, never one
by one, so a cluster that swallowed the corpus costs no more than any other.

``python -m benchmarks.quality.planted TOOL OUTPUT TRUTH.jsonl`` prints the scores as JSON.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.edits import KINDS
from benchmarks.peers import PEERS, Peer


def score_output(peer: Peer, output: Path, truth: Path) -> dict[str, Any]:
    """Score one tool's output.

    Parameters
    ----------
    peer : Peer
        Whose output it is; says where the clusters and links are.
    output : Path
        What the tool was told to write.
    truth : Path
        Lines ``{"left", "right", "kind"}``.

    Returns
    -------
    dict
        ``precision``, ``n_clusters``, ``n_pairs`` and ``kinds``: for every planted kind how many
        pairs there are and the share found in one cluster, and as a link.
    """
    clusters = list(read_clusters(output / peer.clusters))
    links = set(read_links(output / peer.links)) if peer.links else set()
    return score_clusters(clusters, links, list(_read_lines(truth)))


def score_clusters(
    clusters: list[list[str]], links: set[frozenset[str]], truth: list[dict[str, str]]
) -> dict[str, Any]:
    """Score clusters and links against truth lines; see :func:`score_output`."""
    cluster_of = {member: row for row, members in enumerate(clusters) for member in members}
    planted: Counter[str] = Counter()
    clustered: Counter[str] = Counter()
    linked: Counter[str] = Counter()
    for line in truth:
        left, right, kind = line["left"], line["right"], line["kind"]
        planted[kind] += 1
        if left in cluster_of and cluster_of[left] == cluster_of.get(right):
            clustered[kind] += 1
        elif frozenset((left, right)) in links:
            linked[kind] += 1
    n_pairs, n_right = _count_pairs(clusters, _families(truth))
    return {
        "precision": n_right / n_pairs if n_pairs else None,
        "n_clusters": len(clusters),
        "n_pairs": n_pairs,
        "kinds": {
            kind: {
                "n_planted": planted[kind],
                "expected": KINDS[kind].expected,
                "clustered": clustered[kind] / planted[kind],
                "linked": linked[kind] / planted[kind],
            }
            for kind in KINDS
            if planted[kind]
        },
    }


def read_clusters(path: Path) -> Iterator[list[str]]:
    """Yield the member ids of each cluster; a member is an id or an object with one."""
    for line in _read_lines(path):
        yield [_id_of(member) for member in line["members"]]


def read_links(path: Path) -> Iterator[frozenset[str]]:
    """Yield the two ids of each link."""
    for line in _read_lines(path):
        yield frozenset((_id_of(line["left"]), _id_of(line["right"])))


def _id_of(value: str | dict[str, Any]) -> str:
    return value if isinstance(value, str) else value["id"]


def _read_lines(path: Path) -> Iterator[Any]:
    with path.open("rb") as lines:
        yield from map(json.loads, lines)


def _families(truth: Iterable[dict[str, str]]) -> dict[str, str]:
    """Return the family of each copy that may share a cluster with its original."""
    families: dict[str, str] = {}
    for line in truth:
        if KINDS[line["kind"]].expected in ("cluster", "any"):
            families[line["right"]] = families.get(line["left"], line["left"])
    return families


def _count_pairs(clusters: list[list[str]], families: dict[str, str]) -> tuple[int, int]:
    n_pairs = n_right = 0
    for members in clusters:
        n_pairs += len(members) * (len(members) - 1) // 2
        sizes = Counter(families.get(member, member) for member in members)
        n_right += sum(size * (size - 1) // 2 for size in sizes.values())
    return n_pairs, n_right


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.quality.planted", description=__doc__
    )
    parser.add_argument("tool", choices=list(PEERS))
    parser.add_argument("output", type=Path)
    parser.add_argument("truth", type=Path)
    options = parser.parse_args()
    print(json.dumps(score_output(PEERS[options.tool], options.output, options.truth)))


if __name__ == "__main__":
    main()

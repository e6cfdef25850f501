"""The canonical result of a scan: what no order, batch size or number of threads may change."""

from __future__ import annotations

import json
from typing import Any

from msgspec import to_builtins

from dedup import Result

_WHERE = ("ref", "left_ref", "right_ref", "left_record", "right_record")
"""Where a record was read is no part of what was found."""


def canonical(result: Result) -> dict[str, Any]:
    """Return clusters, links, repeats, pairs and counts in an order of their own."""
    return {
        "counts": result.counts,
        "clusters": [_cluster(to_builtins(cluster)) for cluster in result.clusters],
        "links": sorted(map(_line, map(to_builtins, result.links))),
        "repeats": sorted(map(_line, map(to_builtins, result.repeats))),
        "pairs": sorted(map(_line, map(_unordered, result.pairs_table().to_pylist()))),
        "quarantine": sorted(bad.reason for bad in result.quarantine),
    }


def members(result: Result) -> list[list[str]]:
    """Return the ids of each cluster, the representative first."""
    return [[member.id for member in cluster.members] for cluster in result.clusters]


def _cluster(cluster: dict[str, Any]) -> list[str]:
    return [str(cluster["representative"]), *map(_line, cluster["members"])]


def _line(found: dict[str, Any]) -> str:
    kept = {name: value for name, value in found.items() if name not in _WHERE}
    return json.dumps(kept, sort_keys=True)


def _unordered(pair: dict[str, Any]) -> dict[str, Any]:
    """Turn a pair so that the smaller id stands on the left."""
    if pair["left"] <= pair["right"]:
        return pair
    swapped = {"left": "right", "right": "left"}
    return {
        next((name.replace(a, b) for a, b in swapped.items() if a in name), name): value
        for name, value in pair.items()
    }

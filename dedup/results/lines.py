"""Lines of JSON, many at a time; and the lines of large clusters in parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from msgspec.json import Encoder

from dedup.found.rows import FoundRows

_LINES_AT_ONCE = 1 << 8
_ENCODER = Encoder()
_LAST = b"]}"
"""How a cluster ends: its members come last."""


def lines_of(rows: Iterable[Any]) -> Iterator[bytes]:
    """Yield a line for each row, some hundred at a time."""
    left = iter(rows)
    while some := list(islice(left, _LINES_AT_ONCE)):
        yield _ENCODER.encode_lines(some)


def cluster_lines(rows: FoundRows) -> Iterator[bytes]:
    """Yield a line for each cluster; of a large one never more than some thousand members."""
    n_long = rows.n_long_clusters
    for number in range(n_long):
        cluster, members = rows.long_cluster(number)
        yield _ENCODER.encode(cluster).removesuffix(_LAST)
        between = b""
        for some in members:
            yield between + _ENCODER.encode(some)[1:-1]
            between = b","
        yield _LAST + b"\n"
    yield from lines_of(rows.clusters(start=n_long))

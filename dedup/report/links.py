"""Which links are shown where not all have room: some of each verdict, and how many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from dedup.findings import Link

MEANINGS = {
    "near": "close copies, each of another kept record",
    "contained": "one text holds most of the other",
    "rewrite": "much is shared, and much, a name or a number is changed",
    "template": "reports from one form, with other numbers or names",
}
"""What a verdict says of two linked texts; verdicts in the order of results."""


def in_turn(links: Iterable[Link]) -> list[Link]:
    """Return links with the verdicts taking turns: the first of each, the second of each ...

    Whatever number of them has room then holds some of each verdict.

    Parameters
    ----------
    links : iterable of Link
        The strongest of each verdict first.
    """
    seen = Counter[str]()
    places: list[tuple[int, Link]] = []
    for link in links:
        places.append((seen[link.verdict], link))
        seen[link.verdict] += 1
    return [link for _, link in sorted(places, key=lambda entry: entry[0])]


def by_verdict(links: Iterable[Link]) -> dict[str, list[Link]]:
    """Return links by verdict, those of a verdict in the order they come."""
    groups: dict[str, list[Link]] = {verdict: [] for verdict in MEANINGS}
    for link in links:
        groups[link.verdict].append(link)
    return groups

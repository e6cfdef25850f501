"""Which links are shown where not all have room, and as which lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile

from dedup.found.findings import Link
from dedup.report.amounts import percent
from dedup.report.lines import shorten

MEANINGS = {
    "near": "close copies, each of another kept record",
    "contained": "one text holds most of the other",
    "rewrite": "much is shared, and much, a name or a number is changed",
    "template": "reports from one form, with other numbers or names",
}
"""What a verdict says of two linked texts; verdicts in the order of results."""
_WIDTH = 80
_INDENT = 21
"""Columns before the ids of a link that has a score; titles stand below."""


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


def link_lines(
    counts: Mapping[str, int], shown: Iterable[Link], names: Mapping[str, str]
) -> Iterator[str]:
    """Yield the lines that tell links verdict by verdict.

    Parameters
    ----------
    counts : mapping of str to int
        How many links there are of each verdict.
    shown : iterable of Link
        Those to be told; the rest is counted.
    names : mapping of str to str
        Titles of their ends, or how their texts begin, by reference; there may be none.
    """
    groups = by_verdict(shown)
    for verdict, meaning in MEANINGS.items():
        if n := counts[verdict]:
            links = groups[verdict]
            yield f"  {n:,} {verdict}: {meaning}"
            for link in links:
                yield from _lines_of(link, names)
            if n > len(links):
                left = f"{n - len(links):,}"
                yield f"    … and {left} more" if links else f"    … {left} not shown"


def _lines_of(link: Link, names: Mapping[str, str]) -> Iterator[str]:
    """Yield the line that tells a link, and one of titles: both seldom have room in one."""
    ends = [(link.left, link.left_ref), (link.right, link.right_ref)]
    if link.verdict == "contained" and link.containment_left > link.containment_right:
        ends.reverse()
    one, other = (shorten(id, 36) for id, _ in ends)
    if link.verdict == "contained":
        share = max(link.containment_left, link.containment_right)
        yield f"    contained  {one} holds {percent(share)} of {other}"
    else:
        yield f"    {link.verdict:<10} {link.jaccard:.2f}  {one} ~ {other}"
    first, second = (names.get(ref, "") for _, ref in ends)
    if named := titles_told(first, second, _WIDTH - _INDENT):
        yield " " * _INDENT + named


def titles_told(one: str, other: str, width: int) -> str:
    """Return the titles of two linked records side by side, in so many columns.

    Where both begin alike and have no room, they begin where they part.

    Examples
    --------
    >>> titles_told("Rain on the coast", "Rain on the coast", 40)
    '“Rain on the coast”, both'
    >>> titles_told("Senator announces grants for Ost", "Senator announces grants for West", 40)
    '“…Ost” ~ “…West”'
    >>> titles_told("A storm", "", 40), titles_told("", "", 40)
    ('“A storm” ~ no title', '')
    """
    one, other = " ".join(one.split()), " ".join(other.split())
    if not one and not other:
        return ""
    if one == other:
        return f"“{shorten(one, width - 8)}”, both"
    most = (width - 7) // 2
    if max(len(one), len(other)) > most:
        one, other = _from_where_they_part(one, other, most // 2)
    told = (f"“{shorten(title, most)}”" if title else "no title" for title in (one, other))
    return " ~ ".join(told)


def _from_where_they_part(one: str, other: str, least: int) -> tuple[str, str]:
    """Return two titles without the words that both begin with, if these are long."""
    words, others = one.split(" "), other.split(" ")
    pairs = zip(words[:-1], others[:-1], strict=False)  # a last word stays
    n_same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    if len(" ".join(words[:n_same])) <= least:
        return one, other
    return f"…{' '.join(words[n_same:])}", f"…{' '.join(others[n_same:])}"

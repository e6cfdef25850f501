"""What was found as rows, with ids: lists of it for users, and lines of results files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.found.columns import (
    LABELS,
    REASONS,
    ROWS_AT_ONCE,
    FoundColumns,
    LinkColumns,
    MemberColumns,
)
from dedup.found.findings import Cluster, Link, Member, Merged, Occurrence, Repeat
from dedup.found.flags import FLAGS
from dedup.found.slices import slices_of
from dedup.model import NO_DATE, ranges


class FoundRows:
    """Rows of clusters, links and repeats, made of columns as they are asked for."""

    def __init__(self, columns: FoundColumns) -> None:
        self._columns = columns

    def clusters(self, most: int | None = None, start: int = 0) -> Iterator[Cluster]:
        """Yield the clusters, largest first.

        Parameters
        ----------
        most : int, optional
            Look up this many members of each cluster at most.
        start : int
            Leave out this many clusters.
        """
        columns, firsts = self._columns, self._columns.bounds[start:-1]
        sizes = np.diff(columns.bounds[start:])
        if most is not None:
            sizes = np.minimum(sizes, most)
        for part in slices_of(sizes, ROWS_AT_ONCE):
            rows = columns.members[ranges(firsts[part], sizes[part])]
            leads = np.repeat(columns.members[firsts[part]], sizes[part])
            members = columns.member_columns(rows, leads)
            made = self._members(members)
            ends = np.cumsum(sizes[part])
            bounds = zip((ends - sizes[part]).tolist(), ends.tolist(), strict=True)
            for number, (first, end) in enumerate(bounds, start + part.start):
                here = slice(first, end)
                yield Cluster(
                    number + 1,
                    made[first].id,
                    columns.kept_by[number],
                    _merged([_said(members, here)]),
                    tuple(made[here]),
                )

    @property
    def n_long_clusters(self) -> int:
        """How many clusters, the first ones, have more members than should be held at once."""
        return int((np.diff(self._columns.bounds) > ROWS_AT_ONCE).sum())

    def long_cluster(self, number: int) -> tuple[Cluster, Iterator[list[Member]]]:
        """Return a cluster without its members, and these, some thousand at a time.

        Their metadata is read twice: what they say together stands before them.

        Parameters
        ----------
        number : int
            From 0.
        """
        columns = self._columns
        start, stop = columns.bounds[number : number + 2].tolist()

        def read(first: int) -> MemberColumns:
            rows = columns.members[first : min(first + ROWS_AT_ONCE, stop)]
            return columns.member_columns(rows, np.repeat(columns.members[start], len(rows)))

        places = range(start, stop, ROWS_AT_ONCE)
        merged = _merged(_said(read(place)) for place in places)
        (representative,) = columns.ids(columns.members[start : start + 1])
        cluster = Cluster(number + 1, representative, columns.kept_by[number], merged, ())
        return cluster, (self._members(read(place)) for place in places)

    def _members(self, members: MemberColumns) -> list[Member]:
        ids, *others = members.fields
        values = (
            ids,
            self._columns.places(members.rows),
            _chosen(LABELS, members.verdicts),
            _chosen(REASONS, members.reasons),
            *(scores.tolist() for scores in members.scores),
            map(FLAGS.__getitem__, members.flags.tolist()),
            *others,
        )
        return list(map(Member, *values))

    def links(self, most: int | None = None) -> Iterator[Link]:
        """Yield the links by verdict, then the strongest first, then by content digest.

        Parameters
        ----------
        most : int, optional
            Look up this many of each verdict at most.
        """
        for links in self._columns.link_columns(most):
            yield from self._links(links)

    def link_names(self, most: int) -> tuple[list[Link], dict[str, str]]:
        """Return the strongest links, and how their ends are called, by reference.

        That is the title of a record, or else how its text begins if texts are stored.

        Parameters
        ----------
        most : int
            Look up this many of each verdict at most.
        """
        found: list[Link] = []
        names: dict[str, str] = {}
        for links in self._columns.link_columns(most):
            found += self._links(links)
            rows = links.rows.tolist()
            for ref, row, title in zip(
                self._columns.places(links.rows), rows, links.titles, strict=True
            ):
                if name := title or self._columns.beginning(row):
                    names[ref] = name
        return found, names

    def _links(self, links: LinkColumns) -> Iterator[Link]:
        refs = self._columns.places(links.rows)
        return map(
            Link,
            _chosen(links.ids, links.left),
            _chosen(links.ids, links.right),
            _chosen(LABELS, links.verdicts),
            _chosen(REASONS, links.reasons),
            *links.scores.tolist(),
            _chosen(refs, links.left),
            _chosen(refs, links.right),
            map(FLAGS.__getitem__, links.flags.tolist()),
        )

    def repeats(self) -> Iterator[Repeat]:
        """Yield the repeats inside documents, in reading order."""
        for repeats in self._columns.repeat_columns():
            occurrences = map(Occurrence, *(column.tolist() for column in repeats.spans))
            yield from map(
                Repeat,
                self._columns.ids(repeats.rows),
                _chosen(LABELS, repeats.verdicts),
                repeats.jaccards.tolist(),
                map(tuple, map(partial(islice, occurrences), repeats.sizes.tolist())),
                self._columns.places(repeats.rows),
                repeats.excerpts,
            )


_Said = tuple[Sequence[str | None], Sequence[str | None], Sequence[str | None], list[int]]
"""Urls, sources, dates as written, and dates as numbers of some members."""


def _said(members: MemberColumns, here: slice = slice(None)) -> _Said:
    _, _, urls, dates, sources = members.fields
    return urls[here], sources[here], dates[here], members.dates[here].tolist()


def _merged(parts: Iterable[_Said]) -> Merged:
    """Return what the members of a cluster say together, given them part by part."""
    n_records = 0
    urls: dict[str | None, None] = {}
    sources: dict[str | None, None] = {}
    first, last = (NO_DATE, None), (-NO_DATE, None)
    for part_urls, part_sources, texts, numbers in parts:
        n_records += len(numbers)
        urls |= dict.fromkeys(part_urls)
        sources |= dict.fromkeys(part_sources)
        for number, text in zip(numbers, texts, strict=True):
            if number != NO_DATE:
                first = (number, text) if number < first[0] else first
                last = (number, text) if number > last[0] else last
    named = (tuple([url for url in urls if url]), tuple([name for name in sources if name]))
    return Merged(n_records, named[0], named[1], first[1], last[1])


def _chosen(texts: Sequence[str], places: NDArray[np.integer[Any]]) -> list[str]:
    # an array of objects is gathered in a third of the time of a list
    chosen: list[str] = np.array(texts, object)[places].tolist()
    return chosen

"""Passages that several documents share, with ids; and which of them are boilerplate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePath

import numpy as np

from dedup.found.findings import PassagePlace, SharedPassage
from dedup.found.outcome import FoundPassages, excerpt_texts
from dedup.metadata.addresses import host_of
from dedup.metadata.records import Metadata, MetadataColumns, Records
from dedup.model import Int64s, Verdict
from dedup.pairs import pair_codes

MIN_PAGES = 10
"""A source has boilerplate when it has this many pages or more ..."""
BOILERPLATE_SHARE = 0.5
"""... and more than this share of them hold the passage."""


def source_of(about: Metadata, path: str) -> str:
    """Return the source of a record: its field, else the host of its url, else where it lies.

    A record of a file with many records comes from that file, a page that is a file of
    its own from its folder.

    Examples
    --------
    >>> source_of(Metadata("1", url="https://www.example.org/a"), "dump.jsonl")
    'example.org'
    >>> source_of(Metadata("pages/site/a.txt"), "pages/site/a.txt")
    'pages/site'
    """
    return about.source or _place_of(about.url, about.id, path)


def sources_of(about: MetadataColumns, paths: Sequence[str]) -> list[str]:
    """Return the same of many records, given the paths of their files."""
    return [
        source or _place_of(url, id, path)
        for source, url, id, path in zip(about.sources, about.urls, about.ids, paths, strict=True)
    ]


def _place_of(url: str | None, id: str, path: str) -> str:
    if url and (host := host_of(url)):
        return host
    return str(PurePath(path).parent) if id == path else path


def iter_shared(
    found: FoundPassages, records: Records, reference: Callable[[int], str]
) -> Iterator[SharedPassage]:
    """Yield the passages that stand in two documents and more.

    Parameters
    ----------
    found : FoundPassages
    records : Records
    reference : function
        Returns ``path#line`` of a record.

    Yields
    ------
    SharedPassage
        Boilerplate of a source last; otherwise those in most documents first.
    """
    groups, columns, places = _shared(found), found.columns, _Places(found, records, reference)
    sources = _Sources(records, reference) if groups else None
    kinds = [sources.boilerplate(columns.documents[rows]) if sources else None for rows in groups]
    sizes = [len(np.unique(columns.documents[rows])) for rows in groups]

    def key(group: int) -> tuple[bool, int, list[int]]:
        digest = columns.raw_digests[groups[group][0]].tolist()
        return kinds[group] is not None, -sizes[group], digest

    for number, group in enumerate(sorted(range(len(groups)), key=key), 1):
        rows = groups[group]
        standing = tuple(places.at(row, rows[0]) for row in rows)
        (excerpt,) = excerpt_texts(columns.excerpts[rows[0]])
        yield SharedPassage(number, excerpt, sizes[group], kinds[group], standing)


def documents_sharing(found: FoundPassages) -> Int64s:
    """Return the records that hold a shared passage."""
    return found.columns.documents[np.concatenate([np.zeros(0, np.int64), *_shared(found)])]


def _shared(found: FoundPassages) -> list[Int64s]:
    """Return the clusters of passages that stand in two documents and more."""
    return [rows for rows in _groups(found) if len(np.unique(found.columns.documents[rows])) > 1]


def _groups(found: FoundPassages) -> list[Int64s]:
    """Return the rows of each cluster of passages, the representative first."""
    rows = np.flatnonzero(found.columns.units >= 0)
    labels = found.resolved.representative[found.columns.units[rows]]
    order = np.lexsort((found.ranks[rows], labels))
    rows, labels = rows[order], labels[order]
    groups = np.split(rows, np.flatnonzero(np.diff(labels)) + 1)
    return [group for group in groups if len(group) > 1]


class _Places:
    """Where passages stand, with ids, and their scores against representatives."""

    def __init__(
        self, found: FoundPassages, records: Records, reference: Callable[[int], str]
    ) -> None:
        self._columns, self._pairs = found.columns, found.resolved.pairs
        self._codes = self._pairs.codes
        self._records, self._reference = records, reference

    def at(self, row: int, lead: int) -> PassagePlace:
        """Return the place of a passage, given that of its representative."""
        columns, document = self._columns, int(self._columns.documents[row])
        verdict, jaccard = self._scores(row, lead)
        return PassagePlace(
            document=self._records.metadata(document).id,
            ref=self._reference(document),
            verdict=verdict.label,
            jaccard=jaccard,
            start=int(columns.starts[row]),
            end=int(columns.ends[row]),
            first_line=int(columns.first_lines[row]),
            last_line=int(columns.last_lines[row]),
        )

    def _scores(self, row: int, lead: int) -> tuple[Verdict, float]:
        units, digests = self._columns.units[[row, lead]], self._columns.raw_digests
        if units[0] != units[1]:
            at = int(np.searchsorted(self._codes, pair_codes(units[:1], units[1:]))[0])
            return Verdict(int(self._pairs.verdict[at])), float(self._pairs.jaccard[at])
        same_bytes = (digests[row] == digests[lead]).all()
        return Verdict.EXACT if same_bytes else Verdict.NORMALISED, 1.0


class _Sources:
    """The source of each record, and how many pages each source has."""

    def __init__(self, records: Records, reference: Callable[[int], str]) -> None:
        self._names = [
            source_of(records.metadata(row), reference(row).rpartition("#")[0])
            for row in range(len(records))
        ]
        self._pages = Counter(self._names)

    def boilerplate(self, documents: Int64s) -> str | None:
        """Return the source whose boilerplate a passage in these documents is, if any."""
        holding = Counter(self._names[row] for row in np.unique(documents).tolist())
        for source, n_pages in holding.most_common():
            pages = self._pages[source]
            if pages >= MIN_PAGES and n_pages > BOILERPLATE_SHARE * pages:
                return source
        return None

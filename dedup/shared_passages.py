"""Passages that several documents share, with ids; and which of them are boilerplate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePath

import numpy as np

from dedup.addresses import host_of
from dedup.findings import PassagePlace, SharedPassage
from dedup.found import FoundPassages, excerpt_texts
from dedup.model import Int64s, Verdict
from dedup.pairs import pair_codes
from dedup.records import Metadata, MetadataColumns, Records

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
    groups = _shared(found)
    sources = _Sources(records, reference) if groups else None
    kinds = [sources.boilerplate(found.documents[rows]) if sources else None for rows in groups]
    sizes = [len(np.unique(found.documents[rows])) for rows in groups]

    def key(group: int) -> tuple[bool, int, list[int]]:
        digest = found.raw_digests[groups[group][0]].tolist()
        return kinds[group] is not None, -sizes[group], digest

    codes = found.pairs.codes
    for number, group in enumerate(sorted(range(len(groups)), key=key), 1):
        rows = groups[group]
        places = tuple(_place(found, codes, row, rows[0], records, reference) for row in rows)
        (excerpt,) = excerpt_texts(found.excerpts[rows[0]])
        yield SharedPassage(number, excerpt, sizes[group], kinds[group], places)


def documents_sharing(found: FoundPassages) -> Int64s:
    """Return the records that hold a shared passage."""
    return found.documents[np.concatenate([np.zeros(0, np.int64), *_shared(found)])]


def _shared(found: FoundPassages) -> list[Int64s]:
    """Return the clusters of passages that stand in two documents and more."""
    return [rows for rows in _groups(found) if len(np.unique(found.documents[rows])) > 1]


def _groups(found: FoundPassages) -> list[Int64s]:
    """Return the rows of each cluster of passages, the representative first."""
    rows = np.flatnonzero(found.units >= 0)
    labels = found.representative[found.units[rows]]
    order = np.lexsort((found.ranks[rows], labels))
    rows, labels = rows[order], labels[order]
    groups = np.split(rows, np.flatnonzero(np.diff(labels)) + 1)
    return [group for group in groups if len(group) > 1]


def _place(
    found: FoundPassages,
    codes: np.ndarray[tuple[int], np.dtype[np.uint64]],
    row: int,
    lead: int,
    records: Records,
    reference: Callable[[int], str],
) -> PassagePlace:
    """Return one place of a passage with its scores against the representative."""
    unit, lead_unit = int(found.units[row]), int(found.units[lead])
    document = int(found.documents[row])
    verdict, jaccard = Verdict.NORMALISED, 1.0
    if unit != lead_unit:
        at = int(np.searchsorted(codes, pair_codes(np.array([unit]), np.array([lead_unit])))[0])
        verdict, jaccard = Verdict(int(found.pairs.verdict[at])), float(found.pairs.jaccard[at])
    elif (found.raw_digests[row] == found.raw_digests[lead]).all():
        verdict = Verdict.EXACT
    return PassagePlace(
        document=records.metadata(document).id,
        ref=reference(document),
        verdict=verdict.label,
        jaccard=jaccard,
        start=int(found.starts[row]),
        end=int(found.ends[row]),
        first_line=int(found.first_lines[row]),
        last_line=int(found.last_lines[row]),
    )


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

"""What was found as plain rows, with ids: what the files of a results folder hold.

Columns are computed for thousands of rows at once; what is left to do for each row is
to look up its metadata and to make one dict.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.findings import Inputs
from dedup.found import EXCERPT_BYTES, Found
from dedup.model import NO_DATE, Bytes, Floats, Int64s, Reason, UInt64s, Verdict
from dedup.pairs import pair_codes
from dedup.records import Metadata, same_story, same_title
from dedup.survivors import deciding_rules
from dedup.verdicts import verdicts_of

LABELS = tuple(verdict.label for verdict in Verdict)
REASONS = tuple(reason.label for reason in Reason)
LINKS = (Verdict.CONTAINED, Verdict.REWRITE, Verdict.TEMPLATE)
ROWS_AT_ONCE = 1 << 14

LINK_SCORES = ("jaccard", "containment_left", "containment_right", "cosine")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LinkChunk:
    """Some links as columns.

    Attributes
    ----------
    ends : int64 array, shape (2, n)
        The left and the right record.
    verdicts, reasons : uint8 arrays, shape (n,)
    scores : float64 array, shape (4, n)
        As ``LINK_SCORES`` names them.
    """

    ends: Int64s
    verdicts: Bytes
    reasons: Bytes
    scores: Floats


class FoundRows:
    """Rows of clusters, links and repeats, made as they are asked for.

    Attributes
    ----------
    members : int64 array
        The records of all clusters, one cluster after the other, each with its
        representative first.
    bounds : int64 array, shape (n_clusters + 1,)
        Where each cluster starts in ``members``.
    """

    def __init__(self, found: Found, inputs: Inputs) -> None:
        self.members, self.bounds = clustered_records(found)
        self._found = found
        self._inputs = inputs

    def clusters(self, most: int | None = None) -> Iterator[Row]:
        """Yield the clusters as :class:`dedup.findings.Cluster` holds them, largest first.

        Parameters
        ----------
        most : int, optional
            Look up this many members of each cluster at most.
        """
        sizes = np.diff(self.bounds)
        if most is not None:
            sizes = np.minimum(sizes, most)
        for part in _chunks(sizes):
            rows = self.members[_ranges(self.bounds[:-1][part], sizes[part])]
            yield from self._clusters(part.start + 1, rows, sizes[part])

    def links(self) -> Iterator[Row]:
        """Yield the links as :class:`dedup.findings.Link` holds them.

        By verdict, then the strongest first, then by content digest.
        """
        for chunk in self.link_chunks():
            refs = (self.places(chunk.ends[0]), self.places(chunk.ends[1]))
            columns = (chunk.verdicts, chunk.reasons, *chunk.scores)
            values = (column.tolist() for column in columns)
            for left, right, verdict, reason, *scores, left_ref, right_ref, flags in zip(
                *map(self.ids, chunk.ends), *values, *refs, self.link_flags(chunk.ends), strict=True
            ):
                yield {
                    "left": left,
                    "right": right,
                    "verdict": LABELS[verdict],
                    "reason": REASONS[reason],
                    **dict(zip(LINK_SCORES, scores, strict=True)),
                    "left_ref": left_ref,
                    "right_ref": right_ref,
                    "flags": flags,
                }

    def link_chunks(self) -> Iterator[LinkChunk]:
        """Yield the links as columns, some thousand at a time."""
        found, pairs = self._found, self._found.pairs
        rows = link_rows(found)
        ends = found.leading_record[np.stack((pairs.left[rows], pairs.right[rows]))]
        shares = np.stack((pairs.containment_left[rows], pairs.containment_right[rows]))
        swapped = found.record_ranks[ends[1]] < found.record_ranks[ends[0]]
        ends[:, swapped], shares[:, swapped] = ends[::-1, swapped], shares[::-1, swapped]
        strength = (-pairs.cosine[rows], -pairs.jaccard[rows], pairs.verdict[rows])
        order = self._by_strength(strength, ends)
        scores = np.stack((pairs.jaccard[rows], *shares, pairs.cosine[rows]))
        for start in range(0, len(order), ROWS_AT_ONCE):
            part = order[start : start + ROWS_AT_ONCE]
            here = rows[part]
            yield LinkChunk(ends[:, part], pairs.verdict[here], pairs.reason[here], scores[:, part])

    def _by_strength(self, strength: Sequence[NDArray[Any]], ends: Int64s) -> Int64s:
        """Return the order of links, given what decides from the least to the most."""
        order = np.lexsort(strength)
        groups = np.zeros(len(order), np.int64)
        for column in strength:
            groups[1:] |= np.diff(column[order]) != 0
        groups = np.cumsum(groups)
        # few are as strong as another: only their digests are looked at
        tied = np.flatnonzero(np.bincount(groups)[groups] > 1)
        digests = self._found.records.facts.digests[ends[::-1, order[tied]]]
        ties = [end[:, half] for end in digests for half in (1, 0)]
        order[tied] = order[tied][np.lexsort((*ties, groups[tied]))]
        return order

    def link_flags(self, ends: Int64s) -> list[tuple[str, ...]]:
        """Return what metadata adds to each link, given its two records."""
        records = self._found.records
        if not records.has_stories:
            return [()] * ends.shape[1]
        left, right = (map(Metadata, *records.fields_of(rows)) for rows in ends)
        return [
            flags_of(one, other, same_text=False) for one, other in zip(left, right, strict=True)
        ]

    def repeats(self) -> Iterator[Row]:
        """Yield the repeats as :class:`dedup.findings.Repeat` holds them, in reading order."""
        repeats = self._found.repeats
        bounds = np.searchsorted(repeats.groups, np.arange(len(repeats.verdicts) + 1))
        for part in _chunks(np.diff(bounds)):
            here = slice(int(bounds[part.start]), int(bounds[part.stop]))
            columns = (repeats.starts, repeats.ends, repeats.first_lines, repeats.last_lines)
            places = zip(*(column[here].tolist() for column in columns), strict=True)
            occurrences = (
                {"start": start, "end": end, "first_line": first, "last_line": last}
                for start, end, first, last in places
            )
            documents = repeats.documents[bounds[:-1][part]]
            excerpts = repeats.excerpts[part].tobytes()
            groups = zip(
                self.ids(documents),
                self.places(documents),
                repeats.verdicts[part].tolist(),
                np.round(repeats.jaccards[part], 6).tolist(),
                np.diff(bounds)[part].tolist(),
                range(0, len(excerpts), EXCERPT_BYTES),
                strict=True,
            )
            for document, ref, verdict, jaccard, size, at in groups:
                excerpt = excerpts[at : at + EXCERPT_BYTES].rstrip(b"\0")
                yield {
                    "document": document,
                    "verdict": LABELS[verdict],
                    "jaccard": jaccard,
                    "occurrences": tuple(islice(occurrences, size)),
                    "ref": ref,
                    "excerpt": excerpt.decode(errors="ignore"),
                }

    def reference(self, row: int) -> str:
        """Return ``path#line`` of a record."""
        return next(self.places(np.array([row])))

    def ids(self, rows: Int64s) -> list[str]:
        """Return the id of each record."""
        return self._found.records.fields_of(rows)[0]

    def places(self, rows: Int64s) -> Iterator[str]:
        """Yield ``path#line`` of each record."""
        paths = [file.path for file in self._inputs.files]
        files, lines = self._found.records.files[rows], self._found.records.lines[rows]
        for file, line in zip(files.tolist(), lines.tolist(), strict=True):
            yield f"{paths[file]}#{line}"

    def _clusters(self, number: int, rows: Int64s, sizes: Int64s) -> Iterator[Row]:
        """Yield some clusters, given the records of each, one after the other."""
        leads = np.repeat(rows[np.cumsum(sizes) - sizes], sizes)
        scores = zip(*(column.tolist() for column in self.scores(rows, leads)), strict=True)
        records = self._found.records
        known = map(Metadata, *records.fields_of(rows))
        dates = iter(records.facts.dates[rows].tolist())
        members = zip(known, self.places(rows), scores, strict=True)
        for size in sizes.tolist():
            group = list(islice(members, size))
            lead = group[0][0]
            yield {
                "cluster": number,
                "representative": lead.id,
                "kept_by": self._kept_by[number - 1],
                "merged": _merged([member[0] for member in group], list(islice(dates, size))),
                "members": tuple([_member(lead, *member) for member in group]),
            }
            number += 1

    def scores(self, rows: Int64s, leads: Int64s) -> tuple[Bytes, Bytes, Floats, Floats, Floats]:
        """Verdicts, reasons and scores of members of clusters against their representatives.

        Returns
        -------
        verdicts, reasons, Jaccard, containment in the representative, cosine
        """
        records, pairs = self._found.records, self._found.pairs
        units, lead_units = records.units[rows], records.units[leads]
        digests = records.facts.digests
        same_text = (digests[rows] == digests[leads]).all(axis=1)
        reasons = np.where(same_text, Reason.SAME_BYTES, Reason.SAME_TEXT).astype(np.uint8)
        jaccard, containment, cosine = np.ones((3, len(rows)))
        scored = np.flatnonzero(units != lead_units)
        at = np.searchsorted(self._codes, pair_codes(units[scored], lead_units[scored]))
        reasons[scored], jaccard[scored] = pairs.reason[at], pairs.jaccard[at]
        cosine[scored] = pairs.cosine[at]
        is_left = pairs.left[at] == units[scored]
        own = np.where(is_left, pairs.containment_left[at], pairs.containment_right[at])
        containment[scored] = own
        return verdicts_of(reasons), reasons, jaccard, containment, cosine

    @cached_property
    def _kept_by(self) -> list[str]:
        """Why the representative of each cluster stands before its second member."""
        starts = self.bounds[:-1]
        kept, next_best = self.members[starts], self.members[starts + 1]
        return deciding_rules(self._found.records.facts, self._found.policy, kept, next_best)

    @cached_property
    def _codes(self) -> UInt64s:
        return self._found.pairs.codes


def _member(lead: Metadata, about: Metadata, ref: str, scores: tuple[Any, ...]) -> Row:
    """Return the fields of :class:`dedup.findings.Member`, given what ``scores`` returns."""
    verdict, reason, jaccard, containment, cosine = scores
    return {
        "id": about.id,
        "ref": ref,
        "verdict": LABELS[verdict],
        "reason": REASONS[reason],
        "jaccard": jaccard,
        "containment": containment,
        "cosine": cosine,
        "flags": flags_of(lead, about, same_text=verdict == Verdict.EXACT),
        "title": about.title,
        "url": about.url,
        "date": about.date,
        "source": about.source,
    }


def _merged(members: list[Metadata], dates: list[int]) -> Row:
    """Return the fields of :class:`dedup.findings.Merged`, given the dates as numbers, too."""
    dated = [(date, about.date) for about, date in zip(members, dates, strict=True)]
    dated = [pair for pair in dated if pair[0] != NO_DATE]
    return {
        "n_records": len(members),
        "urls": tuple(dict.fromkeys([about.url for about in members if about.url])),
        "sources": tuple(dict.fromkeys([about.source for about in members if about.source])),
        "first_date": min(dated, key=itemgetter(0))[1] if dated else None,
        "last_date": max(dated, key=itemgetter(0))[1] if dated else None,
    }


def flags_of(one: Metadata, other: Metadata, *, same_text: bool) -> tuple[str, ...]:
    """Return what metadata adds to a verdict; a revision has a changed text."""
    other_title = not same_title(one.title, other.title)
    revision = not same_text and bool(same_story(one, other))
    return ("other-title",) * other_title + ("revision",) * revision


def link_rows(found: Found) -> Int64s:
    """Return the pairs that are links: related, and not in one cluster."""
    pairs, lead = found.pairs, found.representative
    apart = lead[pairs.left] != lead[pairs.right]
    near = (pairs.verdict == Verdict.NEAR) & apart
    return np.flatnonzero(np.isin(pairs.verdict, [int(v) for v in LINKS]) | near)


def clustered_records(found: Found) -> tuple[Int64s, Int64s]:
    """Return the records of clusters of two and more, and where each cluster starts.

    Clusters stand largest first, then by the content digest of their representative;
    records inside in survivor-policy order. Scanning against another corpus, a cluster
    holds its representative there and the scanned records.
    """
    records = found.records
    units, against = np.asarray(records.units), np.asarray(records.facts.against)
    rows = np.flatnonzero(units >= 0)
    rows = rows[np.lexsort((found.record_ranks[rows], found.representative[units[rows]]))]
    labels = found.representative[units[rows]]
    first = np.diff(labels, prepend=-1) != 0
    if against.any():
        starts = np.flatnonzero(first)
        lead_against = np.repeat(against[rows[starts]], np.diff(np.append(starts, len(rows))))
        kept = (first | ~against[rows]) & lead_against
        rows, labels = rows[kept], labels[kept]
        first = np.diff(labels, prepend=-1) != 0
    starts = np.flatnonzero(first)
    sizes = np.diff(np.append(starts, len(rows)))
    starts, sizes = starts[sizes > 1], sizes[sizes > 1]
    digests = records.facts.digests[rows[starts]]
    order = np.lexsort((digests[:, 1], digests[:, 0], -sizes))
    starts, sizes = starts[order], sizes[order]
    bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    return rows[_ranges(starts, sizes)], bounds


def _ranges(starts: Int64s, sizes: Int64s) -> Int64s:
    """Return the numbers of all ranges, one range after the other."""
    ends = np.cumsum(sizes)
    return np.arange(int(sizes.sum())) + np.repeat(starts - ends + sizes, sizes)


def _chunks(sizes: Int64s) -> Iterator[slice]:
    """Cut groups into slices of about ``ROWS_AT_ONCE`` rows; a larger group is its own."""
    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = int(ends[start - 1]) if start else 0
        stop = int(np.searchsorted(ends, before + ROWS_AT_ONCE, side="right"))
        stop = max(stop, start + 1)
        yield slice(start, stop)
        start = stop

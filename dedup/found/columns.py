"""What was found, with ids, as columns of some thousand rows at a time.

Rows (:mod:`dedup.found.rows`) and the files of a results folder are made of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.found.flags import flags_between
from dedup.found.outcome import Found, excerpt_texts
from dedup.found.slices import slices_of
from dedup.inputs import Inputs
from dedup.metadata.records import MetadataColumns
from dedup.metadata.survivors import FULLEST, deciding_rules
from dedup.model import Bytes, Floats, Int64s, Reason, UInt64s, Verdict, ranges
from dedup.pairs import pair_codes
from dedup.verdicts import verdicts_of

LABELS = tuple(verdict.label for verdict in Verdict)
REASONS = tuple(reason.label for reason in Reason)
LINKS = (Verdict.CONTAINED, Verdict.REWRITE, Verdict.TEMPLATE)
ROWS_AT_ONCE = 1 << 14

_BEGINNING = 400
"""Bytes of a text that stand for its title."""
MEMBER_SCORES = ("jaccard", "containment", "cosine", "own_words")


@dataclass(frozen=True, slots=True)
class MemberColumns:
    """Some members of clusters.

    Attributes
    ----------
    rows : int64 array, shape (n,)
        The records.
    fields : MetadataColumns
    dates : int64 array, shape (n,)
        Their dates as numbers; ``NO_DATE`` for none.
    verdicts, reasons : uint8 arrays, shape (n,)
        Against the representatives.
    scores : tuple of float64 arrays, and one of int64, shape (n,)
        As ``MEMBER_SCORES`` names them.
    flags : uint8 array, shape (n,)
        Places in :data:`dedup.found.flags.FLAGS`.
    """

    rows: Int64s
    fields: MetadataColumns
    dates: Int64s
    verdicts: Bytes
    reasons: Bytes
    scores: tuple[NDArray[Any], ...]
    flags: Bytes


@dataclass(frozen=True, slots=True)
class LinkColumns:
    """Some links.

    Attributes
    ----------
    rows : int64 array, shape (n_records,)
        The records that they name, ascending.
    ids, titles : lists of str
        Their ids, and their titles where there are any.
    left, right : int64 arrays, shape (n,)
        The two ends of each link, as places in ``rows``.
    verdicts, reasons : uint8 arrays, shape (n,)
    scores : float64 array, shape (4, n)
        Jaccard, containment of left and of right, cosine.
    flags : uint8 array, shape (n,)
        Places in :data:`dedup.found.flags.FLAGS`.
    """

    rows: Int64s
    ids: list[str]
    titles: list[str | None]
    left: Int64s
    right: Int64s
    verdicts: Bytes
    reasons: Bytes
    scores: Floats
    flags: Bytes


@dataclass(frozen=True, slots=True)
class RepeatColumns:
    """Some repeats.

    Attributes
    ----------
    rows : int64 array, shape (n,)
        The records that hold them.
    verdicts : uint8 array, shape (n,)
    jaccards : float64 array, shape (n,)
    excerpts : list of str
    sizes : int64 array, shape (n,)
        How many occurrences each has.
    spans : tuple of int64 arrays, shape (n_occurrences,)
        Start, end, first and last line of the occurrences, those of one repeat after the other.
    """

    rows: Int64s
    verdicts: Bytes
    jaccards: Floats
    excerpts: list[str]
    sizes: Int64s
    spans: tuple[Int64s, ...]


class FoundColumns:
    """Columns of clusters, links and repeats, made as they are asked for.

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

    def member_columns(self, rows: Int64s, leads: Int64s) -> MemberColumns:
        """Return members of clusters, one cluster after the other.

        Parameters
        ----------
        rows : int64 array, shape (n,)
            The records. Of each cluster but the first, the representative comes first.
        leads : int64 array, shape (n,)
            The representative of each.
        """
        verdicts, reasons, *scores = self.scores(rows, leads)
        records = self._found.records
        # the representative of the first cluster may stand among earlier members
        fields = records.fields_of(np.concatenate((leads[:1], rows)))
        flags = np.zeros(len(rows), np.uint8)
        own = MetadataColumns._make(column[1:] for column in fields)
        if records.has_stories:
            lead_at = np.where(rows == leads, np.arange(1, len(rows) + 1), 0)
            lead_fields = fields.at(np.maximum.accumulate(lead_at))
            flags = flags_between(lead_fields, own, verdicts == Verdict.EXACT)
        dates = records.facts.dates[rows]
        return MemberColumns(rows, own, dates, verdicts, reasons, tuple(scores), flags)

    def link_columns(self, most: int | None = None) -> Iterator[LinkColumns]:
        """Yield the links, some thousand at a time.

        Parameters
        ----------
        most : int, optional
            Of each verdict only so many, the strongest.
        """
        found, pairs = self._found, self._found.pairs
        rows = link_rows(found)
        ends = found.order.leads[np.stack((pairs.left[rows], pairs.right[rows]))]
        shares = np.stack((pairs.containment_left[rows], pairs.containment_right[rows]))
        swapped = found.order.ranks[ends[1]] < found.order.ranks[ends[0]]
        ends[:, swapped], shares[:, swapped] = ends[::-1, swapped], shares[::-1, swapped]
        strength = (-pairs.cosine[rows], -pairs.jaccard[rows], pairs.verdict[rows])
        order = self._by_strength(strength, ends)
        if most is not None:
            verdicts = pairs.verdict[rows[order]]  # ascending
            order = order[np.arange(len(order)) - np.searchsorted(verdicts, verdicts) < most]
        scores = np.stack((pairs.jaccard[rows], *shares, pairs.cosine[rows]))
        for start in range(0, len(order), ROWS_AT_ONCE):
            part = order[start : start + ROWS_AT_ONCE]
            here = rows[part]
            known, places = np.unique(ends[:, part], return_inverse=True)
            left, right = places.reshape(2, -1)
            fields = found.records.fields_of(known)
            flags = np.zeros(len(part), np.uint8)
            if found.records.has_stories:
                other_bytes = np.zeros(len(part), np.bool_)
                flags = flags_between(fields.at(left), fields.at(right), other_bytes)
            verdicts, reasons = pairs.verdict[here], pairs.reason[here]
            yield LinkColumns(
                known, fields.ids, fields.titles, left, right, verdicts, reasons,
                scores[:, part], flags,
            )  # fmt: skip

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

    def repeat_columns(self) -> Iterator[RepeatColumns]:
        """Yield the repeats, some thousand occurrences at a time."""
        repeats = self._found.repeats
        bounds = np.searchsorted(repeats.groups, np.arange(len(repeats.verdicts) + 1))
        spans = (repeats.starts, repeats.ends, repeats.first_lines, repeats.last_lines)
        for part in slices_of(np.diff(bounds), ROWS_AT_ONCE):
            here = slice(int(bounds[part.start]), int(bounds[part.stop]))
            yield RepeatColumns(
                repeats.documents[bounds[:-1][part]],
                repeats.verdicts[part],
                np.round(repeats.jaccards[part], 6),
                excerpt_texts(repeats.excerpts[part]),
                np.diff(bounds)[part],
                tuple(column[here] for column in spans),
            )

    def reference(self, row: int) -> str:
        """Return ``path#line`` of a record."""
        return self.places(np.array([row]))[0]

    def ids(self, rows: Int64s) -> list[str]:
        """Return the id of each record."""
        return self._found.records.about.ids.strings(rows)

    def beginning(self, row: int) -> str:
        """Return how the text of a record begins, if texts are stored."""
        texts = self._found.records.texts
        if texts is None:
            return ""
        start, end = texts.offsets[row : row + 2].tolist()
        return texts.data[start : min(end, start + _BEGINNING)].tobytes().decode(errors="ignore")

    def places(self, rows: Int64s) -> list[str]:
        """Return ``path#line`` of each record."""
        files, lines = self._found.records.files[rows].tolist(), self._found.records.lines[rows]
        paths = {file: self._inputs.files[file].path for file in set(files)}
        return [f"{paths[file]}#{line}" for file, line in zip(files, lines.tolist(), strict=True)]

    def scores(
        self, rows: Int64s, leads: Int64s
    ) -> tuple[Bytes, Bytes, Floats, Floats, Floats, Int64s]:
        """Verdicts, reasons and scores of members of clusters against their representatives.

        Returns
        -------
        verdicts, reasons, Jaccard, containment in the representative, cosine, and words
        of passages that the representative lacks
        """
        records, pairs = self._found.records, self._found.pairs
        units, lead_units = records.units[rows], records.units[leads]
        digests = records.facts.digests
        same_text = (digests[rows] == digests[leads]).all(axis=1)
        reasons = np.where(same_text, Reason.SAME_BYTES, Reason.SAME_TEXT).astype(np.uint8)
        jaccard, containment, cosine = np.ones((3, len(rows)))
        own_words = np.zeros(len(rows), np.int64)
        scored = np.flatnonzero(units != lead_units)
        at = np.searchsorted(self._codes, pair_codes(units[scored], lead_units[scored]))
        reasons[scored], jaccard[scored] = pairs.reason[at], pairs.jaccard[at]
        cosine[scored] = pairs.cosine[at]
        is_left = pairs.left[at] == units[scored]
        own = np.where(is_left, pairs.containment_left[at], pairs.containment_right[at])
        containment[scored] = own
        own_words[scored] = np.where(is_left, pairs.own_words_left[at], pairs.own_words_right[at])
        return verdicts_of(reasons), reasons, jaccard, containment, cosine, own_words

    def copies_by_verdict(self) -> dict[str, int]:
        """Return how many members of clusters are which copy of their representative."""
        counts, sizes = np.zeros(len(LABELS), np.int64), np.diff(self.bounds)
        for part in slices_of(sizes, ROWS_AT_ONCE):
            rows = self.members[self.bounds[part.start] : self.bounds[part.stop]]
            leads = np.repeat(self.members[self.bounds[:-1][part]], sizes[part])
            verdicts, *_ = self.scores(rows, leads)
            counts += np.bincount(verdicts[rows != leads], minlength=len(LABELS))
        named = zip(LABELS, counts.tolist(), strict=True)
        return {label: n for label, n in named if n}

    @cached_property
    def kept_by(self) -> list[str]:
        """Why the representative of each cluster stands before its second member."""
        starts = self.bounds[:-1]
        kept, next_best = self.members[starts], self.members[starts + 1]
        ranks = self._found.order.ranks
        rules = deciding_rules(self._found.records.facts, self._found.order.policy, kept, next_best)
        # the other way round by what records say: the texts decided
        gave_way = (ranks[kept] > ranks[next_best]).tolist()
        return [FULLEST if way else rule for rule, way in zip(rules, gave_way, strict=True)]

    @cached_property
    def _codes(self) -> UInt64s:
        return self._found.pairs.codes


def link_rows(found: Found) -> Int64s:
    """Return the pairs that are links: related, and not in one cluster."""
    pairs, lead = found.pairs, found.resolved.representative
    apart = lead[pairs.left] != lead[pairs.right]
    near = (pairs.verdict == Verdict.NEAR) & apart
    return np.flatnonzero(np.isin(pairs.verdict, [int(v) for v in LINKS]) | near)


def clustered_records(found: Found) -> tuple[Int64s, Int64s]:
    """Return the records of clusters of two and more, and where each cluster starts.

    Clusters stand largest first, then by the content digest of their representative;
    inside, the representative comes first, the others in survivor-policy order. Scanning
    against another corpus, a cluster holds its representative there and the scanned records.
    """
    facts = found.records.facts
    against = np.asarray(facts.against)
    rows, labels = _cluster_rows(found)
    if against.any():
        rows, labels = _only_against(rows, labels, against)
    return _largest_first(rows, labels, facts.digests)


def _cluster_rows(found: Found) -> tuple[Int64s, Int64s]:
    """Return the records that share a representative, cluster by cluster, and which that is."""
    units = np.asarray(found.records.units)
    rows = np.flatnonzero(units >= 0)
    labels = found.resolved.representative[units[rows]]
    shared = np.bincount(labels)[labels] > 1  # to sort all records takes ten times as long
    rows, labels = rows[shared], labels[shared]
    represents = found.order.leads[labels] == rows
    order = np.lexsort((found.order.ranks[rows], ~represents, labels))
    return rows[order], labels[order]


def _only_against(
    rows: Int64s, labels: Int64s, against: NDArray[np.bool_]
) -> tuple[Int64s, Int64s]:
    """Keep the clusters whose representative is in the other corpus: it, and scanned records."""
    starts, sizes = _starts_and_sizes(labels)
    kept = ~against[rows]
    kept[starts] = True
    kept &= np.repeat(against[rows[starts]], sizes)
    return rows[kept], labels[kept]


def _largest_first(rows: Int64s, labels: Int64s, digests: UInt64s) -> tuple[Int64s, Int64s]:
    """Order clusters of two and more; return their records, and where each cluster starts."""
    starts, sizes = _starts_and_sizes(labels)
    starts, sizes = starts[sizes > 1], sizes[sizes > 1]
    of_leads = digests[rows[starts]]
    order = np.lexsort((of_leads[:, 1], of_leads[:, 0], -sizes))
    starts, sizes = starts[order], sizes[order]
    bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    return rows[ranges(starts, sizes)], bounds


def _starts_and_sizes(labels: Int64s) -> tuple[Int64s, Int64s]:
    """Return where each run of equal labels starts, and how long it is."""
    starts = np.flatnonzero(np.diff(labels, prepend=-1))
    return starts, np.diff(starts, append=len(labels))

"""The result of a scan: clusters, links, repeats and counts, with ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.config import Settings
from dedup.errors import CountsError
from dedup.found import Found
from dedup.model import Int64s, Quarantined, SourceFile, Verdict
from dedup.pairs import pair_codes
from dedup.records import Metadata, same_title
from dedup.spill import Spill

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_KEPT_METADATA = 1 << 16
"""Records whose metadata is kept at hand: neighbours in the output share records."""
_LINKS = (Verdict.CONTAINED, Verdict.REWRITE, Verdict.TEMPLATE)


@dataclass(frozen=True, slots=True)
class Member:
    """One record of a cluster and its scores against the representative.

    ``containment`` is the share of the member's shingles that the representative
    holds. The representative itself stands among the members as its own exact copy.
    """

    id: str
    ref: str
    verdict: str
    jaccard: float
    containment: float
    cosine: float
    flags: tuple[str, ...] = ()
    title: str | None = None
    url: str | None = None
    date: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """Records that are removable duplicates of their representative.

    ``cluster`` numbers from 1, largest first; the representative is the first member.
    """

    cluster: int
    representative: str
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Two related records that are no removable duplicates.

    ``containment_left`` is the share of the left text's shingles that the right holds.
    """

    left: str
    right: str
    verdict: str
    jaccard: float
    containment_left: float
    containment_right: float
    cosine: float
    left_ref: str
    right_ref: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place of a repeated passage.

    ``start`` and ``end`` count characters of the raw text from 0, end exclusive; lines
    count from 1.
    """

    start: int
    end: int
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Repeat:
    """A passage that stands more than once in one document; ``excerpt`` is how it begins."""

    document: str
    verdict: str
    jaccard: float
    occurrences: tuple[Occurrence, ...]
    ref: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was read, and what could not be."""

    files: Sequence[SourceFile]
    skipped: Sequence[tuple[str, str]]
    quarantine: Sequence[Quarantined]
    put_aside: Sequence[Quarantined] = ()
    """Records of the corpus scanned against that could not be read."""


class Result:
    """What a scan found. Numbers are computed at once, records are looked up as asked.

    Attributes
    ----------
    settings : Settings
    counts : dict of str to int
        Every record is accounted for:
        ``read = unique + members + empty + quarantined``.
    inputs : Inputs
    found : Found
        The arrays behind everything here.
    """

    def __init__(self, found: Found, settings: Settings, inputs: Inputs, spill: Spill) -> None:
        self._spill = spill
        self._about = lru_cache(_KEPT_METADATA)(found.records.metadata)
        self.found = found
        self.settings = settings
        self.inputs = inputs
        self._cluster_rows, self._cluster_bounds = _clustered_records(found)
        self.counts = self._count()

    @cached_property
    def clusters(self) -> list[Cluster]:
        """All clusters, largest first."""
        return list(self.iter_clusters())

    @cached_property
    def links(self) -> list[Link]:
        """All links, by verdict and strength."""
        return list(self.iter_links())

    @cached_property
    def repeats(self) -> list[Repeat]:
        """All repeats inside documents, in reading order."""
        return list(self.iter_repeats())

    @property
    def quarantine(self) -> Sequence[Quarantined]:
        """Records that could not be read."""
        return self.inputs.quarantine

    def iter_clusters(self) -> Iterator[Cluster]:
        """Yield the clusters one at a time, largest first."""
        for number in range(1, len(self._cluster_bounds)):
            yield self._cluster(number, self.cluster_records(number))

    def cluster_records(self, number: int) -> Int64s:
        """Return the records of a cluster, the representative first."""
        bounds = self._cluster_bounds
        return self._cluster_rows[bounds[number - 1] : bounds[number]]

    def iter_links(self) -> Iterator[Link]:
        """Yield the links: related pairs that are not in one cluster."""
        found, pairs = self.found, self.found.pairs
        rows = _link_rows(found)
        order = np.lexsort((-pairs.cosine[rows], -pairs.jaccard[rows], pairs.verdict[rows]))
        links = [self._link(row) for row in rows[order].tolist()]
        links.sort(key=lambda link: (link.verdict, -link.jaccard, -link.cosine, link.left))
        yield from links

    def iter_repeats(self) -> Iterator[Repeat]:
        """Yield the repeats, in reading order."""
        repeats = self.found.repeats
        places = np.stack(
            (repeats.starts, repeats.ends, repeats.first_lines, repeats.last_lines), axis=1
        )
        bounds = np.searchsorted(repeats.groups, np.arange(len(repeats.verdicts) + 1))
        for group in range(len(repeats.verdicts)):
            here = slice(int(bounds[group]), int(bounds[group + 1]))
            row = int(repeats.documents[here.start])
            yield Repeat(
                document=self._about(row).id,
                verdict=Verdict(int(repeats.verdicts[group])).label,
                jaccard=round(float(repeats.jaccards[group]), 6),
                occurrences=tuple(Occurrence(*place) for place in places[here].tolist()),
                ref=self.reference(row),
                excerpt=bytes(repeats.excerpts[group]).rstrip(b"\0").decode(errors="ignore"),
            )

    def reference(self, row: int) -> str:
        """Return ``path#line`` of a record."""
        records = self.found.records
        file = int(records.files[row])
        return f"{self.inputs.files[file].path}#{int(records.lines[row])}"

    def named_records(self) -> Iterator[tuple[int, int | None]]:
        """Yield each record that a cluster, link or repeat names, and its cluster."""
        found = self.found
        for number in range(1, len(self._cluster_bounds)):
            for row in self.cluster_records(number).tolist():
                yield row, number
        linked = _link_rows(found)
        ends = np.concatenate((found.pairs.left[linked], found.pairs.right[linked]))
        others = np.concatenate((found.leading_record[ends], found.repeats.documents))
        yield from ((row, None) for row in np.setdiff1d(others, self._cluster_rows).tolist())

    def document(self, row: int, cluster: int | None) -> dict[str, Any]:
        """Return what is known of one record, as ``documents.parquet`` holds it."""
        records = self.found.records
        digest = records.facts.digests[row]
        return {
            "record": row,
            "file": self.inputs.files[int(records.files[row])].path,
            "line": int(records.lines[row]),
            "byte_offset": int(records.byte_offsets[row]),
            "digest": f"{int(digest[0]):016x}{int(digest[1]):016x}",
            "n_chars": int(records.facts.n_chars[row]),
            "cluster": cluster,
            "text": records.texts[row].decode() if records.texts is not None else None,
            **asdict(self._about(row)),
        }

    def pairs_table(self) -> pa.Table:
        """Return every scored pair above the floor as an Arrow table.

        ``left`` and ``right`` are the ids of the records that lead their units; the
        other columns are those of :class:`dedup.pairs.ScoredPairs`.
        """
        import pyarrow as pa  # noqa: PLC0415 - 0.1 s that most runs never need

        return pa.table(self.pair_columns(slice(None)))

    def pairs_frame(self) -> pd.DataFrame:
        """Return :meth:`pairs_table` as a pandas data frame (needs pandas)."""
        frame: pd.DataFrame = self.pairs_table().to_pandas()
        return frame

    def to_dict(self) -> dict[str, Any]:
        """Return the whole result as plain values, as ``--json`` prints it."""
        return {
            "counts": self.counts,
            "clusters": [asdict(cluster) for cluster in self.iter_clusters()],
            "links": [asdict(link) for link in self.iter_links()],
            "repeats": [asdict(repeat) for repeat in self.iter_repeats()],
        }

    def _cluster(self, number: int, rows: Int64s) -> Cluster:
        lead = int(rows[0])
        about_lead = self._about(lead)
        members = tuple(self._member(int(row), lead, about_lead) for row in rows.tolist())
        return Cluster(number, about_lead.id, members)

    def _member(self, row: int, lead: int, about_lead: Metadata) -> Member:
        about = about_lead if row == lead else self._about(row)
        verdict, scores = self._scores(row, lead)
        flags = self._flags((lead, about_lead), (row, about))
        return Member(
            about.id,
            self.reference(row),
            verdict.label,
            *scores,
            flags=flags,
            title=about.title,
            url=about.url,
            date=about.date,
            source=about.source,
        )

    def _scores(self, row: int, lead: int) -> tuple[Verdict, tuple[float, float, float]]:
        """Verdict, Jaccard, containment in the representative, and cosine."""
        records, pairs = self.found.records, self.found.pairs
        unit, lead_unit = int(records.units[row]), int(records.units[lead])
        if unit == lead_unit:
            same = bool((records.facts.digests[row] == records.facts.digests[lead]).all())
            return (Verdict.EXACT if same else Verdict.NORMALISED), (1.0, 1.0, 1.0)
        code = pair_codes(np.array([unit]), np.array([lead_unit]))
        at = int(np.searchsorted(self._codes, code)[0])
        own = pairs.containment_left if pairs.left[at] == unit else pairs.containment_right
        scores = float(pairs.jaccard[at]), float(own[at]), float(pairs.cosine[at])
        return Verdict(int(pairs.verdict[at])), scores

    def _link(self, row: int) -> Link:
        found, pairs = self.found, self.found.pairs
        ends = [int(found.leading_record[side[row]]) for side in (pairs.left, pairs.right)]
        containment = [float(pairs.containment_left[row]), float(pairs.containment_right[row])]
        if found.record_ranks[ends[1]] < found.record_ranks[ends[0]]:
            ends.reverse()
            containment.reverse()
        about = [self._about(end) for end in ends]
        return Link(
            left=about[0].id,
            right=about[1].id,
            verdict=Verdict(int(pairs.verdict[row])).label,
            jaccard=float(pairs.jaccard[row]),
            containment_left=containment[0],
            containment_right=containment[1],
            cosine=float(pairs.cosine[row]),
            left_ref=self.reference(ends[0]),
            right_ref=self.reference(ends[1]),
            flags=self._flags((ends[0], about[0]), (ends[1], about[1])),
        )

    def _flags(self, one: tuple[int, Metadata], other: tuple[int, Metadata]) -> tuple[str, ...]:
        records = self.found.records
        flags: list[str] = []
        if not same_title(one[1].title, other[1].title):
            flags.append("other-title")
        for keys in (records.url_keys, records.story_keys):
            differ = (records.facts.digests[one[0]] != records.facts.digests[other[0]]).any()
            if keys[one[0]] and keys[one[0]] == keys[other[0]] and differ:
                flags.append("revision")
                break
        return tuple(flags)

    @cached_property
    def _codes(self) -> np.ndarray[Any, np.dtype[np.uint64]]:
        return self.found.pairs.codes

    def pair_columns(self, part: slice) -> dict[str, Any]:
        """Return some rows of :meth:`pairs_table` as plain columns."""
        pairs, leads = self.found.pairs, self.found.leading_record

        def ids(units: Int64s) -> list[str]:
            return [self._about(row).id for row in leads[units].tolist()]

        labels = {int(verdict): verdict.label for verdict in Verdict}
        names = ("jaccard", "containment_left", "containment_right", "cosine")
        names += ("distinctive_jaccard", "distinctive_containment")
        names += ("number_agreement", "only_numbers_differ")
        return {
            "left": ids(pairs.left[part]),
            "right": ids(pairs.right[part]),
            "left_record": leads[pairs.left[part]],
            "right_record": leads[pairs.right[part]],
            "verdict": [labels[value] for value in pairs.verdict[part].tolist()],
            **{name: getattr(pairs, name)[part] for name in names},
        }

    def _count(self) -> dict[str, int]:
        """Count everything, and check that every record is accounted for."""
        found, records = self.found, self.found.records
        scanned = ~np.asarray(records.facts.against)
        units = np.asarray(records.units)
        n_quarantined = len(self.inputs.quarantine)
        n_members = int(scanned[self._cluster_rows].sum())
        n_clusters = len(self._cluster_bounds) - 1
        n_empty = int((scanned & (units < 0)).sum())
        n_read = int(scanned.sum()) + n_quarantined
        clustered = np.zeros(len(units), np.bool_)
        clustered[self._cluster_rows] = True
        n_unique = int((scanned & ~clustered & (units >= 0)).sum())
        if n_read != n_unique + n_members + n_empty + n_quarantined:
            message = (
                f"the counts do not add up: read {n_read}, unique {n_unique}, members {n_members}, "
                f"empty {n_empty}, quarantined {n_quarantined}. This is a defect of dedup; "
                "please report it. Nothing was removed."
            )
            raise CountsError(message)
        leads_scanned = int(scanned[self._cluster_rows[self._cluster_bounds[:-1]]].sum())
        link_verdicts = found.pairs.verdict[_link_rows(found)]
        return {
            "read": n_read,
            "unique": n_unique,
            "members": n_members,
            "empty": n_empty,
            "quarantined": n_quarantined,
            "clusters": n_clusters,
            "removable": n_members - leads_scanned,
            "links": len(link_verdicts),
            **{v.label: int((link_verdicts == v).sum()) for v in _LINKS},
            "repeats": len(found.repeats.verdicts),
            "documents_with_repeats": len(_distinct(found.repeats.documents)),
            "against": int((~scanned).sum()),
            "against_quarantined": len(self.inputs.put_aside),
            "duplicate_ids": records.n_duplicate_ids,
            "units": found.n_units,
            "candidates": found.candidates.n_candidates,
            "filtered": found.candidates.n_filtered,
            "scored": found.n_scored,
            "scored_on_demand": found.n_on_demand,
            "full_buckets": found.candidates.n_full_buckets,
            "anchored_units": found.candidates.n_anchored_units,
            "capped_units": found.n_capped,
        }


def _distinct(*rows: Int64s) -> list[int]:
    return np.unique(np.concatenate(rows)).tolist()


def _link_rows(found: Found) -> Int64s:
    """Return the pairs that are links: related, and not in one cluster."""
    pairs, lead = found.pairs, found.representative
    apart = lead[pairs.left] != lead[pairs.right]
    near = (pairs.verdict == Verdict.NEAR) & apart
    return np.flatnonzero(np.isin(pairs.verdict, [int(v) for v in _LINKS]) | near)


def _clustered_records(found: Found) -> tuple[Int64s, Int64s]:
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
    places = np.arange(bounds[-1]) - np.repeat(bounds[:-1], sizes) + np.repeat(starts, sizes)
    return rows[places], bounds

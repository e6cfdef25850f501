"""The result of a scan: clusters, links, repeats and counts, with ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.config import Settings
from dedup.corpus_model import CorpusModel
from dedup.errors import CountsError
from dedup.findings import Cluster, Inputs, Link, Member, Occurrence, Repeat, SharedPassage
from dedup.found import Found
from dedup.model import Bytes, Floats, Int64s, Quarantined, Verdict
from dedup.pairs import pair_codes
from dedup.records import Metadata, same_story, same_title
from dedup.shared_passages import documents_sharing, iter_shared
from dedup.spill import Spill

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_LABELS = tuple(verdict.label for verdict in Verdict)
_KEPT_METADATA = 1 << 16
"""Records whose metadata is kept at hand: neighbours in the output share records."""
_LINKS = (Verdict.CONTAINED, Verdict.REWRITE, Verdict.TEMPLATE)


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

    @cached_property
    def passages(self) -> list[SharedPassage]:
        """Passages that several documents share; empty unless ``unit`` is ``passage``."""
        return list(self.iter_passages())

    @property
    def model(self) -> CorpusModel | None:
        """The corpus model of this scan, to judge other scans by."""
        return self.found.model

    @property
    def quarantine(self) -> Sequence[Quarantined]:
        """Records that could not be read."""
        return self.inputs.quarantine

    def iter_clusters(self, most: int | None = None) -> Iterator[Cluster]:
        """Yield the clusters one at a time, largest first.

        Parameters
        ----------
        most : int, optional
            Look up this many members of each cluster at most.
        """
        for number in range(1, len(self._cluster_bounds)):
            yield self._cluster(number, self.cluster_records(number)[:most])

    def cluster_records(self, number: int) -> Int64s:
        """Return the records of a cluster, the representative first."""
        bounds = self._cluster_bounds
        return self._cluster_rows[bounds[number - 1] : bounds[number]]

    def iter_links(self) -> Iterator[Link]:
        """Yield the links: related pairs that are not in one cluster.

        By verdict, then the strongest first, then by content digest.
        """
        found, pairs = self.found, self.found.pairs
        rows = _link_rows(found)
        ends = found.leading_record[np.stack((pairs.left[rows], pairs.right[rows]))]
        shares = np.stack((pairs.containment_left[rows], pairs.containment_right[rows]))
        swapped = found.record_ranks[ends[1]] < found.record_ranks[ends[0]]
        ends[:, swapped], shares[:, swapped] = ends[::-1, swapped], shares[::-1, swapped]
        digests = found.records.facts.digests
        ties = [digests[end, half] for end in ends[::-1] for half in (1, 0)]
        strength = (-pairs.cosine[rows], -pairs.jaccard[rows], pairs.verdict[rows])
        order = np.lexsort((*ties, *strength))
        columns = (
            rows[order].tolist(),
            *ends[:, order].tolist(),
            *shares[:, order].tolist(),
        )
        for row, left, right, share_left, share_right in zip(*columns, strict=True):
            one, other = self._about(left), self._about(right)
            yield Link(
                left=one.id,
                right=other.id,
                verdict=_LABELS[pairs.verdict[row]],
                jaccard=float(pairs.jaccard[row]),
                containment_left=share_left,
                containment_right=share_right,
                cosine=float(pairs.cosine[row]),
                left_ref=self.reference(left),
                right_ref=self.reference(right),
                flags=_flags(one, other, same_text=False),
            )

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

    def iter_passages(self) -> Iterator[SharedPassage]:
        """Yield shared passages: boilerplate last, else those in most documents first."""
        if self.found.passages is not None:
            yield from iter_shared(self.found.passages, self.found.records, self.reference)

    def reference(self, row: int) -> str:
        """Return ``path#line`` of a record."""
        records = self.found.records
        file = int(records.files[row])
        return f"{self.inputs.files[file].path}#{int(records.lines[row])}"

    def named_records(self) -> Iterator[tuple[int, int | None]]:
        """Yield each record that the results name, and its cluster."""
        found = self.found
        for number in range(1, len(self._cluster_bounds)):
            for row in self.cluster_records(number).tolist():
                yield row, number
        linked = _link_rows(found)
        ends = np.concatenate((found.pairs.left[linked], found.pairs.right[linked]))
        shared = documents_sharing(found.passages) if found.passages else ends[:0]
        others = np.concatenate((found.leading_record[ends], found.repeats.documents, shared))
        yield from ((row, None) for row in np.setdiff1d(others, self._cluster_rows).tolist())

    def document(self, row: int, cluster: int | None) -> dict[str, Any]:
        """Return what is known of one record, as ``documents.parquet`` holds it."""
        records, about = self.found.records, self._about(row)
        high, low = records.facts.digests[row].tolist()
        return {
            "record": row,
            "id": about.id,
            "file": self.inputs.files[int(records.files[row])].path,
            "line": int(records.lines[row]),
            "byte_offset": int(records.byte_offsets[row]),
            "digest": f"{high:016x}{low:016x}",
            "n_chars": int(records.facts.n_chars[row]),
            "title": about.title,
            "url": about.url,
            "date": about.date,
            "source": about.source,
            "cluster": cluster,
            "text": records.texts[row].decode() if records.texts is not None else None,
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
        passages = {"passages": [asdict(passage) for passage in self.iter_passages()]}
        return {
            "counts": self.counts,
            "clusters": [asdict(cluster) for cluster in self.iter_clusters()],
            "links": [asdict(link) for link in self.iter_links()],
            "repeats": [asdict(repeat) for repeat in self.iter_repeats()],
            **(passages if self.found.passages is not None else {}),
        }

    def _cluster(self, number: int, rows: Int64s) -> Cluster:
        about_lead = self._about(int(rows[0]))
        verdicts, *scores = self._scores(rows)
        members: list[Member] = []
        columns = (rows.tolist(), verdicts.tolist(), *(column.tolist() for column in scores))
        for row, verdict, jaccard, containment, cosine in zip(*columns, strict=True):
            about = self._about(row)
            members.append(
                Member(
                    id=about.id,
                    ref=self.reference(row),
                    verdict=_LABELS[verdict],
                    jaccard=jaccard,
                    containment=containment,
                    cosine=cosine,
                    flags=_flags(about_lead, about, same_text=verdict == Verdict.EXACT),
                    title=about.title,
                    url=about.url,
                    date=about.date,
                    source=about.source,
                )
            )
        return Cluster(number, about_lead.id, tuple(members))

    def _scores(self, rows: Int64s) -> tuple[Bytes, Floats, Floats, Floats]:
        """Verdicts and scores of the records of a cluster against the first of them.

        Returns
        -------
        verdicts, Jaccard, containment in the representative, cosine
        """
        records, pairs = self.found.records, self.found.pairs
        units, digests = records.units[rows], records.facts.digests[rows]
        same_text = (digests == digests[0]).all(axis=1)
        verdicts = np.where(same_text, Verdict.EXACT, Verdict.NORMALISED).astype(np.uint8)
        jaccard, containment, cosine = np.ones((3, len(rows)))
        scored = np.flatnonzero(units != units[0])
        at = np.searchsorted(self._codes, pair_codes(units[scored], np.full(len(scored), units[0])))
        verdicts[scored], jaccard[scored] = pairs.verdict[at], pairs.jaccard[at]
        cosine[scored] = pairs.cosine[at]
        is_left = pairs.left[at] == units[scored]
        own = np.where(is_left, pairs.containment_left[at], pairs.containment_right[at])
        containment[scored] = own
        return verdicts, jaccard, containment, cosine

    @cached_property
    def _codes(self) -> np.ndarray[Any, np.dtype[np.uint64]]:
        return self.found.pairs.codes

    def pair_columns(self, part: slice) -> dict[str, Any]:
        """Return some rows of :meth:`pairs_table` as plain columns."""
        pairs, leads = self.found.pairs, self.found.leading_record

        def ids(units: Int64s) -> list[str]:
            return [self._about(row).id for row in leads[units].tolist()]

        names = ("jaccard", "containment_left", "containment_right", "cosine")
        names += ("distinctive_jaccard", "distinctive_containment")
        names += ("number_agreement", "only_numbers_differ", "table", "numbers_equal", "shorter")
        names += ("numbers_kept", "numbers_replaced", "words_replaced", "names_replaced")
        return {
            "left": ids(pairs.left[part]),
            "right": ids(pairs.right[part]),
            "left_record": leads[pairs.left[part]],
            "right_record": leads[pairs.right[part]],
            "verdict": [_LABELS[value] for value in pairs.verdict[part].tolist()],
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
        flows = (found, found.passages) if found.passages else (found,)
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
            "near_links": int((link_verdicts == Verdict.NEAR).sum()),
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
            # a cap that bit among passages is told like one among documents
            "full_buckets": sum(flow.candidates.n_full_buckets for flow in flows),
            "anchored_units": sum(flow.candidates.n_anchored_units for flow in flows),
            "capped_units": sum(flow.n_capped for flow in flows),
        }


def _flags(one: Metadata, other: Metadata, *, same_text: bool) -> tuple[str, ...]:
    """Return what metadata adds to a verdict; a revision has a changed text."""
    other_title = not same_title(one.title, other.title)
    revision = not same_text and bool(same_story(one, other))
    return ("other-title",) * other_title + ("revision",) * revision


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

"""The result of a scan: clusters, links, repeats and counts, with ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from msgspec import to_builtins
from numpy.typing import NDArray

from dedup.config import Settings
from dedup.corpus_model import CorpusModel
from dedup.errors import CountsError, MissingExtraError
from dedup.found.arrow import bool_column, chosen_text_column, number_column
from dedup.found.columns import LABELS, LINKS, REASONS, FoundColumns, link_rows
from dedup.found.findings import Cluster, Link, Repeat, SharedPassage
from dedup.found.outcome import Found
from dedup.found.rows import FoundRows
from dedup.found.shared_passages import iter_shared
from dedup.inputs import Inputs
from dedup.metadata.survivors import policy_fields
from dedup.model import Int64s, Quarantined, Verdict
from dedup.pairs import SCORE_NAMES
from dedup.storage.spill import Spill

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_ROWS_AT_ONCE = 1 << 20
_BAD = ("file", "line", "byte_offset", "reason", "raw_length")
_DEFECT = "This is a defect of dedup; please report it. Nothing was removed."


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
    columns : FoundColumns
        What was found as columns.
    rows : FoundRows
        What was found as rows.
    """

    def __init__(self, found: Found, settings: Settings, inputs: Inputs, spill: Spill) -> None:
        self._spill = spill
        self.found = found
        self.settings = settings
        self.inputs = inputs
        self.columns = FoundColumns(found, inputs)
        self.rows = FoundRows(self.columns)
        self.counts = self._count()

    def __getstate__(self) -> NoReturn:
        """Raise: what a result stands on lies in temporary files of this process.

        Raises
        ------
        TypeError
            Always, also when it is to be copied.
        """
        message = (
            "a Result cannot be pickled or copied, its arrays lie in temporary files: write it by "
            "dedup.write_results(result, folder), and read it by dedup.open_results(folder); or "
            "take plain values by result.to_dict()"
        )
        raise TypeError(message)

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
    def model(self) -> CorpusModel:
        """The corpus model of this scan, to judge other scans by."""
        return self.found.model

    @property
    def quarantine(self) -> Sequence[Quarantined]:
        """Records that could not be read."""
        return self.inputs.quarantine

    def iter_quarantine(self) -> Iterator[dict[str, Any]]:
        """Yield the records that could not be read as rows, without their bytes.

        Those of the corpus scanned against come last.
        """
        for against, records in ((False, self.quarantine), (True, self.inputs.put_aside)):
            for bad in records:
                yield {name: getattr(bad, name) for name in _BAD} | {"against": against}

    def iter_clusters(self, most: int | None = None) -> Iterator[Cluster]:
        """Yield the clusters one at a time, largest first.

        Parameters
        ----------
        most : int, optional
            Look up this many members of each cluster at most.
        """
        return self.rows.clusters(most)

    def cluster_records(self, number: int) -> Int64s:
        """Return the records of a cluster, the representative first."""
        bounds = self.columns.bounds
        return self.columns.members[bounds[number - 1] : bounds[number]]

    def iter_links(self, most: int | None = None) -> Iterator[Link]:
        """Yield the links: related pairs that are not in one cluster.

        By verdict, then the strongest first, then by content digest.

        Parameters
        ----------
        most : int, optional
            Look up this many of each verdict at most.
        """
        return self.rows.links(most)

    def iter_repeats(self) -> Iterator[Repeat]:
        """Yield the repeats, in reading order."""
        return self.rows.repeats()

    def iter_passages(self) -> Iterator[SharedPassage]:
        """Yield shared passages: boilerplate last, else those in most documents first."""
        if self.found.passages is not None:
            yield from iter_shared(self.found.passages, self.found.records, self.reference)

    @property
    def kept_fields(self) -> list[str]:
        """Fields of the source whose numbers results keep: those of the survivor policy."""
        return policy_fields(self.settings.keep)

    def reference(self, row: int) -> str:
        """Return ``path#line`` of a record."""
        return self.columns.reference(row)

    def pairs_table(self) -> pa.Table:
        """Return every scored pair above the floor as an Arrow table.

        ``left`` and ``right`` are the ids of the records that lead their units; the
        other columns are those of :class:`dedup.pairs.ScoredPairs`.
        """
        import pyarrow as pa  # noqa: PLC0415 - 0.1 s that most runs never need

        return pa.table(self.pair_columns(slice(None)))

    def pairs_frame(self) -> pd.DataFrame:
        """Return :meth:`pairs_table` as a pandas data frame.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        """
        try:
            import pandas  # pyright: ignore[reportUnusedImport]  # noqa: F401, PLC0415 - an optional extra
        except ImportError as error:
            message = "a data frame needs pandas: pip install 'article-dedup[pandas]'"
            raise MissingExtraError(message) from error
        frame: pd.DataFrame = self.pairs_table().to_pandas()
        return frame

    def to_dict(self) -> dict[str, Any]:
        """Return the whole result as plain values, as ``--json`` prints it."""
        passages = {"passages": list(map(to_builtins, self.iter_passages()))}
        return {
            "counts": self.counts,
            "clusters": list(map(to_builtins, self.iter_clusters())),
            "links": list(map(to_builtins, self.iter_links())),
            "repeats": list(map(to_builtins, self.iter_repeats())),
            **(passages if self.found.passages is not None else {}),
            "quarantine": list(self.iter_quarantine()),
            "skipped": [asdict(skip) for skip in self.inputs.skipped],
        }

    def pair_columns(self, part: slice) -> dict[str, Any]:
        """Return some rows of :meth:`pairs_table` as Arrow columns."""
        pairs, leads = self.found.pairs, self.found.order.leads
        left, right = leads[pairs.left[part]], leads[pairs.right[part]]
        known, places = np.unique(np.stack((left, right)), return_inverse=True)
        ids = self.columns.ids(known)
        left_places, right_places = places.reshape(2, -1)
        return {
            "left": chosen_text_column(ids, left_places),
            "right": chosen_text_column(ids, right_places),
            "left_record": number_column(self.found.records.numbers_of(left)),
            "right_record": number_column(self.found.records.numbers_of(right)),
            "verdict": chosen_text_column(LABELS, pairs.verdict[part]),
            "reason": chosen_text_column(REASONS, pairs.reason[part]),
            **{name: _column(getattr(pairs, name)[part]) for name in SCORE_NAMES},
            "on_demand": bool_column(self.found.resolved.on_demand[part]),
        }

    def _count(self) -> dict[str, int]:
        """Count everything; what documents say of themselves comes first."""
        found, facts = self.found, self.found.records.facts
        return {
            **self._count_records(),
            **count_links(found),
            "repeats": len(found.repeats.verdicts),
            "documents_with_repeats": len(np.unique(found.repeats.documents)),
            "against": int(np.asarray(facts.against).sum()),
            "against_quarantined": len(self.inputs.put_aside),
            "unread_files": sum(not skip.against for skip in self.inputs.unread),
            "against_unread_files": sum(skip.against for skip in self.inputs.unread),
            "duplicate_ids": found.records.n_duplicate_ids,
            "units": found.n_units,
            **_count_work(found),
        }

    def _count_records(self) -> dict[str, int]:
        """Count the scanned records, and check that every one is accounted for."""
        members, bounds = self.columns.members, self.columns.bounds
        scanned = ~np.asarray(self.found.records.facts.against)
        units = np.asarray(self.found.records.units)
        clustered = np.zeros(len(units), np.bool_)
        clustered[members] = True
        n_quarantined = len(self.inputs.quarantine)
        n_members = int(scanned[members].sum())
        counts = {
            "read": int(scanned.sum()) + n_quarantined,
            "unique": int((scanned & ~clustered & (units >= 0)).sum()),
            "members": n_members,
            "empty": int((scanned & (units < 0)).sum()),
            "quarantined": n_quarantined,
        }
        n_read, *parts = counts.values()
        if n_read != sum(parts):
            told = ", ".join(f"{name} {n}" for name, n in counts.items())
            message = f"the counts do not add up: {told}. {_DEFECT}"
            raise CountsError(message)
        _check_files(self.found.records.files, self.inputs)
        n_leads = int(scanned[members[bounds[:-1]]].sum())
        return {**counts, "clusters": len(bounds) - 1, "removable": n_members - n_leads}


def _check_files(files: NDArray[np.int32], inputs: Inputs) -> None:
    """Check that what readers counted in each file arrived.

    The counts of a result come from the records that arrived: they add up without those that
    were lost on the way.

    Parameters
    ----------
    files : int32 array, shape (n_records,)
        Row of the file that each record stands in.
    inputs : Inputs

    Raises
    ------
    CountsError
        Naming the first file that has more records, or fewer.
    """
    kept = np.zeros(len(inputs.files), np.int64)
    for start in range(0, len(files), _ROWS_AT_ONCE):
        kept += np.bincount(files[start : start + _ROWS_AT_ONCE], minlength=len(kept))
    for file, n_kept in zip(inputs.files, kept.tolist(), strict=True):
        if (n_counted := file.n_records - file.n_quarantined) != n_kept:
            message = (
                f"{file.path}: {n_counted:,} records were read and not quarantined, but {n_kept:,} "
                f"were compared. {_DEFECT}"
            )
            raise CountsError(message)
    for against, kept_apart in ((False, inputs.quarantine), (True, inputs.put_aside)):
        n_counted = sum(file.n_quarantined for file in inputs.files if file.against == against)
        if n_counted != len(kept_apart):
            message = (
                f"{n_counted:,} records were put into quarantine, but it holds "
                f"{len(kept_apart):,}. {_DEFECT}"
            )
            raise CountsError(message)


def count_links(found: Found) -> dict[str, int]:
    """Count the links, by verdict too."""
    verdicts = found.pairs.verdict[link_rows(found)]
    return {
        "links": len(verdicts),
        "near_links": int((verdicts == Verdict.NEAR).sum()),
        **{verdict.label: int((verdicts == verdict).sum()) for verdict in LINKS},
    }


def _count_work(found: Found) -> dict[str, int]:
    """Count pairs on their way, and the caps that bit."""
    documents = found.resolved
    candidates = documents.candidates
    flows = (documents, found.passages.resolved) if found.passages else (documents,)
    return {
        "candidates": candidates.n_candidates,
        "filtered": candidates.n_filtered,
        "excerpt_candidates": candidates.n_excerpt_candidates,
        "short_candidates": candidates.n_short_candidates,
        "scored": documents.n_scored,
        "scored_on_demand": documents.n_on_demand,
        # a cap that bit among passages is told like one among documents
        "full_buckets": sum(flow.candidates.n_full_buckets for flow in flows),
        "anchored_units": sum(flow.candidates.n_anchored_units for flow in flows),
        "samples": candidates.n_samples,
        "common_samples": candidates.n_common_samples,
        "anchored_samples": candidates.n_anchored_samples,
        "capped_units": sum(flow.n_capped for flow in flows),
    }


def _column(values: NDArray[Any]) -> pa.Array:
    return bool_column(values) if values.dtype == np.bool_ else number_column(values)

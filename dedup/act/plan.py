"""Which records go, because of whom: decided from results alone, before anything is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dedup.act.restore import restore
from dedup.errors import ResultsError, SettingsError
from dedup.found.columns import MEMBER_SCORES
from dedup.found.shared_passages import MIN_PAGES, sources_of
from dedup.metadata.records import Metadata, MetadataColumns
from dedup.metadata.survivor_order import SurvivorOrder
from dedup.metadata.survivors import parse_policy
from dedup.model import Int64s, Verdict
from dedup.results import Results
from dedup.results.schema import arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

_OF_PAIRS = (
    "left_record right_record verdict reason jaccard cosine containment_left containment_right "
    "own_words_left own_words_right"
).split()
_MARKS = ("cluster", "verdict", "reason", *MEMBER_SCORES)
Row = dict[str, Any]
_ABOUT = ("id", "file", "line", "byte_offset", "against", "representative", *_MARKS)
_ROWS_KEPT = 1 << 10
_MAX_SOURCES = 5


@dataclass(slots=True)
class Plan:
    """What becomes of the named records, a row each as in ``documents.parquet``.

    Attributes
    ----------
    documents : pyarrow.Table
        All columns but the text.
    removed : bool array
    because : int64 array
        Row of the record that a removed one goes because of; -1 where none is left.
    links : dict of int to dict
        For rows that go because of a link: ``verdict``, ``reason`` and scores.
    leads : int64 array
        Row of the first member of the cluster that a record is in; -1 in no cluster.
    n_needed : int
        Linked records that stay because another one goes because of them.
    """

    documents: pa.Table
    removed: NDArray[np.bool_]
    because: Int64s
    links: dict[int, Row]
    leads: Int64s
    n_needed: int = 0
    _ids: dict[int, str] = field(default_factory=dict[int, str])
    _rows: dict[int, Row] = field(default_factory=dict[int, Row])
    _columns: Row = field(default_factory=Row)

    def rows_by_file(self) -> dict[str, list[int]]:
        """Return the scanned rows of each file, in the order in which they stand there."""
        numbers = self.documents["record"].to_numpy()
        files, against = (self.documents[name].to_pylist() for name in ("file", "against"))
        found: dict[str, list[int]] = {}
        for row in np.argsort(numbers).tolist():
            if not against[row]:
                found.setdefault(files[row], []).append(row)
        return found

    def about(self, row: int) -> Row:
        """Return a row of the documents: what is said of a record, and where it stands.

        Row by row: blocks of rows took 2 kB for each member, and with more than 64 of them
        the members of many clusters, in reading order, would have each read another block.
        Some are kept, for a survivor is asked for again and again.
        """
        if not self._columns:  # a table takes longer to find a column than to give its value
            self._columns.update((name, self.documents[name]) for name in _ABOUT)
        if row not in self._rows:
            if len(self._rows) == _ROWS_KEPT:
                self._rows.pop(next(iter(self._rows)))
            self._rows[row] = {name: column[row].as_py() for name, column in self._columns.items()}
        return self._rows[row]

    def id_of_record(self, record: int) -> str:
        """Return the id of a record by its number."""
        if not self._ids:
            numbers = self.documents["record"].to_pylist()
            self._ids.update(zip(numbers, self.documents["id"].to_pylist(), strict=True))
        return self._ids[record]

    def places(self) -> Iterator[tuple[int, str, int]]:
        """Yield row, file and line of every scanned record."""
        columns = (self.documents[name].to_pylist() for name in ("file", "line", "against"))
        for row, (file, line, against) in enumerate(zip(*columns, strict=True)):
            if not against:
                yield row, file, line

    def judgement(self, row: int) -> Row:
        """Return why a removed record goes: cluster, verdict, reason and scores."""
        said = self.links.get(row) or self.about(row)
        return {name: said[name] for name in _MARKS}

    def own_words(self) -> Int64s:
        """Return for each row how many words go that its survivor lacks."""
        words = self.documents["own_words"].fill_null(0).to_numpy().astype(np.int64)
        for row, link in self.links.items():
            words[row] = link["own_words"]
        # what goes because of nobody is not compared with what stays
        words[~self.removed | (self.because < 0)] = 0
        return words


def choose_removals(results: Results, keep: int, links: tuple[str, ...]) -> Plan:
    """Choose the records that go.

    Parameters
    ----------
    results : Results
    keep : int
        How many records of each cluster stay, in survivor order; 0 leaves none.
    links : tuple of str
        Verdicts of links of which the lesser side goes too: the one that stands inside
        the other, else the one that comes later in survivor order. Nothing goes because
        of a record that itself goes.
    """
    table = results.documents([name for name in arrow_schema("documents").names if name != "text"])
    cluster = table["cluster"].fill_null(0).to_numpy()
    members = np.flatnonzero(cluster > 0)
    starts = np.flatnonzero(np.diff(cluster[members], prepend=0))
    sizes = np.diff(np.append(starts, len(members)))
    place = np.zeros(len(cluster), np.int64)
    place[members] = np.arange(len(members)) - np.repeat(starts, sizes)
    against = table["against"].to_numpy().astype(np.bool_)
    removed = (cluster > 0) & (place >= keep) & ~against
    leads = np.full(len(cluster), -1)
    leads[members] = np.repeat(members[starts], sizes)
    because = np.where(removed & (keep > 0), leads, -1)
    plan = Plan(table, removed, because, {}, leads)
    if links:
        _remove_linked(results, plan, links)
    return plan


def check_losses(plan: Plan, results: Results, max_loss: float) -> None:
    """Raise if a source would lose more than a share of its records.

    What goes because it stands in the corpus scanned against is not counted: a page fetched
    again holds nothing new.

    Raises
    ------
    ResultsError
        Naming the sources, those that would lose most first, their shares and the flag.
    """
    totals = dict(
        zip(*(results.sources()[name].to_pylist() for name in ("source", "n_records")), strict=True)
    )
    against = plan.documents["against"].to_numpy().astype(np.bool_)
    known = (plan.because >= 0) & against[plan.because]
    gone = plan.documents.select([*Metadata._fields, "file"]).filter(plan.removed & ~known)
    *about, paths = (column.to_pylist() for column in gone.columns)
    losses = Counter(sources_of(MetadataColumns(*about), paths))
    refused: list[tuple[float, str]] = []
    for source, lost in losses.items():
        total = totals.get(source, lost)
        if total >= MIN_PAGES and lost > max_loss * total:
            told = f"{source!r} would lose {lost:,} of its {total:,} records ({lost / total:.0%})"
            refused.append((lost / total, told))
    if refused:
        refused.sort(key=lambda loss: -loss[0])
        more = len(refused) - _MAX_SOURCES
        message = (
            f"the source{'s' if len(refused) > 1 else ''} "
            f"{', '.join(told for _, told in refused[:_MAX_SOURCES])}"
            f"{f' and {more:,} more' if more > 0 else ''}, more than {max_loss:.0%}: look at the "
            f"clusters first, or allow it with --max-loss {min(100, int(100 * refused[0][0]) + 1)}%"
        )
        raise ResultsError(message)


def parse_keep(text: str) -> tuple[int, str | None]:
    """Return how many records of each cluster stay, and by which policy if by another one.

    Raises
    ------
    SettingsError
        If it is neither ``none`` nor a number nor a survivor policy.

    Examples
    --------
    >>> parse_keep("none"), parse_keep("2"), parse_keep("newest,longest")
    ((0, None), (2, None), (1, 'newest,longest'))
    """
    if text == "none":
        return 0, None
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text), None
    try:
        parse_policy(text)
    except SettingsError as error:
        message = (
            f"--keep is {text!r}: give none, or how many records of each cluster stay, or who "
            f"stays ({error})"
        )
        raise SettingsError(message) from error
    return 1, text


def _remove_linked(results: Results, plan: Plan, verdicts: tuple[str, ...]) -> None:
    """Let the lesser side of links go, the strongest links first."""
    of_unit = _rows_of_units(plan)
    needed = {int(row) for row in np.unique(plan.because[plan.removed])}
    against = plan.documents["against"].to_pylist()
    for link in _links(results, plan, verdicts):
        holder, rows = link.pop("holder"), of_unit[link.pop("unit")]
        going = [row for row in rows if not plan.removed[row] and not against[row]]
        if plan.removed[holder] or not going:
            continue
        if needed & set(going):
            plan.n_needed += 1
            continue
        for row in going:
            plan.removed[row], plan.because[row] = True, holder
            plan.links[row] = link
        needed.add(holder)


def _rows_of_units(plan: Plan) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for row, unit in enumerate(plan.documents["unit"].to_pylist()):
        found.setdefault(unit, []).append(row)
    return found


def _links(results: Results, plan: Plan, verdicts: tuple[str, ...]) -> Iterator[Row]:
    """Yield links, strongest first: the lesser unit, a row that holds it, and the scores."""
    restored = restore(results)
    records = restored.records
    order = SurvivorOrder.of(records, results.settings.keep)
    lead_ranks = order.ranks[order.leads]
    rows = {record: row for row, record in enumerate(plan.documents["record"].to_pylist())}
    units = plan.documents["unit"].to_numpy()
    restored_units = np.searchsorted(np.unique(units[units >= 0]), units)  # numbered densely
    found: list[Row] = []
    clusters = plan.documents["cluster"].to_pylist()
    for pair in _pairs_with(results, verdicts):
        ends = [rows[pair["left_record"]], rows[pair["right_record"]]]
        if clusters[ends[0]] is not None and clusters[ends[0]] == clusters[ends[1]]:
            continue
        shares = [pair["containment_left"], pair["containment_right"]]
        later = [int(lead_ranks[restored_units[end]]) for end in ends]
        by_share = pair["verdict"] == Verdict.CONTAINED.label and shares[0] != shares[1]
        lesser = int(np.argmax(shares if by_share else later))
        marks = {name: pair[name] for name in ("verdict", "reason", "jaccard", "cosine")}
        found.append(
            {
                **marks,
                "cluster": None,
                "containment": shares[lesser],
                "own_words": pair[f"own_words_{('left', 'right')[lesser]}"],
                "unit": int(units[ends[lesser]]),
                "holder": ends[1 - lesser],
            }
        )
    found.sort(key=lambda link: (-link["containment"], -link["jaccard"], link["holder"]))
    return iter(found)


def _pairs_with(results: Results, verdicts: tuple[str, ...]) -> list[Row]:
    """Return the recorded pairs of some verdicts, with what links are made of."""
    import pyarrow.compute as pc  # noqa: PLC0415 - few applications ask for links

    return results.pairs(_OF_PAIRS).filter(pc.field("verdict").isin(verdicts)).to_pylist()

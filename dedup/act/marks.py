"""What ``--annotate`` and ``--merge`` add to a record, and how repeats leave a text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import orjson

from dedup.act.plan import Plan
from dedup.errors import ResultsError
from dedup.found.columns import MEMBER_SCORES
from dedup.found.findings import Merged, Repeat
from dedup.results import Results

Span = tuple[int, int]
MARKS = ("cluster", "representative", "survives", "verdict", *MEMBER_SCORES)
MERGED = Merged.__struct_fields__
_FIXED = ("exact", "normalised")


@dataclass(slots=True)
class Marks:
    """What is to be said of, or done to, single records.

    Attributes
    ----------
    name : str
        Name of the field that is added, or the beginning of the names of columns.
    annotates : bool
        Every record gets the field, and none goes.
    merges : bool
        Survivors get the field, with what their clusters say together.
    spans : dict of int to list of spans
        By row of the plan: characters that repeat an earlier passage of the text.
    merged : dict of int to bytes
        By row of the plan: fields of :class:`dedup.found.findings.Merged` as JSON, which takes
        a fraction of the memory of objects.
    """

    name: str = "dedup"
    annotates: bool = False
    merges: bool = False
    spans: dict[int, list[Span]] = field(default_factory=dict[int, list[Span]])
    merged: dict[int, bytes] = field(default_factory=dict[int, bytes])

    @property
    def fields(self) -> tuple[str, ...]:
        """What is added: the fields of the object, or the columns without their prefix."""
        return MARKS * self.annotates + MERGED * (self.annotates or self.merges)

    @property
    def columns(self) -> list[str]:
        """The names of the columns that a table gets."""
        return [f"{self.name}_{name}" for name in self.fields]

    def adds_to(self, row: int | None) -> bool:
        """Return whether a record gets the field."""
        return self.annotates or row in self.merged


def find_merged(results: Results, plan: Plan) -> dict[int, bytes]:
    """Return what each cluster says together, by the row of the record that tells it.

    That is the first one of the cluster that stays and is written: the representative,
    unless it belongs to another corpus or goes because of a link.
    """
    clusters = plan.documents["cluster"].fill_null(0).to_numpy()
    against = plan.documents["against"].to_numpy().astype(np.bool_)
    staying = np.flatnonzero((clusters > 0) & ~plan.removed & ~against)
    numbers, first = np.unique(clusters[staying], return_index=True)
    rows = dict(zip(numbers.tolist(), staying[first].tolist(), strict=True))
    return {
        rows[cluster.cluster]: msgspec.json.encode(cluster.merged)
        for cluster in results.clusters()
        if cluster.cluster in rows
    }


def mark_of(plan: Plan, marks: Marks, row: int | None) -> dict[str, Any]:
    """Return what is added to a record, all of ``marks.fields``; null what there is not."""
    said: dict[str, Any] = dict.fromkeys(marks.fields)
    if marks.annotates:
        said.update(_judgement(plan, row))
    if row in marks.merged:
        said.update(orjson.loads(marks.merged[row]))
    return said


def _judgement(plan: Plan, row: int | None) -> dict[str, Any]:
    """Return the cluster and scores of a record; of one that results do not name, none."""
    if row is None:
        return {"survives": True}
    about = plan.about(row)
    names = ("verdict", *MEMBER_SCORES)
    lead = None
    if about["representative"] is not None:
        lead = plan.id_of_record(about["representative"])
    return {
        "cluster": about["cluster"],
        "representative": lead,
        "survives": not bool(plan.removed[row]),
        **{name: about[name] for name in names},
    }


def find_fixes(results: Results, plan: Plan) -> dict[int, list[Span]]:
    """Return what of each text repeats an earlier passage of it, by row of the plan.

    Only exact and normalised repeats that are whole lines: taken out of the middle of a
    sentence, a repeated phrase would leave a broken one. The first occurrence of every
    passage stays whole, also where another passage repeats inside it. Texts are read to
    see where lines begin and end.

    Raises
    ------
    ResultsError
        If records of one line of a JSON file have one id: a repeat tells only these.
    """
    found = _fixable(results, plan)
    numbers = plan.documents["record"].to_numpy()
    row_of = {int(numbers[row]): row for row in found}
    fixes: dict[int, list[Span]] = {}
    for record, text in results.texts(row_of):
        row = row_of[record]
        whole = (_whole_lines(text, span) for span in doubled_spans(found[row]))
        if spans := [span for span in whole if span]:
            fixes[row] = spans
    return fixes


def _fixable(results: Results, plan: Plan) -> dict[int, list[Repeat]]:
    """Return the exact and normalised repeats of records that stay, by row of the plan."""
    ids = plan.documents["id"].to_pylist()
    rows: dict[tuple[str, str], list[int]] = {}
    for row, file, line in plan.places():
        rows.setdefault((f"{file}#{line}", ids[row]), []).append(row)
    found: dict[int, list[Repeat]] = {}
    html = {file.path for file in results.inputs if file.format == "html"}
    for repeat in results.repeats():
        here = rows.get((repeat.ref, repeat.document), [])
        if all(plan.removed[row] for row in here) or repeat.verdict not in _FIXED:
            continue
        if len(here) > 1:
            message = (
                f"{repeat.ref}: {len(here):,} records of this line have the id "
                f"{repeat.document!r}, so that it is unknown in which of them a passage repeats: "
                "give them ids, or a line each, and scan again"
            )
            raise ResultsError(message)
        [row] = here
        if repeat.ref.rpartition("#")[0] not in html:
            found.setdefault(row, []).append(repeat)
    return found


def _whole_lines(text: str, span: Span) -> Span | None:
    r"""Return a span with the blanks around it on its lines; None if it shares a line.

    Examples
    --------
    >>> _whole_lines("a\n b \nc", (3, 4)), _whole_lines("a b\nc", (2, 3))
    ((2, 5), None)
    """
    start = text.rfind("\n", 0, span[0]) + 1
    end = text.find("\n", span[1])
    end = len(text) if end < 0 else end
    if text[start : span[0]].strip() or text[span[1] : end].strip():
        return None
    return start, end


def doubled_spans(repeats: list[Repeat]) -> list[Span]:
    """Return the spans to take out, ascending and apart from each other."""
    first = [(r.occurrences[0].start, r.occurrences[0].end) for r in repeats]
    later = sorted((p.start, p.end) for repeat in repeats for p in repeat.occurrences[1:])
    spans: list[Span] = []
    for start, end in later:
        if any(start < stop and begin < end for begin, stop in first):
            continue
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def without(text: str, spans: Iterable[Span]) -> str:
    r"""Return a text without some whole lines, and without blank lines that they leave.

    Examples
    --------
    >>> without("a\nb\nc\nb\nd", [(6, 7)])
    'a\nb\nc\nd'
    >>> without("a\n\nb\n\nc", [(3, 4)])
    'a\n\nc'
    """
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        pieces.append(text[at:start])
        at = end + 1  # the line feed goes too
        blank_before = start == 0 or text[:start].endswith("\n\n")
        while blank_before and text[at : at + 1] == "\n":
            at += 1
    pieces.append(text[at:])
    return "".join(pieces)

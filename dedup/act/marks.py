"""What ``--annotate`` adds to a record, and how repeats are taken out of a text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from dedup.act.plan import Plan
from dedup.findings import Repeat
from dedup.results import Results

Span = tuple[int, int]
MARKS = ("cluster", "representative", "survives", "verdict", "jaccard", "containment", "cosine")
_FIXED = ("exact", "normalised")


@dataclass(slots=True)
class Marks:
    """What is to be said of, or done to, single records.

    Attributes
    ----------
    name : str, optional
        Name of the field that is added to every record; None adds none.
    spans : dict of int to list of spans
        By row of the plan: characters that repeat an earlier passage of the text.
    """

    name: str | None = None
    spans: dict[int, list[Span]] = field(default_factory=dict[int, list[Span]])


def mark_of(plan: Plan, row: int | None) -> dict[str, Any]:
    """Return the annotation of a record; of one that results do not name, an empty one."""
    if row is None:
        return dict.fromkeys(MARKS) | {"survives": True}
    about = plan.about(row)
    names = ("verdict", "jaccard", "containment", "cosine")
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

    Only exact and normalised repeats; the first occurrence of every passage stays whole,
    also where another passage repeats inside it.
    """
    rows = {f"{file}#{line}": row for row, file, line in plan.places()}
    found: dict[int, list[Repeat]] = {}
    html = {file.path for file in results.inputs if file.format == "html"}
    for repeat in results.repeats():
        row = rows.get(repeat.ref)
        if row is None or plan.removed[row] or repeat.verdict not in _FIXED:
            continue
        if repeat.ref.rpartition("#")[0] not in html:
            found.setdefault(row, []).append(repeat)
    fixes = {row: _doubled(repeats) for row, repeats in found.items()}
    return {row: spans for row, spans in fixes.items() if spans}


def _doubled(repeats: list[Repeat]) -> list[Span]:
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
    r"""Return a text without some spans; lines that they leave empty go with them.

    Examples
    --------
    >>> without("a\nb\nc\nb\nd", [(6, 7)])
    'a\nb\nc\nd'
    >>> without("one two. one two.", [(9, 17)])
    'one two.'
    """
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        starts_line = start == 0 or text[start - 1] == "\n"
        if starts_line and text[end : end + 1] == "\n":
            end += 1
            blank = text[:start].endswith("\n\n") or start == 0
            while blank and text[end : end + 1] == "\n":
                end += 1
        pieces.append(text[at:start])
        if end >= len(text):
            pieces[-1] = pieces[-1].rstrip(" \t") if not starts_line else pieces[-1]
        at = end
    pieces.append(text[at:])
    return "".join(pieces)

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

    Only exact and normalised repeats that are whole lines: taken out of the middle of a
    sentence, a repeated phrase would leave a broken one. The first occurrence of every
    passage stays whole, also where another passage repeats inside it. Texts are read to
    see where lines begin and end.
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
    numbers = plan.documents["record"].to_numpy()
    row_of = {int(numbers[row]): row for row in found}
    fixes: dict[int, list[Span]] = {}
    for record, text in results.texts(row_of):
        row = row_of[record]
        whole = (_whole_lines(text, span) for span in doubled_spans(found[row]))
        if spans := [span for span in whole if span]:
            fixes[row] = spans
    return fixes


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

"""What ``dedup calibrate`` shows: a pair to judge, and what follows from the answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dedup.evaluate.calibrate import LEAST_ANSWERS, BorderlinePair, Proposal, best
from dedup.evaluate.labels import Pair
from dedup.evaluate.metrics import interval
from dedup.report.comparison_text import changes
from dedup.report.diff import compare
from dedup.report.lines import shorten
from dedup.report.words import words_of


def show(pair: BorderlinePair, left: str, right: str) -> str:
    """Return a pair with what differs; the verdict is held back, so as not to lead."""
    head = f"{shorten(pair.left, 50)} ~ {shorten(pair.right, 50)}   (Jaccard {pair.jaccard:.2f})"
    return "\n".join([head, *changes(compare(*words_of([left, right])), most=24)])


def as_text(proposals: list[Proposal], answers: Mapping[Pair, bool], results: str) -> str:
    """Return the proposals as a table, and what to do next."""
    return "\n".join(_lines(proposals, answers, results)) + "\n"


def _lines(proposals: list[Proposal], answers: Mapping[Pair, bool], results: str) -> Iterator[str]:
    yes = sum(answers.values())
    yield f"{len(answers)} pairs judged: {yes} copies, {len(answers) - yes} not"
    yield "What would be removed of them (95 % intervals of Wilson):"
    yield ""
    yield f"  {'setting':<22} {'precision':<24} {'recall':<24} F1"
    chosen = best(proposals)
    for found in proposals:
        precision = _share(found.right, found.removed)
        recall = _share(found.right, found.copies)
        mark = "  <" if found is chosen else ""
        yield f"  {found.name:<22} {precision:<24} {recall:<24} {found.f1:.2f}{mark}"
    yield ""
    yield "The pairs were chosen near the limit: on a whole corpus precision and recall are higher."
    if chosen is None or len(answers) < LEAST_ANSWERS:
        yield f"Too little to go by: judge {LEAST_ANSWERS} pairs and more, some of them copies."
    elif chosen.name == "as scanned":
        yield "The settings of this scan agree with you best: nothing to change."
    elif chosen.jaccard is None:
        yield f"Closest to your answers: dedup scan ... {chosen.name}"
    else:
        yield f"Closest to your answers: dedup threshold {results} {chosen.name} --out DIR"


def _share(part: int, whole: int) -> str:
    if not whole:
        return "–"
    low, high = interval(part, whole)
    return f"{part / whole:.2f} ({low:.2f} to {high:.2f})"


def to_dict(proposals: list[Proposal], answers: Mapping[Pair, bool]) -> dict[str, Any]:
    """Return the same as plain values."""
    chosen = best(proposals)
    enough = len(answers) >= LEAST_ANSWERS
    return {
        "answers": len(answers),
        "copies": sum(answers.values()),
        "proposals": [
            {
                **found._asdict(),
                "precision": round(found.precision, 6),
                "precision_interval": interval(found.right, found.removed),
                "recall": round(found.recall, 6),
                "recall_interval": interval(found.right, found.copies),
                "f1": round(found.f1, 6),
            }
            for found in proposals
        ],
        "best": chosen.name if chosen and enough else None,
    }

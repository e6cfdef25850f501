"""The three rules on every pair of every set, and where a lost pair was lost.

``python -m benchmarks.quality.rules --sets FOLDER`` scores all pairs of the small sets (brute
force) and the labelled pairs of the others. What the rule finds there and a scan does not was
lost by the candidates; what it does not find there was lost by the rule.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.sets import LabelledSet, add_sets_option, labelled_sets, sets_folder
from dedup import Result, Settings, scan
from dedup.evaluate import Labels
from dedup.evaluate.jaccards import compute_jaccards
from dedup.found.columns import link_rows
from dedup.model import Verdict
from dedup.pairs import ScoredPairs
from dedup.rule import RULES, Rule
from dedup.scoring import score_texts, stories_of
from dedup.verdicts import judge

MOST_PAIRS = 600_000
"""A set with more pairs than this is scored at its labelled pairs alone."""
HEADLINE_WORDS = 30
"""Shorter texts are headlines."""
SETTINGS = Settings(threads=2, repeats=False)
FOUND = [int(v) for v in Verdict if v not in (Verdict.NONE, Verdict.TEMPLATE)]
"""Verdicts that relate two texts."""
_SCORED = [int(v) for v in (Verdict.NEAR, Verdict.EXACT, Verdict.NORMALISED)]


@dataclass
class Judged:
    """A labelled set with the scores of its pairs."""

    labelled: LabelledSet
    result: Result
    pairs: ScoredPairs
    meant: NDArray[np.bool_]
    complete: bool

    @cached_property
    def texts(self) -> list[str]:
        """The texts, in reading order."""
        return _read_texts(self.result)

    def verdicts(self, rule: Rule) -> NDArray[Any]:
        """Return what a rule says of each pair; copies are no matter of a rule."""
        pairs = replace(self.pairs)
        judge(pairs, stories_of(self.result.found.records.metadata), rule)
        copies = np.isin(self.pairs.verdict, _SCORED[1:])
        return np.where(copies, self.pairs.verdict, pairs.verdict)

    def jaccards(self) -> NDArray[np.float64]:
        """Return the exact word-3 Jaccard of the pairs that are meant, -1 for the others."""
        rows = np.flatnonzero(self.meant)
        pairs = [(str(self.pairs.left[k]), str(self.pairs.right[k])) for k in rows]
        known = compute_jaccards(pairs, lambda row: self.texts[int(row)])
        found = np.full(len(self.pairs), -1.0)
        found[rows] = [known[pair] for pair in pairs]
        return found

    def scanned(self) -> NDArray[np.bool_]:
        """Return which pairs the scan found: in one cluster, or linked."""
        found, units = self.result.found, np.asarray(self.result.found.records.units)
        left, right = units[self.pairs.left], units[self.pairs.right]
        lead = found.resolved.representative
        together = (left >= 0) & (right >= 0) & (lead[left] == lead[right])
        rows = link_rows(found)
        rows = rows[found.pairs.verdict[rows] != Verdict.TEMPLATE]
        links = {
            (min(pair), max(pair))
            for pair in zip(
                found.pairs.left[rows].tolist(), found.pairs.right[rows].tolist(), strict=True
            )
        }
        linked = [
            (min(p), max(p)) in links for p in zip(left.tolist(), right.tolist(), strict=True)
        ]
        return together | np.array(linked, np.bool_)


def judge_set(labelled: LabelledSet) -> Judged:
    """Scan a set, and score its pairs under the scan's own statistics."""
    result = scan(str(labelled.corpus), replace(SETTINGS, store_text=True))
    about = result.found.records.metadata
    n_records = len(result.found.records.units)
    rows = {about(row).id: row for row in range(n_records)}
    labels = labelled.read_labels()
    whole = bool(labels.clusters) and n_records * (n_records - 1) // 2 <= MOST_PAIRS
    pairs, meant = _whole(labels, rows) if whole else _labelled(labels, rows)
    scored = score_texts(
        _read_texts(result), pairs, SETTINGS, model=result.model, stories=stories_of(about)
    )
    return Judged(labelled, result, scored.pairs, meant, whole)


def _read_texts(result: Result) -> list[str]:
    texts = result.found.records.texts
    return [texts[row].decode() for row in range(len(result.found.records.units))]


def _whole(labels: Labels, rows: dict[str, int]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return every pair of labelled records, and which are meant."""
    records = [(row, labels.clusters[id]) for id, row in rows.items() if id in labels.clusters]
    names = np.unique([cluster for _, cluster in records], return_inverse=True)[1]
    left, right = np.triu_indices(len(records), 1)
    places = np.array([row for row, _ in records])
    return np.stack((places[left], places[right]), 1), names[left] == names[right]


def _labelled(labels: Labels, rows: dict[str, int]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    pairs = [(rows[a], rows[b]) for a, b in labels.pairs]
    return np.array(pairs), np.array([label.duplicate for label in labels.pairs.values()])


def shares(said: NDArray[np.bool_], meant: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Return precision, recall and F1."""
    right = int((said & meant).sum())
    return (
        right / max(int(said.sum()), 1),
        right / max(int(meant.sum()), 1),
        2 * right / max(int(said.sum() + meant.sum()), 1),
    )


def rule_lines(judged: Judged) -> Iterator[str]:
    """Yield a line of a Markdown table for each rule."""
    close = judged.jaccards() >= 0.5
    for name, rule in RULES.items():
        verdicts = judged.verdicts(rule)
        found, near = np.isin(verdicts, FOUND), np.isin(verdicts, _SCORED)
        cells = [f"{value:.3f}" for value in (*shares(found, judged.meant)[:2],
                                              *shares(near, judged.meant)[:2])]  # fmt: skip
        cells += [f"{found[close].mean() if close.any() else 1:.3f}",
                  f"{near[close].mean() if close.any() else 1:.3f}"]  # fmt: skip
        yield f"| {judged.labelled.name} | {name} | " + " | ".join(cells) + " |"


def loss_line(judged: Judged) -> str:
    """Return a line that says where meant pairs were lost."""
    found = np.isin(judged.verdicts(RULES["balanced"]), FOUND)
    scanned, meant = judged.scanned(), judged.meant
    lost = (f"{int((meant & ~found).sum())}", f"{int((meant & found & ~scanned).sum())}")
    cells = (judged.labelled.name, str(int(meant.sum())), str(int((meant & scanned).sum())), *lost)
    return "| " + " | ".join(cells) + " |"


def headline_line(judged: Judged) -> str:
    """Return a line that says how many short texts inside a longer one are meant."""
    verdicts = judged.verdicts(RULES["balanced"])
    inside = (verdicts == Verdict.CONTAINED) & (judged.pairs.shorter < HEADLINE_WORDS)
    name, meant = judged.labelled.name, judged.meant[inside]
    return f"| {name} | {len(meant)} | {int(meant.sum())} |"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.rules")
    add_sets_option(parser)
    with labelled_sets(sets_folder(parser.parse_args())) as sets:
        judged = [judge_set(labelled) for labelled in sets]
        print("| set | rule | precision | recall | removable: precision | recall"
              " | recall from Jaccard .5 | removable |")  # fmt: skip
        print("|---|---|--:|--:|--:|--:|--:|--:|")
        for one in judged:
            print("\n".join(rule_lines(one)))
        print("\n| set | pairs meant | found by a scan | lost by the rule | lost by candidates |")
        print("|---|--:|--:|--:|--:|")
        for one in judged:
            print(loss_line(one))
        print("\n| set | headlines inside their story, contained | of these meant |")
        print("|---|--:|--:|")
        for one in judged:
            print(headline_line(one))


if __name__ == "__main__":
    main()

"""Single scores beside the rule: ``python -m benchmarks.quality.scores --sets FOLDER``.

For each set whose pairs are all labelled: the threshold at which one score alone has its best F1,
chosen on that very set, which is more than anybody could know beforehand. And what a gap costs,
in the planted edits: words outside of shared shingles for each place where the texts differ, the
figure behind ``scattered_words``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.edits import KINDS
from benchmarks.quality.rules import FOUND, Judged, judge_set, shares
from benchmarks.quality.sets import add_sets_option, labelled_sets, sets_folder
from dedup.pairs import ScoredPairs
from dedup.rule import RULES

SCORES = ("jaccard", "containment", "cosine")


def score_of(pairs: ScoredPairs, name: str) -> NDArray[np.float64]:
    """Return a score of each pair; containment is that of the text held more."""
    if name == "containment":
        return np.maximum(pairs.containment_left, pairs.containment_right)
    return getattr(pairs, name)


def best_threshold(score: NDArray[np.float64], meant: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the threshold with the best F1, and that F1; the highest of equal ones.

    Examples
    --------
    >>> best_threshold(np.array([0.9, 0.8, 0.3, 0.2]), np.array([True, True, False, True]))
    (0.2, 0.857143)
    """
    from sklearn.metrics import precision_recall_curve

    precision, recall, thresholds = precision_recall_curve(meant, score)
    total = np.maximum(precision + recall, 1e-9)[:-1]
    f1 = 2 * precision[:-1] * recall[:-1] / total
    best = len(f1) - 1 - int(np.argmax(f1[::-1]))
    return float(thresholds[best]), round(float(f1[best]), 6)


def gap_costs(pairs: ScoredPairs) -> NDArray[np.float64]:
    """Return the words lost for each gap, of pairs that have one."""
    lost = (1 - np.minimum(pairs.containment_left, pairs.containment_right)) * pairs.shorter
    differ = pairs.gaps > 0
    return lost[differ] / pairs.gaps[differ]


def quartiles(costs: NDArray[np.float64]) -> str:
    """Return three cells of a Markdown table."""
    return " | ".join(f"{value:.1f}" for value in np.quantile(costs, (0.25, 0.5, 0.75)))


def threshold_line(judged: Judged) -> str:
    """Return a line of a Markdown table: best thresholds and F1, and the rule's F1."""
    cells = [judged.labelled.name]
    for name in SCORES:
        threshold, f1 = best_threshold(score_of(judged.pairs, name), judged.meant)
        cells.append(f"{threshold:.2f}: {f1:.3f}")
    said = np.isin(judged.verdicts(RULES["balanced"]), FOUND)
    return f"| {' | '.join([*cells, f'{shares(said, judged.meant)[2]:.3f}'])} |"


def cost_lines(judged: Judged) -> Iterator[str]:
    """Yield a line for each kind of planted edit."""
    labels = judged.labelled.read_labels().pairs
    kinds = np.array([label.kind for label in labels.values()])
    for kind in KINDS:
        costs = gap_costs(judged.pairs.take(kinds == kind))
        if len(costs):
            yield f"| {kind} | {len(costs)} | {quartiles(costs)} |"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.scores")
    add_sets_option(parser)
    with labelled_sets(sets_folder(parser.parse_args())) as sets:
        judged = [judge_set(labelled) for labelled in sets]
        print("| set | Jaccard alone | containment alone | cosine alone | the rule |")
        print("|---|---|---|---|---|")
        print("\n".join(threshold_line(one) for one in judged if one.complete))
        print("\n| planted edit | pairs | words for a gap: a quarter below | median"
              " | three quarters below |\n|---|--:|--:|--:|--:|")  # fmt: skip
        for one in judged:
            if one.labelled.name == "edits":
                print("\n".join(cost_lines(one)))


if __name__ == "__main__":
    main()

"""Precision and recall as pictures: ``python -m benchmarks.quality.curves --sets FOLDER``.

Every pair of the small labelled sets is scored (brute force). A line is one score alone with its
threshold moved; a mark is one of our rules. Another picture tells recall of planted edits.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.edits import KINDS
from benchmarks.quality.rules import FOUND, Judged, judge_set, shares
from benchmarks.quality.sets import LabelledSet, add_sets_option, labelled_sets, sets_folder
from dedup.model import Verdict
from dedup.rule import RULES

IMAGES = Path(__file__).parents[2] / "docs" / "images"
SCORES = ("jaccard", "cosine", "containment")
_MARKS = {"strict": "v", "balanced": "o", "loose": "^"}
_REMOVABLE = [int(v) for v in Verdict if v.removable]


def curve(score: NDArray[np.float64], meant: NDArray[np.bool_]) -> tuple[Any, Any]:
    """Return precision and recall at every threshold of a score, by scikit-learn."""
    from sklearn.metrics import precision_recall_curve

    precision, recall, _ = precision_recall_curve(meant, score)
    return precision[:-1], recall[:-1]


def draw_sets(judged: Sequence[Judged], path: Path) -> None:
    """Draw a panel for each set: lines of single scores, marks of the rules."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, len(judged), figsize=(4.2 * len(judged), 3.8), squeeze=False)
    for panel, one in zip(panels[0], judged, strict=True):
        pairs = one.pairs
        containment = np.maximum(pairs.containment_left, pairs.containment_right)
        for name in SCORES:
            score = containment if name == "containment" else getattr(pairs, name)
            precision, recall = curve(score, one.meant)
            panel.plot(recall, precision, label=f"{name} alone", linewidth=1)
        for name, rule in RULES.items():
            said = np.isin(one.verdicts(rule), FOUND)
            precision, recall, _ = shares(said, one.meant)
            panel.plot(recall, precision, _MARKS[name], color="black", label=f"rule {name}")
        panel.set(title=one.labelled.name, xlabel="recall", ylim=(0.5, 1.02), xlim=(0.5, 1.02))
    panels[0][0].set_ylabel("precision")
    panels[0][0].legend(fontsize=7, loc="lower left")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def draw_edits(judged: Judged, path: Path) -> None:
    """Draw the share of planted copies that is found, and removable, by kind of edit."""
    import matplotlib.pyplot as plt

    labels = judged.labelled.read_labels().pairs
    kinds = np.array([label.kind for label in labels.values()])
    verdicts = judged.verdicts(RULES["balanced"])
    figure, panel = plt.subplots(figsize=(8, 3.6))
    names = [kind for kind in KINDS if (kinds == kind).any()]
    for offset, (title, wanted) in enumerate((("found", FOUND), ("removable", _REMOVABLE))):
        said = np.isin(verdicts, wanted)
        heights = [said[kinds == kind].mean() for kind in names]
        panel.bar(np.arange(len(names)) + 0.4 * offset, heights, 0.4, label=title)
    panel.set_xticks(np.arange(len(names)) + 0.2, names, rotation=40, ha="right")
    panel.set(ylabel="share of pairs", ylim=(0, 1.05), title="planted edits, rule balanced")
    panel.legend(loc="upper right", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def draw(sets: Sequence[LabelledSet]) -> None:
    """Write the pictures."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "quality"
    IMAGES.mkdir(exist_ok=True)
    judged = [judge_set(labelled) for labelled in sets]
    whole = [one for one in judged if one.complete]
    if whole:
        draw_sets(whole, IMAGES / "quality-sets.svg")
    for one in judged:
        if one.labelled.name == "edits":
            draw_edits(one, IMAGES / "quality-edits.svg")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.curves")
    add_sets_option(parser)
    with labelled_sets(sets_folder(parser.parse_args())) as sets:
        draw(sets)


if __name__ == "__main__":
    main()

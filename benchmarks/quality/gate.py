"""The floors that quality may not fall below: ``python -m benchmarks.quality.gate``.

``floors.json`` names for every set its digest (texts and labels) and the least value of each
metric. The check fails where a metric is lower, and where a set has changed: a floor belongs to
one set. ``--update`` raises floors to what is measured now and takes in new sets; it lowers none
unless ``--lower`` is given too, which belongs in a commit of its own that says why.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.quality.sets import LabelledSet, add_sets_option, labelled_sets, sets_folder
from dedup import Settings, scan, write_results
from dedup.evaluate import Scorecard, read_output, score

FLOORS = Path(__file__).with_name("floors.json")
DIGITS = 3
Floors = dict[str, dict[str, Any]]


def measure(labelled: LabelledSet, folder: Path) -> dict[str, float]:
    """Return the metrics that have floors, rounded down: what is measured meets its own floor."""
    result = scan(str(labelled.corpus), Settings(threads=2, repeats=False))
    output = write_results(result, folder / labelled.name)
    return metrics_of(score(read_output(output), labelled.read_labels()))


def metrics_of(card: Scorecard) -> dict[str, float]:
    """Return the metrics of a scorecard that have floors; more is better for each."""
    values = {
        f"{name} {metric}": getattr(counts, metric)
        for name, counts in card.pairs.items()
        for metric in ("precision", "recall")
    }
    if card.negatives:
        values["negatives kept apart"] = 1 - card.negatives.rate
        values["negatives not removable"] = 1 - card.negatives.n_removable / card.negatives.n_pairs
    scale = 10**DIGITS
    return {name: int(value * scale) / scale for name, value in values.items() if value is not None}


def failures(
    floors: Mapping[str, Mapping[str, Any]], name: str, digest: str, found: Mapping[str, float]
) -> Iterator[str]:
    """Yield what is wrong with one set, as sentences."""
    if name not in floors:
        yield f"{name} has no floors: run python -m benchmarks.quality.gate --update"
        return
    if floors[name]["digest"] != digest:
        yield f"{name} has changed ({digest}): measure again and run with --update"
        return
    for metric, floor in floors[name]["floors"].items():
        value = found.get(metric, 0.0)
        if value < floor:
            yield f"{name}: {metric} is {value}, below its floor {floor}"


def updated(
    floors: Floors, name: str, digest: str, found: Mapping[str, float], *, lower: bool
) -> Floors:
    """Return floors raised to what was found; lowered, or of a changed set, only if asked.

    Raises
    ------
    ValueError
        If a floor would fall.
    """
    known = floors.get(name)
    falling: list[str] = []
    if known:
        falling = [m for m, floor in known["floors"].items() if found.get(m, 0.0) < floor]
    if falling and not lower:
        message = f"{name}: {', '.join(falling)} would fall; --lower allows it, and say why"
        raise ValueError(message)
    return {**floors, name: {"digest": digest, "floors": dict(found)}}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.gate")
    add_sets_option(parser)
    parser.add_argument("--update", action="store_true", help="raise floors, take in new sets")
    parser.add_argument("--lower", action="store_true", help="let --update lower floors")
    options = parser.parse_args()
    floors: Floors = json.loads(FLOORS.read_text("utf-8"))
    wrong: list[str] = []
    with labelled_sets(sets_folder(options)) as sets, tempfile.TemporaryDirectory() as outputs:
        for labelled in sets:
            found, digest = measure(labelled, Path(outputs)), labelled.digest()
            if options.update:
                floors = updated(floors, labelled.name, digest, found, lower=options.lower)
            else:
                wrong += failures(floors, labelled.name, digest, found)
    if options.update:
        FLOORS.write_text(json.dumps(floors, indent=2, sort_keys=True) + "\n", "utf-8")
    print("\n".join(wrong) or "all floors hold")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

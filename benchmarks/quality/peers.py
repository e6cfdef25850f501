"""Every tool on every labelled set: ``python -m benchmarks.quality.peers --sets FOLDER``.

Peers run at the settings their documentation shows and at two others that suit short edits:
words of a shingle and lowest Jaccard stand beside their names. Our own line is the defaults. The
mean is over the sets that people labelled.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers import PEERS
from benchmarks.quality.sets import LabelledSet, add_sets_option, labelled_sets, sets_folder
from dedup.evaluate import Scorecard, read_output, score

SETTINGS = (("5", "0.5"), ("3", "0.5"), ("5", "0.8"))
"""Width and threshold of the peers' pipelines; the first is the default of all of them."""


@dataclass(frozen=True, slots=True)
class Run:
    """A tool at one setting."""

    name: str
    tool: str
    arguments: tuple[str, ...] = ()

    def score(self, labelled: LabelledSet) -> Scorecard:
        """Return what it scores on a set."""
        peer = PEERS[self.tool]
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder) / "output"
            command = [*peer.command(labelled.corpus, output), *self.arguments]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            return score(read_output(output), labelled.read_labels())


def runs() -> Iterator[Run]:
    """Yield ours, and every installed peer at every setting."""
    for rule in ("balanced", "strict", "loose"):
        yield Run(f"dedup, {rule}", "dedup", ("--rule", rule))
    for name, peer in PEERS.items():
        if name != "dedup" and peer.is_installed():
            for width, threshold in SETTINGS:
                arguments = ("--width", width, "--threshold", threshold)
                yield Run(f"{name}, word {width}, {threshold}", name, arguments)


def table(sets: list[LabelledSet]) -> Iterator[str]:
    """Yield the lines of a Markdown table: F1 of pairs, and of what is removable."""
    people = [labelled.name for labelled in sets if labelled.by_people]
    yield "| tool | " + " | ".join(labelled.name for labelled in sets) + " | mean |"
    yield "|---" * (len(sets) + 2) + "|"
    for run in runs():
        cells: list[str] = []
        found: dict[str, float] = {}
        for labelled in sets:
            counts = run.score(labelled).pairs["found"]
            found[labelled.name] = counts.f1 or 0.0
            cells.append(
                f"{counts.precision or 0:.3f} {counts.recall or 0:.3f} {counts.f1 or 0:.3f}"
            )
        mean = sum(found[name] for name in people) / len(people) if people else 0.0
        yield f"| {run.name} | {' | '.join(cells)} | {mean:.3f} |"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.peers")
    add_sets_option(parser)
    with labelled_sets(sets_folder(parser.parse_args())) as sets:
        for line in table(sets):
            print(line)
            sys.stdout.flush()


if __name__ == "__main__":
    main()

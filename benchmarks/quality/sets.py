"""The labelled sets: those of a folder that is no part of the repository, and our own."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.corpora import truth_path
from benchmarks.edits import KINDS
from benchmarks.generate import write_corpus
from dedup.evaluate import Labels, read_labels
from dedup.evaluate.jaccards import read_jaccards
from dedup.evaluate.labels import Pair

FOLDER_VARIABLE = "DEDUP_LABELLED_SETS"
FIXTURES = Path(__file__).parents[2] / "fixtures" / "pairs"
N_EDITED = 4000
"""Documents of the planted set."""


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """A corpus and what people, or the hand that planted copies, say of it.

    Attributes
    ----------
    name : str
    corpus, labels : Path
    by_people : bool
        Whether people labelled it; it counts into the mean.
    jaccards : Path, optional
        Exact word-3 Jaccards of its pairs.
    """

    name: str
    corpus: Path
    labels: Path
    by_people: bool = False
    jaccards: Path | None = None

    def read_labels(self) -> Labels:
        """Return the labels."""
        return read_labels(self.labels)

    def read_jaccards(self) -> dict[Pair, float] | None:
        """Return the exact Jaccards, if the set has them."""
        return read_jaccards(self.jaccards) if self.jaccards else None

    def digest(self) -> str:
        """Return 16 hexadecimal digits of the texts and labels: a score belongs to these."""
        digest = hashlib.sha256(self.corpus.read_bytes())
        digest.update(self.labels.read_bytes())
        return digest.hexdigest()[:16]


_SHARED = {
    "scoop_gt": ("clusters.json", True),
    "sra_tafenoquine": ("clusters.json", True),
    "mccormick_1000": ("clusters.json", True),
    "ota_fixture": ("pairs.csv", False),
}
"""Sets of the folder: where their labels are, and whether these are complete. The versions of
one page in ``ota_fixture`` are known; that pages of two services differ is not."""


def sets_folder(options: argparse.Namespace) -> Path | None:
    """Return the folder that an option or the environment names."""
    named = options.sets or os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else None


def add_sets_option(parser: argparse.ArgumentParser) -> None:
    """Let a command say where the labelled sets are."""
    parser.add_argument("--sets", metavar="FOLDER", help=f"else ${FOLDER_VARIABLE}")


@contextmanager
def labelled_sets(folder: Path | None) -> Iterator[list[LabelledSet]]:
    """Yield the sets that are there; our own are written to a temporary folder."""
    with tempfile.TemporaryDirectory() as made:
        yield [*shared_sets(folder), write_fixtures(Path(made)), write_edits(Path(made))]


def shared_sets(folder: Path | None) -> Iterator[LabelledSet]:
    """Yield the sets of a folder that are there."""
    for name, (labels, by_people) in _SHARED.items():
        if folder and (folder / name / labels).is_file():
            at = folder / name
            yield LabelledSet(
                name, at / "corpus.jsonl", at / labels, by_people, at / "exact_jaccard.csv"
            )


def write_fixtures(folder: Path) -> LabelledSet:
    """Write the pairs of ``fixtures/pairs/`` as one corpus with labelled pairs."""
    corpus, labels = folder / "fixtures.jsonl", folder / "fixtures-labels.jsonl"
    lines = [
        line for path in sorted(FIXTURES.glob("*.jsonl")) for line in path.read_bytes().splitlines()
    ]
    with corpus.open("w") as texts, labels.open("w") as said:
        for pair in map(json.loads, lines):
            ids = [f"{pair['id']}/{side}" for side in ("left", "right")]
            for id, side in zip(ids, ("left", "right"), strict=True):
                texts.write(json.dumps({"id": id, **pair[side]}) + "\n")
            row: dict[str, Any] = {"left": ids[0], "right": ids[1], "label": pair["label"]}
            said.write(json.dumps({**row, "kind": pair["kind"]}) + "\n")
    return LabelledSet("fixtures", corpus, labels)


def write_edits(folder: Path, n_documents: int = N_EDITED) -> LabelledSet:
    """Write a made-up corpus with planted edits of every kind."""
    corpus, labels = folder / "edits.jsonl", folder / "edits-labels.jsonl"
    write_corpus(corpus, "edits", seed=1, n_documents=n_documents)
    with truth_path(corpus).open("rb") as truth, labels.open("w") as said:
        for line in map(json.loads, truth):
            label = "different" if KINDS[line["kind"]].expected == "apart" else "duplicate"
            said.write(json.dumps({**line, "label": label}) + "\n")
    return LabelledSet("edits", corpus, labels)

"""The floors of quality hold, and none falls by accident."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from benchmarks.quality.gate import FLOORS, failures, measure, updated
from benchmarks.quality.releases import cost_lines, count, group_of
from benchmarks.quality.sets import (
    FOLDER_VARIABLE,
    LabelledSet,
    shared_sets,
    write_edits,
    write_fixtures,
)
from dedup import Settings, scan
from dedup.evaluate import read_labels
from dedup.rule import RULES
from tests.conftest import SHARED_DATA
from tests.corpora import article

HELD = json.loads(FLOORS.read_text("utf-8"))


def check(labelled: LabelledSet, folder: Path) -> None:
    found = measure(labelled, folder)
    assert list(failures(HELD, labelled.name, labelled.digest(), found)) == []


def test_the_floors_hold_on_the_fixtures(tmp_path: Path) -> None:
    check(write_fixtures(tmp_path), tmp_path)


def test_the_floors_hold_on_planted_edits(tmp_path: Path) -> None:
    check(write_edits(tmp_path), tmp_path)


@pytest.mark.shared_data
@pytest.mark.parametrize("name", sorted(set(HELD) - {"fixtures", "edits"}))
def test_the_floors_hold_on_labelled_sets(name: str, tmp_path: Path) -> None:
    folder = Path(os.environ.get(FOLDER_VARIABLE, SHARED_DATA))
    found = [labelled for labelled in shared_sets(folder) if labelled.name == name]
    if not found:
        pytest.skip(f"needs {name} of the shared data, which is not part of the repository")
    check(found[0], tmp_path)


def test_a_lower_value_is_told_with_its_floor() -> None:
    floors = {"set": {"digest": "d", "floors": {"found recall": 0.9}}}
    assert list(failures(floors, "set", "d", {"found recall": 0.9})) == []
    (said,) = failures(floors, "set", "d", {"found recall": 0.899})
    assert said == "set: found recall is 0.899, below its floor 0.9"
    assert "found recall is 0.0" in next(failures(floors, "set", "d", {}))


def test_a_floor_belongs_to_one_set() -> None:
    floors = {"set": {"digest": "d", "floors": {"found recall": 0.9}}}
    assert "has changed" in next(failures(floors, "set", "other", {"found recall": 1.0}))
    assert "has no floors" in next(failures(floors, "new", "d", {"found recall": 1.0}))


def test_a_floor_falls_only_when_asked() -> None:
    floors = {"set": {"digest": "d", "floors": {"found recall": 0.9}}}
    raised = updated(floors, "set", "d", {"found recall": 0.95}, lower=False)
    assert raised["set"]["floors"] == {"found recall": 0.95}
    with pytest.raises(ValueError, match="found recall would fall"):
        updated(floors, "set", "d", {"found recall": 0.85}, lower=False)
    lowered = updated(floors, "set", "d", {"found recall": 0.85}, lower=True)
    assert lowered["set"]["floors"] == {"found recall": 0.85}


def test_labels_of_planted_edits_tell_templates_from_copies(tmp_path: Path) -> None:
    labels = read_labels(write_edits(tmp_path, 1500).labels).pairs.values()
    assert {label.kind for label in labels if not label.duplicate} == {"numbers"}
    assert {"exact", "words-30", "inserted"} <= {label.kind for label in labels}


def test_releases_are_grouped_by_sender_and_day() -> None:
    assert group_of("A/5May2006A1", "B/7May2006B9") == "joint"
    assert group_of("A/5May2006A1", "A/7May2006A9") == "one sender, one week"
    assert group_of("A/5May2006A1", "A/14May2006A9") == "one sender, a week apart"
    assert group_of("A/undated", "B/7May2006B9") == "other"
    story = " ".join(f"word{n}" for n in range(80))
    texts = {"A/5May2006A1": story, "B/5May2006B1": f"{story} more", "C/9Jun2006C1": "else"}
    result = scan([{"id": id, "text": text} for id, text in texts.items()], Settings(threads=1))
    assert count(result, RULES["balanced"]) == {("joint", 0.9): 1}


def test_costs_of_replacements_are_told_of_the_right_releases() -> None:
    words = article(160, "announced").split(" ")
    changed = ["otherwise" if n % 20 == 8 else word for n, word in enumerate(words)]
    copied = article(80, "copied")
    texts = {  # a copy before the pair: units and records are numbered differently
        "C/9Jun2006C1": copied,
        "D/9Jun2003D1": copied,
        "A/5May2006A1": " ".join(words),
        "A/5May2007A9": " ".join(changed),
    }
    result = scan([{"id": id, "text": text} for id, text in texts.items()], Settings(threads=1))
    (row,) = list(cost_lines(result))[2:]
    assert row.startswith("| one sender, a week apart | 1 | ")

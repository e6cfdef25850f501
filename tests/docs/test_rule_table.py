"""The rows of the rule in docs/algorithm.md name what decides, and nothing else decides."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from dedup.model import Reason
from dedup.rule import FLOOR_CERTAIN, FLOOR_CONTAINMENT, FLOOR_JACCARD, Rule
from dedup.verdicts import reasons
from tests.score_rows import TABLE, scored

PAGE = (Path(__file__).parents[2] / "docs" / "algorithm.md").read_text("utf-8")
ROW = re.compile(r"^\| (\d+) \| (.*) \| (.*) \|(.*)\|$", re.M)
CONSTANTS = {constant.name for constant in fields(Rule)}
ELSEWHERE = {
    "common_shingle_count", "common_shingle_share", "page_number_agreement", "rare_word_share",
    "table_number_share",
}  # fmt: skip
"""Constants of the scores and of revisions, which no row needs to name."""
FLOORS = {
    "near_certain_jaccard": FLOOR_CERTAIN,
    "link_containment": FLOOR_CONTAINMENT,
    "min_distinctive": 0.1,
} | dict.fromkeys(("near_jaccard", "near_scattered_jaccard", "link_jaccard"), FLOOR_JACCARD)


@dataclass
class Row:
    """A row of the rule: what its conditions name, its verdict and its reasons."""

    named: set[str]
    verdict: str
    reasons: list[str]


def rows_of_the_rule() -> dict[int, Row]:
    """Return the rows; what a row asks by pointing at others is named by it too."""
    section = PAGE.partition("**The rule**")[2].partition("<!-- constants: begin")[0]
    rows: dict[int, Row] = {}
    for number, asks, verdict, reason in ROW.findall(section):
        named = set(re.findall(r"`(\w+)`", asks + reason)) & CONSTANTS
        for other in re.findall(r"as in (\d+)", asks):
            named |= rows[int(other)].named
        if "by 2 or 3" in asks:  # and so not by 1
            named |= rows[1].named
        if "none of these" in asks:
            named = named.union(*(row.named for row in rows.values()))
        labels = re.findall(r"`([a-z]+-[a-z-]+)`", reason)
        rows[int(number)] = Row(named, verdict.strip("`"), labels)
    return rows


ROWS = rows_of_the_rule()
ROW_OF = {label: number for number, row in ROWS.items() for label in row.reasons}


def pairs_at_every_border(n: int = 4000) -> list[dict[str, Any]]:
    """Return the cases of the table, and others with scores on either side of the constants."""
    draw = random.Random(1)
    near = [value + step for value in vars_of(Rule()) if value <= 1 for step in (-0.04, 0, 0.04)]
    shares = [round(min(1, max(0, share)), 6) for share in [*near, 0.15, 0.45, 1]]
    made = []
    for _ in range(n):
        case = {name: draw.choice(shares) for name in TABLE["default"]}
        for name in ("only_numbers_differ", "table", "numbers_equal"):
            case[name] = draw.random() < 0.1
        for name in ("numbers_replaced", "names_replaced", "words_replaced", "passage_words"):
            case[name] = draw.choice((0, 0, 0, 1, 2, 3, 9))
        case["gaps"] = draw.choice((0, 2, 6, 30))
        case["shorter"] = draw.choice((4, 8, 20, 30, 50, 60, 100, 900))
        made.append(case)
    return [case["scores"] for case in TABLE["cases"]] + made


def vars_of(rule: Rule) -> list[float]:
    return [getattr(rule, constant.name) for constant in fields(rule)]


def moved(name: str) -> list[Rule]:
    """Return rules of which one constant is lower or higher than it is."""
    default = getattr(Rule(), name)
    if isinstance(default, int):
        return [replace(Rule(), **{name: value}) for value in (0, default + 1, 10 * default)]
    most = 100.0 if name in ("gap_words", "scattered_words") else 1.0
    steps = (FLOORS.get(name, 0.0), max(FLOORS.get(name, 0.0), 0.8 * default), most)
    return [replace(Rule(), **{name: value}) for value in steps]


def test_a_constant_moves_only_the_rows_that_name_it() -> None:
    pairs = scored(pairs_at_every_border())
    before = reasons(pairs, Rule())
    moving = set()
    for name in sorted(CONSTANTS):
        for rule in moved(name):
            after = reasons(pairs, rule)
            for change in np.unique(np.stack([before, after], 1)[before != after], axis=0):
                moving.add(name)
                labels = [Reason(int(value)).label for value in change]
                row = min(ROW_OF[label] for label in labels)  # the first that decides otherwise
                assert name in ROWS[row].named, f"row {row} lacks {name}: {' or '.join(labels)}"
    assert moving == CONSTANTS - ELSEWHERE


def test_every_reason_that_scores_give_stands_in_one_row_with_its_verdict() -> None:
    by_metadata = {"same-bytes", "same-text", "same-page", "same-title"}
    assert sorted(ROW_OF) == sorted({reason.label for reason in Reason} - by_metadata)
    assert sum(len(row.reasons) for row in ROWS.values()) == len(ROW_OF)
    for reason in Reason:
        if reason.label in ROW_OF:
            told = ROWS[ROW_OF[reason.label]].verdict.removeprefix("unrelated: no verdict")
            assert told in (reason.verdict.label, ""), reason.label

"""What a report says of a scan as a whole, and which repeats it shows."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

import dedup
from dedup.report.gather import Limits, gather, headline
from dedup.report.markdown import markdown_lines
from dedup.report.one_file import html_file
from dedup.report.plain import text_lines
from dedup.results import Results, open_results

STORY = "The harbour board will vote on Tuesday on a second ferry to the outer islands."
TWICE = "Every spring wardens walk the dykes with long ash poles and look for holes of voles."


@pytest.mark.parametrize(
    ("removable", "said"),
    [(1, "1 of 1,000 records (under 1%) could go: 1 near"),
     (5, "5 of 1,000 records (under 1%)"), (6, "6 of 1,000 records (1%)"),
     (250, "250 of 1,000 records (25%) could go: 250 near"),
     (999, "999 of 1,000 records (over 99%)")],
)  # fmt: skip
def test_the_headline_calls_no_share_nothing_and_none_all_that_is_not(
    removable: int, said: str
) -> None:
    assert headline({"read": 1000, "removable": removable}, {"near": removable}).startswith(said)


def test_reports_say_how_many_copies_are_of_which_verdict(demo: Results) -> None:
    copies = "2 exact, 1 normalised, 3 near"
    assert gather(demo).headline == f"6 of 30 records (20%) could go: {copies}"
    members = f"in 3 clusters: 6 could go ({copies})"
    assert f"| 9 | members | {members} |" in markdown_lines(demo)
    assert f"           9  members      {members}" in text_lines(demo)
    assert f"copies of these, which could go: {copies}" in html_file(demo)
    assert "could go" not in headline({"read": 1, "removable": 0, "repeats": 0}, {})


def test_the_command_can_be_pasted_into_a_shell(tmp_path: Path) -> None:
    dedup.write_results(dedup.scan([STORY, STORY]), tmp_path / "found")
    words = ["a b.txt", "it's.txt", "*.jsonl", "--keep", "source:A>B", "$HOME", ""]
    manifest = tmp_path / "found" / "manifest.json"
    told = json.loads(manifest.read_text())
    told["command"] = ["/usr/bin/dedup", "scan", *words]
    manifest.write_text(json.dumps(told))
    shown = gather(open_results(tmp_path / "found")).run.command
    assert shlex.split(shown) == ["dedup", "scan", *words]


def test_of_pages_that_repeat_as_much_the_first_are_shown(tmp_path: Path) -> None:
    result = dedup.scan([f"{TWICE}\n\n{STORY}\n\nPage {n}.\n\n{TWICE}" for n in range(3)])
    assert len(result.repeats) == 3
    dedup.write_results(result, tmp_path / "found")
    shown = gather(open_results(tmp_path / "found"), Limits(pages=2)).pages
    assert [page[0].document for page in shown] == ["0", "1"]


@pytest.mark.parametrize(
    ("n_files", "said"),
    [(3, "a0.txt, a1.txt, a2.txt ("), (4, "and 1 more file ("), (6, "and 3 more files (")],
)
def test_three_inputs_are_named_and_the_rest_counted(
    n_files: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    for number in range(n_files):
        (tmp_path / "in" / f"a{number}.txt").write_text(f"{STORY} {number}", "utf-8")
    dedup.write_results(dedup.scan(tmp_path / "in"), tmp_path / "found")
    assert said in gather(open_results(tmp_path / "found")).inputs_line


def test_copies_that_markdown_has_no_room_for_are_counted(tmp_path: Path) -> None:
    dedup.write_results(dedup.scan([STORY] * 5), tmp_path / "found")
    results = open_results(tmp_path / "found")
    assert "| | and 2 more | | | | |" in markdown_lines(results, Limits(copies=2))
    assert not any(" more |" in line for line in markdown_lines(results, Limits(copies=4)))

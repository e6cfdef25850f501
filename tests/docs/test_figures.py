"""Figures on the pages are those of the recorded runs, one value everywhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
RECORDS = ("full", "press-releases", "gigabyte")
"""Names of the records behind the tables of tools in README.md, in their order."""
PLANTED = "planted"
"""The record of what dedup finds of planted copies: its rule has changed since the tools ran side
by side, and what the others find has not."""
_TABLE = re.compile(r"^(\| tool \|.*)\n\|[-|]+\n((?:\|.*\n)+)", re.M)


def record(name: str) -> dict[str, Any]:
    path = ROOT / "benchmarks" / "results" / f"{name}.json"
    return json.loads(path.read_text("utf-8"))


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def tables(text: str) -> list[list[dict[str, str]]]:
    return [
        [dict(zip(cells(head), cells(line), strict=True)) for line in rows.splitlines()]
        for head, rows in _TABLE.findall(text)
    ]


def megabytes(n_bytes: float) -> str:
    return f"{n_bytes / 1e6:,.0f} MB"


def shown(name: str, tool: dict[str, Any], ours: dict[str, Any]) -> dict[str, str]:
    """Return what each column says of a tool."""
    is_ours = tool is ours
    faster = ours["mb_per_second"] / tool["mb_per_second"]
    quality = tool["quality"]
    if is_ours and quality:
        quality = record(PLANTED)["comparison"]["tools"]["dedup"]["quality"]
    return {
        "tool": name if is_ours else f"{name} {tool['version']}",
        "MB/s per core": f"{tool['mb_per_second']:.1f}",
        "dedup is": "" if is_ours else f"{faster:.1f} times as fast",
        "whole run": f"{tool['wall']:.1f} s",
        "takes": "" if is_ours else f"{tool['wall'] / ours['wall']:.1f} times as long",
        "peak memory": f"{megabytes(tool['peak_rss'])} ({megabytes(tool['peak_anon'])} anonymous)",
        "anonymous memory": megabytes(tool["peak_anon"]),
        "pairs in clusters that are copies": quality and f"{quality['precision']:.0%}",
        "`words-5` copies in clusters": quality
        and f"{quality['kinds']['words-5']['clustered']:.1%}",
    }


@pytest.mark.parametrize(("name", "table"), list(zip(RECORDS, tables(README), strict=True)))
def test_the_tables_of_tools_are_the_recorded_runs(name: str, table: list[dict[str, str]]) -> None:
    tools = record(name)["comparison"]["tools"]
    assert {row["tool"].split()[0] for row in table} == set(tools)
    for row in table:
        tool = row["tool"].split()[0]
        expected = shown(tool, tools[tool], tools["dedup"])
        for column, cell in row.items():
            assert cell.replace(" %", "%") == expected[column], (tool, column)


def test_figures_in_the_text_are_those_of_the_recorded_runs() -> None:
    performance = (ROOT / "docs" / "performance.md").read_text("utf-8")
    corpora = {
        "press-releases": "93 MB of press releases",
        "full": "200 MB of made-up articles",
        "gigabyte": "1 GB of them",
    }
    text = " ".join(performance.split())
    for name, corpus in corpora.items():
        peak = record(name)["comparison"]["tools"]["dedup"]["peak_anon"]
        assert f"{megabytes(peak)} for {corpus}" in text, name
    start_up = record("full")["special"]["start_up"]
    assert f"| {start_up['tiny_scan_wall']:.2f} |" in performance
    assert f"| {start_up['first_scan_wall']:.1f} |" in performance


def test_the_scores_in_the_readme_are_those_of_the_quality_page() -> None:
    page = (ROOT / "docs" / "quality.md").read_text("utf-8").partition("## Side by side")[2]
    rows = tables(page)[0]
    ours = next(row for row in rows if row["tool"] == "dedup, balanced")
    peers = [row for row in rows if not row["tool"].startswith("dedup")]
    for column in ("mean", "fixtures"):
        best = max(float(row[column].split()[-1]) for row in peers)
        for score in (float(ours[column].split()[-1]), best):
            assert f"{score:.3f}"[1:] in README, column

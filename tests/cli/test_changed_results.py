"""Results that were changed after the scan: every command that reads them says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import Run
from tests.corpora import planted

COMMANDS = [
    "report found",
    "report found --full",
    "report found --format csv",
    "show found 1",
    "apply found --dry-run",
    "apply found --out new",
    "threshold found --keep newest --out new",
    "audit found",
    "calibrate found",
    "compare s1-1-a s1-1-b --in found",
]


@pytest.fixture
def found(dedup: Run) -> Path:
    Path("news.jsonl").write_text("".join(json.dumps(r) + "\n" for r in planted(20)), "utf-8")
    assert dedup("scan", "news.jsonl", "--out", "found", "--quiet").code == 0
    return Path("found")


def rename_the_representative(folder: Path) -> None:
    """Let another record be kept in the first cluster; the file keeps its size."""
    path = folder / "clusters.jsonl"
    content = path.read_bytes()
    lead, copy = (m["id"].encode() for m in json.loads(content.splitlines()[0])["members"][:2])
    assert len(lead) == len(copy)
    path.write_bytes(content.replace(lead, copy, 1))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_was_changed_and_kept_its_size_is_named(
    dedup: Run, found: Path, command: str
) -> None:
    rename_the_representative(found)
    done = dedup(*command.split())
    assert (done.code, done.out) == (4, "")
    assert "found/clusters.jsonl has other content than the manifest says" in done.err
    assert sorted(path.name for path in Path().iterdir()) == ["found", "news.jsonl"]


def test_results_without_digests_are_read_as_they_are(dedup: Run, found: Path) -> None:
    manifest = json.loads((found / "manifest.json").read_bytes())
    del manifest["digests"]
    (found / "manifest.json").write_text(json.dumps(manifest))
    rename_the_representative(found)
    assert dedup("report", found, "--format", "csv").code == 0
    assert dedup("apply", found, "--out", "clean").code == 0

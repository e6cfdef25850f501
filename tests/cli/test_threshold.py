"""``dedup threshold``: what it prints, and how it ends."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.cli.command import Run
from tests.corpora import planted


@pytest.fixture
def found(dedup: Run) -> str:
    Path("news.jsonl").write_text("".join(json.dumps(r) + "\n" for r in planted(20)), "utf-8")
    assert dedup("scan", "news.jsonl", "--out", "found", "--quiet").code == 0
    return "found"


def test_it_writes_results_and_tells_what_changed(dedup: Run, found: str) -> None:
    done = dedup("threshold", found, "--min-cosine", "0.99", "--out", "strict")
    assert done.code == 0
    assert "(before: " in done.out
    assert "Results are in strict" in done.out
    before = json.loads(Path(found, "manifest.json").read_bytes())["counts"]
    after = json.loads(Path("strict", "manifest.json").read_bytes())["counts"]
    assert after["members"] < before["members"]
    assert after["read"] == before["read"]


def test_where_passages_were_scanned_it_says_that_they_stay(dedup: Run, found: str) -> None:
    strict = ("--min-cosine", "0.99", "--out")
    assert "Passages" not in dedup("threshold", found, *strict, "strict").out
    dedup("scan", "news.jsonl", "--unit", "passage", "--out", "passages", "--quiet")
    done = dedup("threshold", "passages", *strict, "strict too")
    assert "Passages are those of the scan" in done.out
    names = ("passages/passages.jsonl", "strict too/passages.jsonl")
    before, after = (Path(name).read_bytes() for name in names)
    assert before == after != b""


@pytest.mark.parametrize("jaccard", ["0.22", "0.35", "0.6", "0.95"])
def test_a_jaccard_makes_the_same_rule_as_in_a_scan(jaccard: str, dedup: Run, found: str) -> None:
    dedup("threshold", found, "--min-jaccard", jaccard, "--out", "again", "--quiet")
    dedup("scan", "news.jsonl", "--near-jaccard", jaccard, "--out", "scanned", "--quiet")
    manifests = [
        json.loads(Path(name, "manifest.json").read_bytes()) for name in ("again", "scanned")
    ]
    assert manifests[0]["settings"]["rule"] == manifests[1]["settings"]["rule"]
    assert manifests[0]["settings"]["rule"]["near_scattered_jaccard"] == float(jaccard)


def test_json_prints_the_counts(dedup: Run, found: str) -> None:
    done = dedup("threshold", found, "--keep", "newest", "--out", "new", "--json")
    counts = json.loads(Path("new", "manifest.json").read_bytes())["counts"]
    assert done.counts == counts


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        ([], 2, "nothing to change"),
        (["--min-jaccard", "0.1"], 2, "below 0.2, the floor"),
        (["--keep", "eldest"], 2, "unknown survivor policy 'eldest'"),
    ],
)
def test_what_cannot_be_done_is_refused(
    options: list[str], code: int, told: str, dedup: Run, found: str
) -> None:
    done = dedup("threshold", found, *options, "--out", "new")
    assert (done.code, told in done.err) == (code, True), done.err
    assert not Path("new").exists()


@pytest.mark.parametrize("jaccard", ["0.1", "0.25"])
def test_the_scan_it_proposes_replaces_nothing(jaccard: str, dedup: Run, found: str) -> None:
    folder = Path(found).rename("moved")
    told = dedup("threshold", "moved", "--min-jaccard", jaccard, "--out", "other").err
    assert "--similarity" in told
    assert "--force" not in told
    folder.rename(found)
    told = dedup("threshold", found, "--min-jaccard", jaccard, "--out", "new").err
    assert "--force" not in told
    [proposed] = re.findall(r"dedup (scan .* --similarity [0-9.]+)", told)
    before = Path(found, "manifest.json").read_bytes()
    assert dedup(*shlex.split(proposed), "--force").code == 0
    assert Path(f"{found}-2", "manifest.json").exists()
    assert Path(found, "manifest.json").read_bytes() == before
    told = dedup("threshold", f"{found}-2", "--min-jaccard", "0.1", "--out", "new").err
    assert f"--out {found}-2-2 " in told
    assert "--force" not in told


def test_damage_ends_with_exit_code_4(dedup: Run, found: str) -> None:
    Path(found, "pairs.parquet").write_bytes(b"")
    done = dedup("threshold", found, "--keep", "newest", "--out", "new")
    assert done.code == 4
    assert "pairs.parquet has 0 bytes" in done.err

"""``dedup apply``: what it prints, how it ends, and what a kill leaves."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Run, outside, write
from tests.conftest import ROOT
from tests.corpora import article, planted


@pytest.fixture
def found(dedup: Run) -> str:
    Path("news.jsonl").write_text("".join(json.dumps(r) + "\n" for r in planted(20)), "utf-8")
    assert dedup("scan", "news.jsonl", "--out", "found", "--quiet").code == 0
    return "found"


def names() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


def test_it_writes_the_corpus_and_says_where(dedup: Run, found: str) -> None:
    done = dedup("apply", found, "--out", "clean")
    assert done.code == 0
    assert "The corpus is in clean/corpus" in done.out
    counts = json.loads(Path("clean", "apply.json").read_bytes())["counts"]
    assert f"{counts['removed']:>11,}  removed" in done.out
    assert dedup("scan", "clean/corpus", "--json").counts["clusters"] == 0


def test_the_removed_records_are_kept_beside_it_where_they_are_asked_for(
    dedup: Run, found: str
) -> None:
    done = dedup("apply", found, "--out", "clean", "--keep-removed")
    assert done.code == 0
    assert "The removed records are in clean/removed" in done.out
    lines = [Path("clean", name, "news.jsonl").read_bytes() for name in ("corpus", "removed")]
    both = b"".join(lines).splitlines()
    assert sorted(both) == sorted(Path("news.jsonl").read_bytes().splitlines())


def test_a_dry_run_says_the_same_and_writes_nothing(dedup: Run, found: str) -> None:
    dry = dedup("apply", found, "--dry-run", "--json", "--remove", "contained")
    assert (dry.code, names()) == (0, ["found", "news.jsonl"])
    wet = dedup("apply", found, "--out", "clean", "--json", "--remove", "contained")
    assert wet.json == dry.json
    assert "Nothing was written" in dedup("apply", found, "--dry-run").out


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        ([], 2, "name the folder to write"),
        (["--out", "clean", "--keep", "eldest"], 2, "give none, or how many records"),
        (["--out", "clean", "--keep", "0"], 2, "give none, or how many records"),
        (["--out", "clean", "--keep", "field:score:max"], 2, "has a number in a field 'score'"),
        (["--out", "clean", "--max-loss", "7"], 2, "give a share such as 50%"),
        (["--out", "clean", "--max-loss", "1%"], 4, "--max-loss "),
        (["--out", "clean", "--annotate", "--repeats", "fix"], 2, "leave --remove and --repeats"),
        (["--out", "clean", "--annotate", "--remove", "contained"], 2, "leave --remove and"),
        (["--out", "clean", "--annotate", "--keep-removed"], 2, "leave --keep-removed away"),
        (["--out", "found"], 5, "is no folder of applied results"),
        (["--out", "no/such/clean"], 5, "there is no folder"),
    ],
)
def test_what_cannot_be_done_is_refused(
    options: list[str], code: int, told: str, dedup: Run, found: str
) -> None:
    done = dedup("apply", found, *options)
    assert (done.code, told in done.err) == (code, True), done.err
    assert not Path("clean").exists()


@pytest.fixture
def rolling(dedup: Run) -> str:
    """Results of two near copies: either has a passage that the other lacks."""
    story, first, last = article(200, "rolling"), article(20, "first"), article(31, "last")
    records = [
        {"id": "morning", "date": "2031-06-01", "text": f"{story}\n\n{first}"},
        {"id": "evening", "date": "2031-06-02", "text": f"{story}\n\n{last}"},
    ]
    write(Path("live.jsonl"), records)
    assert dedup("scan", "live.jsonl", "--out", "live", "--quiet").code == 0
    return "live"


def test_text_that_goes_with_a_removed_record_is_counted_and_told(dedup: Run, rolling: str) -> None:
    dry = dedup("apply", rolling, "--dry-run")
    assert "          1  of the removed ones, with passages of their own\n" in dry.out
    assert "lacks: 31 words. removed.jsonl will name the records" in " ".join(dry.out.split())
    assert "--keep newest" in dry.out
    done = dedup("apply", rolling, "--out", "clean")
    told = " ".join(done.out.split())
    assert "lacks: 31 words. clean/removed.jsonl names the records (own_words)" in told
    assert json.loads(Path("clean/removed.jsonl").read_bytes())["own_words"] == 31
    found = dedup("apply", rolling, "--dry-run", "--json", "--keep", "newest").counts
    assert (found["with_own_words"], found["own_words"]) == (1, 20)


def test_an_archive_grows_by_what_is_new_in_each_hour(dedup: Run) -> None:
    """The recipe of docs/cli.md, "Scanning against an archive"."""
    first = (
        ("scan", "new", "--out", "found/1", "--force"),
        ("apply", "found/1", "--out", "archive/09"),
    )

    def ingest(hour: str) -> None:
        steps = (
            first[0],
            ("apply", "found/1", "--out", "work", "--force"),
            ("scan", "work", "--against", "archive", "--out", "found/2", "--force"),
            ("apply", "found/2", "--out", f"archive/{hour}"),
        )
        for step in steps:
            done = dedup(*step)
            assert done.code == 0, done.err

    def archived() -> int:
        return dedup("scan", "archive", "--json").counts["read"]

    for folder in ("new", "archive", "found"):
        Path(folder).mkdir()
    stories = [{"id": f"s{n}", "text": article(60, n)} for n in range(5)]
    write(Path("new/pages.jsonl"), [stories[0], stories[0]])
    assert [dedup(*step).code for step in first] == [0, 0]
    assert archived() == 1
    write(Path("new/pages.jsonl"), [*stories[:3], *stories[1:3]])
    ingest("10")
    assert archived() == 3
    write(Path("new/pages.jsonl"), [*stories[1:], stories[3]])
    ingest("11")
    assert archived() == 5
    ingest("12")
    assert archived() == 5


def test_all_sources_that_would_lose_too_much_are_named_with_a_share_that_allows_it(
    dedup: Run,
) -> None:
    texts = [article(40, n) for n in range(20)]
    records = [{"text": text, "source": "Wire", "date": "2031-01-01"} for text in texts]
    for source, n_copies, n_own in (("Herald", 19, 1), ("Mirror", 12, 0)):
        copies = [*texts[:n_copies], *(article(40, f"{source}{n}") for n in range(n_own))]
        records += [{"text": text, "source": source, "date": "2031-01-02"} for text in copies]
    write(Path("pages.jsonl"), records)
    dedup("scan", "pages.jsonl", "--out", "found")
    done = dedup("apply", "found", "--dry-run")
    told = (
        "the sources 'Mirror' would lose 12 of its 12 records (100%), 'Herald' would lose 19 of "
        "its 20 records (95%), more than 90%: look at the clusters first, or allow it with "
        "--max-loss 100%"
    )
    assert (done.code, told in done.err) == (4, True), done.err
    assert dedup("apply", "found", "--dry-run", "--max-loss", "100%").code == 0


def test_of_text_that_the_archive_lacks_no_other_survivor_is_said_to_keep_it(
    dedup: Run, rolling: str
) -> None:
    morning, evening = Path("live.jsonl").read_bytes().splitlines(keepends=True)
    Path("old.jsonl").write_bytes(morning)
    Path("new.jsonl").write_bytes(evening)
    assert dedup("scan", "new.jsonl", "--against", "old.jsonl", "--out", "seen").code == 0
    done = dedup("apply", "seen", "--dry-run", "--max-loss", "100%")
    told = " ".join(done.out.split())
    assert "lacks: 31 words." in told
    assert "dedup threshold --min-jaccard" in told
    assert "--keep newest" not in told


@pytest.mark.parametrize("options", [["--annotate"], ["--keep", "2"], ["--keep", "none"]])
def test_nothing_is_said_of_text_where_none_goes_in_favour_of_another(
    options: list[str], dedup: Run, rolling: str
) -> None:
    done = dedup("apply", rolling, "--dry-run", "--max-loss", "100%", *options)
    assert done.code == 0
    assert "of their own" not in done.out


def test_merging_is_counted_and_stands_in_the_corpus(dedup: Run, found: str) -> None:
    dry = dedup("apply", found, "--dry-run", "--json", "--merge")
    assert dry.counts["merged"] == dry.counts["clusters"] > 0
    done = dedup("apply", found, "--out", "clean", "--merge", "--field", "said")
    assert f"{dry.counts['merged']:>11,}  survivors that say what their copies do" in done.out
    lines = Path("clean/corpus/news.jsonl").read_text("utf-8").splitlines()
    said = [record["said"]["n_records"] for record in map(json.loads, lines) if "said" in record]
    assert len(said) == dry.counts["merged"]
    assert sum(n - 1 for n in said) == dry.counts["removed"]


def test_a_scan_of_standard_input_is_refused_by_name(dedup: Run) -> None:
    lines = "".join(json.dumps(record) + "\n" for record in planted(5)).encode()
    assert dedup("scan", "-", "--out", "found", stdin=lines).code == 0
    done = dedup("apply", "found", "--out", "clean")
    assert done.code == 4
    assert "standard input" in done.err


@pytest.mark.parametrize("options", [["--quiet"], ["--json"], ["--dry-run"], []])
def test_files_that_the_scan_could_not_read_are_said_to_be_missing(
    options: list[str], dedup: Run
) -> None:
    Path("crawl").mkdir()
    write(Path("crawl/a.jsonl"), [{"id": "1", "text": "The ferry sails again."}])
    Path("crawl/b.jsonl").write_text('{"text": "Bread will cost more."}\n', "utf-16")
    Path("crawl/c.png").write_bytes(b"\x89PNG\r\n\x1a\n\0")
    assert dedup("scan", "crawl", "--out", "found", "--quiet").code == 3
    done = dedup("apply", "found", "--out", "clean", *options)
    reason = "not text: UTF-16; --encoding utf-16 reads it"
    told = f"and nothing of that is written: crawl/b.jsonl ({reason})\n"
    assert done.code == 0
    assert done.err == f"dedup: 1 file or folder could not be read by the scan, {told}"
    if not options:
        assert "          1  files or folders that could not be read" in done.out
    if "--dry-run" not in options:
        marker = json.loads(Path("clean/apply.json").read_bytes())
        assert marker["counts"]["unread_files"] == 1
        assert marker["unread"] == [{"path": "crawl/b.jsonl", "reason": reason}]


def contents(folder: Path) -> dict[str, Any]:
    marker = json.loads((folder / "apply.json").read_bytes())
    files = {str(p): p.read_bytes() for p in folder.rglob("*.jsonl")}
    return {"counts": marker["counts"], "options": marker["options"], **files}


@pytest.mark.slow
def test_killed_at_any_moment_the_folder_is_old_or_new(dedup: Run, tmp_path: Path) -> None:
    del dedup  # only for the empty folder it runs in
    records = [record for seed in range(6) for record in planted(100, seed)]
    Path("news.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records) * 6, "utf-8")
    assert outside("scan", "news.jsonl", "--out", "found", "--quiet").code == 0
    apply = ["apply", "found", "--out", "clean", "--force", "--max-loss", "100%", "--quiet"]
    started = time.monotonic()
    assert outside(*apply).code == 0
    seconds = time.monotonic() - started
    old = contents(Path("clean"))
    assert outside(*apply, "--keep", "2").code == 0
    new = contents(Path("clean"))
    assert new != old
    chance = random.Random("kill")
    n_killed = 0
    for turn in range(6):
        options = ["--keep", "2"] if turn % 2 else []
        process = subprocess.Popen(
            [sys.executable, "-m", "dedup", *apply, *options],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        time.sleep(chance.uniform(0.3, 0.8) * seconds)
        process.kill()
        n_killed += process.wait() == -signal.SIGKILL
        folder = Path("clean")
        if not folder.exists():  # between two renames
            [folder] = Path().glob(".clean-partial-*/old")
        assert contents(folder).keys() >= {"counts", "options"}
        assert contents(folder)["counts"] in (old["counts"], new["counts"])
        files = [value for value in contents(folder).values() if isinstance(value, bytes)]
        known = [[v for v in c.values() if isinstance(v, bytes)] for c in (old, new)]
        assert files in known
    assert n_killed > 1
    assert outside(*apply).code == 0
    assert contents(Path("clean")) == old
    assert names() == ["clean", "found", "news.jsonl"]

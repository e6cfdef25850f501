"""``--tmp-dir``: every command that puts something into a temporary folder has it."""

from __future__ import annotations

import json
import os
import resource
from pathlib import Path

import pytest

from dedup import open_results
from dedup.act.threshold import rethreshold
from dedup.config import BAND_PRESETS
from dedup.errors import OutputError
from tests.cli.command import Run, outside
from tests.corpora import planted

RECORDS = planted(20)
LINES = "".join(json.dumps(record) + "\n" for record in RECORDS).encode()
COMMANDS = {
    "scan": ["scan", "news.jsonl"],
    "scan of a stream": ["scan", "-"],
    "scan and audit": ["scan", "news.jsonl", "--audit"],
    "apply": ["apply", "found", "--keep", "newest", "--out", "clean"],
    "apply for show": ["apply", "found", "--keep", "newest", "--dry-run"],
    "threshold": ["threshold", "found", "--keep", "newest", "--out", "chosen"],
    "audit": ["audit", "found"],
    "compare": ["compare", "a.txt", "b.txt"],
    "compare with a stream": ["compare", "a.txt", "-"],
    "compare of results": ["compare", "s1-1-a", "s1-1-b", "--in", "found"],
    "evaluate with a stream": ["evaluate", "found", "--labels", "labels.jsonl", "--corpus", "-"],
}


@pytest.fixture(autouse=True)
def found(dedup: Run) -> None:
    Path("news.jsonl").write_bytes(LINES)
    Path("a.txt").write_text(RECORDS[0]["text"], "utf-8")
    Path("b.txt").write_text(RECORDS[1]["text"], "utf-8")
    pair = {"left": RECORDS[0]["id"], "right": RECORDS[1]["id"], "duplicate": False}
    Path("labels.jsonl").write_text(json.dumps(pair) + "\n", "utf-8")
    assert dedup("scan", "news.jsonl", "--out", "found", "--quiet").code == 0


def stdin_for(name: str) -> bytes:
    if "stream" not in name:
        return b""
    return RECORDS[1]["text"].encode() if name.startswith("compare") else LINES


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_needs_the_folder_of_the_system(
    name: str, dedup: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("place").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(Path("nowhere").absolute()))
    done = dedup(*COMMANDS[name], "--tmp-dir", "place", stdin=stdin_for(name))
    assert done.code == 0, done.err
    assert list(Path("place").iterdir()) == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_folder_that_is_not_there_is_named_with_the_flag(name: str, dedup: Run) -> None:
    done = dedup(*COMMANDS[name], "--tmp-dir", "nowhere", stdin=stdin_for(name))
    assert done.code == 5, done.err
    assert "nowhere" in done.err
    assert "--tmp-dir" in done.err


def test_a_full_disk_ends_an_apply_with_the_flag_that_helps() -> None:
    Path("place").mkdir()
    done = outside(
        *("apply", "found", "--keep", "newest", "--dry-run", "--tmp-dir", "place"),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, 3_000)),
    )
    assert done.code == 5, done.err
    assert "--tmp-dir" in done.err
    assert "Traceback" not in done.err
    assert list(Path("place").iterdir()) == []


def test_results_are_opened_with_a_folder_of_ones_own() -> None:
    Path("place").mkdir()
    made = rethreshold(open_results("found", tmp_dir=Path("place")), keep="newest")
    assert len(list(Path("place").iterdir())) == 1
    del made
    with pytest.raises(OutputError, match=r"nowhere.*--tmp-dir"):
        rethreshold(open_results("found", tmp_dir="nowhere"), keep="newest")


@pytest.mark.parametrize("preset", BAND_PRESETS)
def test_256_open_files_are_enough_for_each_preset_with_passages(preset: str) -> None:
    done = outside(
        *("scan", "news.jsonl", "--quiet", "--unit", "passage", "--bands-preset", preset),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256)),
    )
    assert done.code == 0, done.err


def test_a_full_disk_under_standard_input_is_told_with_the_flag_that_helps() -> None:
    Path("place").mkdir()
    done = outside(
        *("scan", "-", "--tmp-dir", "place"),
        stdin=LINES[:3000],  # stays in the buffer, which closing the file writes again
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
    )
    assert done.code == 5
    assert "-: cannot be copied to" in done.err
    assert "--tmp-dir" in done.err
    assert "Traceback" not in done.err
    assert list(Path("place").iterdir()) == []


def test_closed_standard_input_is_told() -> None:
    done = outside("scan", "-", stdin=None, preexec_fn=lambda: os.close(0))
    assert done.code == 5
    assert "-: standard input is closed" in done.err

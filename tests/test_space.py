"""Room for temporary files: foretold while reading, long before it runs out."""

from __future__ import annotations

import gzip
import json
import shutil
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import pytest

from dedup import Reading, Settings, scan
from dedup.api import Silence
from dedup.errors import OutputError

SETTINGS = Settings(threads=1, repeats=False, excerpts=False, bands=2, rows=3)
Usage = namedtuple("Usage", "total used free")


class Watched(Silence):
    """Notes how far reading came."""

    share = 0.0

    def reading(self, n_bytes: int, total: int) -> None:
        self.share = n_bytes / total


@pytest.fixture(scope="module")
def compressed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Short texts whose temporary files are many times the size of the file on disk."""
    path = tmp_path_factory.mktemp("space") / "short.jsonl.gz"
    with gzip.open(path, "wt", compresslevel=1) as file:
        for n in range(60_000):
            words = [f"word{n * 31 % 50_021 + k}" for k in range(30)]
            file.write(json.dumps({"id": str(n), "text": " ".join(words)}) + "\n")
    return path


@pytest.fixture(scope="module")
def needed(compressed: Path) -> int:
    return scan(compressed, SETTINGS).found.spilled


def allow(free: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**15, 10**15 - free, free))


def test_what_will_not_fit_is_said_before_half_of_it_is_read(
    compressed: Path, needed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched()
    size = compressed.stat().st_size
    assert needed > 4 * size
    allow(needed // 2, monkeypatch)  # enough for the check before reading
    assert needed // 2 > 1.5 * size
    with pytest.raises(OutputError, match=r"temporary files need about .* --tmp-dir"):
        scan(compressed, SETTINGS, progress=watched)
    assert watched.share < 0.5


def test_what_fits_is_read_to_the_end(
    compressed: Path, needed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(needed, monkeypatch)
    watched = Watched()
    assert scan(compressed, SETTINGS, progress=watched).counts["read"] == 60_000
    assert watched.share == 1


def test_of_a_corpus_that_is_read_in_part_nothing_is_foretold(
    compressed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(1, monkeypatch)
    settings = replace(SETTINGS, reading=Reading(limit=100))
    assert scan(compressed, settings).counts["read"] == 100


def test_a_corpus_scanned_against_does_not_count_twice(
    compressed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = tmp_path / "small.jsonl"
    lines = [json.dumps({"text": f"{n} " + "word " * 1000}) + "\n" for n in range(2000)]
    small.write_text("".join(lines), "utf-8")
    needed = scan(small, SETTINGS, against=compressed).found.spilled
    allow(needed, monkeypatch)
    assert scan(small, SETTINGS, against=compressed).counts["read"] == 2000

"""Room for temporary files: foretold while reading, long before it runs out."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import pytest

from dedup import Reading, Settings, scan
from dedup.api import Silence
from dedup.errors import OutputError

SETTINGS = Settings(threads=1, repeats=False, excerpts=False, bands=2, rows=3)
FINELY = replace(SETTINGS, batch_bytes=1 << 19)
Usage = namedtuple("Usage", "total used free")


class Watched(Silence):
    """Notes how far reading came, and what was said."""

    def __init__(self) -> None:
        self.share = 0.0
        self.notices: list[str] = []

    def reading(self, n_bytes: int, total: int) -> None:
        self.share = n_bytes / total

    def notice(self, message: str) -> None:
        if "temporary files" in message:  # not the first run of the kernels
            self.notices.append(message)


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
    allow(needed // 2, monkeypatch)
    with pytest.raises(OutputError, match=r"temporary files need about .* --tmp-dir"):
        scan(compressed, FINELY, progress=watched)
    assert watched.share < 0.5


def test_what_fits_is_read_to_the_end(
    compressed: Path, needed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(needed, monkeypatch)
    watched = Watched()
    assert scan(compressed, SETTINGS, progress=watched).counts["read"] == 60_000
    assert watched.share == 1
    assert watched.notices == []


@pytest.fixture(scope="module")
def unlike(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose first file, a twelfth of all, is teasers; the other has long articles."""
    folder = tmp_path_factory.mktemp("unlike")
    for name, n_records, n_words in (("a", 9_500, 28), ("b", 3_000, 1000)):
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            for n in range(n_records):
                words = [f"{name}{(n * 31 + k * (n % 97 + 1)) % 50_021}" for k in range(n_words)]
                file.write(json.dumps({"text": " ".join(words)}) + "\n")
    return folder


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def test_a_beginning_that_is_unlike_the_rest_gives_a_warning_only(
    unlike: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched()
    free = int(1.55 * size_of(unlike))
    allow(free, monkeypatch)
    result = scan(unlike, FINELY, progress=watched)
    assert result.found.spilled < free
    assert watched.share == 1
    (said,) = watched.notices
    assert re.search(
        r"if all is like .* need about [1-9]\d* MB more.* [1-9]\d* MB free.*--tmp-dir", said
    )


def test_what_cannot_fit_by_far_is_refused_at_once(
    unlike: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched()
    allow(size_of(unlike) // 20, monkeypatch)
    with pytest.raises(OutputError, match=r"temporary files need about .* --tmp-dir"):
        scan(unlike, FINELY, progress=watched)
    assert watched.share < 0.15


def test_a_warning_is_followed_by_an_error_when_enough_was_read(
    unlike: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched()
    allow(size_of(unlike) // 2, monkeypatch)
    with pytest.raises(OutputError, match="temporary files need about"):
        scan(unlike, FINELY, progress=watched)
    assert len(watched.notices) == 1
    assert 0.1 < watched.share < 0.5


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

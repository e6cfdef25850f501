"""Room for temporary files: foretold while reading, long before it runs out."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections import namedtuple
from contextlib import suppress
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


def allow(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the disk have room for so many bytes of temporary files."""

    def usage(folder: Path) -> Usage:
        used = sum(path.stat().st_size for path in folder.iterdir())
        return Usage(10**15, 10**15 - size + used, size - used)

    monkeypatch.setattr(shutil, "disk_usage", usage)


WARNING = re.compile(
    r"\d+% read: if the rest is like it, temporary files need about [1-9][\d.]* .B more, "
    r"but .* has [1-9][\d.]* .B free\. .*--tmp-dir\."
)


def test_what_fits_is_read_to_the_end(
    compressed: Path, needed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(int(1.25 * needed), monkeypatch)
    watched = Watched()
    assert scan(compressed, SETTINGS, progress=watched).counts["read"] == 60_000
    assert watched.share == 1
    assert watched.notices == []


# --- corpora whose parts are unlike one another

SHORT, LONG, COPIES = (9_000, 28), (3_000, 900), (3_000, -900)
"""Numbers of records and of their words; where they are negative, all are copies."""


def write(path: Path, n_records: int, n_words: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for n in range(n_records):
            seed = n if n_words > 0 else 0
            words = [
                f"{path.stem}{(seed * 31 + k * (seed % 97 + 1)) % 50_021}"
                for k in range(abs(n_words))
            ]
            file.write(json.dumps({"text": " ".join(words)}) + "\n")


@pytest.fixture(scope="module", params=[(SHORT, LONG), (LONG, SHORT), (LONG, COPIES)], ids=str)
def unlike(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, int]:
    """A folder of two files unlike each other, and what a scan of it needs."""
    folder = tmp_path_factory.mktemp("unlike")
    for name, part in zip("ab", request.param, strict=True):
        write(folder / f"{name}.jsonl", *part)
    return folder, scan(folder, FINELY).found.spilled


def test_work_that_would_succeed_is_never_refused(
    unlike: tuple[Path, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, needed = unlike
    watched = Watched()
    allow(int(1.02 * needed), monkeypatch)
    assert scan(folder, FINELY, progress=watched).found.spilled == needed
    assert watched.share == 1
    assert all(map(WARNING.fullmatch, watched.notices)), watched.notices


def test_a_shortage_is_said_early_and_said_again(
    unlike: tuple[Path, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, needed = unlike
    watched = Watched()
    allow(needed // 2, monkeypatch)
    with suppress(OutputError):  # the disk has an end, but this one does not say so
        scan(folder, FINELY, progress=watched)
    shares = [int(said.partition("%")[0]) for said in watched.notices]
    assert all(map(WARNING.fullmatch, watched.notices)), watched.notices
    assert shares[0] < 25
    assert len(shares) == len({share // 25 for share in shares})


def test_what_cannot_fit_is_refused_at_once(
    unlike: tuple[Path, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = unlike
    watched = Watched()
    allow(sum(path.stat().st_size for path in folder.iterdir()) // 20, monkeypatch)
    with pytest.raises(OutputError, match=r"need about .* MB more, and .* at least, but .*tmp-dir"):
        scan(folder, FINELY, progress=watched)
    assert watched.share < 0.2
    assert watched.notices == []


def test_compressed_inputs_are_told_of_early(
    compressed: Path, needed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched()
    assert needed > 4 * compressed.stat().st_size
    allow(needed // 2, monkeypatch)
    with pytest.raises(OutputError, match=r"temporary files need about .* --tmp-dir"):
        scan(compressed, FINELY, progress=watched)
    assert watched.notices[0].startswith(tuple(f"{share}% read" for share in range(30)))


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

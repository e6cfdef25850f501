"""Files under another name while they are written; tests of commands have pipes and links."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dedup.partials import whole_file


def test_a_file_takes_its_name_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")
    with whole_file(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")

    def fail() -> None:
        with whole_file(path) as file:
            file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    killed, busy, other = (
        tmp_path / name
        for name in (
            f".out-partial-{ended.pid}-x",
            f".out-partial-{os.getpid()}-x",
            f".other-partial-{ended.pid}-x",
        )
    )
    for folder in (killed, busy, other):
        folder.mkdir()
    with whole_file(tmp_path / "out") as file:
        file.write(b"new")
    assert not killed.exists()
    assert busy.exists()
    assert other.exists()

"""Files under another name while they are written; tests of commands have pipes and links."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from dedup.storage.partials import partial_beside, remove_partials, whole_file


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


KILLED = """
import os, sys
from pathlib import Path
from dedup.storage.partials import partial_beside
with partial_beside(Path(sys.argv[1])) as partial:
    partial.new.write_bytes(b"half")
    os._exit(9)
"""


def kill_at(target: Path) -> Path:
    """Return the hidden folder of a process that was killed while it wrote to a target."""
    before = set(target.parent.iterdir())
    subprocess.run([sys.executable, "-c", KILLED, str(target)], check=False)
    [left] = set(target.parent.iterdir()) - before
    return left


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    killed, other = kill_at(tmp_path / "out"), kill_at(tmp_path / "other")
    with whole_file(tmp_path / "out") as file:
        file.write(b"new")
    assert {path.name for path in tmp_path.iterdir()} == {"out", other.name}
    assert not killed.exists()


ELSEWHERE = """
import os, sys
from pathlib import Path
from dedup.storage.partials import whole_file
def nobody(*_):
    raise ProcessLookupError
os.kill = nobody
with whole_file(Path(sys.argv[1])) as file:
    file.write(b"theirs")
"""
"""A run in another container: it sees no process of this one, and may have the same id."""


def test_what_another_run_is_writing_stays_though_its_process_is_not_seen(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with partial_beside(target) as busy:
        busy.new.write_bytes(b"half")
        subprocess.run([sys.executable, "-c", ELSEWHERE, str(target)], check=True)
        assert target.read_bytes() == b"theirs"
        assert busy.new.read_bytes() == b"half"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_without_a_lock_of_ours_stays(tmp_path: Path) -> None:
    for name, lock in (("a", None), ("b", b"another program's\n")):
        folder = tmp_path / f".out-partial-{name}"
        folder.mkdir()
        if lock:
            (folder / "dedup.lock").write_bytes(lock)
    (tmp_path / ".out-partial-c").symlink_to(kill_at(tmp_path / "other"))
    before = set(tmp_path.rglob("*"))
    remove_partials(tmp_path / "out")
    assert set(tmp_path.rglob("*")) == before


def test_where_nothing_can_be_locked_a_file_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", fail)
    with whole_file(tmp_path / "out") as file:
        file.write(b"new")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"new"]


def test_what_had_made_way_comes_back_unless_its_name_is_taken(tmp_path: Path) -> None:
    target = tmp_path / "out"
    for earlier in (b"earlier", b"much earlier"):
        left = kill_at(target)
        (left / "old").mkdir()
        (left / "old" / "page").write_bytes(earlier)
        remove_partials(target)
        assert not left.exists()
    assert (target / "page").read_bytes() == b"earlier"

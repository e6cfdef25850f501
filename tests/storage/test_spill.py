"""Temporary columns: what goes in comes out, and nothing stays behind."""

from __future__ import annotations

import gc
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import Settings, scan
from dedup.api import Silence
from dedup.errors import OutputError
from dedup.storage.spill import Spill, remove_abandoned


@given(st.lists(st.lists(st.integers(-(2**63), 2**63 - 1)), max_size=6))
def test_a_column_gives_back_what_was_appended(parts: list[list[int]]) -> None:
    with Spill(None) as spill:
        column = spill.column("numbers", np.int64)
        for part in parts:
            column.append(np.array(part, np.int64))
        found = column.finish()
        assert found.dtype == np.int64
        assert found.tolist() == [value for part in parts for value in part]


@given(st.lists(st.integers(0, 12_000), max_size=5))
def test_a_column_that_outgrows_memory_gives_back_the_same(lengths: list[int]) -> None:
    with Spill(None) as spill:
        column = spill.column("numbers", np.int64)
        for number, length in enumerate(lengths):
            column.append(np.full(length, number))
        assert spill.size() == 8 * sum(lengths)
        found = column.finish()
        assert found.tolist() == np.repeat(np.arange(len(lengths)), lengths).tolist()
        assert spill.size() == 8 * sum(lengths)


@pytest.mark.parametrize(("n_bytes", "n_files"), [(1 << 16, 0), ((1 << 16) + 1, 1)])
def test_a_column_has_a_file_when_it_is_large(n_bytes: int, n_files: int) -> None:
    with Spill(None) as spill:
        column = spill.column("bytes", np.uint8)
        column.append(np.zeros(n_bytes - 9, np.uint8))
        column.append(np.zeros(9, np.uint8))
        column.finish()
        assert len(list(spill.path.glob("*-bytes"))) == n_files


def test_a_small_scan_makes_a_file_for_bad_records_and_for_nothing_else(tmp_path: Path) -> None:
    result = scan(["a text of a few words"] * 3, Settings(tmp_dir=str(tmp_path)))
    [folder] = tmp_path.iterdir()
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["000-quarantine", "001-quarantine", "dedup.lock"]
    assert result.counts["read"] == 3


def test_a_column_may_be_a_table(tmp_path: Path) -> None:
    with Spill(str(tmp_path)) as spill:
        column = spill.column("table", np.uint32, 3)
        column.append(np.arange(6, dtype=np.uint32).reshape(2, 3))
        column.append(np.arange(6, 9, dtype=np.uint32).reshape(1, 3))
        assert column.finish().tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]


@pytest.mark.parametrize(("width", "shape"), [(0, (0,)), (4, (0, 4))])
def test_an_empty_column_keeps_its_shape(width: int, shape: tuple[int, ...]) -> None:
    with Spill(None) as spill:
        assert spill.column("empty", np.uint64, width).finish().shape == shape


def test_columns_of_one_name_do_not_meet(tmp_path: Path) -> None:
    with Spill(str(tmp_path)) as spill:
        one, other = spill.column("same", np.int64), spill.column("same", np.int64)
        one.append(np.array([1]))
        other.append(np.array([2, 3]))
        assert one.finish().tolist() == [1]
        assert other.finish().tolist() == [2, 3]


def test_a_finished_column_cannot_be_changed() -> None:
    with Spill(None) as spill:
        column = spill.column("numbers", np.int64)
        column.append(np.array([1, 2]))
        found = column.finish()
        with pytest.raises(ValueError, match="read-only"):
            found[0] = 7


def test_size_is_what_the_files_hold(tmp_path: Path) -> None:
    with Spill(str(tmp_path)) as spill:
        column = spill.column("numbers", np.int64)
        column.append(np.arange(1000))
        column.finish()
        assert spill.size() == 8000


def test_the_folder_goes_when_the_block_ends(tmp_path: Path) -> None:
    with Spill(str(tmp_path)) as spill:
        spill.column("numbers", np.int64).finish()
        assert spill.path.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_the_folder_goes_with_the_object(tmp_path: Path) -> None:
    spill = Spill(str(tmp_path))
    assert len(list(tmp_path.iterdir())) == 1
    del spill
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_closing_twice_is_no_error(tmp_path: Path) -> None:
    spill = Spill(str(tmp_path))
    spill.close()
    spill.close()
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named_with_the_flag_that_helps(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"nowhere.*--tmp-dir"):
        Spill(str(tmp_path / "nowhere"))


FULL_DISK = """
import numpy as np, sys
from dedup.errors import OutputError
from dedup.storage.spill import Spill, remove_abandoned
with Spill(sys.argv[1]) as spill:
    column = spill.column("numbers", np.int64)
    try:
        column.append(np.arange(100_000))
        column.finish()
    except OutputError as error:
        print(error)
"""


def test_a_full_disk_is_an_error_that_names_the_flag(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000)),
    )
    assert "cannot write the temporary file" in done.stdout
    assert "--tmp-dir" in done.stdout
    assert list(tmp_path.iterdir()) == []


HOLD = """
import sys, time
import numpy as np
from dedup.storage.spill import Spill
spill = Spill(sys.argv[1])
column = spill.column("numbers", np.int64)
column.append(np.arange(100_000))
column.finish()
print(spill.path, flush=True)
time.sleep(60)
"""


@contextmanager
def another_process(tmp_dir: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that uses a temporary folder, and the folder."""
    command = [sys.executable, "-c", HOLD, str(tmp_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_the_folder_of_a_killed_process_is_removed_and_that_of_a_living_one_is_not(
    tmp_path: Path,
) -> None:
    with another_process(tmp_path) as (process, folder), Spill(str(tmp_path)) as mine:
        assert remove_abandoned(str(tmp_path)) == (0, 0)
        assert {folder, mine.path} == set(tmp_path.iterdir())
        kill(process)
        assert folder.is_dir()
        n_removed, n_bytes = remove_abandoned(str(tmp_path))
        assert n_removed == 1
        assert n_bytes >= 800_000
        assert list(tmp_path.iterdir()) == [mine.path]
        assert remove_abandoned(str(tmp_path)) == (0, 0)


def test_a_scan_says_what_it_removed(tmp_path: Path) -> None:
    class Told(Silence):
        def __init__(self) -> None:
            self.notices: list[str] = []

        def notice(self, message: str) -> None:
            self.notices.append(message)

    with another_process(tmp_path) as (process, folder):
        kill(process)
    told = Told()
    settings = Settings(threads=1, tmp_dir=str(tmp_path), engine="reference")
    for _ in range(2):
        scan(["a text", "another"], settings, progress=told)
    assert told.notices == ["removed a temporary folder (0.8 MB) of earlier runs that were killed"]
    assert not folder.exists()


def test_what_only_looks_like_a_left_folder_stays(tmp_path: Path) -> None:
    with another_process(tmp_path) as (process, folder):
        kill(process)
    elsewhere = tmp_path / "kept"
    elsewhere.mkdir()
    (elsewhere / "dear").write_text("to somebody")
    shutil.copytree(folder, tmp_path / "dedup-mine")  # another name
    (tmp_path / "dedup-00000000000a").symlink_to(elsewhere)
    (tmp_path / "dedup-00000000000b").write_text("a file")
    for name, lock in (("c", None), ("d", b"another program's\n")):
        other = tmp_path / f"dedup-00000000000{name}"
        other.mkdir()
        (other / "dear").write_text("to somebody")
        if lock:
            (other / "dedup.lock").write_bytes(lock)
    linked = tmp_path / "dedup-00000000000e"
    linked.mkdir()
    (linked / "dedup.lock").symlink_to(folder / "dedup.lock")
    before = {path for path in tmp_path.rglob("*") if folder not in (path, *path.parents)}
    assert remove_abandoned(str(tmp_path))[0] == 1
    assert set(tmp_path.rglob("*")) == before


def test_what_lies_in_folders_of_a_left_folder_counts(tmp_path: Path) -> None:
    with another_process(tmp_path) as (process, folder):
        (folder / "results" / "more").mkdir(parents=True)
        (folder / "results" / "more" / "table").write_bytes(bytes(3_000_000))
        kill(process)
    assert remove_abandoned(str(tmp_path))[1] >= 3_800_000


def test_where_there_is_no_such_folder_nothing_is_removed(tmp_path: Path) -> None:
    assert remove_abandoned(str(tmp_path / "nowhere")) == (0, 0)

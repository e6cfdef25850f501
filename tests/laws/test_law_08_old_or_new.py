"""Law 8: a results folder is there whole or not at all, whenever the process dies."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dedup import Result, Settings, scan, write_results
from dedup.errors import OutputError
from dedup.results.folders import write_folder
from dedup.results.schema import RESULTS
from dedup.storage.partials import partial_beside
from tests.conftest import ROOT
from tests.corpora import planted

ONE_THREAD = Settings(threads=1)
N_KILLS = 14


def start(corpus: Path, target: Path, tmp_dir: Path, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "dedup", "scan", str(corpus), "--out", str(target)]
    return subprocess.Popen(
        [*command, "--tmp-dir", str(tmp_dir), "--quiet", *options],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
    )


def finish(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    _, errors = process.communicate(timeout=120)
    return process.returncode, errors.decode()


def contents(folder: Path) -> dict[str, Any]:
    """Return a results folder without what differs from run to run."""
    found: dict[str, Any] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".jsonl":
            found[path.name] = path.read_bytes()
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert set(manifest["files"]) == {p.name for p in folder.iterdir()} - {"manifest.json"}
    for name, size in manifest["files"].items():
        assert (folder / name).stat().st_size == size
    found["counts"] = manifest["counts"]
    return found


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "articles.jsonl"
    records = [record for seed in range(8) for record in planted(100, seed)]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


@pytest.fixture(scope="module")
def whole(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], float]:
    """What an undisturbed run writes, and how long it takes."""
    folder = tmp_path_factory.mktemp("whole")
    seconds = 0.0
    for name in ("compiling", "compiled"):
        started = time.monotonic()
        assert finish(start(corpus, folder / name, folder))[0] == 0
        seconds = time.monotonic() - started
    assert contents(folder / "compiling") == contents(folder / "compiled")
    return contents(folder / "compiled"), seconds


def kill_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Kill a process after some time; return whether it was still at work."""
    time.sleep(seconds)
    process.kill()
    return finish(process)[0] == -signal.SIGKILL


def wait_for_writing(process: subprocess.Popen[bytes], target: Path) -> None:
    """Wait until results are being written beside the target, or the process has ended."""
    before = set(target.parent.iterdir())
    while process.poll() is None and set(target.parent.iterdir()) <= before:
        time.sleep(0.001)


@pytest.mark.slow
@pytest.mark.parametrize("force", [False, True], ids=["new", "force"])
def test_killed_at_any_moment_the_folder_is_old_or_new(
    force: bool, corpus: Path, whole: tuple[dict[str, Any], float], tmp_path: Path
) -> None:
    expected, seconds = whole
    target, spill = tmp_path / "out", tmp_path / "spill"
    spill.mkdir()
    options = ["--force"] if force else []
    earlier = None
    if force:
        write_results(scan(["some earlier text"], ONE_THREAD), target)
        earlier = contents(target)
    chance = random.Random(f"kill {force}")
    n_killed = 0
    for turn in range(N_KILLS // 2):
        process = start(corpus, target, spill, *options)
        if turn % 2:
            wait_for_writing(process, target)
            n_killed += kill_within(process, chance.uniform(0, 0.05))
        else:
            n_killed += kill_within(process, chance.uniform(0.1, 1.0) * seconds)
        if target.exists():
            assert contents(target) in (earlier, expected)
            if not force:
                shutil.rmtree(target)
        elif force:  # between two renames: the earlier results lie beside the target
            (aside,) = tmp_path.glob(".out-partial-*/old")
            assert contents(aside) in (earlier, expected)
    assert n_killed > N_KILLS // 4
    assert finish(start(corpus, target, spill, *options))[0] == 0
    assert contents(target) == expected


class Broken(Exception):
    """Stands for anything that goes wrong while results are written."""


def break_half_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let writing results fail half-way."""

    def fail(result: Result) -> None:
        raise Broken

    monkeypatch.setattr(Result, "pair_columns", property(fail))


def test_an_error_while_writing_leaves_nothing_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = scan(planted(5), ONE_THREAD)
    break_half_way(monkeypatch)
    with pytest.raises(Broken):
        write_results(result, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_error_while_writing_leaves_earlier_results_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = scan(planted(5), ONE_THREAD)
    write_results(good, tmp_path / "out")
    before = contents(tmp_path / "out")
    break_half_way(monkeypatch)
    with pytest.raises(Broken):
        write_results(good, tmp_path / "out", force=True)
    assert contents(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_results_are_replaced_whole(tmp_path: Path) -> None:
    write_results(scan(["one text"], Settings(threads=1, unit="passage")), tmp_path / "out")
    assert (tmp_path / "out" / "passages.jsonl").exists()
    write_results(scan(["another"], ONE_THREAD), tmp_path / "out", force=True)
    assert not (tmp_path / "out" / "passages.jsonl").exists()
    contents(tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_earlier_results_are_not_replaced_unasked(tmp_path: Path) -> None:
    write_results(scan(["one text"], ONE_THREAD), tmp_path / "out")
    before = contents(tmp_path / "out")
    with pytest.raises(OutputError, match="--force"):
        write_results(scan(["another"], ONE_THREAD), tmp_path / "out")
    assert contents(tmp_path / "out") == before


def read_in(folder: Path) -> int:
    counts: dict[str, int] = contents(folder)["counts"]
    return counts["read"]


def write_while(target: Path, others: Callable[[], object], *, force: bool) -> None:
    """Write results of two texts, and let others do something before they take their name."""
    ours = write_results(scan(["one", "two"], ONE_THREAD), target.parent / "ours")

    def fill(partial: Path) -> None:
        shutil.copytree(ours, partial, dirs_exist_ok=True)
        others()

    try:
        write_folder(target, RESULTS, fill, force=force)
    finally:
        shutil.rmtree(ours)


def test_what_another_run_wrote_meanwhile_is_not_replaced_unasked(tmp_path: Path) -> None:
    target = tmp_path / "out"
    theirs = scan(["theirs"], ONE_THREAD)
    with pytest.raises(OutputError, match=r"another run.*--force"):
        write_while(target, lambda: write_results(theirs, target), force=False)
    assert read_in(target) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("earlier", [False, True], ids=["first", "earlier"])
def test_what_another_run_wrote_meanwhile_is_replaced_by_force(
    earlier: bool, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    theirs = scan(["theirs"], ONE_THREAD)
    if earlier:
        write_results(theirs, target)
    write_while(target, lambda: write_results(theirs, target, force=True), force=True)
    assert read_in(target) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("name", ["notes", "out"])
def test_what_somebody_put_there_meanwhile_stays(name: str, tmp_path: Path) -> None:
    target = tmp_path / "out"

    def put() -> None:
        if name == "notes":
            target.mkdir()
            (target / name).write_text("mine")
        else:
            target.write_text("mine")

    with pytest.raises(OutputError, match="no folder of results"):
        write_while(target, put, force=True)
    assert [path.read_text() for path in tmp_path.rglob("*") if path.is_file()] == ["mine"]


def rename_otherwise(
    monkeypatch: pytest.MonkeyPatch, otherwise: Callable[[Path, Path], Path]
) -> None:
    """Let the renaming of what is new go otherwise, once the earlier folder has made way."""
    rename = Path.rename

    def renamed(path: Path, to: Path) -> Path:
        if path.name == "new" and not to.exists():
            return otherwise(path, to)
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", renamed)


def test_an_earlier_folder_comes_back_if_the_new_one_cannot_take_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    write_results(scan(["one text"], ONE_THREAD), target)

    def refuse(path: Path, to: Path) -> Path:
        raise PermissionError(errno.EACCES, "Permission denied", path, to)

    rename_otherwise(monkeypatch, refuse)
    with pytest.raises(OutputError, match="Permission denied"):
        write_results(scan(["one", "two"], ONE_THREAD), target, force=True)
    assert read_in(target) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_run_that_takes_the_name_between_two_renames_is_replaced_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    write_results(scan(["one text"], ONE_THREAD), target)

    def come_between(path: Path, to: Path) -> Path:
        monkeypatch.undo()
        write_results(scan(["1", "2", "3"], ONE_THREAD), target)
        return path.rename(to)

    rename_otherwise(monkeypatch, come_between)
    write_results(scan(["one", "two"], ONE_THREAD), target, force=True)
    assert read_in(target) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


KILLED = """
import os, sys
from pathlib import Path
from dedup.storage.partials import partial_beside
target = Path(sys.argv[1])
with partial_beside(target) as partial:
    partial.new.mkdir()
    if target.exists():
        target.rename(partial.old)
    os._exit(9)
"""


def kill_at(target: Path) -> None:
    """Let a process be killed that has written to a target, and has put aside what stood there."""
    subprocess.run([sys.executable, "-c", KILLED, str(target)], cwd=ROOT, check=False)
    assert not target.exists()


@pytest.mark.parametrize("name", ["out", "out[1]"])
def test_what_a_killed_process_put_aside_comes_back(name: str, tmp_path: Path) -> None:
    target = tmp_path / name
    write_results(scan(["one text"], ONE_THREAD), target)
    before = contents(target)
    kill_at(target)
    with pytest.raises(OutputError, match="--force"):
        write_results(scan(["another"], ONE_THREAD), target)
    assert contents(target) == before
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_what_a_killed_process_left_half_written_is_removed(tmp_path: Path) -> None:
    target = tmp_path / "out"
    kill_at(target)
    with partial_beside(target) as busy:
        write_results(scan(["one text"], ONE_THREAD), target)
        assert set(tmp_path.iterdir()) == {target, busy.new.parent}


def test_the_rest_of_another_folder_of_a_similar_name_is_left_alone(tmp_path: Path) -> None:
    kill_at(tmp_path / "out-partial-2")
    [left] = tmp_path.iterdir()
    write_results(scan(["one text"], ONE_THREAD), tmp_path / "out")
    assert left.exists()


@pytest.mark.usefixtures("interruptible")
def test_an_interruption_ends_with_130_and_leaves_nothing(corpus: Path, tmp_path: Path) -> None:
    process = start(corpus, tmp_path / "out", tmp_path)
    while not list(tmp_path.glob("dedup-*")) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    code, errors = finish(process)
    assert code == 130
    assert "interrupted: nothing was written" in errors
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []

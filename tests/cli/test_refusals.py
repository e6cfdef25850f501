"""What the system refuses: one line that names the place and the reason, and never exit code 1."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from dedup import open_results, scan, write_results
from dedup.errors import DedupError
from tests.cli.command import DEMO, PAGE, Done, Run, outside

LONG = "x" * 256
_DROP_BOUNDING, _OVERRIDE, _READ_SEARCH = 24, 1, 2  # prctl, and two rights of root's


def as_anybody() -> None:
    """Take the right from root to pass by permissions, as soon as a program starts."""
    if sys.platform == "linux" and os.geteuid() == 0:
        for right in (_OVERRIDE, _READ_SEARCH):
            assert ctypes.CDLL(None).prctl(_DROP_BOUNDING, right, 0, 0, 0) == 0


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a page, results, and a folder that nobody may look into."""
    folder = tmp_path_factory.mktemp("refusals")
    (folder / "page.txt").write_bytes(PAGE.read_bytes())
    write_results(scan(DEMO), folder / "found")
    (folder / "locked").mkdir(mode=0)
    return folder


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        ("scan page.txt --out locked/x", "locked/x"),
        ("scan page.txt --save-model locked/m", "locked"),
        ("scan locked/page.txt", "locked/page.txt"),
        ("scan locked/*.txt", "locked/*.txt"),
        ("scan page.txt --against locked/*.txt", "locked/*.txt"),
        ("apply found --out locked/c", "locked/c"),
        ("apply locked/found --dry-run", "locked/found"),
        ("report found --full --out locked/p", "locked/p"),
        ("report found --out locked/r.html", "locked/r.html"),
        ("report locked/found", "locked/found"),
        ("calibrate found --count 0 --labels locked/f", "locked/f"),
    ],
)
def test_a_folder_that_nobody_may_look_into_is_named_with_the_reason(
    arguments: str, place: str, here: Path
) -> None:
    done = outside(*arguments.split(), cwd=here, preexec_fn=as_anybody)
    assert (done.code, done.out) == (5, "")
    assert place in done.err
    assert "Permission denied" in done.err
    assert "Traceback" not in done.err
    assert "no such" not in done.err


def test_settings_that_nobody_may_read_are_not_taken_for_none(tmp_path: Path) -> None:
    (tmp_path / "dedup.toml").touch(mode=0)
    done = outside("scan", PAGE, cwd=tmp_path, preexec_fn=as_anybody)
    assert (done.code, done.out) == (5, "")
    assert "dedup.toml: settings cannot be read from it: Permission denied" in done.err


def test_a_settings_file_that_is_a_folder_is_said_and_a_pyproject_is_not(dedup: Run) -> None:
    Path("pyproject.toml").mkdir()
    assert dedup("scan", PAGE, "--quiet").code == 0
    Path("dedup.toml").mkdir()
    done = dedup("scan", PAGE, "--quiet")
    assert (done.code, "dedup.toml: settings cannot be read" in done.err) == (5, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan", PAGE, "--out", LONG],
        ["scan", PAGE, "--save-model", LONG],
        ["scan", LONG],
        ["scan", f"{LONG}*"],
        ["report", LONG],
        ["report", "found", "--out", LONG],
        ["calibrate", "found", "--count", "0", "--labels", LONG],
    ],
    ids=lambda arguments: " ".join(map(str, arguments)).replace(LONG, "LONG"),
)
def test_a_name_that_is_too_long_is_an_error_of_one_line(
    arguments: list[str], dedup: Run, here: Path
) -> None:
    os.chdir(here)
    done = dedup(*arguments)
    assert (done.code, done.out) == (5, "")
    assert done.err.startswith("dedup: ")
    assert done.err.count("\n") == 1
    assert "File name too long" in done.err or "no file matches" in done.err


def test_a_library_user_gets_errors_of_this_package(here: Path) -> None:
    result = scan(["One text."])
    calls: list[Callable[[], object]] = [
        lambda: write_results(result, LONG),
        lambda: open_results(LONG),
        lambda: scan(f"{LONG}*"),
        lambda: scan(Path(LONG)),
    ]
    for call in calls:
        with pytest.raises(DedupError, match=r"File name too long|no such file"):
            call()
    del here


@pytest.fixture
def failing(dedup: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], Done]:
    """Return a function that runs a scan in which something unforeseen is raised."""

    def run(error: Exception) -> Done:
        def fail(*_: object, **__: object) -> None:
            raise error

        with monkeypatch.context() as patched:
            patched.setattr(import_module("dedup.api"), "scan", fail)
            return dedup("scan", PAGE, "--fail-on-duplicates")

    return run


def test_what_the_system_refuses_anywhere_ends_with_5_and_one_line(
    failing: Callable[[Exception], Done],
) -> None:
    full = failing(OSError(28, "No space left on device"))
    assert (full.code, full.out, full.err.count("\n")) == (5, "", 1)
    assert "No space left on device: free some space" in full.err
    renamed = failing(OSError(13, "Permission denied", "one", None, "other"))
    assert renamed.err.startswith("dedup: one and other: Permission denied: ask for the right")


def test_a_package_that_cannot_be_loaded_is_named_without_a_traceback(
    failing: Callable[[Exception], Done],
) -> None:
    done = failing(ImportError("No module named 'numba'", name="numba"))
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "dedup: a package that dedup needs cannot be loaded (No module named 'numba'): install it "
        "again by `pip install --force-reinstall article-dedup`\n"
    )


def test_a_defect_keeps_its_traceback_and_never_means_duplicates(
    failing: Callable[[Exception], Done],
) -> None:
    done = failing(ZeroDivisionError("who would have thought"))
    assert (done.code, done.out) == (70, "")
    assert "Traceback" in done.err
    assert "ZeroDivisionError: who would have thought" in done.err
    assert done.err.endswith(
        "dedup: this is a defect of dedup: please report it with these lines\n"
    )

"""Standard output on a full disk, and streams that whoever started the command has closed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dedup import open_results, scan, write_results
from tests.cli.command import DEMO, PAGE, outside

FULL = Path("/dev/full")
COMMANDS = [
    "--help",
    "--version",
    "scan --help",
    "scan page.txt",
    "show found 1",
    "report found",
    "report found --format csv",
    "report found --full --force",
    "compare page.txt page.txt --json",
    "audit found --json",
    "threshold found --keep longest --out other --force",
    "apply found --dry-run",
    "evaluate found --labels labels.jsonl --json",
    "calibrate found --count 0 --labels labels.jsonl",
]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a page, results, and labels for their pairs."""
    folder = tmp_path_factory.mktemp("streams")
    (folder / "page.txt").write_bytes(PAGE.read_bytes())
    results = open_results(write_results(scan(DEMO), folder / "found"))
    link = next(results.links())
    label = f'{{"left": "{link.left}", "right": "{link.right}", "label": "yes"}}\n'
    (folder / "labels.jsonl").write_text(label, "utf-8")
    return folder


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("command", COMMANDS)
def test_standard_output_on_a_full_disk_ends_with_5(command: str, here: Path) -> None:
    with FULL.open("wb") as full:
        done = outside(*command.split(), stdout=full, cwd=here)
    assert "Traceback" not in done.err
    assert "cannot write to standard output: No space left on device" in done.err
    assert done.code == 5


@pytest.mark.parametrize("command", ["--help", "scan page.txt", "compare page.txt page.txt"])
def test_closed_standard_output_ends_with_5(command: str, here: Path) -> None:
    done = outside(*command.split(), stdout=None, preexec_fn=closing(1), cwd=here)
    assert "Traceback" not in done.err
    assert "cannot write to standard output" in done.err
    assert done.code == 5


@pytest.mark.parametrize("option", ["", "--quiet"])
def test_closed_standard_error_is_no_failure(option: str, here: Path) -> None:
    done = outside(
        "scan", "page.txt", *option.split(), stderr=None, preexec_fn=closing(2), cwd=here
    )
    assert done.code == 0
    assert bool(done.out) == (not option)


def closing(stream: int) -> Callable[[], None]:
    """Return what closes a stream before the command starts."""

    def close() -> None:
        os.close(stream)

    return close

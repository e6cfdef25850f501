"""An interruption ends a run, also where a library swallows it at first."""

from __future__ import annotations

import contextlib
import ctypes
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from dedup import scan, write_results
from dedup.cli.progress import ConsoleProgress
from tests.cli.command import DEMO, Run


def interrupt_and_swallow() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def run_interrupted(step: str) -> None:
    with ConsoleProgress() as progress:
        interrupt_and_swallow()
        if step == "stage":
            progress.stage("reading")
        elif step == "reading":
            progress.reading(1, 2)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("step", ["stage", "reading", "end"])
def test_a_swallowed_interruption_is_raised_at_the_next_step(step: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_interrupted(step)


def test_the_signal_is_left_as_it_was() -> None:
    before = signal.getsignal(signal.SIGINT)
    with ConsoleProgress():
        pass
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.usefixtures("interruptible")
def test_an_interruption_where_nothing_can_be_raised_makes_no_noise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    noise: list[str] = []
    monkeypatch.setattr(
        sys, "unraisablehook", lambda caught: noise.append(caught.exc_type.__name__)
    )
    before = sys.unraisablehook

    @ctypes.CFUNCTYPE(None)
    def called_back() -> None:
        signal.raise_signal(signal.SIGINT)

    @ctypes.CFUNCTYPE(None)
    def broken() -> None:
        raise ValueError

    def run() -> None:
        with ConsoleProgress() as progress:
            called_back()
            broken()
            progress.stage("reading")

    with pytest.raises(KeyboardInterrupt):
        run()
    assert noise == ["ValueError"]
    assert sys.unraisablehook is before


def test_a_signal_that_somebody_else_takes_is_left_alone() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with ConsoleProgress() as progress:
            signal.raise_signal(signal.SIGINT)
            progress.stage("reading")
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.fixture
def interrupted(dedup: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return a function that runs a command, interrupted in some function, and what it says."""
    monkeypatch.setattr(import_module("dedup.cli.main"), "_end_at_once", sys.exit)

    def run(command: str, where: str, *, after: bool = False) -> str:
        module, name = where.rsplit(".", 1)
        whole = getattr(import_module(module), name)

        def interrupt(*arguments: Any, **options: Any) -> None:
            if after:
                whole(*arguments, **options)
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(import_module(module), name, interrupt)
            done = dedup(*command.split(), stdin=b"y\ny\n")
        assert done.code == 130
        return done.err

    return run


Interrupted = Callable[..., str]
SCAN = f"scan {DEMO} --out found --report --force --quiet"


def test_an_interruption_before_anything_is_written_says_so(interrupted: Interrupted) -> None:
    for _ in range(2):  # with no earlier results, and with some
        said = interrupted(SCAN, "dedup.results.write_results")
        assert "interrupted: nothing was written\n" in said
        scan_demo()


def test_an_interruption_after_the_results_names_them(interrupted: Interrupted) -> None:
    for _ in range(2):
        said = interrupted(SCAN, "dedup.cli.scan._write_report")
        assert "interrupted: found is written, found/report.html not\n" in said
        said = interrupted(SCAN, "dedup.results.write_results", after=True)
        assert "interrupted: found is written, found/report.html not\n" in said
    said = interrupted(f"{SCAN} --save-model m.npz", "dedup.cli.scan._write_report")
    assert "interrupted: m.npz and found are written, found/report.html not\n" in said


def test_answers_that_were_saved_are_named(interrupted: Interrupted) -> None:
    scan_demo()
    said = interrupted("calibrate found", "dedup.evaluate.calibrate.propose")
    assert "interrupted: calibration.jsonl is written\n" in said


def scan_demo() -> None:
    write_results(scan(DEMO), "found", force=True)

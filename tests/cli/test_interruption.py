"""An interruption ends a run, also where a library swallows it at first."""

from __future__ import annotations

import contextlib
import signal

import pytest

from dedup.cli.progress import ConsoleProgress


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


def test_a_signal_that_somebody_else_takes_is_left_alone() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with ConsoleProgress() as progress:
            signal.raise_signal(signal.SIGINT)
            progress.stage("reading")
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)

"""Progress on the terminal: bars on standard error, only where a person looks on."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import click

from dedup.cli.interruptions import Interruptions
from dedup.cli.output import say

_STEPS = 1000


class ConsoleProgress:
    """Shows reading as a bar, and each later stage by its name."""

    def __init__(self) -> None:
        """Find out whether anybody looks on."""
        self._shown = sys.stderr.isatty()
        self._bar: Any = None
        self._done = 0
        self._interruptions = Interruptions()

    def __enter__(self) -> ConsoleProgress:
        """Remember interruptions from now on, where nobody else takes them."""
        self._interruptions.remember()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the terminal and the signal as they were."""
        self._interruptions.leave()
        self._close_bar()
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)
        if kind is None:
            self._interruptions.check()

    def stage(self, name: str) -> None:
        """Show that a stage begins."""
        self._interruptions.check()
        self._close_bar()
        if self._shown:
            click.echo(f"\r\x1b[K{name} …", nl=False, err=True)

    def reading(self, n_bytes: int, total: int) -> None:
        """Move the bar."""
        self._interruptions.check()
        if not self._shown or not total:
            return
        if self._bar is None:
            self._bar = click.progressbar(length=_STEPS, label="reading", file=sys.stderr)
            self._bar.__enter__()
            self._done = 0
        done = min(_STEPS, n_bytes * _STEPS // total)
        self._bar.update(done - self._done)
        self._done = done

    def notice(self, message: str) -> None:
        """Say something on a line of its own."""
        if self._shown:  # where the bar stands, which is drawn again
            click.echo("\r\x1b[K", nl=False, err=True)
        say(f"dedup: {message}")

    def _close_bar(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None


@contextmanager
def tell_compiling() -> Generator[None]:
    """Say so when kernels have to be compiled: for commands that have no other progress."""
    from dedup.kernels.compiling import watched  # noqa: PLC0415 - numba takes half a second

    with watched(lambda message: say(f"dedup: {message}")):
        yield

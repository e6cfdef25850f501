"""Write to standard output and standard error, as long as anybody reads."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO

import click

from dedup.errors import OutputError


class Command(click.Command):
    """A command whose help is written like its results: it ends alike where that fails."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; `--help` among them writes to standard output."""
        with told_of_stdout():
            return super().parse_args(ctx, args)


def open_closed_streams() -> None:
    """Put streams where Python has none, since whoever started it closed them.

    What is written to standard output fails then, as on a full disk; what is said on
    standard error is lost.
    """
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]
        unwritable = os.open(os.devnull, os.O_RDONLY)
        sys.stdout = os.fdopen(unwritable, "w", encoding="utf-8")
    if sys.stderr is None:  # pyright: ignore[reportUnnecessaryComparison]
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")


@contextmanager
def told_of_stdout() -> Generator[None]:
    """Turn the failure of a write to standard output into a message.

    That its reader has left is no failure, and passes through.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        discard(sys.stdout)
        message = f"cannot write to standard output: {error.strerror}"
        raise OutputError(message) from error


@contextmanager
def while_read(stream: TextIO) -> Generator[None, None, None]:
    """Let what is written to a stream be lost when its reader has left: no failure."""
    try:
        yield
    except BrokenPipeError:
        discard(stream)


def discard(stream: TextIO) -> None:
    """Write to a stream no longer; what is buffered would fail again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def say(message: str) -> None:
    """Write a line to standard error, if anybody reads it and it can be written."""
    try:
        with while_read(sys.stderr):
            click.echo(message, err=True)
    except OSError:  # a full disk: there is nowhere to say so, the exit code tells
        discard(sys.stderr)


def print_bytes(data: bytes) -> None:
    """Write to standard output, if anybody reads it."""
    with told_of_stdout(), while_read(sys.stdout):
        sys.stdout.flush()
        stream = getattr(sys.stdout, "buffer", None)
        if stream is None:
            click.echo(data, nl=False)
            return
        stream.write(data)
        stream.flush()


def print_json(value: object) -> None:
    """Write a value to standard output as one line of JSON."""
    import orjson  # noqa: PLC0415 - help does without

    print_bytes(orjson.dumps(value) + b"\n")


def print_text(text: str) -> None:
    """Write to standard output; what its encoding lacks is escaped."""
    print_bytes(text.encode(sys.stdout.encoding or "utf-8", "backslashreplace"))

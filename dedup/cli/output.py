"""Write to standard output and standard error, as long as anybody reads."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO

import click

from dedup.errors import OutputError


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
    """Write a line to standard error, if anybody reads it."""
    with while_read(sys.stderr):
        click.echo(message, err=True)


def print_bytes(data: bytes) -> None:
    """Write to standard output, if anybody reads it."""
    try:
        with while_read(sys.stdout):
            sys.stdout.flush()
            stream = getattr(sys.stdout, "buffer", None)
            if stream is None:
                click.echo(data, nl=False)
                return
            stream.write(data)
            stream.flush()
    except OSError as error:
        discard(sys.stdout)
        message = f"cannot write to standard output: {error.strerror}"
        raise OutputError(message) from error

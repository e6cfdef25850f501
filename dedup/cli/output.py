"""Write data to standard output."""

from __future__ import annotations

import os
import sys

import click

from dedup.errors import OutputError


def print_bytes(data: bytes) -> None:
    """Write to standard output; a reader that has left is no failure."""
    try:
        sys.stdout.flush()
        stream = getattr(sys.stdout, "buffer", None)
        if stream is None:
            click.echo(data, nl=False)
            return
        stream.write(data)
        stream.flush()
    except BrokenPipeError:
        # what is still buffered would fail again when Python closes the stream
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        message = f"cannot write to standard output: {error.strerror}"
        raise OutputError(message) from error

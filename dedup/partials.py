"""Outputs under another name while they are written: the old one or the new one is there."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from io import BufferedWriter, FileIO, UnsupportedOperation
from pathlib import Path
from typing import BinaryIO

RANDOM = "[a-z0-9_]+"
"""What mkdtemp adds to a name, as a pattern."""


@contextmanager
def partial_folder(target: Path) -> Generator[Path]:
    """Make a hidden folder beside a target, for what will take its name; it goes afterwards."""
    target = target.absolute()
    prefix = f".{target.name}-partial-{os.getpid()}-"
    partial = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
    try:
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def whole_file(path: Path, *, beside: Path | None = None) -> Generator[BinaryIO]:
    """Open a file to write, which takes its name when all of it is written.

    A link stays one, and the file that it leads to is replaced. What exists and is no
    regular file, such as a pipe or ``/dev/null``, is written to: it could not be put back.

    Parameters
    ----------
    path : Path
    beside : Path, optional
        The results folder, for a file inside it: what is half done then stands beside
        the folder, and not in it, where a killed process would leave a stranger.
    """
    if path.exists() and not path.is_file():
        with BufferedWriter(_Stream(path, "wb")) as file:
            yield file
        return
    if path.is_symlink():  # perhaps into another file system, where nothing can be renamed to
        path, beside = Path(os.path.realpath(path)), None
    remove_partials(beside or path)
    with partial_folder(beside or path) as partial:
        written = partial / path.name
        with written.open("wb") as file:
            yield file
        written.replace(path)


class _Stream(FileIO):
    """A pipe or device: one cannot go back in it, though ``/dev/null`` says so."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise UnsupportedOperation


def remove_partials(target: Path) -> None:
    """Remove what killed processes left half done beside a target."""
    own = re.compile(re.escape(f".{target.name}-") + f"partial-([0-9]+)-{RANDOM}")
    try:
        places = list(target.absolute().parent.iterdir())
    except OSError:  # a folder that can be written to need not be one to look into
        return
    for place in places:
        found = own.fullmatch(place.name)
        if found and not _runs(int(found[1])):
            shutil.rmtree(place, ignore_errors=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

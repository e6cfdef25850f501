"""Outputs under another name while they are written: the old one or the new one is there."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedWriter, FileIO, UnsupportedOperation
from pathlib import Path
from typing import BinaryIO

from dedup.storage.locks import lock_folder, locked_if_abandoned

_NEW = "new"
_OLD = "old"


@dataclass(frozen=True, slots=True)
class Partial:
    """Two places in a hidden folder beside a target, neither of which is taken yet.

    Attributes
    ----------
    new : Path
        For what will take the name of the target.
    old : Path
        For an earlier folder that makes way for it.
    """

    new: Path
    old: Path


@contextmanager
def partial_beside(target: Path) -> Generator[Partial]:
    """Make a hidden folder beside a target, for what will take its name; it goes afterwards."""
    target = target.absolute()
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}-partial-", dir=target.parent))
    lock: BinaryIO | None = None
    try:
        with suppress(OSError):  # no locks here: nobody will take it for left over
            lock = lock_folder(folder)
        yield Partial(folder / _NEW, folder / _OLD)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            lock.close()
        with suppress(OSError):  # over a network an open file keeps its folder
            folder.rmdir()


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
    with partial_beside(beside or path) as partial:
        with partial.new.open("wb") as file:
            yield file
        partial.new.replace(path)


class _Stream(FileIO):
    """A pipe or device: one cannot go back in it, though ``/dev/null`` says so."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise UnsupportedOperation


def remove_partials(target: Path) -> None:
    """Clear up what killed processes left beside a target.

    What they left half done goes. An earlier folder that had made way comes back, unless
    something has taken its name.
    """
    own = re.compile(re.escape(f".{target.name}-partial-") + "[a-z0-9_]+")  # as mkdtemp does
    try:
        places = sorted(target.absolute().parent.iterdir())
    except OSError:  # a folder that can be written to need not be one to look into
        return
    for place in places:
        if own.fullmatch(place.name):
            with locked_if_abandoned(place) as abandoned:
                if abandoned:
                    give_back(place / _OLD, target)
                    shutil.rmtree(place, ignore_errors=True)


def give_back(old: Path, target: Path) -> None:
    """Let a folder that made way have its name again, unless something has taken it."""
    if not old.is_dir() or target.exists():
        return
    try:
        old.rename(target)
    except OSError:
        if not target.exists():  # else something has taken it just now
            raise

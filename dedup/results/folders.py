"""Folders that are there whole or not at all, and never replace what is not ours."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dedup.errors import OutputError
from dedup.storage.own_folders import Marker
from dedup.storage.partials import Partial, give_back, partial_beside, remove_partials


@dataclass(frozen=True, slots=True)
class FolderKind:
    """A kind of folder that this package writes.

    Attributes
    ----------
    what : str
        How messages call it: "results".
    marker : Marker
        The file that is written last, by which it is known to be ours.
    names : frozenset of str
        Everything that such a folder may hold.
    """

    what: str
    marker: Marker
    names: frozenset[str]


def check_free(folder: Path, kind: FolderKind, *, force: bool) -> None:
    """Raise unless such a folder may be written; clear up after a killed process.

    Raises
    ------
    OutputError
        If something stands there that is not an empty folder, or not a folder of this
        kind that ``force`` allows to replace. Other people's files are never overwritten.
        Or if nobody may look or write there.
    """
    try:
        if folder.absolute().parent.is_dir():
            remove_partials(folder)
        _check_free(folder, kind, force=force)
    except OSError as error:
        message = f"cannot write {kind.what} to {folder}: {error.strerror or error}"
        raise OutputError(message) from error


def _check_free(folder: Path, kind: FolderKind, *, force: bool) -> None:
    what = kind.what
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        parent = folder.absolute().parent
        if not parent.is_dir():
            message = f"cannot write {what} to {folder}: there is no folder {parent}"
            raise OutputError(message)
        return
    if not kind.marker.is_in(folder):
        message = (
            f"{folder} exists and is no folder of {what}: choose another name (earlier {what} "
            "are all that can be replaced)"
        )
        raise OutputError(message)
    strangers = sorted(path.name for path in folder.iterdir() if path.name not in kind.names)
    if strangers:
        message = f"{folder} holds more than {what} ({strangers[0]}): move that away first"
        raise OutputError(message)
    if not force:
        message = (
            f"{folder} holds earlier {what}: replace them with --force (in Python, force=True), "
            "or choose another name"
        )
        raise OutputError(message)


def write_folder(
    folder: Path, kind: FolderKind, fill: Callable[[Path], None], *, force: bool = False
) -> None:
    """Let a function fill a folder beside the target, and give it the name at the end.

    Parameters
    ----------
    folder : Path
        As :func:`check_free` let pass.
    kind : FolderKind
    fill : function
        Takes the folder to write into; what it raises leaves the target as it was.
    force : bool
        Whether an earlier folder of this kind may be replaced.

    Raises
    ------
    OutputError
        If the folder cannot be written, or another process has taken its name meanwhile.
    """
    try:
        with partial_beside(folder) as partial:
            partial.new.mkdir()
            fill(partial.new)
            _take_name(partial, folder, kind, force=force)
    except OSError as error:
        message = f"cannot write {kind.what} to {folder}: {error.strerror or error}"
        raise OutputError(message) from error


def write_marker(path: Path, content: bytes) -> None:
    """Write the file that says that the folder is whole, and wait until it lies on disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _take_name(partial: Partial, target: Path, kind: FolderKind, *, force: bool) -> None:
    """Rename the finished folder; an earlier one makes way first, and is removed last.

    The system renames no folder over one that holds something, so that whatever other processes
    do at the same time, what they wrote goes only where that is asked for. A process that is
    killed between the two renames leaves the earlier folder to :func:`remove_partials`,
    which gives it back.
    """
    while not _renamed(partial.new, target):
        _check_still_free(target, kind, force=force)
        shutil.rmtree(partial.old, ignore_errors=True)
        try:
            with suppress(FileNotFoundError):  # another process has just made it go
                target.rename(partial.old)
            done = _renamed(partial.new, target)
        except BaseException:
            give_back(partial.old, target)
            raise
        if done:
            break
    shutil.rmtree(partial.old, ignore_errors=True)


def _renamed(folder: Path, target: Path) -> bool:
    """Give a folder its name, unless something stands there; return whether it has it."""
    try:
        folder.rename(target)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise
        return False
    return True


def _check_still_free(target: Path, kind: FolderKind, *, force: bool) -> None:
    """Raise unless what stands there by now may be replaced."""
    if not force and kind.marker.is_in(target):
        message = (
            f"{target} holds {kind.what} that another run has written meanwhile: replace them "
            "with --force, or choose another name. Nothing of this run was kept"
        )
        raise OutputError(message)
    _check_free(target, kind, force=force)

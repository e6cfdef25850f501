"""Folders that are there whole or not at all, and never replace what is not ours."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dedup.errors import OutputError
from dedup.own_folders import Marker
from dedup.partials import RANDOM, partial_folder, remove_partials


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
        _check_free(folder, kind, force=force)
    except OSError as error:
        message = f"cannot write {kind.what} to {folder}: {error.strerror or error}"
        raise OutputError(message) from error


def _check_free(folder: Path, kind: FolderKind, *, force: bool) -> None:
    _recover(folder)
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


def write_folder(folder: Path, kind: FolderKind, fill: Callable[[Path], None]) -> None:
    """Let a function fill a folder beside the target, and give it the name at the end.

    Parameters
    ----------
    folder : Path
        As :func:`check_free` let pass.
    kind : FolderKind
    fill : function
        Takes the folder to write into; what it raises leaves the target as it was.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    try:
        with partial_folder(folder) as partial:
            fill(partial)
            partial.chmod(0o777 & ~_umask())
            _take_name(partial, folder, kind)
    except OSError as error:
        message = f"cannot write {kind.what} to {folder}: {error.strerror or error}"
        raise OutputError(message) from error


def write_marker(path: Path, content: bytes) -> None:
    """Write the file that says that the folder is whole, and wait until it lies on disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _take_name(partial: Path, target: Path, kind: FolderKind) -> None:
    """Rename the finished folder; an earlier one makes way first, and is removed last.

    A process that is killed between the two renames leaves the earlier folder under
    another name; :func:`_recover` gives it back.
    """
    if not kind.marker.is_in(target):
        partial.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.absolute().parent))
    target.rename(old / "results")
    partial.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _recover(target: Path) -> None:
    """Undo what a killed process left: give the earlier folder back, remove its rest."""
    parent = target.absolute().parent
    if not parent.is_dir():
        return
    made_way = re.compile(re.escape(f".{target.name}-old-") + RANDOM)
    for old in sorted(path for path in parent.iterdir() if made_way.fullmatch(path.name)):
        if not target.exists() and (old / "results").is_dir():
            (old / "results").rename(target)
        shutil.rmtree(old, ignore_errors=True)
    remove_partials(target)

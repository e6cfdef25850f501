"""A folder in use holds a locked file, so that others know what a killed process left behind.

The system lets go of the lock when the process ends, however it ends, and knows of it in
every container that sees the folder. A process id does not tell that: in each container
they begin anew.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

_LOCK: Final = "dedup.lock"
_LOCK_SAYS: Final = b"a temporary folder of dedup, in use while this file is locked\n"


def lock_folder(folder: Path) -> BinaryIO:
    """Return an open file in a folder, locked before it has its name; to close is to unlock.

    Raises
    ------
    OSError
        If it cannot be made, or the file system has no locks: then nobody takes the folder
        for left over.
    """
    unnamed = folder / f"{_LOCK}.new"
    file = unnamed.open("w+b")
    try:
        file.write(_LOCK_SAYS)
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unnamed.rename(folder / _LOCK)
    except OSError:
        file.close()
        raise
    return file


@contextmanager
def locked_if_abandoned(folder: Path) -> Generator[bool]:
    """Lock the folder of a process that is gone, and yield whether it is one.

    False for a folder that is in use, was never locked, belongs to somebody else, or is a link.
    """
    lock = None if folder.is_symlink() else _lock_of_nobody(folder / _LOCK)
    try:
        yield lock is not None
    finally:
        if lock is not None:
            lock.close()


def _lock_of_nobody(path: Path) -> BinaryIO | None:
    try:
        file = open(path, "r+b", opener=_without_links)  # noqa: SIM115 - closed later
    except OSError:
        return None
    try:
        if file.read() == _LOCK_SAYS:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
    except OSError:  # in use, or nothing to lock with
        pass
    file.close()
    return None


def _without_links(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW)

"""Write a report to a file: the old one or the new one stands there, never half of one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from dedup.errors import OutputError

_OURS = '<meta name="generator" content="dedup '


def check_file(path: Path, *, force: bool) -> None:
    """Raise unless a report may be written there.

    An earlier HTML report of ours may be replaced; anything else only by ``force``.

    Raises
    ------
    OutputError
        If something else stands there, or there is no folder for it.
    """
    if not path.absolute().parent.is_dir():
        message = f"cannot write {path}: there is no folder {path.absolute().parent}"
        raise OutputError(message)
    if path.is_dir():
        message = f"{path} is a folder: name a file, or write pages into a new folder with --full"
        raise OutputError(message)
    if path.exists() and not force and not _is_report(path):
        message = f"{path} exists: replace it with --force, or choose another name"
        raise OutputError(message)


def _is_report(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return _OURS in file.read(2000)
    except OSError:
        return False


def write_file(path: Path, lines: Iterable[str]) -> None:
    """Write a file whole, under another name first.

    Parameters
    ----------
    path : Path
    lines : iterable of str
        Written as they come; a text is an iterable too.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    try:
        number, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.absolute().parent)
        try:
            with os.fdopen(number, "w", encoding="utf-8", newline="") as file:
                file.writelines([lines] if isinstance(lines, str) else lines)
            mask = os.umask(0)
            os.umask(mask)
            Path(name).chmod(0o666 & ~mask)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        message = f"cannot write {path}: {error.strerror or error}"
        raise OutputError(message) from error

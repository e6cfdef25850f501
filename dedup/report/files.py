"""Write a report to a file: the old one or the new one stands there, never half of one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dedup.errors import OutputError
from dedup.storage.partials import whole_file

_OURS = '<meta name="generator" content="dedup '


def check_file(path: Path, *, force: bool) -> None:
    """Raise unless a report may be written there.

    An earlier HTML report of ours may be replaced; anything else only by ``force``. A pipe
    or a terminal holds nothing that could be lost.

    Raises
    ------
    OutputError
        If something else stands there, or there is no folder for it, or nobody may look.
    """
    try:
        _check_file(path, force=force)
    except OSError as error:
        message = f"cannot write {path}: {error.strerror or error}"
        raise OutputError(message) from error


def _check_file(path: Path, *, force: bool) -> None:
    if not path.absolute().parent.is_dir():
        message = f"cannot write {path}: there is no folder {path.absolute().parent}"
        raise OutputError(message)
    if path.is_dir():
        message = f"{path} is a folder: name a file, or write pages into a new folder with --full"
        raise OutputError(message)
    holds_something = path.is_file() or path.is_block_device()
    if holds_something and not force and not _is_report(path):
        message = f"{path} exists: replace it with --force, or choose another name"
        raise OutputError(message)


def check_outside(path: Path, folder: Path, names: Iterable[str]) -> None:
    """Raise when a report would take the place of a file of the results it is made of.

    Raises
    ------
    OutputError
        If it would, also with ``force``.
    """
    if any(path.exists() and path.samefile(folder / name) for name in names):
        message = f"{path} belongs to the results themselves: choose another name for --out"
        raise OutputError(message)


def _is_report(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return _OURS in file.read(2000)
    except OSError:
        return False


def write_file(path: Path, lines: Iterable[str], *, beside: Path | None = None) -> None:
    """Write a file whole, under another name first.

    Parameters
    ----------
    path : Path
    lines : iterable of str
        Written as they come; a text is an iterable too.
    beside : Path, optional
        The results folder, for a file inside it; see :func:`dedup.storage.partials.whole_file`.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    try:
        with whole_file(path, beside=beside) as file:
            file.writelines(
                line.encode() for line in ([lines] if isinstance(lines, str) else lines)
            )
    except OSError as error:
        message = f"cannot write {path}: {error.strerror or error}"
        raise OutputError(message) from error

"""The paths a user names to the files to read, in an order that never changes."""

from __future__ import annotations

import glob
import os
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePath
from typing import Final

from dedup.config import Reading
from dedup.corpus.refusals import why_unlisted, why_unseen
from dedup.errors import InputError
from dedup.inputs import Skipped
from dedup.storage.own_folders import APPLIED, BESIDE_CORPUS, REPORT_PAGES, RESULTS

STDIN: Final = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read.

    Attributes
    ----------
    path : str
        The path as it is shown and as ids are made of it.
    file : Path
        Where the file is.
    size : int
        Its bytes on disk; 0 where nobody can know before reading.
    named : bool
        Whether the user named this very file, so that failing to open it is an error.
    piped : bool
        Whether it is a stream that must be spooled: standard input, a pipe.
    identity : tuple or str, optional
        The same under whatever name: device and inode, or the path without links on a file
        system that numbers no files; None where nobody knows.
    """

    path: str
    file: Path
    size: int = 0
    named: bool = False
    piped: bool = False
    identity: tuple[int, int] | str | None = None


@dataclass(slots=True)
class Found:
    """What the paths of a run lead to: files to read, and what is left out."""

    sources: list[Source] = field(default_factory=list[Source])
    skipped: list[Skipped] = field(default_factory=list[Skipped])


def find_sources(paths: Sequence[str], reading: Reading, skip_paths: Sequence[str] = ()) -> Found:
    """Find the files that paths lead to.

    Parameters
    ----------
    paths : sequence of str
        Files, folders, glob patterns, or ``-`` for standard input.
    reading : Reading
        Its patterns say which files of a folder are read.
    skip_paths : sequence of str
        Files and folders to leave out: the temporary ones of this run.

    Returns
    -------
    Found
        Folders in sorted order, every file once.

    Raises
    ------
    InputError
        When a path does not exist, or leads to no file at all.
    """
    walk = _Walk(reading, skip_paths)
    for path in paths:
        before = walk.n_seen
        walk.add(path)
        if walk.n_seen == before:
            raise InputError(_nothing_found(path, reading))
    walk.finish()
    if not (walk.found.sources or walk.found.skipped):
        raise InputError(_nothing_found(paths[0], reading))
    return walk.found


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file or folder on the way.

    ``relative`` is its path in the folder that the user named, ``real`` its path without
    symbolic links.
    """

    path: str
    relative: str
    real: str
    is_folder: bool


class _Walk:
    """The state of one search: what was seen, so that nothing is read twice."""

    def __init__(self, reading: Reading, skip_paths: Sequence[str]) -> None:
        self.found = Found()
        self.n_seen = 0
        self._reading = reading
        temporary = "left out: temporary files of this run"
        self._left_out = {os.path.realpath(path): temporary for path in skip_paths}
        self._files: dict[str, Source] = {}
        self._folders: dict[str, str] = {}
        self._applied: list[_Entry] = []

    def add(self, path: str) -> None:
        """Add what one path of the user leads to."""
        if path == STDIN:
            self.n_seen += 1
            stream = Source(STDIN, Path(STDIN), named=True, piped=True, identity=_input_identity())
            self.found.sources.append(stream)
        elif (refused := why_unseen(path)) is None:
            self._add_named(path)
        elif glob.has_magic(path):
            # Path.glob takes no absolute patterns.
            for match in sorted(glob.glob(path, recursive=True)):  # noqa: PTH207
                if not _matches(match, self._reading.exclude):
                    self._add_tree(_top(match))
        else:
            message = f"{shown(path)}: {refused}"
            raise InputError(message)

    def finish(self) -> None:
        """Add what `dedup apply` wrote into folders on the way, but for copies of what was added.

        Beside its sources a cleaned corpus is their copy; elsewhere it may be all that is left.
        """
        while self._applied:
            folder = self._applied.pop(0)
            if folder.real in self._folders:  # the user named it, or a link led there
                self._skip_again(folder)
                continue
            self._folders[folder.real] = shown(folder.path)
            self._left_out |= self._copies_in(folder)
            self._add_all(list(reversed(self._entries(folder))))

    def _copies_in(self, folder: _Entry) -> dict[str, str]:
        """Return the files of a cleaned corpus whose sources are read too, each with the reason."""
        copies: dict[str, str] = {}
        for written_from, n_bytes, output in _told_by_apply(folder):
            source = self._files.get(written_from)
            # another file may have taken its place since, as the next hour's
            if source is not None and source.size == n_bytes:
                copies[output] = f"what dedup apply made of {source.path}"
        return copies

    def _add_named(self, path: str) -> None:
        try:
            status = Path(path).stat()
            if stat.S_ISDIR(status.st_mode):
                os.scandir(path).close()  # whoever names a folder wants what is in it
        except OSError as error:
            message = f"{shown(path)}: cannot be opened: {error.strerror}"
            raise InputError(message) from error
        if stat.S_ISDIR(status.st_mode):
            self._add_tree(_top(path))
        else:
            self._add_file(_top(path), status, named=True)

    def _add_tree(self, top: _Entry) -> None:
        self._add_all([top])

    def _add_all(self, waiting: list[_Entry]) -> None:
        # A list of what is still to visit, not recursion: folders nest deeper than Python does.
        while waiting:
            entry = waiting.pop()
            if not entry.is_folder:
                self._add_found(entry)
            elif self._may_enter(entry):
                waiting.extend(reversed(self._entries(entry)))

    def _may_enter(self, folder: _Entry) -> bool:
        reason = None
        if folder.real in self._left_out:
            reason = self._left_out[folder.real]
        elif folder.real in self._folders:
            self._skip_again(folder)
            return False
        elif RESULTS.is_in(Path(folder.path)):
            reason = "a results folder of dedup"
        elif REPORT_PAGES.is_in(Path(folder.path)):
            reason = "a report of dedup"
        if reason is not None:
            self._skip(folder.path, reason)
            return False
        if folder.relative and APPLIED.is_in(Path(folder.path)):
            self.n_seen += 1
            self._applied.append(folder)
            return False
        self._folders[folder.real] = shown(folder.path)
        return True

    def _entries(self, folder: _Entry) -> list[_Entry]:
        """Return what of a folder is to be visited, sorted by name."""
        try:
            with os.scandir(folder.path) as listed:
                entries = sorted(listed, key=lambda entry: entry.name)
        except OSError as error:
            self._skip(folder.path, f"the folder cannot be read: {error.strerror}", unread=True)
            return []
        found = [_inner(folder, entry) for entry in entries]
        wanted = [entry for entry in found if self._is_wanted(entry)]
        if not APPLIED.is_in(Path(folder.path)):
            return wanted
        told = [entry for entry in wanted if PurePath(entry.relative).name in BESIDE_CORPUS]
        for entry in told:
            self._skip(entry.path, "what dedup apply tells of its corpus")
        return [entry for entry in wanted if entry not in told]

    def _is_wanted(self, entry: _Entry) -> bool:
        include = self._reading.include
        hidden = PurePath(entry.relative).name.startswith(".")
        if _matches(entry.relative, self._reading.exclude):
            return False
        if entry.is_folder:
            return not hidden or _leads_into(entry.relative, include)
        if hidden:
            return _matches(entry.relative, [name for name in include if _names_hidden(name)])
        return not include or _matches(entry.relative, include)

    def _add_found(self, entry: _Entry) -> None:
        try:
            status = Path(entry.path).stat()
        except OSError as error:
            self._skip(entry.path, f"cannot be opened: {error.strerror}", unread=True)
            return
        if stat.S_ISREG(status.st_mode):
            self._add_file(entry, status, named=False)
        else:
            self._skip(entry.path, "a pipe, socket or device")

    def _add_file(self, entry: _Entry, status: os.stat_result, *, named: bool) -> None:
        piped = not stat.S_ISREG(status.st_mode)
        if entry.real in self._left_out:
            self._skip(entry.path, self._left_out[entry.real])
        elif entry.real in self._files and not piped:
            self._skip(entry.path, f"the same file as {self._files[entry.real].path}")
        else:
            path = shown(entry.path)
            size = 0 if piped else status.st_size
            self.n_seen += 1
            identity = (status.st_dev, status.st_ino) if status.st_ino else entry.real
            source = Source(path, Path(entry.path), size, named, piped, identity)
            self._files[entry.real] = source
            self.found.sources.append(source)

    def _skip_again(self, folder: _Entry) -> None:
        """Leave out a folder that was entered before, and list it if under another name."""
        self.n_seen += 1
        first = self._folders[folder.real]
        if shown(folder.path) != first:
            self._skip(folder.path, f"the same folder as {first}")

    def _skip(self, path: str, reason: str, *, unread: bool = False) -> None:
        self.n_seen += 1
        self.found.skipped.append(Skipped(shown(path), reason, unread))


def _told_by_apply(folder: _Entry) -> list[tuple[str, int, str]]:
    """Return of each file of a cleaned corpus its source, the bytes of that, and where it stands.

    A scraped corpus may hold a file of the marker's name and of any content: it tells nothing.
    """
    said = APPLIED.read(Path(folder.path)) or {}
    try:
        return [
            (
                os.path.realpath(Path(said["directory"], file["path"])),
                file["bytes"],
                f"{folder.real.rstrip('/')}/{file['output']}",
            )
            for file in said["files"]
        ]
    except (KeyError, TypeError, ValueError):
        return []


def _input_identity() -> tuple[int, int] | None:
    """Return device and inode of the file or pipe that standard input is."""
    try:
        status = os.fstat(sys.stdin.fileno())
    except (AttributeError, OSError, ValueError):  # closed, or no file of the system's
        return None
    return status.st_dev, status.st_ino


def _top(path: str) -> _Entry:
    """Return a path of the user's as the top of a walk."""
    # Path.is_dir raises where nobody may look
    return _Entry(path, "", os.path.realpath(path), os.path.isdir(path))  # noqa: PTH112


def _inner(folder: _Entry, entry: os.DirEntry[str]) -> _Entry:
    """Return an entry of a folder; only links need asking where they really lead."""
    path = f"{folder.path.rstrip('/')}/{entry.name}"
    relative = f"{folder.relative}/{entry.name}" if folder.relative else entry.name
    try:
        is_folder = entry.is_dir()
        is_link = entry.is_symlink()
    except OSError:
        is_folder, is_link = False, True
    real = os.path.realpath(path) if is_link else f"{folder.real.rstrip('/')}/{entry.name}"
    return _Entry(path, relative, real, is_folder)


def shown(path: str) -> str:
    r"""Return a path that can be written as UTF-8, whatever bytes its name has.

    Examples
    --------
    >>> shown("a/b.txt"), shown("caf\udce9.txt")
    ('a/b.txt', 'caf\\xe9.txt')
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def bytes_unless_utf8(path: Path) -> str:
    r"""Return a path in hexadecimal digits where :func:`shown` gives another one; else "".

    Examples
    --------
    >>> bytes_unless_utf8(Path("a.txt")), bytes_unless_utf8(Path("caf\udce9.txt"))
    ('', '636166e92e747874')
    """
    name = os.fsencode(path)
    return "" if shown(str(path)).encode() == name else name.hex()


def _matches(path: str, patterns: Sequence[str]) -> bool:
    """Return whether a pattern fits the path or the name at its end."""
    name = PurePath(path).name
    return any(fnmatch(name, pattern) or fnmatch(path, pattern.rstrip("/")) for pattern in patterns)


def _names_hidden(pattern: str) -> bool:
    """Return whether a part of a pattern begins with a dot: then it means hidden files."""
    return any(part.startswith(".") for part in pattern.split("/"))


def _leads_into(folder: str, include: Sequence[str]) -> bool:
    """Return whether a pattern names a hidden folder, as ``.notes/*`` does."""
    name = PurePath(folder).name
    parts = [part for pattern in include for part in pattern.split("/")[:-1]]
    return any(part.startswith(".") and fnmatch(name, part) for part in parts)


def _nothing_found(path: str, reading: Reading) -> str:
    what = "no file in the folder" if _top(path).is_folder else "no file matches the pattern"
    if refused := why_unlisted(path):
        return f"{shown(path)}: {what}: {shown(refused)}"
    looked_for: list[str] = []
    if reading.include:
        looked_for.append(f"looked for {', '.join(reading.include)} (--include)")
    if reading.exclude:
        looked_for.append(f"left out {', '.join(reading.exclude)} (--exclude)")
    looked_for.append("hidden files and folders are left out unless --include names them")
    return f"{shown(path)}: {what}; {'; '.join(looked_for)}"

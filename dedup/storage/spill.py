"""What grows with the corpus lies in files, and comes back as memory maps.

Pages of a mapped file can be dropped by the system at any time: they are no anonymous
memory, so a corpus may be larger than the machine's memory.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from dedup.errors import OutputError
from dedup.model import Ragged
from dedup.storage.locks import lock_folder, locked_if_abandoned

_FOLDER_NAME: Final = re.compile(r"dedup-[0-9a-f]{12}")
_HELD: Final = 1 << 16
"""Bytes up to which a column needs no file. A small corpus has none then: to make, map and remove
sixty files took more than half the time of a scan of two texts."""


class Column:
    """An array that grows at its end: in memory while it is small, and then in a file.

    Parameters
    ----------
    make_file : function
        Returns an empty file.
    dtype : data type
    width : int
        Above 0 it makes a two-dimensional array.
    """

    def __init__(self, make_file: Callable[[], BinaryIO], dtype: DTypeLike, width: int = 0) -> None:
        self._make_file = make_file
        self._dtype = np.dtype(dtype)
        self._shape = (-1, width) if width else (-1,)
        self._held = bytearray()
        self._file: BinaryIO | None = None
        self.n_held = 0
        """Bytes that are in no file."""

    def append(self, values: NDArray[Any]) -> None:
        """Append the rows of an array of the column's dtype."""
        if values.size == 0:
            return
        added = np.ascontiguousarray(values, self._dtype).data.cast("B")
        if self._file is None and self.n_held + len(added) <= _HELD:
            self._held += added
            self.n_held = len(self._held)
            return
        if self._file is None:
            self._file = self._make_file()
        try:
            self._file.write(self._held)
            self._file.write(added)
        except OSError as error:
            raise _no_space(self._file.name, error) from error
        self._held, self.n_held = bytearray(), 0

    def finish(self) -> NDArray[Any]:
        """Return the whole array, read-only; mapped, if there is a file, which is closed."""
        rows = self.so_far()
        if self._file is None:
            self._held = bytearray()
        else:
            self._file.close()
        return rows

    def so_far(self) -> NDArray[Any]:
        """Return what has been appended until now, read-only; more may follow."""
        if self._file is None:
            # as if mapped: kernels are compiled for one kind of array
            return np.frombuffer(bytes(self._held), self._dtype).reshape(self._shape)
        try:
            self._file.flush()
        except OSError as error:
            raise _no_space(self._file.name, error) from error
        # as a plain array: the memmap subclass costs microseconds at each indexing
        mapped = np.asarray(np.memmap(self._file.name, self._dtype, mode="r"))
        return mapped.reshape(self._shape)


class TextColumn:
    """Texts that grow at their end, in two columns."""

    def __init__(self, spill: Spill, name: str) -> None:
        self._data = spill.column(name, np.uint8)
        self._ends = spill.column(f"{name}_ends", np.int64)
        self._n_bytes = 0
        self._ends.append(np.zeros(1, np.int64))

    def append(self, texts: Ragged) -> None:
        """Append some texts."""
        self._data.append(texts.filled)
        self._ends.append(texts.offsets[1:] + (self._n_bytes - texts.offsets[0]))
        self._n_bytes += len(texts.filled)

    def finish(self) -> Ragged:
        """Return all texts, read-only."""
        return Ragged(self._data.finish(), self._ends.finish())


class Spill:
    """A temporary folder of columns, removed on ``close``, on exit, or with the object.

    While it is in use a file in it is locked, so that :func:`remove_abandoned` knows what is
    left over.
    """

    def __init__(self, tmp_dir: str | None) -> None:
        """Create the folder inside ``tmp_dir`` (the system's choice when None)."""
        self._columns: list[Column] = []
        self._files: list[BinaryIO] = []
        self._locks: list[BinaryIO] = []
        self.path = Path(tmp_dir or tempfile.gettempdir()) / f"dedup-{secrets.token_hex(6)}"
        # without this object: its columns would keep it from going when nobody has it
        self._make_file = partial(_make_file, self.path, count(), self._files)
        # before the folder is made: a signal may come between the two
        self.close = weakref.finalize(self, _remove, self.path, self._files, self._locks)
        try:
            self.path.mkdir(mode=0o700)
        except OSError as error:
            message = (
                f"cannot make a temporary folder in {tmp_dir or tempfile.gettempdir()}: "
                f"{error.strerror}. Name another one with --tmp-dir."
            )
            raise OutputError(message) from error
        with contextlib.suppress(OSError):  # no locks here: nobody will take it for left over
            self._locks.append(lock_folder(self.path))

    def column(self, name: str, dtype: DTypeLike, width: int = 0) -> Column:
        """Return a new, empty column; its file would have this name."""
        column = Column(partial(self._make_file, name), dtype, width)
        self._columns.append(column)
        return column

    def open(self, name: str) -> BinaryIO:
        """Return a new, empty file, open for writing and reading until ``close``.

        Raises
        ------
        OutputError
            If it cannot be made.
        """
        return self._make_file(name)

    def size(self) -> int:
        """Return the bytes that its columns and files hold now, those in memory included."""
        held = sum(column.n_held for column in self._columns)
        return held + sum(map(_size_of, self._files))

    def __enter__(self) -> Spill:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the folder."""
        self.close()


def _make_file(folder: Path, numbers: Iterator[int], files: list[BinaryIO], name: str) -> BinaryIO:
    path = folder / f"{next(numbers):03}-{name}"  # threads make files, too
    try:
        file = path.open("x+b", buffering=1 << 16)
    except OSError as error:
        message = f"cannot make the temporary file {path}: {error.strerror}"
        if error.errno == errno.EMFILE:
            message += ". Use fewer bands, or allow more open files (ulimit -n)."
        raise OutputError(message) from error
    files.append(file)
    return file


def _size_of(file: BinaryIO) -> int:
    on_disk = Path(file.name).stat().st_size
    with contextlib.suppress(ValueError):  # closed: all of it is on disk
        return max(on_disk, file.tell())
    return on_disk


def remove_abandoned(tmp_dir: str | None) -> tuple[int, int]:
    """Remove the temporary folders of processes that were killed.

    Only folders whose lock says that they are of this program, of this user, and in
    nobody's use.

    Parameters
    ----------
    tmp_dir : str or None
        Where to look; the system's choice when None.

    Returns
    -------
    int, int
        Folders removed, and the bytes that they held.
    """
    n_removed, n_bytes = 0, 0
    with contextlib.suppress(OSError):  # whoever makes a folder there will say what is wrong
        for folder in sorted(Path(tmp_dir or tempfile.gettempdir()).iterdir()):
            if _FOLDER_NAME.fullmatch(folder.name):
                held = _remove_unlocked(folder)
                n_removed += held is not None
                n_bytes += held or 0
    return n_removed, n_bytes


def _remove_unlocked(folder: Path) -> int | None:
    """Remove a folder if its process is gone; return the bytes it held, None if it stays."""
    try:
        if folder.lstat().st_uid != os.getuid():
            return None
        with locked_if_abandoned(folder) as abandoned:
            if not abandoned:
                return None
            n_bytes = sum(entry.lstat().st_size for entry in folder.rglob("*"))
            shutil.rmtree(folder)
            return n_bytes
    except OSError:  # somebody else's, or somebody removes it too
        return None


def _remove(folder: Path, files: list[BinaryIO], locks: list[BinaryIO]) -> None:
    for file in files:
        with contextlib.suppress(OSError):  # a full disk: what is unwritten goes anyway
            file.close()
    shutil.rmtree(folder, ignore_errors=True)
    for lock in locks:
        lock.close()


def _no_space(path: str, error: OSError) -> OutputError:
    message = (
        f"cannot write the temporary file {path}: {error.strerror}. Name a folder on a "
        "larger disk with --tmp-dir."
    )
    return OutputError(message)

"""Compiled kernels: arrays in, arrays out, numba, llvmlite and numpy only.

Kernels trust their callers: shapes and dtypes are checked at the edge of the package,
never here. Every kernel releases the GIL, so that threads over batches scale.

Compiled code is cached in a folder of its own, named by a digest of all kernel sources,
because numba notices a change in the file of the function it compiles but not in the
files of the functions that it calls; and by all else that numba compiles anew for: where
the sources lie, its version, Python's, and the processor. So a folder with kernels in it
holds kernels that will be loaded.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
from llvmlite import __version__ as llvmlite_version
from numba import __version__ as numba_version
from numba import config, njit
from numba.core.caching import FunctionCache
from numba.core.runtime import rtsys


def _cache_home() -> Path:
    if chosen := os.environ.get("DEDUP_CACHE_DIR"):
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "dedup"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dedup"


def _compiler() -> str:
    """Return what compiled code depends on beside its source."""
    cpu = config.CPU_NAME or llvm.get_host_cpu_name()
    features = config.CPU_FEATURES
    if features is None:
        features = llvm.get_host_cpu_features().flatten()
    python = f"{sys.implementation.cache_tag}{getattr(sys, 'abiflags', '')}"
    return "\n".join((python, numba_version, llvmlite_version, cpu, features))


def folder_name(sources: Path, compiler: str) -> str:
    """Return the name of the folder for the kernels of a folder of sources.

    Parameters
    ----------
    sources : Path
        The folder; numba looks compiled code up by the path of its source.
    compiler : str
        What else compiled code depends on.
    """
    digest = hashlib.sha256(f"{sources.absolute()}\n{compiler}\n".encode())
    for source in sorted(sources.glob("*.py")):
        digest.update(source.read_bytes())
    return f"kernels-{digest.hexdigest()[:16]}"


_ROOM = 4 << 20
"""Bytes: all kernels together take some 3 MB."""


@cache
def cache_folder() -> Path:
    """Return the writable folder for compiled kernels of exactly these sources.

    Where its disk is full, a temporary one.
    """
    name = folder_name(Path(__file__).parent, _compiler())
    for home in (_cache_home(), Path(tempfile.gettempdir()) / f"dedup-{os.getuid()}"):
        try:
            folder = home / name
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK) and has_room(folder):
            return folder
    return Path(tempfile.mkdtemp(prefix="dedup-kernels-"))


def has_room(folder: Path) -> bool:
    """Whether a folder holds kernels, or can take them; what does not fit later is not kept."""
    if any(folder.rglob("*.nbi")):
        return True
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_ROOM))
    except OSError:
        return False
    return True


def compiled() -> frozenset[str]:
    """Return the kernels that earlier runs left compiled, as ``module.function``.

    Some may have to be compiled again, for other types.
    """
    return frozenset(path.name.partition("-")[0] for path in cache_folder().rglob("*.nbi"))


def name_of(kernel: Any) -> str:
    """Return the name of a kernel as :func:`compiled` has it."""
    function = kernel.py_func
    return f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"


_elsewhere: set[str] = set()


@contextmanager
def compiled_elsewhere(names: Iterable[str]) -> Generator[None]:
    """Take kernels for not ready in this block until another process has compiled them.

    Parameters
    ----------
    names : iterable of str
        As :func:`compiled` has them.
    """
    _elsewhere.update(names)
    try:
        yield
    finally:
        _elsewhere.clear()


def are_ready(*kernels: Any) -> bool:
    """Whether another process has compiled what it was to compile of some kernels.

    Who can do without them for a while asks, rather than compile what is being compiled.
    """
    if _elsewhere:
        _elsewhere.difference_update(compiled())
    return _elsewhere.isdisjoint(map(name_of, kernels))


_OF_KERNELS = {"nogil": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False}

part = njit(**_OF_KERNELS)
"""Compile a function that only kernels call: without the entry points from Python, which
take as long to compile as a small function itself, and without counting references.

numba counts a reference to every array wherever a function that it puts in line takes it
over: two locked instructions, which take longer than looking up a shingle. A part makes
no arrays of its own, so that nothing needs counting: loops that call other functions
belong into parts (comparing pairs takes two thirds of the time).
"""

inlined_part = njit(**_OF_KERNELS, forceinline=True)
"""Compile a part into the one that calls it.

Handing on ten arrays takes longer than a short loop over them: gaps of pairs are compared
in two thirds of the time. The body of a kernel, which calls many parts, is cut into pieces
by numba's own ``inline="always"``: as a part it would be compiled twice, all that it calls
included, a fifth of the time more.
"""


class _LeanCache(FunctionCache):
    """numba's cache, which loads no more than running takes, and keeps what the disk holds.

    numba's own first loads all that it could compile: a third of the time in which a new
    process gets its kernels. Whoever compiles loads it anyway.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Load compiled code."""
        rtsys.initialize(target_context)  # what arrays are made with
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep compiled code; where the disk is full, this process has it all the same."""
        with suppress(OSError):
            super().save_overload(sig, data)


def kernel(function: Callable[..., Any]) -> Any:
    """Compile ``function`` with numba on first call: no GIL, cached in our own folder."""
    previous = config.CACHE_DIR
    config.CACHE_DIR = str(cache_folder())
    try:
        compiled_on_call = njit(nogil=True)(function)
        compiled_on_call._cache = _LeanCache(function)  # as `cache=True` sets numba's own
        return compiled_on_call
    finally:
        config.CACHE_DIR = previous

"""What lets the command answer sooner, and is no business of a library.

Both settings are those of a whole process. The command owns its process; whoever imports
``dedup`` keeps what is theirs.
"""

from __future__ import annotations

import atexit
import gc
import sys
from contextlib import suppress
from importlib import import_module

_NEW_OBJECTS = 200_000
_BLAS = "scipy.linalg.cython_blas"


def collect_garbage_seldom() -> None:
    """Let the collector look at new objects seldom, and at none when the process ends.

    Imports make some 150,000 objects that live to the end. Python's collector visits them
    375 times while they are made and all of them again at exit: half a second of the 1.4
    that a small scan took. Dropped objects are freed at once as ever; only cycles wait.
    """
    gc.set_threshold(_NEW_OBJECTS)
    atexit.register(gc.freeze)


def load_numba_without_scipy() -> None:
    """Load what numba knows of arrays, while the import of scipy's BLAS fails.

    numba asks for it once, only to know whether it could compile products of matrices, and
    goes on without; our kernels have none. That import of ``scipy.linalg`` takes 0.1 s.
    Afterwards scipy can be imported as ever: `--audit` and `evaluate` need it.
    """
    if _BLAS in sys.modules:
        return
    sys.modules[_BLAS] = None  # type: ignore[assignment] # an import of it fails
    try:
        with suppress(ImportError):  # moved by a later numba: the scan is slower, no more
            import_module("numba.np.arraymath")
    finally:
        del sys.modules[_BLAS]

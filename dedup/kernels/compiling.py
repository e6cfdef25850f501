"""Tells when the compiler keeps somebody waiting, and only then.

Which kernels lie compiled in the cache is no sure sign: a run that was interrupted leaves
some of them, and a corpus without repeats has never asked for those that compare repeats,
which take longest. numba says when it compiles, after it has looked into the cache.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Lock, Timer
from typing import Any, Final

from numba.core import event

from dedup.kernels import compiled

_KIND: Final = "numba:compile"
PATIENCE = 1.0
"""Seconds of compiling that pass without a word."""
FIRST: Final = (
    "first run: compiling the kernels for this processor "
    "(once, 20 to 45 seconds; longer where one core is free)"
)
FURTHER: Final = "compiling further kernels for this processor (once, up to 40 seconds)"


class CompileWatch(event.Listener):
    """Adds up the time that kernels are compiled for, and tells once when it is long.

    Parameters
    ----------
    tell : function
        Takes the message; may be called from another thread.
    patience : float
        Seconds.
    """

    def __init__(self, tell: Callable[[str], None], patience: float) -> None:
        self._tell = tell
        self._left = patience
        self._message = FURTHER if compiled() else FIRST
        self._lock = Lock()
        self._timer: Timer | None = None
        self._depth = 0
        self._since = 0.0
        self._told = False

    def on_start(self, event: Any) -> None:
        """Take a compilation that begins; it may begin inside another one."""
        del event
        with self._lock:
            self._depth += 1
            if self._depth == 1 and not self._told:
                self._since = time.monotonic()
                self._timer = Timer(max(0.0, self._left), self._tell_once)
                self._timer.daemon = True
                self._timer.start()

    def on_end(self, event: Any) -> None:
        """Take a compilation that ends."""
        del event
        with self._lock:
            self._depth -= 1
            if self._depth == 0 and self._timer is not None:
                self._timer.cancel()
                self._timer = None
                self._left -= time.monotonic() - self._since

    def _tell_once(self) -> None:
        with self._lock:
            if self._told or self._depth == 0:
                return
            self._told = True
        self._tell(self._message)

    @contextmanager
    def waiting(self) -> Generator[None]:
        """Count the time in this block, too: another process compiles."""
        self.on_start(None)
        try:
            yield
        finally:
            self.on_end(None)


@contextmanager
def watched(tell: Callable[[str], None]) -> Generator[CompileWatch]:
    """Tell once in this block when compiling kernels takes more than a second.

    Parameters
    ----------
    tell : function
        Takes the message; may be called from another thread.
    """
    watch = CompileWatch(tell, PATIENCE)
    event.register(_KIND, watch)
    try:
        yield watch
    finally:
        event.unregister(_KIND, watch)

"""What stops a run: an interruption holds, also where it is swallowed at first.

One that comes while some library is imported or cleans up may be swallowed there. It is
remembered, and raised again at the next step.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType


class Interruptions:
    """Remembers whether a run was interrupted."""

    def __init__(self) -> None:
        self._came = False
        self._tell_unraisable = sys.unraisablehook

    def remember(self) -> None:
        """Remember interruptions from now on, where nobody else takes them."""
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._interrupt)
            self._tell_unraisable, sys.unraisablehook = sys.unraisablehook, self._unraisable

    def leave(self) -> None:
        """Leave the signal as it was."""
        if signal.getsignal(signal.SIGINT) == self._interrupt:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            sys.unraisablehook = self._tell_unraisable

    def check(self) -> None:
        """Raise what came earlier, and went unheard."""
        if self._came:
            raise KeyboardInterrupt

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._came = True
        signal.default_int_handler(number, frame)

    def _unraisable(self, caught: sys.UnraisableHookArgs, /) -> None:
        """Leave an interruption unsaid that came where nothing can be raised: it is remembered."""
        if not (self._came and issubclass(caught.exc_type, KeyboardInterrupt)):
            self._tell_unraisable(caught)

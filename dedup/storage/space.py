"""Foretells while a corpus is read whether its temporary files will fit on the disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass

from dedup.errors import OutputError
from dedup.storage.spill import Spill

_FIRST_CHECK, _CHECK_EVERY = 1 << 21, 1 << 28
"""Bytes of text after which the need is foretold, and then at every doubling, but so often
at least."""
_SAY_AGAIN = 0.25
"""Share of the input after which a shortage that is still foretold is told again."""
_LEAST = 0.1
"""Bytes of temporary files that a byte of text takes at least. Of long texts that all stand three
times it is .18 and more (``benchmarks.spilled``). Short documents take up to eight times their
size, so that nobody knows from a beginning of short ones what long ones will need."""


@dataclass(frozen=True, slots=True)
class _Point:
    """How far reading had come, in bytes."""

    text: int = 0
    read: int = 0
    spilled: int = 0

    def since(self, earlier: _Point) -> _Point:
        return _Point(
            self.text - earlier.text, self.read - earlier.read, self.spilled - earlier.spilled
        )


class SpaceForecast:
    """Compares what the temporary files of a scan will take with what is free.

    A shortage gives a warning: the rest may be unlike what was read. It is an error only if
    the rest cannot fit even if its texts take the least that texts take: whoever has no
    larger disk must not be kept from work that would succeed.

    Parameters
    ----------
    spill : Spill
    notice : function
        Takes the warnings.
    """

    def __init__(self, spill: Spill, notice: Callable[[str], None]) -> None:
        self._spill = spill
        self._notice = notice
        self.begin()

    def begin(self) -> None:
        """Start with another input, which may be unlike the one before."""
        self._before = self._spill.size()
        self._now, self._last = _Point(), _Point()
        self._next_check = _FIRST_CHECK
        self._least = _LEAST
        self._say_from = 0.0

    def take(self, n_text: int, n_read: int, total: int) -> None:
        """Take the account of a batch, and check when it is time.

        Parameters
        ----------
        n_text : int
            Bytes of text in the batch.
        n_read : int
            Bytes on disk read so far, with those of the batch.
        total : int
            Bytes on disk to read.

        Raises
        ------
        OutputError
            Naming what is needed, what is free, and the flag that helps.
        """
        now = self._now
        if now.text >= self._next_check and now.read > self._last.read:
            # of this batch nothing is spilled yet
            now = _Point(now.text, now.read, self._spill.size() - self._before)
            self._check(now, total)
            self._last = now
            self._next_check = min(2 * now.text, now.text + _CHECK_EVERY)
        self._now = _Point(now.text + n_text, n_read)

    def _check(self, now: _Point, total: int) -> None:
        part, rest = now.since(self._last), max(0, total - now.read)
        # what the beginning was like matters less at every check
        need = rest * min(now.spilled / now.read, part.spilled / part.read)
        self._least = min(self._least, _LEAST * part.text / part.read)
        at_least = min(need, rest * self._least)
        free = shutil.disk_usage(self._spill.path).free
        if at_least > free:
            message = (
                f"temporary files need about {_size(need)} more, and {_size(at_least)} at least, "
                f"{_lack(free, self._spill)}"
            )
            raise OutputError(message)
        if need > free and now.read >= self._say_from * total:
            self._say_from = (now.read / total // _SAY_AGAIN + 1) * _SAY_AGAIN
            self._notice(
                f"{now.read / total:.0%} read: if the rest is like it, temporary files need about "
                f"{_size(need)} more, {_lack(free, self._spill)}"
            )


def _lack(free: int, spill: Spill) -> str:
    return (
        f"but {spill.path.parent} has {_size(free)} free. "
        "Name a folder on a larger disk with --tmp-dir."
    )


def _size(n_bytes: float) -> str:
    return f"{n_bytes / 1e9:,.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:,.0f} MB"

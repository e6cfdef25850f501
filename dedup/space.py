"""Foretells while a corpus is read whether its temporary files will fit on the disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass

from dedup.errors import OutputError
from dedup.spill import Spill

_FIRST_CHECK, _CHECK_EVERY = 1 << 21, 1 << 28
"""Bytes of text after which the need is foretold, and then at every doubling, but so often
at least."""
_ENOUGH_READ = 0.1
"""Share of the input after which a part that was read tells what the rest is like."""
_TOO_FAR = 8
"""How many times what is free may be foretold before that. A text of fifteen words takes eight
times its size and a long article .7: a corpus that begins with the former may need much less
than it seems."""


@dataclass(slots=True)
class _Point:
    """How far reading had come at a check, in bytes."""

    text: int = 0
    read: int = 0
    spilled: int = 0


class SpaceForecast:
    """Compares what the temporary files of a scan will take with what is free.

    A shortage gives a warning, once for a scan: the first file may be unlike the others. It
    is an error if it shows in a part that begins after a tenth of the input, if the need is
    out of all proportion, or if what is free will not last until the next check.

    Parameters
    ----------
    spill : Spill
    notice : function
        Takes the warning.
    """

    def __init__(self, spill: Spill, notice: Callable[[str], None]) -> None:
        self._spill = spill
        self._notice = notice
        self._warned = False
        self.begin()

    def begin(self) -> None:
        """Start with another input, which may be unlike the one before."""
        self._before = self._spill.size()
        self._now, self._last = _Point(), _Point()
        self._next_check = _FIRST_CHECK

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
        if now.text >= self._next_check and now.read:
            now.spilled = self._spill.size() - self._before  # of this batch nothing yet
            self._check(now, total)
            self._last = now
            self._next_check = min(2 * now.text, now.text + _CHECK_EVERY)
        self._now = _Point(now.text + n_text, n_read)

    def _check(self, now: _Point, total: int) -> None:
        last, rest = self._last, max(0, total - now.read)
        need = now.spilled * rest // now.read
        if now.read > last.read:  # what the beginning was like matters less at every check
            need = min(need, (now.spilled - last.spilled) * rest // (now.read - last.read))
        free = shutil.disk_usage(self._spill.path).free
        if need <= free:
            return
        until_next = min(rest, now.read, now.read * _CHECK_EVERY // now.text)
        certain = last.read >= _ENOUGH_READ * total
        if certain or need > _TOO_FAR * free or need * until_next > free * rest:
            message = f"temporary files need about {_lack(need, free, self._spill)}"
            raise OutputError(message)
        if not self._warned:
            self._warned = True
            self._notice(
                f"if all is like the beginning, temporary files need about "
                f"{_lack(need, free, self._spill)}"
            )


def _lack(need: int, free: int, spill: Spill) -> str:
    return (
        f"{_size(need)} more, but {spill.path.parent} has {_size(free)} free. "
        "Name a folder on a larger disk with --tmp-dir."
    )


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:,.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:,.0f} MB"

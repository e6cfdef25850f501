"""What a command has written by the time somebody interrupts it."""

from __future__ import annotations

from pathlib import Path

import click

_State = tuple[int, int, int]


class Deliveries:
    """The places a command writes to, and how they were before.

    Results, reports and models are put in place by one step, and answers grow by whole lines: what
    is there after a change is good. So the places themselves tell what was written, also
    when the interruption comes in that very step.
    """

    def __init__(self) -> None:
        self._before: dict[str, _State | None] = {}

    def expect(self, place: str | Path) -> None:
        """Remember how a place is, before the command writes there."""
        self._before[str(place)] = _state(Path(place))

    def told(self) -> str:
        """Say what is written by now, and what is not.

        Examples
        --------
        >>> Deliveries().told()
        'nothing was written'
        """
        now = {name: _state(Path(name)) for name in self._before}
        changed = [name for name, was in self._before.items() if now[name] not in (None, was)]
        if not changed:
            return "nothing was written"
        missing = [name for name in self._before if name not in changed]
        lacks = f", {' and '.join(missing)} not" if missing else ""
        return f"{' and '.join(changed)} {'is' if len(changed) == 1 else 'are'} written{lacks}"


def expect(place: str | Path) -> None:
    """Tell the command that runs that it will write to a place."""
    click.get_current_context().ensure_object(Deliveries).expect(place)


def _state(path: Path) -> _State | None:
    """Return what a new file or folder differs by from the one that stood there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns

"""What a person at a terminal sees while a scan runs."""

from __future__ import annotations

import io
import sys

import pytest

from dedup.cli.progress import ConsoleProgress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def lines_seen(written: str) -> list[str]:
    """Return the lines as a terminal shows them in the end: a return writes over a line."""
    seen: list[str] = []
    for line in written.split("\n"):
        shown = ""
        for piece in line.split("\r"):
            # what is written covers as much of the line; this sequence clears all of it
            shown = (
                piece.removeprefix("\x1b[K")
                if piece.startswith("\x1b[K")
                else piece + shown[len(piece) :]
            )
        seen.append(shown)
    return seen


def test_a_notice_in_the_middle_of_reading_has_a_line_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with ConsoleProgress() as progress:
        progress.reading(8, 100)
        progress.notice("there is little space")
        progress.reading(20, 100)
        assert "20%" in lines_seen(terminal.getvalue())[-1]
    assert "dedup: there is little space" in lines_seen(terminal.getvalue())

"""Two ways to run the command: inside the test, and as a process; and what it is given."""

from __future__ import annotations

import gc
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dedup.cli import main
from tests.conftest import FIXTURES, ROOT

DEMO = FIXTURES / "demo"
PAGE = DEMO / "page.txt"


@dataclass(frozen=True)
class Done:
    """What a run of the command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def counts(self) -> dict[str, int]:
        counts: dict[str, int] = self.json["counts"]
        return counts


Run = Callable[..., Done]


def inside(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the whole command in this process."""

    def run(*arguments: str | Path, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "argv", ["dedup", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as exit:
            main()
        code = exit.value.code
        del exit
        gc.collect()
        gc.freeze()  # what is still there is not looked through again: that took .15 s a run
        captured = capsys.readouterr()
        return Done(int(code or 0), captured.out, captured.err)

    return run


def outside(*arguments: str | Path, stdin: bytes = b"", **options: Any) -> Done:
    """Run the command as a process of its own, without a terminal."""
    options.setdefault("env", {**os.environ, "PYTHONPATH": str(ROOT)})
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    done = subprocess.run(
        [sys.executable, "-m", "dedup", *map(str, arguments)],
        input=stdin,
        check=False,
        **options,
    )
    return Done(done.returncode, (done.stdout or b"").decode(), (done.stderr or b"").decode())


def write(path: Path, records: Iterable[Any]) -> Path:
    """Write records as JSON lines, and texts as the lines that they are."""
    lines = (r if isinstance(r, str) else json.dumps(r) for r in records)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def clusters(done: Done) -> list[list[str]]:
    """Return the ids of the members of each cluster that was printed."""
    return [[member["id"] for member in found["members"]] for found in done.json["clusters"]]

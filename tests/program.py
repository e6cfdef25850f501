"""Programs run by an interpreter of their own, which has imported nothing yet."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.conftest import ROOT


def run_program(
    program: str,
    *flags: str,
    root: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; it must end well, or what it said is in the failure.

    ``flags`` are those of the interpreter, ``root`` is where the package lies,
    ``environment`` is added to this one, ``options`` are those of ``subprocess.run``.
    """
    done = subprocess.run(
        [sys.executable, *flags, "-c", program],
        env={**os.environ, "PYTHONPATH": str(root), **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
    assert done.returncode == 0, done.stderr
    return done

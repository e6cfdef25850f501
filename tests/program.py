"""Programs run by an interpreter of their own, which has imported nothing yet."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from tests.conftest import ROOT


def run_program(program: str, *flags: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; it must end well.

    ``flags`` are those of the interpreter, ``options`` those of ``subprocess.run``.
    """
    return subprocess.run(
        [sys.executable, *flags, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        **options,
    )

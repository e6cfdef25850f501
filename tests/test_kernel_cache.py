"""Compiled kernels: only those count that this package, here and now, will load."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dedup import kernels
from tests.conftest import ROOT
from tests.program import run_program

SOURCES = ROOT / "dedup" / "kernels"

ASK = "from dedup import kernels; print(*kernels.compiled())"
COMPILE = """
import numpy as np
from dedup.kernels import digest
digest.digest(np.zeros(16, np.uint8), np.zeros(2, np.int64), np.zeros((1, 2), np.uint64))
"""


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., str]:
    """Run a program with a cache of its own."""

    def run(program: str, root: Path = ROOT, **environment: str) -> str:
        environment["DEDUP_CACHE_DIR"] = str(tmp_path / "cache")
        return run_program(program, root=root, environment=environment, cwd=root).stdout.strip()

    return run


def test_kernels_are_cached_by_source_and_place_and_compiler(tmp_path: Path) -> None:
    here = kernels.folder_name(SOURCES, "a compiler")
    assert kernels.folder_name(SOURCES, "a compiler") == here
    assert kernels.folder_name(SOURCES, "another compiler") != here
    elsewhere = tmp_path / "kernels"
    shutil.copytree(SOURCES, elsewhere, ignore=shutil.ignore_patterns("__pycache__"))
    copied = kernels.folder_name(elsewhere, "a compiler")
    assert copied != here
    with (elsewhere / "words.py").open("a") as file:
        file.write("# another source\n")
    assert kernels.folder_name(elsewhere, "a compiler") != copied


def test_only_kernels_of_this_place_and_processor_count_as_compiled(
    run: Callable[..., str], tmp_path: Path
) -> None:
    assert run(ASK) == ""
    run(COMPILE)
    assert run(ASK) == "digest.digest"
    assert run(ASK, NUMBA_CPU_NAME="generic", NUMBA_CPU_FEATURES="") == ""
    shutil.copytree(
        ROOT / "dedup", tmp_path / "dedup", ignore=shutil.ignore_patterns("__pycache__")
    )
    assert run(ASK, root=tmp_path) == ""

"""Compiled kernels: only those count that this package, here and now, will load."""

from __future__ import annotations

import resource
import shutil
import tempfile
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

    def run(
        program: str,
        root: Path = ROOT,
        before: Callable[[], None] | None = None,
        **environment: str,
    ) -> str:
        environment["DEDUP_CACHE_DIR"] = str(tmp_path / "cache")
        return run_program(
            program, root=root, environment=environment, cwd=root, preexec_fn=before
        ).stdout.strip()

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


def on_a_full_disk() -> None:
    """Let no file grow beyond some bytes: what is written fails as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))


@pytest.mark.parametrize("holds_kernels", [False, True])
def test_a_full_disk_keeps_no_kernels_and_is_no_failure(
    holds_kernels: bool, run: Callable[..., str], tmp_path: Path
) -> None:
    if holds_kernels:
        run(ASK)
        [folder] = (tmp_path / "cache").iterdir()
        (folder / "of_an_earlier_run-1.py3.nbi").touch()
    (tmp_path / "tmp").mkdir()
    held = set((tmp_path / "cache").rglob("*.nbi"))
    assert len(held) == holds_kernels
    run(COMPILE, before=on_a_full_disk, TMPDIR=str(tmp_path / "tmp"))
    assert {path for path in tmp_path.rglob("*.nbi") if path.stat().st_size} == set()
    assert held <= set((tmp_path / "cache").rglob("*.nbi"))


def test_a_folder_on_a_full_disk_gives_way_to_a_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, name in (("DEDUP_CACHE_DIR", "full"), ("TMPDIR", "tmp")):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(variable, str(tmp_path / name))
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert kernels.cache_folder.__wrapped__().parent == tmp_path / "full"
    monkeypatch.setattr(kernels, "has_room", lambda folder: "full" not in folder.parts)
    assert kernels.cache_folder.__wrapped__().is_relative_to(tmp_path / "tmp")

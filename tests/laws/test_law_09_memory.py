"""Law 9, its second half: anonymous memory grows by no more than is stated for each unit."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from benchmarks.measure import measure
from tests.conftest import ROOT

N_DOCUMENTS = 200_000
BYTES_PER_UNIT = 300
"""The bound that docs/performance.md states."""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="anonymous memory is read from /proc"
)


def write_documents(path: Path, n: int, n_words: int) -> Path:
    """Write documents without a word in common but by chance."""
    chance = random.Random(n_words)
    with path.open("w", encoding="utf-8") as file:
        for _ in range(n):
            text = " ".join(f"{chance.getrandbits(20):x}" for _ in range(n_words))
            file.write(f'{{"text": "{text}"}}\n')
    return path


def peak_of_scan(corpus: Path) -> int:
    """Return the highest anonymous memory of a scan in a process of its own."""
    command = [sys.executable, "-m", "dedup", "scan", str(corpus), "--threads", "1", "--quiet"]
    found = measure(command, corpus.with_suffix(".log"), environment={"PYTHONPATH": str(ROOT)})
    assert not found.failed, found.error
    assert found.peak_anon is not None
    return found.peak_anon


@pytest.mark.slow
@pytest.mark.parametrize("n_words", [12, 30], ids=["short texts", "texts"])
def test_twice_as_many_documents_take_no_more_than_the_bound(n_words: int, tmp_path: Path) -> None:
    peak_of_scan(write_documents(tmp_path / "few.jsonl", 100, n_words))  # compiles what is missing
    once, twice = (
        peak_of_scan(write_documents(tmp_path / f"{n}.jsonl", n, n_words))
        for n in (N_DOCUMENTS, 2 * N_DOCUMENTS)
    )
    assert twice - once <= BYTES_PER_UNIT * N_DOCUMENTS

"""The second process of a first run compiles exactly what the scan will ask for."""

from __future__ import annotations

import os
import subprocess
import sys

from dedup.first_run import Companion
from tests.conftest import ROOT

PROGRAM = """
from dedup import Settings, scan
from dedup.first_run import compile_comparing
from dedup.kernels import alignment, candidates, components, scores

def known():
    kernels = (alignment.align, scores.describe, candidates.estimate, candidates.sort_keys,
               candidates.measure_buckets, candidates.pair_buckets, candidates.insert_pairs,
               components.components)
    return {kernel.py_func.__name__: set(kernel.signatures) for kernel in kernels}

compile_comparing()
before = known()
text = " ".join(f"word{n}" for n in range(90))
result = scan([text, text + " and more", text + " or less"], Settings(threads=1))
assert result.counts["clusters"] == 1, result.counts
for name, signatures in known().items():
    assert before[name], f"{name} was not compiled"
    assert signatures == before[name], f"{name} was compiled again: {signatures}"
"""


def test_a_scan_compiles_nothing_that_the_companion_compiled() -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_companion_that_is_stopped_leaves_no_process() -> None:
    companion = Companion()
    companion.stop()
    companion.wait()
    assert companion._process is None or companion._process.poll() is not None

"""Special runs of `dedup`: corpora that break detectors, memory per document, start-up."""

from __future__ import annotations

import sys
import tempfile
from typing import Any

from benchmarks.bench import Bench, median, say
from benchmarks.corpora import Corpus, make_corpus
from benchmarks.measure import Measurement
from benchmarks.peers import DEDUP

HELP_SECONDS_RUNS = 5


def run_start_up(bench: Bench, tiny: Corpus) -> dict[str, Any]:
    """Time the help text, a tiny scan, and the first scan of a fresh installation."""
    say("start-up")
    helps = [
        bench.run_command(DEDUP, [sys.executable, "-m", DEDUP.module, "--help"])
        for _ in range(HELP_SECONDS_RUNS)
    ]
    warm = [bench.run(DEDUP, tiny) for _ in range(HELP_SECONDS_RUNS)]
    cold: list[Measurement] = []
    for threads in (2, 1):  # with two cores two processes compile
        with tempfile.TemporaryDirectory(dir=bench.work) as empty:
            cold.append(bench.run(DEDUP, tiny, threads, {"DEDUP_CACHE_DIR": empty}))
    return {
        "help_wall": median(helps, "wall"),
        "tiny_scan_wall": median(warm, "wall"),
        "tiny_scan_cpu": median(warm, "cpu"),
        "first_scan_wall": cold[0].wall,
        "first_scan_wall_one_core": cold[1].wall,
        "documents": tiny.n_documents,
    }


def run_growth(bench: Bench, kind: str, n_documents: int, start_up: float) -> dict[str, Any]:
    """Scan N and 2N documents of one kind and say how time and memory grow.

    Parameters
    ----------
    bench : Bench
        Where to run.
    kind : str
        Kind of corpus.
    n_documents : int
        The smaller size, N.
    start_up : float
        Processor seconds of a tiny scan, taken off both times.

    Returns
    -------
    dict
        ``time_growth`` is the time at 2N over the time at N, start-up taken off: 2 is linear,
        4 quadratic. ``bytes_per_document`` is the growth of peak anonymous memory over N.
    """
    runs: list[Measurement] = []
    sizes = (n_documents, 2 * n_documents)
    for size in sizes:
        say(f"{kind}, {size} documents")
        corpus = make_corpus(bench.work / f"{kind}.jsonl", kind, "--documents", str(size))
        runs.append(bench.run(DEDUP, corpus))
        corpus.path.unlink()
        if not bench.works(DEDUP):
            return {"failed": bench.broken.pop(DEDUP.name)}
    small, large = runs
    above = [max(run.cpu - start_up, 1e-3) for run in runs]
    anon = None
    if small.peak_anon is not None and large.peak_anon is not None:
        anon = (large.peak_anon - small.peak_anon) / n_documents
    return {
        "documents": list(sizes),
        "cpu": [run.cpu for run in runs],
        "time_growth": above[1] / above[0],
        "bytes_per_document": anon,
        "peak_rss": large.peak_rss,
        "peak_anon": large.peak_anon,
        "runs": [run.to_dict() for run in runs],
    }

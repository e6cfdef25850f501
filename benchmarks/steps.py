"""Where the time of a scan goes: ``python -m benchmarks.steps FILE.jsonl [FILE.jsonl ...]``.

Runs ``dedup.scan`` and ``dedup.write_results`` in this process, on one thread, several times,
with a stopwatch around the functions of each step (processor time, without what runs inside of
them and has a stopwatch of its own), and prints the table of docs/performance.md: nanoseconds
for each byte of the file, of the fastest round.
"""

from __future__ import annotations

import argparse
import functools
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import dedup
from dedup.cli.startup import collect_garbage_seldom
from dedup.results import write_results

P = ParamSpec("P")
T = TypeVar("T")

STEPS: dict[str, tuple[str, ...]] = {
    "1 corpus: read, digest, lines": (
        "corpus.streams:RawFile.read",
        "corpus.lines:LineReader.unsplit",
    ),
    "1 corpus: parse records, join batches": (
        "corpus.json_records:JsonRecords.read_lines",
        "corpus.batches:Piece.sizes",
        "corpus.batches:_join",
    ),
    "2 text/normalise": ("text.batch:normalise",),
    "3 text/tokens, both digests": ("text.batch:tokenise_bytes", "text.batch:digest"),
    "4 collapse, records kept": (
        "collapse:ExactCollapse.assign",
        "metadata.records:RecordWriter.append",
    ),
    "5 shingles": ("kernels.shingles:shingle",),
    "5 shingles: document frequencies": ("kernels.shingles:note", "kernels.shingles:count"),
    "6 minhash, band keys": ("kernels.signatures:sign", "kernels.signatures:band"),
    "7 repeats: which texts hold one": ("kernels.repeat_runs:may_repeat",),
    "7 repeats: locating them": ("repeats:RepeatFinder.find",),
    "8 excerpts: sampling shingles": ("ingest:sample",),
    "spill: writing columns": ("units:UnitWriter.append",),
    "8 lsh: sorting, pairing, filter": (
        "pipeline:find_candidates",
        "verify:Verifier.plausible",
    ),
    "8 excerpts: sorting samples, pairing": ("pipeline:find_excerpts",),
    "9 verify: each unit by itself": ("kernels.scores:describe",),
    "9 verify: pairs": ("verify:align",),
    "9 verify: verdicts, the rest": ("verify:Verifier.score",),
    "10 cluster": ("pipeline:cluster",),
    "11 survivors": (
        "metadata.survivor_order:rank_records",
        "metadata.survivor_order:lead_units",
        "pipeline:lead_units",
    ),
    "13 results": ("results.writer:write_results",),
}
"""Functions of each step, as ``module:name`` inside the package."""


class Stopwatch:
    """Processor time of wrapped functions, each without the wrapped ones it calls."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._inner: list[float] = []

    def wrap(self, step: str, place: str) -> None:
        """Put a function that counts for ``step`` in the place of another."""
        module, _, path = place.partition(":")
        owner: Any = import_module(f"dedup.{module}")
        *outer, name = path.split(".")
        for part in outer:
            owner = getattr(owner, part)
        setattr(owner, name, self._timed(step, getattr(owner, name)))

    def _timed(self, step: str, function: Callable[P, Any]) -> Callable[P, Any]:
        @functools.wraps(function)
        def timed(*arguments: P.args, **options: P.kwargs) -> object:
            result = self._run(step, lambda: function(*arguments, **options))
            return self._steps_of(step, result) if isinstance(result, Iterator) else result

        return timed

    def _steps_of(self, step: str, values: Iterator[Any]) -> Iterator[Any]:
        nothing = object()
        while (value := self._run(step, lambda: next(values, nothing))) is not nothing:
            yield value

    def _run(self, step: str, call: Callable[[], T]) -> T:
        started = time.thread_time()
        self._inner.append(0.0)
        try:
            return call()
        finally:
            spent = time.thread_time() - started
            self.seconds[step] += spent - self._inner.pop()
            if self._inner:
                self._inner[-1] += spent


def measure(corpus: Path, watch: Stopwatch, rounds: int) -> Counter[str]:
    """Return the seconds of each step, and of the whole, in the fastest of some rounds."""
    settings = dedup.Settings(threads=1)
    found: list[Counter[str]] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            watch.seconds.clear()
            started = time.thread_time()
            result = dedup.scan(corpus, settings)
            write_results_timed(result, Path(folder) / str(number))
            whole = time.thread_time() - started
            found.append(Counter({"whole": whole, **watch.seconds}))
    return min(found, key=lambda seconds: seconds["whole"])


def write_results_timed(result: dedup.Result, folder: Path) -> None:
    """Write results by the module's attribute, which may have been wrapped."""
    import_module(write_results.__module__).write_results(result, folder)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.steps", description=__doc__)
    parser.add_argument("corpora", nargs="+", type=Path, metavar="FILE.jsonl")
    parser.add_argument("--rounds", type=int, default=4)
    options = parser.parse_args()
    collect_garbage_seldom()  # as the command does
    watch = Stopwatch()
    for step, places in STEPS.items():
        for place in places:
            watch.wrap(step, place)
    columns = [
        {
            step: seconds * 1e9 / corpus.stat().st_size
            for step, seconds in measure(corpus, watch, options.rounds).items()
        }
        for corpus in options.corpora
    ]
    for column in columns:
        column["between the steps"] = 2 * column["whole"] - sum(column.values())
    print("| step | " + " | ".join(corpus.stem for corpus in options.corpora) + " |")
    print("|---|" + "---|" * len(columns))
    for step in (*STEPS, "between the steps", "whole"):
        print(
            f"| {step} | " + " | ".join(f"{column.get(step, 0):.2f}" for column in columns) + " |"
        )


if __name__ == "__main__":
    main()

"""How fast ``dedup apply`` writes: ``python -m benchmarks.apply FILE.jsonl [--rounds 5]``.

The file is scanned once, whole and cut in half. Then the commands take turns: the system's copy
of the file, and ``dedup apply`` in its variants, each as a process of its own on one core. The
rate is the difference of the two sizes over the difference of the two times (medians), so that
start-up cancels out; MB are those of the file that is read, not of what is left of it.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import median, say
from benchmarks.corpora import Corpus, cut_half, open_corpus
from benchmarks.measure import Measurement, choose_cores, measure

COPY = "system's copy"
VARIANTS: dict[str, tuple[str, ...]] = {
    "apply": (),
    "apply --merge": ("--merge",),
    "apply --annotate": ("--annotate",),
}
_DEDUP = (sys.executable, "-m", "dedup")


@dataclass(frozen=True, slots=True)
class Scanned:
    """A corpus and the results of its scan."""

    corpus: Corpus
    results: Path


def scan(corpus: Corpus, results: Path) -> Scanned:
    """Scan a corpus; nothing of this is timed."""
    command = (*_DEDUP, "scan", str(corpus.path), "--out", str(results), "--quiet")
    done = measure(command, results.with_suffix(".log"))
    if done.failed:
        sys.exit(f"the scan of {corpus.path} failed: {done.error}")
    return Scanned(corpus, results)


def commands(scanned: Scanned, target: Path) -> dict[str, list[str]]:
    """Return the commands to measure by name; each writes to ``target``."""
    copy = ["cp", str(scanned.corpus.path), str(target)]
    if sys.platform == "linux":
        copy.insert(1, "--reflink=never")  # bytes are to be written, not shared
    apply = [*_DEDUP, "apply", str(scanned.results), "--out", str(target), "--max-loss", "100%"]
    return {COPY: copy} | {name: [*apply, *options] for name, options in VARIANTS.items()}


def run_in_turn(scanned: Sequence[Scanned], rounds: int, work: Path) -> dict[str, dict[int, list]]:
    """Measure every command on every corpus, round after round.

    Returns
    -------
    dict of str to dict of int to list of Measurement
        By command and size of the corpus in bytes.
    """
    runs: dict[str, dict[int, list[Measurement]]] = defaultdict(lambda: defaultdict(list))
    target = work / "target"
    for turn in range(rounds):
        for one in scanned:
            say(f"round {turn + 1} of {rounds}, {one.corpus.n_bytes / 1e6:.0f} MB")
            for name, command in commands(one, target).items():
                done = measure(command, work / "apply.log", choose_cores(1))
                if done.failed:
                    sys.exit(f"{name} failed: {done.error}")
                runs[name][one.corpus.n_bytes].append(done)
                target.unlink() if target.is_file() else shutil.rmtree(target)
    return runs


def rate(runs: dict[int, list[Measurement]], figure: str) -> float | None:
    """Return the marginal rate in MB/s of ``wall`` or ``cpu``; None where noise hides it."""
    (small, one), (large, other) = sorted(runs.items())
    seconds = median(other, figure) - median(one, figure)
    return (large - small) / seconds / 1e6 if seconds > 0 else None


def table(runs: dict[str, dict[int, list[Measurement]]]) -> str:
    """Return the rates as Markdown."""
    lines = [
        "| command | MB/s of processor time | MB/s of wall time | whole run, wall |",
        "|---|---|---|---|",
    ]
    for name, sizes in runs.items():
        shown = [f"{r:,.0f}" if (r := rate(sizes, f)) else "not known" for f in ("cpu", "wall")]
        lines.append(
            f"| {name} | {' | '.join(shown)} | {median(sizes[max(sizes)], 'wall'):.2f} s |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.apply", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE.jsonl")
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--work", type=Path, help="folder for files (default: a temporary one)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        work = Path(folder)
        full = open_corpus(options.file)
        half = cut_half(full, work / "half.jsonl")
        say(f"scanning {full.n_documents:,} records")
        scanned = [scan(half, work / "found-half"), scan(full, work / "found-full")]
        print(table(run_in_turn(scanned, options.rounds, work)))


if __name__ == "__main__":
    main()

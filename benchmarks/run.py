"""Run the benchmark: ``python -m benchmarks.run --help``, or ``make bench``."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench, say
from benchmarks.compare import compare_peers, compare_threads
from benchmarks.corpora import Corpus, cut_half, make_corpus, open_corpus
from benchmarks.machine import describe_machine
from benchmarks.peers import DEDUP, PEERS, Peer
from benchmarks.special import run_growth, run_start_up
from benchmarks.tables import write_markdown

RESULTS = Path(__file__).parent / "results"
_TINY_DOCUMENTS = 10


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much a run takes on."""

    megabytes: float
    rounds: int
    growth: dict[str, int]
    """The smaller size N, in documents, of each special corpus."""


FULL = Sizes(200, 3, {"identical": 50_000, "boilerplate": 20_000, "short": 500_000})
QUICK = Sizes(20, 1, {"identical": 2_000, "boilerplate": 1_000, "short": 10_000})


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    options = _parse(arguments)
    sizes = QUICK if options.quick else FULL
    chosen = [PEERS[name] for name in options.tools.split(",")]
    peers = [peer for peer in chosen if peer.is_installed()]
    skipped = {p.name: f"not installed; {p.install}" for p in chosen if p not in peers}
    for name, reason in skipped.items():
        say(f"{name}: {reason}")
    with ExitStack() as stack:
        work = options.work or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        work.mkdir(parents=True, exist_ok=True)
        bench = Bench(work, options.rounds or sizes.rounds)
        result = _run_all(bench, peers, sizes, options)
    result["skipped"] = skipped | bench.broken
    _write(result)
    if DEDUP.name in bench.broken:
        sys.exit(1)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="20 MB, one round, small specials")
    parser.add_argument("--megabytes", type=float, help="size of the generated corpus")
    parser.add_argument("--input", type=Path, metavar="FILE.jsonl", help="measure a real corpus")
    parser.add_argument("--rounds", type=int, help="how often every tool has its turn")
    parser.add_argument("--tools", default=",".join(PEERS), help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-special", action="store_true", help="only the comparison")
    parser.add_argument("--work", type=Path, help="folder for files, kept (default: temporary)")
    parser.add_argument("--name", help="name of the result (default: quick or full)")
    options = parser.parse_args(arguments)
    unknown = set(options.tools.split(",")) - set(PEERS)
    if unknown:
        parser.error(f"unknown tools: {', '.join(sorted(unknown))}; there are {', '.join(PEERS)}")
    options.name = options.name or ("quick" if options.quick else "full")
    return options


def _run_all(
    bench: Bench, peers: list[Peer], sizes: Sizes, options: argparse.Namespace
) -> dict[str, Any]:
    full = _open_or_make(bench.work, sizes, options)
    half = cut_half(full, bench.work / "half.jsonl")
    tiny = make_corpus(bench.work / "tiny.jsonl", "articles", "--documents", str(_TINY_DOCUMENTS))
    settle((full, half))
    if DEDUP in peers:
        bench.warm_up(tiny, half)
    own = [peer for peer in peers if peer is DEDUP]
    comparison = compare_peers(bench, peers, half, full)
    threads = compare_threads(bench, half, full) if own else None
    special: dict[str, Any] = {}
    if own and bench.works(DEDUP) and not options.no_special:
        special = _run_special(bench, tiny, sizes)
    return {
        "name": options.name,
        "machine": describe_machine(),
        "corpus": options.input.name if options.input else f"made articles, seed {options.seed}",
        "rounds": bench.rounds,
        "comparison": comparison,
        "threads": threads,
        "special": special,
    }


def _open_or_make(work: Path, sizes: Sizes, options: argparse.Namespace) -> Corpus:
    if options.input:
        return open_corpus(options.input)
    megabytes = str(options.megabytes or sizes.megabytes)
    say(f"generating {megabytes} MB")
    size = ("--megabytes", megabytes, "--seed", str(options.seed))
    return make_corpus(work / "full.jsonl", "articles", *size)


def settle(corpora: Iterable[Corpus]) -> None:
    """Let files be on disk and in the cache, as all tools but the first would find them."""
    os.sync()
    for corpus in corpora:
        with corpus.path.open("rb") as file:
            while file.read(1 << 22):
                pass


def _run_special(bench: Bench, tiny: Corpus, sizes: Sizes) -> dict[str, Any]:
    start_up = run_start_up(bench, tiny)
    seconds = start_up["tiny_scan_cpu"]
    return {
        "start_up": start_up,
        **{kind: run_growth(bench, kind, n, seconds) for kind, n in sizes.growth.items()},
    }


def _write(result: dict[str, Any]) -> None:
    RESULTS.mkdir(exist_ok=True)
    markdown = write_markdown(result)
    (RESULTS / f"{result['name']}.json").write_text(json.dumps(result, indent=1) + "\n")
    (RESULTS / f"{result['name']}.md").write_text(markdown)
    print(markdown)


if __name__ == "__main__":
    main()

"""The main comparison: every tool at two sizes of one corpus, in turn, round after round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from benchmarks.bench import Bench, Runs, median, say
from benchmarks.corpora import Corpus
from benchmarks.measure import choose_cores
from benchmarks.peers import DEDUP, Peer


def compare_peers(
    bench: Bench, peers: Sequence[Peer], half: Corpus, full: Corpus
) -> dict[str, Any]:
    """Run all tools on both sizes and work out the rates.

    The tools take turns (A B C D, A B C D, ...), so that a slow spell of the machine falls on
    all of them. The marginal rate is the difference of the two sizes over the difference of
    the two times: start-up, imports and loading of compiled code cancel out.
    """
    runs: dict[str, Runs] = {peer.name: defaultdict(list) for peer in peers}
    scores: dict[str, Any] = {}
    for turn in range(bench.rounds):
        for size, corpus in (("half", half), ("full", full)):
            say(f"round {turn + 1} of {bench.rounds}, {corpus.n_bytes / 1e6:.0f} MB")
            for peer in filter(bench.works, peers):
                runs[peer.name][size].append(bench.run(peer, corpus))
                if size == "full" and turn == 0 and bench.works(peer):
                    scores[peer.name] = bench.score(peer, corpus)
    return {
        "half": {"bytes": half.n_bytes, "documents": half.n_documents},
        "full": {"bytes": full.n_bytes, "documents": full.n_documents},
        "tools": {
            peer.name: {
                "command": " ".join(("python", *peer.arguments)),
                "version": peer.version(),
                **_rates(runs[peer.name], half, full),
                "quality": scores.get(peer.name),
                "runs": {s: [m.to_dict() for m in done] for s, done in runs[peer.name].items()},
            }
            for peer in filter(bench.works, peers)
        },
    }


def compare_threads(bench: Bench, half: Corpus, full: Corpus) -> dict[str, Any] | None:
    """Run `dedup` with one and two threads; None on a machine with a single core."""
    cores = choose_cores(2)
    if not bench.works(DEDUP) or (cores is not None and len(cores) < 2):
        return None
    runs: Runs = defaultdict(list)
    for _ in range(bench.rounds):
        for size, corpus in (("half", half), ("full", full)):
            for threads in (1, 2):
                say(f"{threads} thread(s), {corpus.n_bytes / 1e6:.0f} MB")
                runs[f"{size}-{threads}"].append(bench.run(DEDUP, corpus, threads))
    wall = {name: median(done, "wall") for name, done in runs.items()}
    one, two = (wall[f"full-{n}"] - wall[f"half-{n}"] for n in (1, 2))
    return {
        "wall": wall,
        "speedup": wall["full-1"] / wall["full-2"],
        "marginal_speedup": one / two if two > 0 else None,
    }


def _rates(runs: Runs, half: Corpus, full: Corpus) -> dict[str, float | None]:
    seconds = {size: median(runs[size], "cpu") for size in ("half", "full")}
    marginal = seconds["full"] - seconds["half"]
    n_bytes = full.n_bytes - half.n_bytes
    n_documents = full.n_documents - half.n_documents
    known = marginal > 0
    return {
        "mb_per_second": n_bytes / marginal / 1e6 if known else None,
        "documents_per_second": n_documents / marginal if known else None,
        "whole_mb_per_second": full.n_bytes / seconds["full"] / 1e6,
        "wall": median(runs["full"], "wall"),
        "cpu": seconds["full"],
        "peak_rss": median(runs["full"], "peak_rss"),
        "peak_anon": median(runs["full"], "peak_anon") or None,
    }

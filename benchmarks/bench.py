"""One benchmark session: where its files are, which cores it uses, how a tool is run."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.corpora import Corpus
from benchmarks.measure import Measurement, choose_cores, measure
from benchmarks.peers import DEDUP, Peer

Runs = dict[str, list[Measurement]]
"""Measurements by the name of what was run, one for each round."""


@dataclass(slots=True)
class Bench:
    """A folder for files, and the one way to run a tool."""

    work: Path
    rounds: int = 1
    broken: dict[str, str] = field(default_factory=dict)
    """Tools that failed, with the last lines they wrote; they are not run again."""

    def run(
        self,
        peer: Peer,
        corpus: Corpus,
        threads: int = 1,
        environment: Mapping[str, str] | None = None,
    ) -> Measurement:
        """Run one tool on one corpus, pinned to as many cores as it has threads."""
        output = self.output(peer)
        shutil.rmtree(output, ignore_errors=True)
        output.unlink(missing_ok=True)
        return self.run_command(
            peer, peer.command(corpus.path, output, threads), threads, environment
        )

    def run_command(
        self,
        peer: Peer,
        command: list[str],
        threads: int = 1,
        environment: Mapping[str, str] | None = None,
    ) -> Measurement:
        """Measure a command of a tool; a failure is noted and said."""
        log = self.work / f"{peer.name}.log"
        measured = measure(command, log, choose_cores(threads), environment)
        say(f"  {peer.name:<12} {measured.wall:8.2f} s wall {measured.cpu:8.2f} s processor")
        if measured.failed:
            self.broken[peer.name] = f"exit code {measured.exit_code}: {measured.error}"
            say(f"  {peer.name} failed: {self.broken[peer.name]}")
        return measured

    def output(self, peer: Peer) -> Path:
        """Return where a tool writes."""
        return self.work / f"{peer.name}.out"

    def works(self, peer: Peer) -> bool:
        """Return whether the tool has not failed so far."""
        return peer.name not in self.broken

    def score(self, peer: Peer, corpus: Corpus) -> dict[str, Any] | None:
        """Score the tool's last output in a process of its own; None without a truth."""
        if corpus.truth is None:
            return None
        paths = (str(self.output(peer)), str(corpus.truth))
        command = [sys.executable, "-m", "benchmarks.quality.planted", peer.name, *paths]
        done = subprocess.run(command, check=True, capture_output=True)
        return json.loads(done.stdout)

    def warm_up(self, tiny: Corpus, half: Corpus) -> None:
        """Run `dedup`, which has the first turn, before anything is timed.

        Once to compile its kernels, and once on half of the corpus: who is first to claim
        memory of a virtual machine waits until the host gives it, whoever comes later does not.
        """
        say("warm-up")
        self.run(DEDUP, tiny)
        self.run(DEDUP, half)


def median(runs: Iterable[Measurement], figure: str) -> float:
    """Return the median of one figure over rounds."""
    return statistics.median(getattr(run, figure) or 0 for run in runs)


def say(text: str) -> None:
    """Tell the person at the terminal."""
    print(text, file=sys.stderr, flush=True)

"""The tools that are measured: one table that the runner and the report both read."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Peer:
    """One tool, how it is called, and where its answer stands.

    Attributes
    ----------
    name : str
        The name in every table.
    distribution, module : str
        What pip installs and what Python imports.
    install : str
        What to type when it is missing.
    arguments : tuple of str
        What follows the interpreter; ``{input}``, ``{output}`` and ``{threads}`` are filled in.
    clusters : str
        Where the clusters are, below the output path ("" when it is that file itself).
    links : str
        Likewise for related pairs that are no removable duplicates; "" where a tool has none.
    """

    name: str
    distribution: str
    module: str
    install: str
    arguments: tuple[str, ...]
    clusters: str = ""
    links: str = ""

    def is_installed(self) -> bool:
        """Return whether the module can be imported."""
        return importlib.util.find_spec(self.module) is not None

    def version(self) -> str:
        """Return the installed version, or why there is none."""
        try:
            return importlib.metadata.version(self.distribution)
        except importlib.metadata.PackageNotFoundError:
            return "from source" if self.is_installed() else "not installed"

    def command(self, corpus: Path, output: Path, threads: int = 1) -> list[str]:
        """Return the command that reads ``corpus`` and writes ``output``."""
        values = {"input": str(corpus), "output": str(output), "threads": str(threads)}
        return [sys.executable, *(part.format(**values) for part in self.arguments)]


def _pipeline(library: str, install: str) -> Peer:
    module = f"benchmarks.peers.{library}_pipeline"
    return Peer(library, library, library, install, ("-m", module, "{input}", "{output}"))


DEDUP = Peer(
    "dedup",
    "article-dedup",
    "dedup",
    "pip install -e .",
    ("-m", "dedup", "scan", "{input}", "--out", "{output}", "--threads", "{threads}"),
    clusters="clusters.jsonl",
    links="links.jsonl",
)

PEERS: dict[str, Peer] = {
    peer.name: peer
    for peer in (
        DEDUP,
        _pipeline("gaoya", "pip install gaoya"),
        _pipeline("rensa", "pip install rensa"),
        _pipeline("datasketch", "pip install datasketch"),
    )
}
"""Every measured tool by name, `dedup` first."""

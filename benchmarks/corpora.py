"""The files that are measured: made in a child process, cut at line boundaries, counted."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Corpus:
    """A JSONL file with its size; ``truth`` names its planted duplicates, if it has any."""

    path: Path
    n_bytes: int
    n_documents: int
    truth: Path | None = None


def truth_path(corpus: Path) -> Path:
    """Return where the truth of a corpus stands: ``news.jsonl`` has ``news.truth.jsonl``."""
    return corpus.with_suffix(".truth.jsonl")


def open_corpus(path: Path, truth: Path | None = None) -> Corpus:
    """Count the bytes and lines of a file."""
    n_lines = 0
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            n_lines += chunk.count(b"\n")
    return Corpus(path, path.stat().st_size, n_lines, truth)


def make_corpus(path: Path, kind: str, *size: str) -> Corpus:
    """Generate a corpus in a process of its own, so that this one stays small.

    Parameters
    ----------
    path : Path
        The JSONL file to write.
    kind : str
        Which corpus; see ``python -m benchmarks.generate --help``.
    *size : str
        Options of the generator that say how much, for example ``--documents``, ``"1000"``.
    """
    command = [sys.executable, "-m", "benchmarks.generate", str(path), "--kind", kind, *size]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return open_corpus(path, truth_path(path))


def cut_half(corpus: Corpus, path: Path) -> Corpus:
    """Write the first half of a corpus, up to the end of the line that reaches the middle."""
    left = corpus.n_bytes // 2
    with corpus.path.open("rb") as source, path.open("wb") as half:
        while left > _CHUNK:
            left -= half.write(source.read(_CHUNK))
        half.write(source.read(left))
        half.write(source.readline())
    return open_corpus(path)

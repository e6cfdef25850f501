"""What a result was measured on: processor, system, versions, commit."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.peers import PEERS

_LIBRARIES = ("numpy", "numba", "orjson", "pyarrow")


def describe_machine() -> dict[str, object]:
    """Return the machine, Python, library versions and git commit of this run."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "memory_bytes": _memory(),
        "os": platform.platform(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "versions": {
            **{peer.name: peer.version() for peer in PEERS.values()},
            **{name: _version(name) for name in _LIBRARIES},
        },
    }


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    """Return the commit, with "+changes" when the work tree differs from it."""
    root = Path(__file__).parent
    answers = []
    for arguments in (("rev-parse", "--short=12", "HEAD"), ("status", "--porcelain")):
        try:
            done = subprocess.run(
                ("git", *arguments), cwd=root, capture_output=True, text=True, check=True
            )
        except (OSError, subprocess.CalledProcessError):
            return "unknown"
        answers.append(done.stdout.strip())
    commit, changes = answers
    return f"{commit}+changes" if changes else commit


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None

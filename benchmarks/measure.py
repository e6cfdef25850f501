"""Run one command as a whole process and measure it: time, processor time, memory.

This module and the runner stay small in memory on purpose: on Linux the peak resident size that
the kernel reports for a child begins at the size of the parent that started it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_POLL_SECONDS = 0.01
_SINGLE_THREAD = {
    "RAYON_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one run took.

    Attributes
    ----------
    wall, cpu : float
        Seconds from start to end; user and system seconds of the process.
    peak_rss, peak_anon : int or None
        Bytes: highest resident size (the kernel's figure), highest anonymous resident size
        (polled, Linux only; None elsewhere).
    exit_code : int
        As a shell would see it; negative for a signal.
    error : str
        The last lines of standard error when the run failed.
    """

    wall: float
    cpu: float
    peak_rss: int
    peak_anon: int | None
    exit_code: int
    error: str = ""

    @property
    def failed(self) -> bool:
        """Whether the process ended with anything but 0."""
        return self.exit_code != 0

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as a plain dictionary."""
        return asdict(self)


def choose_cores(n_cores: int) -> set[int] | None:
    """Return the last ``n_cores`` cores this process may use; None where pinning is unknown."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    allowed = sorted(os.sched_getaffinity(0))
    return set(allowed[-n_cores:])


def measure(
    command: Sequence[str],
    log: Path,
    cores: set[int] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Measurement:
    """Run a command to its end.

    Parameters
    ----------
    command : sequence of str
        Program and arguments.
    log : Path
        File that takes standard error; standard output is dropped.
    cores : set of int, optional
        Cores the process is pinned to.
    environment : mapping, optional
        Variables to set besides the inherited ones.

    Returns
    -------
    Measurement
        The figures of this one process.
    """
    variables = {**os.environ, **(environment or {})}
    # what is installed has its modules compiled: without this a checkout takes .1 s more each time
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    if cores is None or len(cores) == 1:
        variables |= _SINGLE_THREAD

    with log.open("wb") as errors:
        start = time.perf_counter()
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=variables,
            preexec_fn=_pin_to(cores),  # safe: no other thread runs at this point
        )
        watch = _AnonymousMemory(child.pid)
        watch.start()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    watch.stop()
    return Measurement(
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        peak_rss=usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        peak_anon=watch.peak,
        exit_code=child.returncode,
        error=_last_lines(log) if child.returncode else "",
    )


def _pin_to(cores: set[int] | None) -> Callable[[], None] | None:
    return None if cores is None else lambda: os.sched_setaffinity(0, cores)


class _AnonymousMemory(threading.Thread):
    """Polls the anonymous resident size of a process and keeps the highest."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak: int | None = None
        self._status = Path(f"/proc/{pid}/status")
        self._ended = threading.Event()

    def run(self) -> None:
        while self._status.exists() and not self._ended.wait(_POLL_SECONDS):
            try:
                text = self._status.read_text()
            except OSError:  # the process has just ended
                return
            for line in text.splitlines():
                if line.startswith("RssAnon:"):
                    self.peak = max(self.peak or 0, int(line.split()[1]) * 1024)

    def stop(self) -> None:
        """End the polling and wait for it."""
        self._ended.set()
        self.join()


def _last_lines(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return "\n".join(lines[-3:])

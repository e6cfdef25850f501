"""The first run: two processes compile, and whoever waits is told why."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from numba.core import event

from dedup import kernels
from dedup.corpus.json_decoder import FieldDecoder
from dedup.first_run import Companion
from dedup.kernels import compiling, scores
from dedup.kernels.compiling import FIRST, FURTHER, PATIENCE, CompileWatch, watched
from tests.cli.command import Done, outside
from tests.conftest import ROOT
from tests.corpora import planted
from tests.program import run_program

PROGRAM = """
import json
import os

from dedup import Settings, scan
from dedup.first_run import ELSEWHERE, compile_elsewhere

def known():
    return {kernel.py_func.__name__: set(kernel.signatures) for kernel in ELSEWHERE}

compile_elsewhere()
before = known()
text = " ".join(f"word{n}" for n in range(90))
result = scan([text, text + " and more", text + " or less"], Settings(threads=1))
assert result.counts["clusters"] == 1, result.counts
lines = [json.dumps({"id": n, "title": "T\u00e4", "text": f"{n} {text}"}) for n in range(3000)]
with open(os.environ["NEWS"], "w") as file:
    file.write("\\n".join(lines))
assert scan(os.environ["NEWS"], Settings(threads=1, repeats=False)).counts["read"] == 3000
for name, signatures in known().items():
    assert before[name], f"{name} was not compiled"
    assert signatures == before[name], f"{name} was compiled again: {signatures}"
"""


def test_a_scan_compiles_nothing_that_the_companion_compiled(tmp_path: Path) -> None:
    run_program(PROGRAM, environment={"NEWS": str(tmp_path / "news.jsonl")})


def test_kernels_are_not_ready_while_another_process_compiles_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left: set[str] = set()
    monkeypatch.setattr(kernels, "compiled", lambda: frozenset(left))
    decoder = FieldDecoder("text", [])
    assert decoder.available
    with kernels.compiled_elsewhere(["json_strings.is_utf8", "scores.describe"]):
        assert not decoder.available
        left.add("json_strings.is_utf8")
        assert decoder.available
        assert not kernels.are_ready(scores.describe)
    assert kernels.are_ready(scores.describe)


def test_a_companion_that_is_stopped_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.first_run.count_threads", lambda _threads: 2)
    companion = Companion()
    assert companion._process is not None
    companion.stop()
    companion.wait()
    assert companion._process.poll() is not None


def test_on_a_single_processor_there_is_no_companion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.first_run.count_threads", lambda _threads: 1)
    assert not Companion().is_running


# --- what is said


class Clock:
    """Time that passes when a test says so, and the timers that it sets off."""

    def __init__(self) -> None:
        self._now = 0.0
        self._timers: list[Timer] = []

    def monotonic(self) -> float:
        return self._now

    def timer(self, seconds: float, ring: Callable[[], None]) -> Timer:
        self._timers.append(Timer(self._now + seconds, ring))
        return self._timers[-1]

    def wait(self, seconds: float) -> None:
        self._now += seconds
        for timer in self._timers:
            if timer.is_running and timer.due <= self._now:
                timer.is_running = False
                timer.ring()

    def compile_for(self, seconds: float, inside: Callable[[], None] = lambda: None) -> None:
        """Do as numba does when it compiles."""
        with event.trigger_event("numba:compile", data={}):
            inside()
            self.wait(seconds)


@dataclass(slots=True)
class Timer:
    """What is used of ``threading.Timer``."""

    due: float
    ring: Callable[[], None]
    daemon: bool = False
    is_running: bool = False

    def start(self) -> None:
        self.is_running = True

    def cancel(self) -> None:
        self.is_running = False


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(compiling, "time", clock)
    monkeypatch.setattr(compiling, "Timer", clock.timer)
    monkeypatch.setattr(compiling, "compiled", lambda: frozenset(("digest.digest",)))
    return clock


def test_it_is_said_while_a_long_compilation_is_under_way(clock: Clock) -> None:
    def look() -> None:
        clock.wait(2 * PATIENCE)
        said.extend(told)

    told: list[str] = []
    said: list[str] = []
    with watched(told.append):
        clock.compile_for(0, look)
        clock.compile_for(PATIENCE)
    assert said == told == [FURTHER]


def test_short_compilations_add_up_and_those_inside_others_do_not(clock: Clock) -> None:
    told: list[str] = []
    with watched(told.append):
        for _ in range(3):
            clock.compile_for(PATIENCE / 4, lambda: clock.compile_for(0))
        clock.wait(1.5 * PATIENCE)  # nothing is compiled
        assert told == []
        clock.compile_for(PATIENCE / 8)
        assert told == []
        clock.compile_for(PATIENCE / 4)
    assert told == [FURTHER]


def test_waiting_for_the_other_process_counts(clock: Clock) -> None:
    told: list[str] = []
    with watched(told.append) as watch, watch.waiting():
        clock.wait(2 * PATIENCE)
    assert told == [FURTHER]


def test_afterwards_nobody_listens(clock: Clock) -> None:
    told: list[str] = []
    with watched(told.append):
        pass
    clock.compile_for(1.5 * PATIENCE)
    assert told == []


def test_only_where_nothing_was_compiled_it_is_a_first_run(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(compiling, "compiled", frozenset[str])
    watch = CompileWatch(told.append, 0)
    with watch.waiting():
        clock.wait(PATIENCE)
    assert told == [FIRST]


# --- with caches of every kind


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("news") / "news.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in planted(20)), "utf-8")
    assert outside("scan", path, "--out", path.with_name("found"), "--quiet").code == 0
    return path


def run_without(lost: tuple[str, ...], cache: Path, *arguments: str | Path) -> Done:
    """Run a command with all the compiled kernels but some."""
    folder = kernels.cache_folder()
    shutil.copytree(folder, cache / folder.name)
    for name in lost:
        left = list((cache / folder.name).rglob(f"{name}-*.nbi"))
        assert left, f"{name} was never compiled"
        for path in left:
            path.unlink()
    env = {**os.environ, "PYTHONPATH": str(ROOT), "DEDUP_CACHE_DIR": str(cache)}
    return outside(*arguments, env=env)


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ((), []),
        (("shingles.count",), []),  # a tenth of a second, in this process
        (("tokens.tokenise",), [f"dedup: {FURTHER}"]),  # of this process
        (("scores.describe",), [f"dedup: {FURTHER}"]),  # of the other one
    ],
    ids=str,
)
def test_a_scan_says_that_it_compiles_what_an_interrupted_one_left_out(
    lost: tuple[str, ...], said: list[str], news: Path, tmp_path: Path
) -> None:
    done = run_without(lost, tmp_path / "cache", "scan", news, "--quiet")
    assert done.err.splitlines() == said


def test_other_commands_say_so_too(news: Path, tmp_path: Path) -> None:
    lost = ("tokens.tokenise",)
    done = run_without(lost, tmp_path / "cache", "audit", news.with_name("found"), "--json")
    assert done.err.splitlines() == [f"dedup: {FURTHER}"]

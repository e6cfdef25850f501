"""The benchmark of ``dedup apply`` measures what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.apply import COPY, VARIANTS, Scanned, commands, main, rate
from benchmarks.corpora import open_corpus
from benchmarks.measure import Measurement
from tests.corpora import planted


def took(cpu: float) -> Measurement:
    return Measurement(wall=2 * cpu, cpu=cpu, peak_rss=0, peak_anon=None, exit_code=0)


def test_the_rate_is_what_doubling_costs() -> None:
    runs = {
        100_000_000: [took(1.5), took(1.5), took(9)],
        200_000_000: [took(1.7), took(0), took(9)],
    }
    assert rate(runs, "cpu") == pytest.approx(500)
    assert rate(runs, "wall") == pytest.approx(250)
    runs[200_000_000] = [took(1.4)]
    assert rate(runs, "cpu") is None


@pytest.mark.slow
def test_all_variants_and_the_copy_take_their_turn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in planted(20)), "utf-8")
    main([str(path), "--rounds", "1", "--work", str(tmp_path)])
    out = capsys.readouterr().out
    for name in (COPY, *VARIANTS):
        assert f"| {name} |" in out
    assert [p.name for p in tmp_path.iterdir()] == ["news.jsonl"]


def test_the_peer_copies_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text(json.dumps(planted(2)[0]) + "\n", "utf-8")
    scanned = Scanned(open_corpus(path), tmp_path / "found")
    copy = commands(scanned, tmp_path / "copy")[COPY]
    assert (copy[0], copy[-2:]) == ("cp", [str(path), str(tmp_path / "copy")])

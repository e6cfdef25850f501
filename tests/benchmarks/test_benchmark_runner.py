"""Measuring, cutting, scoring and writing tables, without any peer installed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks.corpora import cut_half, open_corpus
from benchmarks.measure import choose_cores, measure
from benchmarks.peers import DEDUP, PEERS, Peer
from benchmarks.peers.common import Clusters, read_batches, shingle, write_clusters
from benchmarks.quality.planted import read_clusters, score_clusters, score_output
from benchmarks.tables import format_table, write_markdown

_MEBIBYTE = 2**20


def test_a_run_is_measured_as_a_process_of_its_own(tmp_path: Path) -> None:
    code = f"import time; b = bytearray(b'x' * {64 * _MEBIBYTE}); time.sleep(0.1)"
    run = measure([sys.executable, "-S", "-c", code], tmp_path / "log", choose_cores(1))
    assert not run.failed
    assert 0.1 <= run.wall < 5
    assert 0 < run.cpu < run.wall + 0.1
    assert run.peak_rss > 64 * _MEBIBYTE
    assert run.peak_anon is None or 64 * _MEBIBYTE < run.peak_anon <= run.peak_rss


def test_a_failed_run_says_why(tmp_path: Path) -> None:
    run = measure([sys.executable, "-S", "-c", "raise SystemExit('no disk')"], tmp_path / "log")
    assert run.exit_code == 1
    assert run.error == "no disk"


def test_half_a_corpus_ends_with_a_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "full.jsonl"
    path.write_bytes(b"".join(b'{"id": "%d"}\n' % i for i in range(100)))
    full = open_corpus(path)
    half = cut_half(full, tmp_path / "half.jsonl")
    assert full.n_documents == 100
    assert full.path.read_bytes().startswith(half.path.read_bytes())
    assert half.path.read_bytes().endswith(b"}\n")
    assert 50 <= half.n_documents <= 52


def test_every_tool_has_a_command_that_names_its_files() -> None:
    assert next(iter(PEERS)) == "dedup"
    for peer in PEERS.values():
        command = peer.command(Path("in.jsonl"), Path("out"), threads=2)
        assert command[0] == sys.executable
        assert {"in.jsonl", "out"} <= set(command)
        assert not any("{" in part for part in command)


def test_a_missing_peer_is_told_from_an_installed_one() -> None:
    missing = Peer("nobody", "no-such-peer", "no_such_peer", "pip install no-such-peer", ())
    assert not missing.is_installed()
    assert missing.version() == "not installed"
    assert Peer("json", "no-such-peer", "json", "", ()).version() == "from source"


def test_peers_share_shingles_and_union_find(tmp_path: Path) -> None:
    assert shingle("One, two THREE four five six") == [
        "one two three four five",
        "two three four five six",
    ]
    assert shingle("Two words") == ["two words"]
    assert shingle("...") == []
    clusters = Clusters()
    clusters.grow(5)
    clusters.join(1, 3)
    clusters.join(3, 4)
    write_clusters(tmp_path / "out.jsonl", list("abcde"), clusters.members())
    assert list(read_clusters(tmp_path / "out.jsonl")) == [["b", "d", "e"]]


def test_batches_hold_every_record(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text("".join(f'{{"id": {i}, "text": "t{i}"}}\n' for i in range(1001)))
    batches = list(read_batches(path))
    assert [len(ids) for ids, _ in batches] == [1000, 1]
    assert batches[1] == (["1000"], ["t1000"])


def test_scores_count_recall_by_kind_and_precision_by_pair() -> None:
    truth = [
        {"left": "a", "right": "b", "kind": "exact"},
        {"left": "a", "right": "c", "kind": "words-5"},
        {"left": "d", "right": "e", "kind": "numbers"},
        {"left": "f", "right": "g", "kind": "excerpt"},
        {"left": "h", "right": "i", "kind": "exact"},
    ]
    clusters = [["a", "b", "c"], ["d", "e"]]
    score = score_clusters(clusters, {frozenset("gf")}, truth)
    found = {k: (s["clustered"], s["linked"]) for k, s in score["kinds"].items()}
    assert found == {
        "exact": (0.5, 0),
        "words-5": (1, 0),
        "numbers": (1, 0),
        "excerpt": (0, 1),
    }
    assert score["precision"] == pytest.approx(3 / 4)


def test_scores_read_the_results_folder_of_dedup(tmp_path: Path) -> None:
    member = {"verdict": "near", "jaccard": 0.9, "containment": 1.0, "cosine": 0.9}
    cluster = {"cluster": 0, "representative": "a", "members": [{"id": i, **member} for i in "ab"]}
    link = {"left": {"id": "c"}, "right": "d", "verdict": "contained"}
    (tmp_path / "clusters.jsonl").write_text(json.dumps(cluster) + "\n")
    (tmp_path / "links.jsonl").write_text(json.dumps(link) + "\n")
    truth = tmp_path / "truth.jsonl"
    truth.write_text(
        '{"left": "a", "right": "b", "kind": "exact"}\n'
        '{"left": "c", "right": "d", "kind": "excerpt"}\n'
    )
    score = score_output(DEDUP, tmp_path, truth)
    assert score["kinds"]["exact"]["clustered"] == 1
    assert score["kinds"]["excerpt"]["linked"] == 1
    assert score["precision"] == 1


def test_a_result_without_dedup_still_makes_a_table() -> None:
    tool = {
        "mb_per_second": 10.0,
        "documents_per_second": None,
        "wall": 1.0,
        "peak_rss": 5e6,
        "peak_anon": None,
        "quality": None,
    }
    size = {"bytes": 10**7, "documents": 1000}
    machine = {"cpu": "c", "cores": 2, "os": "o", "python": "p", "commit": "x", "date": "d"}
    result = {
        "name": "n",
        "machine": {**machine, "versions": {"rensa": "1"}},
        "corpus": "made",
        "rounds": 1,
        "comparison": {"half": size, "full": size, "tools": {"rensa": tool}},
        "threads": None,
        "special": {},
        "skipped": {"gaoya": "not installed; pip install gaoya"},
    }
    markdown = write_markdown(result)
    assert "| rensa | 10.0 | ? |" in markdown
    assert "- gaoya: not installed; pip install gaoya" in markdown


def test_tables_have_as_many_rules_as_columns() -> None:
    assert format_table(["a", "b"], [["1", "2"]]) == "| a | b |\n|---|---|\n| 1 | 2 |"

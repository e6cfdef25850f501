"""Law 2: counts add up, in every file and in all."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import Reading, Result, Settings, scan
from dedup.corpus import reader
from dedup.corpus.batches import Piece
from dedup.corpus.intake import Intake
from dedup.errors import CountsError
from dedup.storage.quarantine import Quarantine
from tests.corpora import article, planted, words

ONE_THREAD = Settings(threads=1)


def check(result: Result) -> None:
    """Count again from what the result lists, and compare."""
    counts = result.counts
    parts = ("unique", "members", "empty", "quarantined")
    assert counts["read"] == sum(counts[part] for part in parts)
    files = result.inputs.files
    assert counts["read"] + counts["against"] + counts["against_quarantined"] == sum(
        file.n_records for file in files
    )
    assert counts["quarantined"] == len(result.quarantine)
    assert counts["against_quarantined"] == len(result.inputs.put_aside)
    bad = Counter(record.file for record in (*result.quarantine, *result.inputs.put_aside))
    in_files: Counter[str] = Counter()
    for file in files:
        in_files[file.path] += file.n_quarantined
    assert +in_files == bad
    listed = [member.ref for cluster in result.clusters for member in cluster.members]
    assert len(listed) == len(set(listed)), "a record stands in two clusters"
    assert counts["clusters"] == len(result.clusters)
    if not counts["against"]:
        assert counts["members"] == len(listed)
        assert counts["removable"] == counts["members"] - counts["clusters"]
    verdicts = Counter(link.verdict for link in result.links)
    assert counts["links"] == len(result.links)
    for verdict in ("contained", "rewrite", "template"):
        assert counts[verdict] == verdicts[verdict]
    assert counts["repeats"] == len(result.repeats)
    assert counts["documents_with_repeats"] == len({repeat.ref for repeat in result.repeats})
    assert counts["candidates"] >= counts["filtered"]
    proposed = counts["candidates"] - counts["filtered"]
    proposed += counts["excerpt_candidates"] + counts["short_candidates"]
    assert counts["scored"] == proposed + counts["scored_on_demand"]
    assert counts["units"] <= counts["read"] + counts["against"]


def test_a_corpus_of_all_kinds_adds_up() -> None:
    corpus = planted(40)
    result = scan(corpus, ONE_THREAD)
    check(result)
    assert result.counts["read"] == len(corpus)
    assert result.counts["empty"] == 4


def test_bad_records_count_in_their_file(tmp_path: Path) -> None:
    good = json.dumps({"id": "a", "text": article(40, 1)})
    (tmp_path / "one.jsonl").write_text(f"{good}\n{{broken\n{good}\n", "utf-8")
    (tmp_path / "two.jsonl").write_text('{"text": null}\n{"text": ""}\n{"text": 7}\n', "utf-8")
    (tmp_path / "three.txt").write_bytes(b"caf\xe9")
    (tmp_path / "four.csv").write_text("id,text\n1,some words here\n2\n", "utf-8")
    (tmp_path / "five.jsonl").write_bytes(b"")
    result = scan(tmp_path, ONE_THREAD)
    check(result)
    counts = result.counts
    assert (counts["members"], counts["empty"]) == (2, 1)
    assert counts["quarantined"] == 5
    places = {(Path(bad.file).name, bad.line) for bad in result.quarantine}
    assert places == {("one.jsonl", 2), ("two.jsonl", 1), ("two.jsonl", 3), ("three.txt", 1),
                      ("four.csv", 3)}  # fmt: skip


def test_bad_documents_in_memory_count_too() -> None:
    documents: list[Any] = ["some words", 5, {"nothing": "here"}, "some words", "", "a\ud800"]
    result = scan(documents, ONE_THREAD)
    check(result)
    assert result.counts["quarantined"] == 3
    assert result.counts["members"] == 2


@pytest.mark.parametrize("limit", [1, 3, 7, 1000])
def test_a_limit_counts_over_all_files(limit: int, tmp_path: Path) -> None:
    for name in "ab":
        lines = [json.dumps({"text": article(30, n)}) for n in range(3)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join([*lines[:2], "{bad", lines[2]]), "utf-8")
    result = scan(tmp_path, Settings(threads=1, reading=Reading(limit=limit)))
    check(result)
    assert result.counts["read"] == min(limit, 8)


def test_a_corpus_scanned_against_is_counted_apart() -> None:
    archive, scanned = planted(20, seed=1), [*planted(20, seed=2), *planted(10, seed=1)]
    result = scan(scanned, ONE_THREAD, against=[*archive, 5])
    check(result)
    assert result.counts["read"] == len(scanned)
    assert result.counts["against"] == len(archive)
    assert result.counts["quarantined"] == 0
    assert result.counts["against_quarantined"] == 1
    ids = {record["id"] for record in archive}
    for cluster in result.clusters:
        assert cluster.representative in ids
    in_scanned = sum(len(cluster.members) - 1 for cluster in result.clusters)
    assert result.counts["members"] == in_scanned == result.counts["removable"]


def test_nothing_at_all_adds_up() -> None:
    result = scan([], ONE_THREAD)
    check(result)
    assert set(result.counts.values()) == {0}


@pytest.mark.parametrize("engine", ["kernels", "reference"])
def test_pairs_that_the_estimate_rules_out_are_not_counted_as_scored(engine: Any) -> None:
    # neighbours share nine tenths, the ends of the chain nothing
    chain = words(600, "chain")
    windows = [" ".join(chain[15 * k : 15 * k + 150]) for k in range(24)]
    result = scan([*windows, *planted(20)], Settings(threads=1, engine=engine))
    check(result)
    assert result.counts["scored_on_demand"] > 0


piece = st.sampled_from([article(25, k) for k in range(4)] + ["", "x", "…", "A b c.", "a  B c."])


@settings(max_examples=25)
@given(st.lists(st.lists(piece, max_size=3).map("\n\n".join) | st.just(5), max_size=8))
def test_any_documents_add_up(documents: list[Any]) -> None:
    check(scan(iter(["", *documents]), ONE_THREAD))  # if nothing can be read, that is an error


@pytest.fixture
def two_files(tmp_path: Path) -> Path:
    for name in "ab":
        texts = [json.dumps({"text": article(30, f"{name}{n}")}) for n in range(3)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join([*texts, "{bad"]), "utf-8")
    return tmp_path


@pytest.fixture
def a_reader_that_loses_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    read = reader.read_records

    def lose_one(name: str, stream: Any, intake: Intake, candidates: Any) -> Iterator[Piece]:
        for piece in read(name, stream, intake, candidates):
            lossy = Path(intake.source.path).name == "b.jsonl"
            yield piece.part(0, len(piece) - 1) if lossy else piece

    monkeypatch.setattr(reader, "read_records", lose_one)


@pytest.mark.usefixtures("a_reader_that_loses_a_record")
@pytest.mark.parametrize("engine", ["kernels", "reference"])
def test_a_record_that_a_reader_loses_fails_the_scan(engine: Any, two_files: Path) -> None:
    with pytest.raises(CountsError, match=r"b\.jsonl: 3 records were read .* but 2 were compared"):
        scan(two_files, Settings(threads=1, engine=engine))


@pytest.mark.usefixtures("a_reader_that_loses_a_record")
def test_a_record_lost_of_the_corpus_scanned_against_fails_the_scan(two_files: Path) -> None:
    with pytest.raises(CountsError, match=r"b\.jsonl: 3 records were read"):
        scan(two_files / "a.jsonl", ONE_THREAD, against=two_files / "b.jsonl")


def test_a_bad_record_that_the_quarantine_loses_fails_the_scan(
    two_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Quarantine, "append", lambda self, bad: None)
    with pytest.raises(CountsError, match="2 records were put into quarantine, but it holds 0"):
        scan(two_files, ONE_THREAD)

"""Results of an earlier version stay readable: a copy of format 1, as it was written."""

from __future__ import annotations

import numpy as np
import pytest

from dedup import Results, open_results, plan_apply
from dedup.pairs import read_scores
from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "data" / "results_format_1"


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> Results:
    monkeypatch.chdir(FOLDER)
    return open_results("found")


def test_clusters_say_what_they_said(results: Results) -> None:
    [cluster] = results.clusters()
    assert (cluster.cluster, cluster.representative, cluster.kept_by) == (1, "a2", "oldest")
    assert [(m.id, m.ref, m.verdict, m.jaccard) for m in cluster.members] == [
        ("a2", "news.jsonl#2", "exact", 1.0),
        ("a1", "news.jsonl#1", "exact", 1.0),
        ("a3", "news.jsonl#3", "near", 0.659574),
        ("a4", "news.jsonl#4", "normalised", 1.0),
    ]
    assert cluster.members[2].flags == ("other-title",)
    assert cluster.merged.n_records == 4
    assert cluster.merged.sources == ("Coast Courier", "Osmere Gazette", "Skerry Weekly")
    assert (cluster.merged.first_date, cluster.merged.last_date) == ("2031-03-01", "2031-03-05")


def test_links_and_repeats_say_what_they_said(results: Results) -> None:
    [link] = results.links()
    assert (link.left, link.right, link.verdict) == ("b2", "b1", "template")
    assert (link.jaccard, link.cosine) == (0.357143, 0.854435)
    [repeat] = results.repeats()
    assert (repeat.document, repeat.verdict) == ("c1", "exact")
    assert [(p.start, p.end, p.first_line) for p in repeat.occurrences] == [
        (8, 115, 2),
        (126, 233, 4),
    ]
    assert list(results.passages()) == []


def test_counts_settings_and_quarantine_are_there(results: Results) -> None:
    counts = results.counts
    assert (counts["read"], counts["unique"], counts["members"]) == (9, 3, 4)
    assert (counts["empty"], counts["quarantined"]) == (1, 1)
    assert results.settings.keep == "oldest,longest"
    assert results.settings.shingle_width == 5
    [bad] = results.quarantine()
    assert (bad["file"], bad["line"]) == ("news.jsonl", 9)


def test_tables_are_there(results: Results) -> None:
    documents = results.documents().to_pylist()
    assert [row["id"] for row in documents] == ["a2", "a1", "a3", "a4", "b1", "b2", "c1"]
    assert [row["cluster"] for row in documents] == [1, 1, 1, 1, None, None, None]
    assert str(documents[0]["published"]) == "2031-03-01 00:00:00+00:00"
    pairs = results.pairs(["left", "right", "verdict"]).to_pylist()
    assert {pair["verdict"] for pair in pairs} == {"near", "template"}
    assert sum(row["n_records"] for row in results.sources().to_pylist()) == 8


def test_what_was_not_recorded_then_is_nothing(results: Results) -> None:
    table = results.pairs()
    scores = read_scores(table)
    for name in ("passage_words", "gaps", "own_words_left"):
        assert name not in table.column_names
        assert scores[name].tolist() == [0] * len(table)
    assert (results.skipped, results.counts.get("unread_files")) == ([], None)
    assert plan_apply(results).counts["unread_files"] == 0
    assert results.documents(["own_words"])["own_words"].to_pylist() == [0] * 7
    assert scores["jaccard"].tolist() == table["jaccard"].to_pylist()


def test_the_corpus_model_counts_what_it_counted(results: Results) -> None:
    model = results.model()
    assert model.n_units == results.counts["units"]
    assert (model.term_counts.max(), model.term_counts.sum()) == (5, 128)
    assert (np.count_nonzero(model.shingle_counts), model.shingle_counts.sum()) == (97, 138)


def test_texts_are_found_in_the_source(results: Results) -> None:
    numbers = {row["record"]: row["id"] for row in results.documents(["record", "id"]).to_pylist()}
    texts = {numbers[record]: text for record, text in results.texts(numbers)}
    assert texts["a1"] == texts["a2"]
    assert texts["a4"] == texts["a1"].upper()
    assert texts["c1"].startswith("Library\nThe town library opens again")

"""Calibration asks about pairs near the limit, remembers answers, and proposes what agrees."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dedup import Settings, scan, write_results
from dedup.evaluate.calibrate import (
    BorderlinePair,
    Proposal,
    append_answer,
    best,
    choose_pairs,
    propose,
    read_answers,
)
from dedup.evaluate.labels import read_labels
from dedup.results import Results, open_results
from tests.cli.command import Done, inside
from tests.corpora import article, edited

N_STORIES = 40


def _records() -> list[dict[str, str]]:
    """Stories with a version of each, from a word changed to one in eight."""
    records: list[dict[str, str]] = []
    for n in range(N_STORIES):
        text = article(140, f"story {n}")
        records.append({"id": f"{n}-a", "text": text})
        records.append({"id": f"{n}-b", "text": edited(text, 1 + n % 18, n)})
    return records


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("calibrate")
    corpus = place / "corpus.jsonl"
    corpus.write_text("\n".join(map(json.dumps, _records())), encoding="utf-8")
    write_results(scan(corpus, Settings(threads=1)), place / "found")
    return place / "found"


@pytest.fixture
def results(folder: Path) -> Results:
    return open_results(folder)


def answer(path: Path, pairs: list[BorderlinePair], limit: float) -> None:
    """Answer as a person who takes pairs at some Jaccard and above for copies."""
    for pair in pairs:
        append_answer(path, pair, duplicate=pair.jaccard >= limit)


def test_pairs_come_from_all_classes_and_no_text_is_shown_twice(results: Results) -> None:
    pairs = choose_pairs(results, {}, count=16)
    assert len(pairs) == 16
    ends = [end for pair in pairs for end in (pair.left, pair.right)]
    assert len(set(ends)) == 32
    assert len({int(10 * pair.jaccard) for pair in pairs}) >= 5
    limit = results.settings.rule.near_jaccard
    distances = [abs(pair.jaccard - limit) for pair in pairs]
    assert distances == sorted(distances)
    assert pairs == choose_pairs(results, {}, count=16)
    assert pairs != choose_pairs(results, {}, count=16, seed=2)


def test_what_is_answered_is_not_asked_again(results: Results, tmp_path: Path) -> None:
    labels = tmp_path / "labels.jsonl"
    first = choose_pairs(results, read_answers(labels), count=10)
    answer(labels, first, 0.6)
    answers = read_answers(labels)
    assert set(answers) == {pair.key for pair in first}
    rest = choose_pairs(results, answers, count=100)
    assert not {pair.key for pair in rest} & set(answers)


def test_answers_are_labelled_pairs_that_evaluate_reads(results: Results, tmp_path: Path) -> None:
    labels = tmp_path / "labels.jsonl"
    pairs = choose_pairs(results, {}, count=8)
    answer(labels, pairs, 0.6)
    read = read_labels(labels).pairs
    assert {pair.key: pair.jaccard >= 0.6 for pair in pairs} == {
        key: label.duplicate for key, label in read.items()
    }
    assert {label.kind for label in read.values()} <= {"near", "rewrite", "contained", "none"}


@pytest.mark.parametrize("limit", [0.45, 0.6, 0.75])
def test_the_proposal_follows_the_person(results: Results, tmp_path: Path, limit: float) -> None:
    labels = tmp_path / "labels.jsonl"
    answer(labels, choose_pairs(results, {}, count=100), limit)
    proposals = propose(results, read_answers(labels))
    found = best(proposals)
    assert found is not None
    if found.jaccard is not None:
        assert found.jaccard == pytest.approx(limit, abs=0.101)
    assert found.f1 >= 0.9
    assert found.f1 == max(proposal.f1 for proposal in proposals)


def test_counts_of_a_proposal_are_those_of_the_answers(results: Results, tmp_path: Path) -> None:
    labels = tmp_path / "labels.jsonl"
    pairs = choose_pairs(results, {}, count=100)
    answer(labels, pairs, 0.6)
    scanned = propose(results, read_answers(labels))[0]
    near = [pair for pair in pairs if pair.verdict == "near"]
    assert scanned.removed == len(near)
    assert scanned.copies == sum(pair.jaccard >= 0.6 for pair in pairs)
    assert scanned.right == sum(pair.jaccard >= 0.6 for pair in near)


def test_without_a_copy_nothing_is_best(results: Results, tmp_path: Path) -> None:
    labels = tmp_path / "labels.jsonl"
    answer(labels, choose_pairs(results, {}, count=12), 2.0)
    assert best(propose(results, read_answers(labels))) is None


class TestCommand:
    @pytest.fixture
    def calibrate(
        self,
        folder: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ):
        monkeypatch.chdir(tmp_path)
        run = inside(monkeypatch, capsys)

        def calibrate(*arguments: str, answers: str = "") -> Done:
            return run("calibrate", folder, *arguments, stdin=answers.encode())

        return calibrate

    def test_answers_from_standard_input_are_saved_one_by_one(self, calibrate) -> None:
        done = calibrate(answers="y\nn\nperhaps\ns\nyes\nq\n")
        assert done.code == 0
        assert "'perhaps' is no answer" in done.err
        rows = [json.loads(line) for line in Path("calibration.jsonl").read_text().splitlines()]
        assert [row["label"] for row in rows] == ["yes", "no", "yes"]
        assert "3 pairs judged: 2 copies, 1 not" in done.out
        assert "Too little to go by" in done.out

    def test_a_later_run_goes_on(self, calibrate) -> None:
        calibrate(answers="y\ny\nq\n")
        again = calibrate(answers="n\n" * 12)
        assert "14 pairs judged: 2 copies, 12 not" in again.out
        keys = [
            (row["left"], row["right"])
            for row in map(json.loads, Path("calibration.jsonl").read_text().splitlines())
        ]
        assert len(keys) == len(set(keys)) == 14

    def test_json_names_the_best_setting(self, calibrate) -> None:
        calibrate("--count", "100", answers="y\n" * 100)
        found = calibrate("--count", "0", "--json").json
        assert found["answers"] == found["copies"] == len(read_answers(Path("calibration.jsonl")))
        assert found["best"].startswith(("--min-jaccard", "--rule", "as scanned"))

    def test_the_verdict_is_held_back(self, calibrate) -> None:
        shown = calibrate(answers="q\n").err
        assert "Words: " in shown
        assert not {"near", "rewrite", "template"} & set(shown.split())

    def test_without_answers_nothing_is_proposed(self, calibrate) -> None:
        done = calibrate(answers="")
        assert (done.code, done.out) == (0, "")
        assert "no answers" in done.err


def test_precision_and_recall_are_shares_of_what_is_removed_and_of_the_copies() -> None:
    found = Proposal("as scanned", None, right=3, removed=4, copies=6)
    assert (found.precision, found.recall, found.f1) == (0.75, 0.5, 0.6)
    nothing = Proposal("as scanned", None, right=0, removed=0, copies=0)
    assert (nothing.precision, nothing.recall, nothing.f1) == (1.0, 1.0, 0.0)

"""Passages that stand twice in a record are taken out once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dedup import Occurrence, Reading, Repeat, open_results, scan, write_results
from dedup.act.apply import plan_apply
from dedup.act.marks import doubled_spans
from dedup.act.options import ApplyOptions
from dedup.errors import ResultsError
from tests.act.formats import BLURB, DOUBLED, FORMS, SETTINGS, records_of
from tests.corpora import article


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.tsv", "a.parquet", "a.txt"])
def test_repeats_are_fixed_and_all_else_stays(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    records = [{"id": "1", "text": DOUBLED, "title": "A", "date": "", "source": "x, y"}]
    path.write_bytes(DOUBLED.encode() if name == "a.txt" else FORMS[name](records))
    results = open_results(write_results(scan(path, SETTINGS), tmp_path / "found"))
    application = plan_apply(results, ApplyOptions(fix_repeats=True))
    assert application.counts["fixed"] == application.counts["passages_removed"] == 1
    out = application.write(tmp_path / "clean")
    fixed = DOUBLED.replace(f"Elsewhere\n{BLURB}\n", "Elsewhere\n")
    if name == "a.txt":
        assert (out / "corpus" / name).read_text("utf-8") == fixed
    else:
        [record] = records_of(name, (out / "corpus" / name).read_bytes())
        assert record == {**records[0], "text": fixed}
    assert scan(out / "corpus", SETTINGS).repeats == []


PHRASE = "a list of more than seven hundred and fifty names of people who had signed the petition"


@pytest.mark.parametrize(
    "text",
    [
        f"She wrote to the office with {PHRASE}. The office said that {PHRASE} was enough.",
        f"{PHRASE} came with her letter.\n\nThe office answered.\n\n{PHRASE} was enough.",
        f"She sent her letter with {PHRASE}\n\nThe office answered.\n\nIt had asked for {PHRASE}",
    ],
    ids=["inside", "at-the-beginning", "at-the-end"],
)
def test_a_phrase_repeated_in_lines_that_say_more_stays(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"id": "1", "text": text}) + "\n", "utf-8")
    results = open_results(write_results(scan(path, SETTINGS), tmp_path / "found"))
    assert list(results.repeats())
    application = plan_apply(results, ApplyOptions(fix_repeats=True))
    assert application.counts["fixed"] == 0
    out = application.write(tmp_path / "clean")
    assert (out / "corpus" / "a.jsonl").read_bytes() == path.read_bytes()


def test_repeats_of_what_goes_anyway_are_not_counted_as_fixed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    records = [{"id": "1", "text": DOUBLED}, {"id": "2", "text": DOUBLED}]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    results = open_results(write_results(scan(path, SETTINGS), tmp_path / "found"))
    assert [repeat.document for repeat in results.repeats()] == ["1", "2"]
    counts = plan_apply(results, ApplyOptions(fix_repeats=True)).counts
    assert (counts["removed"], counts["fixed"], counts["passages_removed"]) == (1, 1, 1)


def test_a_page_that_changes_before_its_repeats_are_fixed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(DOUBLED, "utf-8")
    results = open_results(write_results(scan(path, SETTINGS), tmp_path / "found"))
    application = plan_apply(results, ApplyOptions(fix_repeats=True))
    path.write_text(DOUBLED.replace("winter", "summer"), "utf-8")
    with pytest.raises(ResultsError, match=r"a\.txt has changed"):
        application.write(tmp_path / "clean")
    assert not (tmp_path / "clean").exists()


def test_the_first_of_a_passage_stays_also_inside_another(tmp_path: Path) -> None:
    outer = f"{article(20, 'before')}\n{BLURB}\n{article(20, 'after')}".replace("\n\n", " ")
    text = f"{outer}\n\nBetween\n\n{outer}\n\nAnd once more\n\n{BLURB}\n"
    path = tmp_path / "a.txt"
    path.write_text(text, "utf-8")
    results = open_results(write_results(scan(path, SETTINGS), tmp_path / "found"))
    out = plan_apply(results, ApplyOptions(fix_repeats=True)).write(tmp_path / "clean")
    fixed = (out / "corpus" / "a.txt").read_text("utf-8")
    assert fixed.count(BLURB) >= 1
    assert set(fixed.splitlines()) == set(text.splitlines())
    assert len(fixed) < len(text)


def test_only_the_text_of_a_fixed_record_changes_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    line = '{"n" : 1.50,"meta": {"body":%s , "x":[1 ,2]}, "big":123456789012345678901234567890}\n'
    path.write_text(line % json.dumps(DOUBLED), "utf-8")
    settings = replace(
        SETTINGS, reading=Reading(fields=replace(Reading().fields, text="meta.body"))
    )
    results = open_results(write_results(scan(path, settings), tmp_path / "found"))
    out = plan_apply(results, ApplyOptions(fix_repeats=True)).write(tmp_path / "clean")
    fixed = DOUBLED.replace(f"Elsewhere\n{BLURB}\n", "Elsewhere\n")
    written = (out / "corpus" / "a.jsonl").read_text("utf-8")
    assert written == line % json.dumps(fixed, ensure_ascii=False)


def test_first_occurrences_stay_whole_where_passages_overlap() -> None:
    def repeat(*places: tuple[int, int]) -> Repeat:
        spans = tuple(Occurrence(start, end, 1, 1) for start, end in places)
        return Repeat("a", "exact", 1.0, spans, "a#1", "")

    assert doubled_spans([repeat((0, 100), (200, 300))]) == [(200, 300)]
    assert doubled_spans([repeat((0, 9), (200, 300)), repeat((250, 280), (400, 430))]) == [
        (400, 430)
    ]
    assert doubled_spans([repeat((0, 9), (20, 30)), repeat((10, 15), (25, 40))]) == [(20, 40)]
    assert doubled_spans([repeat((0, 9), (20, 50)), repeat((10, 15), (25, 40))]) == [(20, 50)]

"""What copies say together stands on their survivor, and nothing else changes."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dedup import Reading, Results, Settings, open_results, scan, write_results
from dedup.act.apply import plan_apply
from dedup.act.options import ApplyOptions
from dedup.errors import ResultsError, SettingsError
from tests.corpora import article, filler

SETTINGS = Settings(threads=1)
STORY = article(90, "harbour")
CORPUS: list[dict[str, Any]] = [
    {
        "id": "late",
        "text": STORY,
        "url": "https://c.example/1",
        "date": "2031-03-05",
        "source": "C",
    },
    *[{"url": "https://f.example", "date": "", "source": "F", **r} for r in filler(12)],
    {
        "id": "lead",
        "text": STORY,
        "url": "https://a.example/1",
        "date": "2031-03-01",
        "source": "Ä",
    },
    {
        "id": "mid",
        "text": STORY,
        "url": "https://b.example/x,y|z",
        "date": "2031-03-03",
        "source": "C",
    },
    {
        "id": "same",
        "text": STORY,
        "url": "https://a.example/1",
        "date": "2031-03-02",
        "source": "Ä",
    },
]
GONE = {"late", "mid", "same"}
# put together by hand from the corpus above, survivor first, then by date
SAID = {
    "n_records": 4,
    "urls": ["https://a.example/1", "https://b.example/x,y|z", "https://c.example/1"],
    "sources": ["Ä", "C"],
    "first_date": "2031-03-01",
    "last_date": "2031-03-05",
}
COLUMNS = ("id", "text", "url", "date", "source")
FORMS = ("a.jsonl", "a.json", "a.csv", "a.tsv", "a.parquet")


def written(path: Path, records: list[dict[str, Any]], encoding: str = "utf-8") -> Path:
    rows = [{name: record[name] for name in COLUMNS} for record in records]
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=5)
    elif path.suffix in (".csv", ".tsv"):
        out = io.StringIO()
        delimiter = "\t" if path.suffix == ".tsv" else ","
        writer = csv.DictWriter(out, COLUMNS, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
        path.write_bytes(out.getvalue().encode(encoding))
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows, ensure_ascii=False), encoding)
    else:
        lines = [json.dumps(row, ensure_ascii=False) + " \n" for row in rows]
        path.write_text("".join([*lines[:2], "\n", "{broken\n", *lines[2:]]), encoding)
    return path


def scanned(path: Path, settings: Settings = SETTINGS) -> Results:
    return open_results(write_results(scan(path, settings), path.parent / "found"))


def rows_of(path: Path, encoding: str = "utf-8") -> list[dict[str, Any]]:
    """Return the records of a file with what is added as one object, as JSON has it."""
    if path.suffix == ".parquet":
        return [gathered(row) for row in pq.read_table(path).to_pylist()]
    text = path.read_bytes().decode(encoding)
    if path.suffix == ".json":
        return json.loads(text)
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.split("\n") if line.strip(" ")[1:2] == '"']
    delimiter = "\t" if path.suffix == ".tsv" else ","
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    return [gathered({name: parsed(name, cell) for name, cell in row.items()}) for row in rows]


def gathered(row: dict[str, Any]) -> dict[str, Any]:
    added = {n.removeprefix("dedup_"): row.pop(n) for n in list(row) if n.startswith("dedup_")}
    return {**row, "dedup": added}


def parsed(name: str, cell: str) -> Any:
    if name.startswith("dedup_") and not cell:
        return None
    return json.loads(cell) if name in ("dedup_n_records", "dedup_urls", "dedup_sources") else cell


@pytest.mark.parametrize("name", FORMS)
def test_annotations_of_the_survivor_hold_what_its_copies_say(name: str, tmp_path: Path) -> None:
    results = scanned(written(tmp_path / name, CORPUS))
    out = plan_apply(results, ApplyOptions(annotate=True)).write(tmp_path / "clean")
    rows = {row["id"]: row["dedup"] for row in rows_of(out / "corpus" / name)}
    assert rows.keys() == {record["id"] for record in CORPUS}
    for id, row in rows.items():
        assert {field: row[field] for field in SAID} == (
            SAID if id == "lead" else dict.fromkeys(SAID)
        )


@pytest.mark.parametrize("name", FORMS)
def test_merging_removes_copies_and_tells_on_the_survivor(name: str, tmp_path: Path) -> None:
    path = written(tmp_path / name, CORPUS)
    application = plan_apply(scanned(path), ApplyOptions(merge=True))
    out = application.write(tmp_path / "clean")
    assert (application.counts["removed"], application.counts["merged"]) == (3, 1)
    rows = {row["id"]: row for row in rows_of(out / "corpus" / name)}
    assert rows.keys() == {record["id"] for record in CORPUS} - GONE
    for record in CORPUS:
        if record["id"] not in GONE:
            row = rows[record["id"]]
            said = row.pop("dedup", None)
            assert row == {name: record[name] for name in COLUMNS}
            told = any(value is not None for value in (said or {}).values())
            assert (said if told else None) == (SAID if record["id"] == "lead" else None)


def test_lines_of_other_records_are_the_same_bytes(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", CORPUS)
    out = plan_apply(scanned(path), ApplyOptions(merge=True)).write(tmp_path / "clean")
    before = path.read_bytes().splitlines(keepends=True)
    after = (out / "corpus" / "a.jsonl").read_bytes().splitlines(keepends=True)
    expected = [line for line in before if not any(f'"{g}"'.encode() in line for g in GONE)]
    [lead] = [at for at, line in enumerate(expected) if b'"lead"' in line]
    added = json.dumps(SAID, ensure_ascii=False, separators=(",", ":"))
    expected[lead] = expected[lead].replace(b"} \n", f',"dedup":{added}}} \n'.encode())
    assert after == expected


def test_rows_of_a_table_stay_as_written_before_their_new_cells(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", CORPUS)
    out = plan_apply(scanned(path), ApplyOptions(merge=True)).write(tmp_path / "clean")
    before = path.read_bytes().split(b"\r\n")
    after = (out / "corpus" / "a.csv").read_bytes().split(b"\r\n")
    kept = [line for line in before if line.split(b",")[0].decode() not in GONE]
    names = "".join(f",dedup_{name}" for name in SAID).encode()
    for old, new in zip(kept, after, strict=True):
        assert new.startswith(old)
        if not old.startswith(b"lead,"):
            assert new[len(old) :] == (
                names if old.startswith(b"id,") else b",,,,," if old else b""
            )


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_a_file_without_survivors_or_copies_is_copied(form: str, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    written(folder / f"a.{form}", [r for r in CORPUS if r["source"] != "F"])
    written(folder / f"b.{form}", [r for r in CORPUS if r["source"] == "F"])
    results = open_results(write_results(scan(folder, SETTINGS), tmp_path / "found"))
    out = plan_apply(results, ApplyOptions(merge=True)).write(tmp_path / "clean")
    copy = (out / "corpus" / f"b.{form}").read_bytes()
    assert copy == (folder / f"b.{form}").read_bytes()
    [lead] = rows_of(out / "corpus" / f"a.{form}")
    assert lead["dedup"] == SAID


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_in_another_encoding_it_reads_the_same(name: str, tmp_path: Path) -> None:
    settings = replace(SETTINGS, reading=Reading(encoding="latin-1"))
    results = scanned(written(tmp_path / name, CORPUS, "latin-1"), settings)
    out = plan_apply(results, ApplyOptions(merge=True)).write(tmp_path / "clean")
    rows = {row["id"]: row for row in rows_of(out / "corpus" / name, "latin-1")}
    assert rows["lead"]["source"] == "Ä"
    assert rows["lead"]["dedup"] == SAID


@pytest.mark.parametrize("name", FORMS)
def test_without_being_asked_nothing_is_said(name: str, tmp_path: Path) -> None:
    path = written(tmp_path / name, CORPUS)
    out = plan_apply(scanned(path)).write(tmp_path / "clean")
    assert b"dedup" not in (out / "corpus" / name).read_bytes()
    removed = [json.loads(line) for line in (out / "removed.jsonl").read_bytes().splitlines()]
    assert all(not SAID.keys() & row.keys() for row in removed)
    assert "merged" not in json.loads((out / "apply.json").read_bytes())["counts"]


def test_of_several_that_stay_the_first_tells_and_of_none_nobody(tmp_path: Path) -> None:
    results = scanned(written(tmp_path / "a.jsonl", CORPUS))
    two = plan_apply(results, ApplyOptions(merge=True, keep=2)).write(tmp_path / "two")
    rows = {row["id"]: row for row in rows_of(two / "corpus" / "a.jsonl")}
    assert rows["lead"]["dedup"] == SAID
    assert "dedup" not in rows["same"]
    none = plan_apply(results, ApplyOptions(merge=True, keep=0))
    assert none.counts["merged"] == 0
    assert b"dedup" not in (none.write(tmp_path / "none") / "corpus" / "a.jsonl").read_bytes()


def test_against_another_corpus_the_first_scanned_one_that_stays_tells(tmp_path: Path) -> None:
    path = written(tmp_path / "new.jsonl", [r for r in CORPUS if r["id"] != "lead"])
    other = written(tmp_path / "old.jsonl", [r for r in CORPUS if r["id"] == "lead"])
    results = open_results(write_results(scan(path, SETTINGS, against=other), tmp_path / "found"))
    assert plan_apply(results, ApplyOptions(merge=True)).counts["merged"] == 0
    out = plan_apply(results, ApplyOptions(merge=True, keep=2)).write(tmp_path / "clean")
    told = {r["id"]: r["dedup"] for r in rows_of(out / "corpus" / "new.jsonl") if "dedup" in r}
    assert told == {"same": SAID}


def test_what_pages_cannot_hold_stands_in_a_file_of_its_own(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for name, text in (("a", STORY), ("b", STORY), ("c", article(60, "other"))):
        (pages / f"{name}.txt").write_text(text, "utf-8")
    results = open_results(write_results(scan(pages, SETTINGS), tmp_path / "found"))
    out = plan_apply(results, ApplyOptions(merge=True)).write(tmp_path / "clean")
    [cluster] = results.clusters()
    [line] = (out / "annotations.jsonl").read_bytes().splitlines()
    row = json.loads(line)
    assert (row["id"], row["n_records"]) == (cluster.representative, 2)
    assert row.keys() == {"id", *SAID}


@pytest.mark.parametrize("name", FORMS)
def test_repeats_are_fixed_on_the_same_record(name: str, tmp_path: Path) -> None:
    line = "The town library opens again on Monday after a winter of repairs to its roof."
    text = f"Library\n{line}\n\nElsewhere\n{line}\n\n{STORY}"
    records = [{**record, "text": text} for record in CORPUS if record["source"] != "F"]
    results = scanned(written(tmp_path / name, records))
    options = ApplyOptions(merge=True, fix_repeats=True)
    out = plan_apply(results, options).write(tmp_path / "clean")
    [row] = rows_of(out / "corpus" / name)
    assert row["text"].count(line) == 1
    assert row["dedup"] == SAID


def test_repeats_of_records_that_cannot_be_told_apart_are_refused(tmp_path: Path) -> None:
    line = "The town library opens again on Monday after a winter of repairs to its roof."
    texts = [
        f"Library\n{line}\n\nElsewhere\n{line}\n",
        f"{line}\n\n{article(60, 'other')}\n\n{line}",
    ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"text": text} for text in texts]), "utf-8")
    with pytest.raises(ResultsError, match=r"a\.json#1: 2 records of this line have the id"):
        plan_apply(scanned(path), ApplyOptions(fix_repeats=True))


def test_repeats_are_fixed_in_another_encoding(tmp_path: Path) -> None:
    line = (
        "Die Fähre über den Öresund fährt am Montag wieder, sagte die Hafenbehörde gestern Abend."
    )
    text = f"Fähre\n{line}\n\nHafen\n{line}\n\n{STORY}"
    path = written(tmp_path / "a.jsonl", [{**CORPUS[0], "text": text}], "latin-1")
    settings = replace(SETTINGS, reading=Reading(encoding="latin-1"))
    application = plan_apply(scanned(path, settings), ApplyOptions(fix_repeats=True))
    out = application.write(tmp_path / "clean")
    [row] = rows_of(out / "corpus" / "a.jsonl", "latin-1")
    assert row["text"] == text.replace(f"Hafen\n{line}\n", "Hafen\n")


def test_a_field_that_the_survivor_has_already_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps({**r, "größe": 1}) + "\n" for r in CORPUS), "utf-8")
    results = scanned(path)
    with pytest.raises(ResultsError, match=r"a\.jsonl#14 has a field 'größe' already.*--field"):
        plan_apply(results, ApplyOptions(merge=True, field="größe")).write(tmp_path / "clean")
    assert not (tmp_path / "clean").exists()


def test_annotating_includes_merging_and_is_told_so() -> None:
    with pytest.raises(SettingsError, match=r"^annotate adds what merge does, .*: leave merge"):
        ApplyOptions(merge=True, annotate=True)

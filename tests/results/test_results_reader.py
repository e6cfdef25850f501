"""Reading a results folder back: the same findings, texts by reference, damage named."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xxhash
import zstandard

from dedup import Reading, Result, Results, Settings, open_results, scan, write_results
from dedup.act.apply import plan_apply
from dedup.act.threshold import rethreshold
from dedup.errors import InputError, OutputError, ResultsError
from dedup.evaluate.audit import audit_results
from dedup.metadata.survivors import rank_records
from dedup.pairs import ScoredPairs
from dedup.report.markdown import markdown_lines
from dedup.report.one_file import html_file
from dedup.report.pages import write_pages
from dedup.report.plain import text_lines
from dedup.report.tables import csv_rows, json_rows
from dedup.results.schema import JSON_FILES, arrow_schema, json_schema
from dedup.text.digest import digest
from tests.corpora import Record, planted

SETTINGS = Settings(threads=1, unit="passage")
CORPUS = planted(30)
TEXTS = {record["id"]: record["text"] for record in CORPUS}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "corpus.jsonl"
    lines = [json.dumps(record) for record in CORPUS]
    path.write_text("\n".join([*lines, "{broken"]) + "\n", "utf-8")
    return path


@pytest.fixture(scope="module")
def result(corpus: Path) -> Result:
    return scan(corpus, SETTINGS)


@pytest.fixture(scope="module")
def folder(result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_results(result, tmp_path_factory.mktemp("results") / "out")


def test_what_is_read_is_what_was_found(result: Result, folder: Path) -> None:
    results = open_results(folder)
    assert list(results.clusters()) == result.clusters
    assert list(results.links()) == result.links
    assert list(results.repeats()) == result.repeats
    assert list(results.passages()) == result.passages
    assert result.clusters
    assert result.links
    assert result.repeats
    assert result.passages
    assert results.counts == result.counts
    assert results.settings == result.settings
    assert results.inputs == list(result.inputs.files)
    assert [bad["line"] for bad in results.quarantine()] == [len(CORPUS) + 1]
    pairs = results.pairs()
    assert pairs.select(result.pairs_table().schema.names).to_pylist() == (
        result.pairs_table().to_pylist()
    )


def test_the_model_is_the_one_that_verdicts_came_from(
    result: Result, folder: Path, tmp_path: Path
) -> None:
    model = open_results(folder).model()
    assert model.n_units == result.model.n_units
    assert np.array_equal(model.term_counts, result.model.term_counts)
    assert np.array_equal(model.shingle_counts, result.model.shingle_counts)
    other = scan(CORPUS[:20], SETTINGS).model
    judged = write_results(scan(CORPUS, SETTINGS, model=other), tmp_path / "judged")
    assert open_results(judged).model().n_units == other.n_units != model.n_units


@pytest.mark.parametrize("name", JSON_FILES)
def test_every_json_file_meets_its_schema(name: str, folder: Path) -> None:
    if name == "manifest":
        rows = [json.loads((folder / "manifest.json").read_bytes())]
    else:
        rows = [json.loads(line) for line in (folder / f"{name}.jsonl").read_bytes().splitlines()]
    assert rows
    checker = jsonschema.Draft202012Validator(json_schema(name))
    for row in rows:
        checker.validate(row)


def test_every_recorded_score_is_in_the_schema_of_pairs() -> None:
    names = {field for field in ScoredPairs.__dataclass_fields__} | {
        "left_record",
        "right_record",
        "on_demand",
    }
    assert set(arrow_schema("pairs").names) == names


def test_every_table_meets_its_schema(folder: Path) -> None:
    for name in ("documents", "pairs", "sources"):
        schema = arrow_schema(name)
        if name == "documents":
            schema = schema.remove(schema.get_field_index("text"))
        assert pq.read_schema(folder / f"{name}.parquet").equals(schema)


def test_documents_hold_every_record_of_every_unit_of_a_pair(result: Result, folder: Path) -> None:
    table = open_results(folder).documents(["record", "unit"])
    named = set(table["record"].to_pylist())
    pairs, records = result.found.pairs, result.found.records
    units = {*pairs.left.tolist(), *pairs.right.tolist()}
    expected = {row for row, unit in enumerate(np.asarray(records.units).tolist()) if unit in units}
    assert expected <= named
    for row in table.to_pylist():
        assert row["unit"] == records.units[row["record"]]


def test_members_stand_in_documents_with_their_scores(folder: Path) -> None:
    results = open_results(folder)
    rows = {row["record"]: row for row in results.documents().to_pylist()}
    by_id = {row["id"]: row for row in rows.values()}
    for cluster in results.clusters():
        for member in cluster.members:
            row = by_id[member.id]
            assert row["cluster"] == cluster.cluster
            assert rows[row["representative"]]["id"] == cluster.representative
            stored = [row[name] for name in ("verdict", "jaccard", "containment", "cosine")]
            assert stored == [member.verdict, member.jaccard, member.containment, member.cosine]
    assert all((row["cluster"] is None) == (row["verdict"] is None) for row in rows.values())


def test_facts_of_survivor_policies_are_those_of_the_scan(result: Result, folder: Path) -> None:
    facts = result.found.records.facts
    for row in open_results(folder).documents().to_pylist():
        at = row["record"]
        published = row["published"]
        assert int(published.timestamp() * 10**6) == facts.dates[at]
        assert row["n_chars"] == facts.n_chars[at] == len(TEXTS[row["id"]])
        assert row["digest"] == "{:016x}{:016x}".format(*digest(TEXTS[row["id"]].encode()))
    assert rank_records(facts, "oldest", str).size == len(CORPUS)


def test_sources_count_the_records_of_each(result: Result, folder: Path) -> None:
    rows = open_results(folder).sources().to_pylist()
    records = [record.get("source") for record in CORPUS]
    removable = [m.source for cluster in result.clusters for m in cluster.members[1:]]
    for row in rows:
        if row["source"].endswith(".jsonl"):
            assert row["n_records"] == records.count(None)
        else:
            assert row["n_records"] == records.count(row["source"])
            assert row["n_removable"] == removable.count(row["source"])
    assert sum(row["n_removable"] for row in rows) == result.counts["removable"]


def jsonl_of(records: list[Record]) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def csv_of(records: list[Record]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, ["id", "text", "title"], extrasaction="ignore")
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue().encode()


def parquet_of(records: list[Record]) -> bytes:
    out = io.BytesIO()
    rows = [{"id": record["id"], "body": record["text"]} for record in records]
    pq.write_table(pa.Table.from_pylist(rows), out, row_group_size=7)
    return out.getvalue()


FORMS: dict[str, Callable[[list[Record]], bytes]] = {
    "a.jsonl": jsonl_of,
    "a.jsonl.gz": lambda records: gzip.compress(jsonl_of(records)),
    "a.jsonl.zst": lambda records: zstandard.compress(jsonl_of(records)),
    "a.json": lambda records: json.dumps(records).encode(),
    "a.csv": csv_of,
    "a.parquet": parquet_of,
}


def named_texts(results: Results) -> dict[str, str]:
    ids = {row["record"]: row["id"] for row in results.documents(["record", "id"]).to_pylist()}
    found = list(results.texts(ids))
    assert len(found) == len(ids)
    return {ids[record]: text for record, text in found}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("store", [False, True], ids=["by-reference", "stored"])
def test_texts_come_back_from_every_format(name: str, store: bool, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(FORMS[name](CORPUS[:40]))
    found = scan(tmp_path / name, Settings(threads=1, store_text=store))
    results = open_results(write_results(found, tmp_path / "out"))
    texts = named_texts(results)
    assert len(texts) >= 20
    assert all(TEXTS[id] == text for id, text in texts.items())


def test_texts_of_another_encoding_and_of_whole_files(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    page = "Der Fährverkehr zu den äußeren Inseln beginnt wieder am Montag.\n" * 2
    for name in ("a.txt", "b.txt"):
        (pages / name).write_bytes(page.encode("latin-1"))
    settings = Settings(threads=1, reading=Reading(encoding="latin-1"))
    results = open_results(write_results(scan(pages, settings), tmp_path / "out"))
    assert named_texts(results) == {str(pages / name): page for name in ("a.txt", "b.txt")}


def test_texts_are_found_from_another_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / "a.jsonl").write_bytes(jsonl_of(CORPUS[:20]))
    monkeypatch.chdir(there)
    write_results(scan("a.jsonl", Settings(threads=1)), tmp_path / "out")
    monkeypatch.chdir(tmp_path)
    assert named_texts(open_results("out"))


def test_each_source_is_opened_once_and_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, start in (("a.jsonl", 0), ("b.jsonl", 40)):
        (tmp_path / name).write_bytes(jsonl_of(CORPUS[start : start + 40]))
    found = scan([tmp_path / "a.jsonl", tmp_path / "b.jsonl"], Settings(threads=1))
    results = open_results(write_results(found, tmp_path / "out"))
    ids = results.documents(["record"])["record"].to_pylist()
    opened: list[str] = []
    real_open = Path.open

    def open_and_tell(path: Path, *arguments: Any, **options: Any) -> Any:
        if path.parent == tmp_path:
            opened.append(path.name)
        return real_open(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", open_and_tell)
    order = [record for record, _ in results.texts(reversed(ids))]
    assert order == sorted(ids)
    assert opened == ["a.jsonl", "b.jsonl"]


def scanned(tmp_path: Path, name: str = "a.jsonl") -> tuple[Path, Results]:
    path = tmp_path / name
    path.write_bytes(FORMS[name](CORPUS[:30]))
    return path, open_results(write_results(scan(path, Settings(threads=1)), tmp_path / "out"))


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_a_source_that_changed_is_refused_by_name(name: str, tmp_path: Path) -> None:
    path, results = scanned(tmp_path, name)
    path.write_bytes(path.read_bytes().replace(b" the ", b" teh "))
    with pytest.raises(ResultsError, match=rf"{name} has changed .*another text"):
        named_texts(results)
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(ResultsError, match=rf"{name} has changed .*bytes instead of"):
        named_texts(results)
    path.unlink()
    with pytest.raises(ResultsError, match=rf"{name}: the file is gone"):
        named_texts(results)


def test_records_that_moved_are_refused(tmp_path: Path) -> None:
    path, results = scanned(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(reversed(lines)))
    with pytest.raises(ResultsError, match=r"a\.jsonl has changed"):
        named_texts(results)


def test_texts_of_documents_in_memory_are_refused(tmp_path: Path) -> None:
    results = open_results(write_results(scan(CORPUS, Settings(threads=1)), tmp_path / "out"))
    with pytest.raises(ResultsError, match=r"documents in memory.*--store-text"):
        named_texts(results)


def test_an_unknown_record_is_refused(folder: Path) -> None:
    with pytest.raises(ResultsError, match="names no record 123456"):
        list(open_results(folder).texts([123456]))


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        open_results(tmp_path / "none")
    with pytest.raises(ResultsError, match="no results folder"):
        open_results(tmp_path)


@pytest.mark.parametrize("name", ["clusters.jsonl", "documents.parquet", "model.npz"])
def test_missing_and_shortened_files_are_named(name: str, copy: Path) -> None:
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[:-1])
    with pytest.raises(ResultsError, match=rf"{name} has"):
        open_results(copy)
    (copy / name).unlink()
    with pytest.raises(ResultsError, match=rf"{name} is missing"):
        open_results(copy)


def test_a_file_that_has_grown_is_named(copy: Path) -> None:
    with (copy / "links.jsonl").open("ab") as file:
        file.write(b"\n")
    with pytest.raises(ResultsError, match=r"links\.jsonl has .* damaged or was changed"):
        open_results(copy)


def test_each_file_of_results_has_a_digest(folder: Path) -> None:
    digests = json.loads((folder / "manifest.json").read_bytes())["digests"]
    assert digests.keys() == {path.name for path in folder.iterdir()} - {"manifest.json"}
    for name, digest_of_file in digests.items():
        assert digest_of_file == xxhash.xxh3_128_hexdigest((folder / name).read_bytes())


@pytest.mark.parametrize("name", ["clusters.jsonl", "passages.jsonl", "pairs.parquet", "model.npz"])
def test_a_change_that_keeps_the_size_is_named(name: str, copy: Path) -> None:
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[:-1] + b" ")
    with pytest.raises(ResultsError, match=rf"{name} has other content .* was changed"):
        open_results(copy)
    (copy / name).write_bytes(content)
    open_results(copy)


def test_damage_of_a_file_without_a_digest_is_found_on_reading(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_bytes())
    (copy / "manifest.json").write_text(json.dumps({**manifest, "digests": {}}))
    for name in ("clusters.jsonl", "pairs.parquet", "model.npz"):
        size = (copy / name).stat().st_size
        (copy / name).write_bytes(b"?" * size)
    results = open_results(copy)
    with pytest.raises(ResultsError, match=r"clusters\.jsonl#1: damaged"):
        list(results.clusters())
    with pytest.raises(ResultsError, match=r"pairs\.parquet: damaged"):
        results.pairs()
    with pytest.raises(ResultsError, match=r"model\.npz is not a corpus model"):
        results.model()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": 99}, "format 99"),
        ({"format": None}, "format None"),
        ({"settings": {"rule": {}}}, "settings cannot be used"),
    ],
)
def test_other_versions_are_refused_by_name(change: dict[str, Any], told: str, copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_bytes())
    (copy / "manifest.json").write_text(json.dumps({**manifest, **change}))
    with pytest.raises(ResultsError, match=told):
        _ = open_results(copy).settings


def test_words_hashed_by_another_version_are_refused_where_pairs_are_scored(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_bytes())
    (copy / "manifest.json").write_text(json.dumps({**manifest, "hashes": 99}))
    results = open_results(copy)
    with pytest.raises(ResultsError, match=r"hashed by version 99.*scan again with --out"):
        results.model()
    assert len(list(results.clusters())) == results.counts["clusters"]


def test_a_manifest_that_is_cut_short_is_damage(copy: Path) -> None:
    content = (copy / "manifest.json").read_bytes()
    (copy / "manifest.json").write_bytes(content[: len(content) // 2])
    with pytest.raises(ResultsError, match=r"manifest\.json: damaged"):
        open_results(copy)


def test_fields_that_a_newer_version_adds_are_passed_over(copy: Path) -> None:
    lines = [json.loads(line) for line in (copy / "links.jsonl").read_bytes().splitlines()]
    content = "".join(json.dumps({**line, "later": 1}) + "\n" for line in lines).encode()
    (copy / "links.jsonl").write_bytes(content)
    manifest = json.loads((copy / "manifest.json").read_bytes())
    manifest["files"]["links.jsonl"] = len(content)
    manifest["digests"]["links.jsonl"] = xxhash.xxh3_128_hexdigest(content)
    (copy / "manifest.json").write_text(json.dumps(manifest))
    assert len(list(open_results(copy).links())) == len(lines)


@pytest.mark.parametrize(
    "use",
    [
        plan_apply,
        rethreshold,
        audit_results,
        html_file,
        lambda results: write_pages(results, Path("pages")),
        lambda results: list(csv_rows(results)),
        lambda results: list(json_rows(results)),
        lambda results: list(markdown_lines(results)),
        lambda results: list(text_lines(results)),
    ],
)
def test_the_path_of_results_is_not_taken_for_them(use: Callable[[Any], object]) -> None:
    with pytest.raises(InputError, match=r"^results is a str, .* by dedup\.open_results\(folder\)"):
        use("found")
    assert not Path("pages").exists()


def test_a_folder_that_is_taken_is_told_without_options_of_the_command(
    result: Result, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("Mine.")
    with pytest.raises(OutputError, match=r"choose another name \(earlier results are all"):
        write_results(result, tmp_path)
    with pytest.raises(OutputError, match=r"holds earlier results: .*in Python, force=True"):
        write_results(result, folder)

"""Survivors by a number in a field of the source: in a scan, and afterwards."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dedup import Document, Result, Results, Settings, open_results, scan, write_results
from dedup.act.apply import plan_apply
from dedup.act.options import ApplyOptions
from dedup.act.threshold import rethreshold, write_rethresholded
from dedup.errors import ResultsError, SettingsError
from dedup.evaluate.audit import audit_scan
from tests.canonical import canonical
from tests.corpora import filler, planted

SETTINGS = Settings(threads=1)
BEST = "field:score:max"
CORPUS: list[dict[str, Any]] = [*planted(40), *filler(40)]
SCORES = {record["id"]: (7 * n) % 31 + 0.5 for n, record in enumerate(CORPUS)}
RECORDS = [{**record, "score": SCORES[record["id"]]} for record in CORPUS]
FORMS = ["jsonl", "json", "csv", "tsv", "parquet"]


def write(records: Sequence[dict[str, Any]], path: Path) -> Path:
    """Write records in the format that the name of the file says."""
    form = path.suffix[1:]
    names = list(dict.fromkeys(name for record in records for name in record))
    if form == "parquet":
        columns = {name: [record.get(name) for record in records] for name in names}
        pq.write_table(pa.table(columns), path)
    elif form in ("csv", "tsv"):
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, names, delimiter="," if form == "csv" else "\t")
            writer.writeheader()
            writer.writerows(records)
    elif form == "json":
        path.write_text(json.dumps(records), "utf-8")
    else:
        path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def best_of(result: Result, policy: str = BEST) -> Settings:
    """Hold that every cluster is represented by its best record; return the settings."""
    pick = max if policy.endswith("max") else min
    assert result.clusters
    for cluster in result.clusters:
        best = pick(SCORES[member.id] for member in cluster.members)
        assert SCORES[cluster.representative] == best
        assert cluster.kept_by in (policy, "digest", "id")
    return result.settings


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("policy", [BEST, "field:score:min"])
def test_a_scan_and_a_threshold_afterwards_keep_the_best_of_every_format(
    form: str, policy: str, tmp_path: Path
) -> None:
    path = write(RECORDS, tmp_path / f"a.{form}")
    found = scan(path, replace(SETTINGS, keep=policy))
    best_of(found, policy)
    folder = write_results(scan(path, SETTINGS), tmp_path / "oldest")
    afterwards = rethreshold(open_results(folder), keep=policy)
    assert afterwards.clusters == found.clusters
    assert afterwards.links == found.links


@pytest.mark.parametrize("form", FORMS)
def test_a_field_inside_objects_is_named_with_dots_also_where_few_records_have_it(
    form: str, tmp_path: Path
) -> None:
    if form in ("csv", "tsv"):  # a column may have such a name
        nested = [{**r, "meta.score": SCORES[r["id"]] if n > 20 and n % 3 else ""}
                  for n, r in enumerate(CORPUS)]  # fmt: skip
    else:
        nested = [{**r, **({"meta": {"score": SCORES[r["id"]]}} if n > 20 and n % 3 else {})}
                  for n, r in enumerate(CORPUS)]  # fmt: skip
    with_number = {r["id"] for n, r in enumerate(CORPUS) if n > 20 and n % 3}
    policy = "field:meta.score:max,longest"
    found = scan(write(nested, tmp_path / f"a.{form}"), replace(SETTINGS, keep=policy))
    mixed = 0
    for cluster in found.clusters:
        scores = [SCORES[m.id] for m in cluster.members if m.id in with_number]
        if scores:
            assert SCORES[cluster.representative] == max(scores)
            assert cluster.representative in with_number
            mixed += len(scores) < len(cluster.members)
    assert mixed


def test_order_batch_size_threads_and_engine_choose_the_same(tmp_path: Path) -> None:
    some = RECORDS[:50]
    expected = canonical(scan(some, replace(SETTINGS, keep=BEST)))
    assert expected != canonical(scan(some, SETTINGS))
    shuffled = list(some)
    random.Random(5).shuffle(shuffled)
    path = write(shuffled, tmp_path / "a.jsonl")
    for settings in (
        replace(SETTINGS, keep=BEST),
        replace(SETTINGS, keep=BEST, batch_bytes=1, threads=3),
        replace(SETTINGS, keep=BEST, batch_bytes=3000, engine="reference"),
    ):
        assert canonical(scan(path, settings)) == expected


def test_files_with_and_without_the_field_are_read_together(tmp_path: Path) -> None:
    for n, form in enumerate(FORMS):
        write(RECORDS[n :: len(FORMS) + 1], tmp_path / f"a.{form}")
    without = CORPUS[len(FORMS) :: len(FORMS) + 1]
    write(without, tmp_path / "z.jsonl")
    (tmp_path / "page.txt").write_text("One page that has no fields at all.", "utf-8")
    scored = {record["id"] for record in CORPUS} - {record["id"] for record in without}
    for cluster in scan(tmp_path, replace(SETTINGS, keep=BEST, batch_bytes=2000)).clusters:
        ids = [member.id for member in cluster.members]
        if set(ids) & scored:
            best = max(SCORES[id] for id in ids if id in scored)
            assert SCORES[cluster.representative] == best


@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_a_table_without_the_field_has_no_number_in_it(form: str, tmp_path: Path) -> None:
    text = CORPUS[0]["text"]
    write([{"rank": 99, "id": "ranked", "text": text}], tmp_path / f"a.{form}")
    write([{"rank": 1, "id": "scored", "text": text, "score": 2}], tmp_path / "b.jsonl")
    for policy in (BEST, "field:score:min"):
        (cluster,) = scan(tmp_path, replace(SETTINGS, keep=policy)).clusters
        assert (cluster.representative, cluster.kept_by) == ("scored", policy)


def test_against_another_corpus_the_field_chooses_among_the_scanned(tmp_path: Path) -> None:
    other = [{**record, "id": f"archive-{record['id']}"} for record in CORPUS[::4]]
    found = scan(RECORDS, replace(SETTINGS, keep=BEST), against=other)
    assert found.clusters
    assert all(cluster.representative.startswith("archive-") for cluster in found.clusters)


@pytest.mark.parametrize("engine", ["kernels", "reference"])
def test_a_field_that_no_record_has_a_number_in_is_refused_by_name(
    engine: Any, tmp_path: Path
) -> None:
    path = write([{**r, "score": "good"} for r in CORPUS[:9]], tmp_path / "a.jsonl")
    for name in ("score", "Score", "id"):
        settings = replace(SETTINGS, keep=f"oldest,field:{name}:max", engine=engine)
        if name == "id":
            path = write([{"id": f"x{n}", "text": "a b"} for n in range(3)], path)
        with pytest.raises(SettingsError, match=rf"has a number in a field '{name}'.*exactly"):
            scan(path, settings)


def test_documents_and_empty_corpora_are_no_reason_to_refuse() -> None:
    settings = replace(SETTINGS, keep=BEST)
    assert scan([], settings).counts["read"] == 0
    mixed = [Document("no field in here", "a"), {"id": "b", "text": "but here", "score": 1}]
    assert scan(mixed, settings).counts["read"] == 2


def test_results_of_such_a_scan_can_be_clustered_applied_and_audited(tmp_path: Path) -> None:
    path = write(RECORDS, tmp_path / "a.jsonl")
    found = scan(path, replace(SETTINGS, keep=BEST))
    assert audit_scan(found, sample=20).n_sampled
    results = open_results(write_results(found, tmp_path / "out"))
    assert rethreshold(results).clusters == found.clusters
    application = plan_apply(results, ApplyOptions(remove_links=("contained",)))
    kept = application.write(tmp_path / "clean") / "corpus" / "a.jsonl"
    ids = {json.loads(line)["id"] for line in kept.read_text().splitlines()}
    assert all(cluster.representative in ids for cluster in found.clusters)


def test_results_keep_the_fields_of_the_policy_also_where_the_records_are_gone(
    tmp_path: Path,
) -> None:
    others = [{"id": f"x{n}", "text": record["text"]} for n, record in enumerate(filler(3))]
    lowest, records = "field:score:min", [*RECORDS, *others]
    expected = scan(records, replace(SETTINGS, keep=lowest)).clusters

    def choose(results: Results, policy: str) -> Results:
        chosen = rethreshold(results, keep=policy)
        return open_results(write_rethresholded(chosen, tmp_path / policy.replace(":", "-")))

    found = scan(records, replace(SETTINGS, keep=f"{BEST},oldest"))
    results = open_results(write_results(found, tmp_path / "out"))
    assert rethreshold(results).clusters == found.clusters
    assert list(choose(results, lowest).clusters()) == expected
    oldest = choose(results, "oldest")  # which asks for no field
    assert rethreshold(oldest, keep=lowest).clusters == expected
    kept = oldest.documents(["id", "field:score"]).to_pylist()
    assert {row["id"]: row["field:score"] for row in kept} == {
        row["id"]: SCORES.get(row["id"]) for row in kept
    }


def test_a_stream_can_be_applied_by_the_field_of_its_scan_only(tmp_path: Path) -> None:
    found = scan(RECORDS[:40], replace(SETTINGS, keep=BEST))
    results = open_results(write_results(found, tmp_path / "out"))
    told = r"scan files; or scan with --keep field:rank:max, for results"
    with pytest.raises(ResultsError, match=told):
        rethreshold(results, keep="field:rank:max")


def test_where_results_keep_no_field_the_scan_that_helps_is_named(tmp_path: Path) -> None:
    settings = replace(SETTINGS, store_text=True)
    results = open_results(write_results(scan(RECORDS[:40], settings), tmp_path / "out"))
    told = r"scan files; or scan with --keep field:score:max, for results"
    with pytest.raises(ResultsError, match=told):
        rethreshold(results, keep=BEST)
    assert rethreshold(results, keep="oldest").clusters

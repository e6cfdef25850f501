"""A cleaned corpus: nothing lost, and nothing removed without a survivor."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from dedup import open_results, scan, write_results
from dedup.act.apply import plan_apply
from dedup.act.options import ApplyOptions
from dedup.act.plan import parse_keep
from tests.act.formats import CORPUS, FORMS, SETTINGS, lines_of, lines_of_jsonl, records_of, scanned


@pytest.mark.parametrize("name", FORMS)
def test_removed_and_kept_are_what_was_read(name: str, tmp_path: Path) -> None:
    results = scanned(tmp_path, name)
    application = plan_apply(results)
    out = application.write(tmp_path / "clean")
    before = records_of(name, (tmp_path / name).read_bytes())
    after = records_of(name, (out / "corpus" / name).read_bytes())
    removed = [row["id"] for row in lines_of(out / "removed.jsonl")]
    kept = [record for record in before if record["id"] not in set(removed)]
    assert after == kept
    assert len(removed) == len(set(removed)) == results.counts["removable"] > 20
    counts = application.counts
    assert counts["read"] == results.counts["read"]
    assert counts["removed"] == len(removed)
    assert counts["kept"] + counts["removed"] == counts["read"]


@pytest.mark.parametrize("name", FORMS)
def test_a_scan_after_apply_finds_no_cluster(name: str, tmp_path: Path) -> None:
    results = scanned(tmp_path, name)
    out = plan_apply(results).write(tmp_path / "clean")
    again = scan(out / "corpus", SETTINGS, model=results.model())
    assert again.counts["read"] == plan_apply(results).counts["kept"]
    assert again.clusters == []
    assert again.counts["quarantined"] == results.counts["quarantined"]


def test_every_removal_names_a_survivor_that_is_there(tmp_path: Path) -> None:
    results = scanned(tmp_path, "a.jsonl")
    out = plan_apply(results).write(tmp_path / "clean")
    lines = (out / "corpus" / "a.jsonl").read_bytes().split(b"\n")
    members = {m.id: (c, m) for c in results.clusters() for m in c.members}
    for row in lines_of(out / "removed.jsonl"):
        cluster, member = members[row["id"]]
        assert row["survivor"]["id"] == cluster.representative
        assert (row["cluster"], row["verdict"]) == (cluster.cluster, member.verdict)
        assert (row["jaccard"], row["containment"], row["cosine"]) == (
            member.jaccard,
            member.containment,
            member.cosine,
        )
        output, _, line = row["survivor"]["output"].rpartition("#")
        assert output == "corpus/a.jsonl"
        assert json.loads(lines[int(line) - 1])["id"] == cluster.representative


def test_a_dry_run_counts_the_same_and_writes_nothing(tmp_path: Path) -> None:
    results = scanned(tmp_path, "a.jsonl")
    before = sorted(tmp_path.rglob("*"))
    options = ApplyOptions(remove_links=("contained",), fix_repeats=True)
    counts = plan_apply(results, options).counts
    assert sorted(tmp_path.rglob("*")) == before
    application = plan_apply(results, options)
    out = application.write(tmp_path / "clean")
    assert application.counts == counts
    assert counts["removed"] == len(lines_of(out / "removed.jsonl"))
    marker = json.loads((out / "apply.json").read_bytes())
    assert marker["counts"] == counts


@pytest.mark.parametrize(("keep", "left"), [("none", 0), ("2", 2), ("1", 1)])
def test_so_many_of_each_cluster_stay(keep: str, left: int, tmp_path: Path) -> None:
    results = scanned(tmp_path, "a.jsonl")
    options = ApplyOptions(keep=parse_keep(keep)[0])
    out = plan_apply(results, options).write(tmp_path / "clean")
    kept = {record["id"] for record in lines_of_jsonl(out / "corpus" / "a.jsonl")}
    for cluster in results.clusters():
        ids = [member.id for member in cluster.members]
        assert [id for id in ids if id in kept] == ids[:left]
    survivors = {row["survivor"] is None for row in lines_of(out / "removed.jsonl")}
    assert survivors == {left == 0}


def test_against_another_corpus_only_the_scanned_one_is_written(tmp_path: Path) -> None:
    for name, records in (("new.jsonl", CORPUS[::2]), ("archive.jsonl", CORPUS[1::2])):
        (tmp_path / name).write_text("".join(json.dumps(r) + "\n" for r in records), "utf-8")
    found = scan(tmp_path / "new.jsonl", SETTINGS, against=tmp_path / "archive.jsonl")
    results = open_results(write_results(found, tmp_path / "found"))
    out = plan_apply(results).write(tmp_path / "clean")
    assert [path.name for path in (out / "corpus").iterdir()] == ["new.jsonl"]
    rows = lines_of(out / "removed.jsonl")
    assert len(rows) == results.counts["removable"] > 0
    assert {row["survivor"]["output"] for row in rows} == {None}
    again = scan(out / "corpus", SETTINGS, against=tmp_path / "archive.jsonl")
    assert again.clusters == []


def test_folders_are_looked_at_once_and_files_for_own_copies_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n, record in enumerate(CORPUS):
        page = tmp_path / "pages" / f"{n % 3}" / f"{n}.txt"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(record["text"], "utf-8")
    folder = write_results(scan(tmp_path / "pages", SETTINGS), tmp_path / "out")
    looked: Counter[str] = Counter()
    mkdir, realpath, relpath = Path.mkdir, os.path.realpath, os.path.relpath

    def made(path: Path, *arguments: Any, **options: Any) -> None:
        looked["made"] += path.parent.name == "corpus"
        mkdir(path, *arguments, **options)

    def resolved(path: str, **options: Any) -> str:
        looked["resolved"] += str(path).endswith(".txt")
        return realpath(path, **options)

    def placed(path: str, start: str) -> str:
        looked["placed"] += 1
        return relpath(path, start)

    monkeypatch.setattr(Path, "mkdir", made)
    monkeypatch.setattr(os.path, "realpath", resolved)
    monkeypatch.setattr(os.path, "relpath", placed)
    plan_apply(open_results(folder), ApplyOptions(max_loss=1)).write(tmp_path / "clean")
    # the first one twice: once more when its parent stands
    assert looked == Counter(made=4, placed=3)


def test_of_many_rows_few_are_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.act.plan._ROWS_KEPT", 3)
    results = scanned(tmp_path, "a.jsonl")
    plan = plan_apply(results).plan
    rows = plan.documents.to_pylist()
    assert len(rows) > 9
    for row in [*range(len(rows)), 0, 7, 7, 1]:
        about = plan.about(row)
        assert about == {name: rows[row][name] for name in about}
        assert len(plan._rows) <= 3
    assert list(plan._rows) == [0, 7, 1]

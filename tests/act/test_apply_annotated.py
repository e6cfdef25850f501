"""What is said beside every record, where none goes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dedup import open_results, scan, write_results
from dedup.act.apply import plan_apply
from dedup.act.options import ApplyOptions
from dedup.errors import ResultsError
from tests.act.formats import FORMS, SETTINGS, lines_of, records_of, scanned
from tests.corpora import article

MERGED = ("n_records", "urls", "sources", "first_date", "last_date")


@pytest.mark.parametrize("name", FORMS)
def test_annotations_stand_beside_every_record(name: str, tmp_path: Path) -> None:
    results = scanned(tmp_path, name)
    out = plan_apply(results, ApplyOptions(annotate=True)).write(tmp_path / "clean")
    before = records_of(name, (tmp_path / name).read_bytes())
    after = records_of(name, (out / "corpus" / name).read_bytes())
    members = {m.id: (c, m) for c in results.clusters() for m in c.members}
    assert len(after) == len(before)
    for old, new in zip(before, after, strict=True):
        said = new.pop("dedup", None) or {
            field: new.pop(f"dedup_{field}")
            for field in ("cluster", "representative", "survives", "verdict", "jaccard")
        }
        for field in ("containment", "cosine", "own_words", *MERGED):
            new.pop(f"dedup_{field}", None)
        assert new == old
        cluster, member = members.get(old["id"], (None, None))
        number = cluster and cluster.cluster
        assert str(said["cluster"] or "") == str(number or "")
        assert (said["representative"] or None) == (cluster and cluster.representative)
        survives = cluster is None or cluster.representative == old["id"]
        assert str(said["survives"]) == str(survives)
        assert (said["verdict"] or None) == (member and member.verdict)
    assert not (out / "removed.jsonl").exists()


def test_annotations_of_pages_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for name in ("a.txt", "b.txt"):
        (pages / name).write_text(article(60, "page"), "utf-8")
    results = open_results(write_results(scan(pages, SETTINGS), tmp_path / "found"))
    out = plan_apply(results, ApplyOptions(annotate=True)).write(tmp_path / "clean")
    rows = lines_of(out / "annotations.jsonl")
    assert sorted(row["survives"] for row in rows) == [False, True]
    assert len(list((out / "corpus").iterdir())) == 2


def test_a_field_that_is_taken_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"id": "1", "text": "one text", "dedup": 1}) + "\n", "utf-8")
    results = open_results(write_results(scan(path, SETTINGS), tmp_path / "found"))
    with pytest.raises(ResultsError, match=r"a\.jsonl#1 has a field 'dedup' already.*--field"):
        plan_apply(results, ApplyOptions(annotate=True)).write(tmp_path / "clean")
    out = plan_apply(results, ApplyOptions(annotate=True, field="found")).write(tmp_path / "clean")
    [row] = lines_of(out / "corpus" / "a.jsonl")
    assert row["dedup"] == 1
    assert row["found"]["survives"] is True

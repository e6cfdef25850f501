"""A cleaned corpus: nothing lost, nothing changed, nothing removed without a survivor."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from dedup import (
    Occurrence,
    Reading,
    Repeat,
    Results,
    Settings,
    Verdict,
    open_results,
    scan,
    write_results,
)
from dedup.act.apply import plan_apply
from dedup.act.edits import LineEdit, LineEditor
from dedup.act.marks import doubled_spans
from dedup.act.options import ApplyOptions
from dedup.act.plan import parse_keep
from dedup.corpus import CorpusReader
from dedup.errors import OutputError, ResultsError, SettingsError
from dedup.evaluate.audit import audit_results
from tests.corpora import Record, article, edited, filler, planted

SETTINGS = Settings(threads=1)
CORPUS = [*planted(30), *filler(30)]
NAMES = ("id", "text", "title", "date", "source")
MERGED = ("n_records", "urls", "sources", "first_date", "last_date")


def jsonl_of(records: list[Record]) -> bytes:
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    return "\n".join([*lines[:7], "", "{broken", *lines[7:]]).encode()


def json_of(records: list[Record]) -> bytes:
    return json.dumps(records, indent=1).encode()


def csv_of(records: list[Record]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, NAMES)
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue().encode()


def tsv_of(records: list[Record]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, NAMES, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue().encode()


def parquet_of(records: list[Record]) -> bytes:
    out = io.BytesIO()
    table = pa.Table.from_pylist([{**dict.fromkeys(NAMES), **r} for r in records])
    table = table.replace_schema_metadata({"made": "by hand"})
    pq.write_table(table, out, row_group_size=23, compression="zstd")
    return out.getvalue()


def records_of(name: str, content: bytes) -> list[dict[str, Any]]:
    """Return the records of a file, read without our own readers."""
    if name.endswith(".gz"):
        content = gzip.decompress(content)
    elif name.endswith(".zst"):
        content = zstandard.ZstdDecompressor().decompressobj().decompress(content)
    if ".jsonl" in name:
        lines = [line for line in content.split(b"\n") if line.strip() and line != b"{broken"]
        return [json.loads(line) for line in lines]
    if ".json" in name:
        return json.loads(content)
    if name.endswith(".parquet"):
        return pq.read_table(io.BytesIO(content)).to_pylist()
    delimiter = "\t" if name.endswith(".tsv") else ","
    return list(csv.DictReader(io.StringIO(content.decode(), newline=""), delimiter=delimiter))


FORMS: dict[str, Callable[[list[Record]], bytes]] = {
    "a.jsonl": jsonl_of,
    "a.jsonl.gz": lambda records: gzip.compress(jsonl_of(records)),
    "a.jsonl.zst": lambda records: zstandard.compress(jsonl_of(records)),
    "a.json": json_of,
    "a.csv": csv_of,
    "a.csv.gz": lambda records: gzip.compress(csv_of(records)),
    "a.tsv": tsv_of,
    "a.parquet": parquet_of,
}


def scanned(folder: Path, name: str, settings: Settings = SETTINGS) -> Results:
    path = folder / name
    path.write_bytes(FORMS[name](CORPUS))
    return open_results(write_results(scan(path, settings), folder / "found"))


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


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


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl.zst"])
def test_what_is_compressed_again_is_as_small_as_the_usual_level_makes_it(
    name: str, tmp_path: Path
) -> None:
    out = plan_apply(scanned(tmp_path, name)).write(tmp_path / "clean")
    written = (out / "corpus" / name).read_bytes()
    if name.endswith(".gz"):
        usual = gzip.compress(gzip.decompress(written), 6)
    else:
        content = zstandard.ZstdDecompressor().decompressobj().decompress(written)
        usual = zstandard.compress(content, 3)
    assert len(written) == pytest.approx(len(usual), rel=0.01)


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.tsv"])
def test_kept_lines_are_the_same_bytes(name: str, tmp_path: Path) -> None:
    out = plan_apply(scanned(tmp_path, name)).write(tmp_path / "clean")
    before = (tmp_path / name).read_bytes().splitlines(keepends=True)
    after = (out / "corpus" / name).read_bytes().splitlines(keepends=True)
    left = iter(before)
    assert all(line in left for line in after)
    assert len(after) < len(before)


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


def test_parquet_keeps_schema_metadata_and_compression(tmp_path: Path) -> None:
    out = plan_apply(scanned(tmp_path, "a.parquet")).write(tmp_path / "clean")
    before = pq.ParquetFile(tmp_path / "a.parquet")
    after = pq.ParquetFile(out / "corpus" / "a.parquet")
    assert after.schema_arrow.equals(before.schema_arrow, check_metadata=True)
    assert after.metadata.num_row_groups == before.metadata.num_row_groups
    assert after.metadata.row_group(0).column(1).compression == "ZSTD"


@pytest.mark.parametrize("kind", [pa.string_view(), pa.binary_view()])
def test_parquet_keeps_columns_of_views(kind: pa.DataType, tmp_path: Path) -> None:
    plain = pa.binary() if kind == pa.binary_view() else pa.string()
    texts = pa.array([DOUBLED, article(60, "a"), article(60, "a"), None, article(60, "b")], plain)
    titles = pa.array(list("12345")).cast(pa.string_view())
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": texts.cast(kind), "title": titles}), path)
    results = open_results(write_results(scan(path, SETTINGS), tmp_path / "found"))
    out = plan_apply(results, ApplyOptions(fix_repeats=True)).write(tmp_path / "clean")
    cleaned = pq.read_table(out / "corpus" / "a.parquet")
    assert cleaned.schema.equals(pq.read_schema(path), check_metadata=True)
    assert cleaned.column("title").to_pylist() in (["1", "2", "4", "5"], ["1", "3", "4", "5"])
    fixed = DOUBLED.replace(f"Elsewhere\n{BLURB}\n", "Elsewhere\n")
    assert cleaned.column("text").cast(plain).cast("string")[0].as_py() == fixed


def test_pages_are_left_out_and_folders_kept(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    story = article(60, "page")
    for name, text in {
        "a/one.txt": story,
        "b/two.txt": edited(story, 1, 0),
        "b/three.txt": article(60, "other"),
    }.items():
        (pages / name).parent.mkdir(parents=True, exist_ok=True)
        (pages / name).write_text(text + "\r\n", "utf-8", newline="")
    (pages / "b" / "four.txt.gz").write_bytes(gzip.compress(article(60, "four").encode()))
    results = open_results(write_results(scan(pages, SETTINGS), tmp_path / "found"))
    out = plan_apply(results).write(tmp_path / "clean")
    [row] = lines_of(out / "removed.jsonl")
    kept = {str(p.relative_to(out / "corpus")) for p in (out / "corpus").rglob("*.*")}
    gone = str(Path(row["file"]).relative_to(pages))
    assert kept == {"a/one.txt", "b/two.txt", "b/three.txt", "b/four.txt.gz"} - {gone}
    for name in kept:
        assert (out / "corpus" / name).read_bytes() == (pages / name).read_bytes()
    again = scan(out / "corpus", SETTINGS)
    assert (again.counts["read"], again.clusters) == (3, [])


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


def lines_of_jsonl(path: Path) -> list[dict[str, Any]]:
    return records_of(path.name, path.read_bytes())


def test_what_is_neither_a_number_nor_a_policy_is_refused() -> None:
    for text in ("eldest", "0", "-1", "1.5", ""):
        with pytest.raises(SettingsError, match=r"give none, or how many.*oldest, newest"):
            parse_keep(text)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"keep": -1}, "keep is -1; it must be a whole number from 0 to"),
        ({"keep": 10**20}, "keep is 1.*; it must be a whole number"),
        ({"keep": True}, "keep is True"),
        ({"keep": 1.5}, "keep is 1.5"),
        ({"keep": "none"}, "keep is 'none'; it must be how many .*, 0 for none"),
        ({"keep": "newest"}, r"ApplyOptions\(policy='newest'\)"),
        ({"policy": "eldest"}, "eldest"),
        ({"policy": ["newest"]}, "policy is .'newest'.; it must be a string"),
        ({"max_loss": 90}, "max_loss is 90; it must be from 0 to 1"),
        ({"max_loss": "90%"}, "max_loss is '90%'"),
        ({"max_loss": float("nan")}, "max_loss is nan"),
        ({"remove_links": "contained"}, "it must be a tuple or list of strings"),
        ({"remove_links": (Verdict.CONTAINED,)}, "it must be a tuple or list of strings"),
        ({"remove_links": ("Contained",)}, "remove_links has 'Contained'; it may have contained,"),
        ({"annotate": "no"}, "annotate is 'no'; it must be True or False"),
        ({"merge": 1}, "merge is 1; it must be True or False"),
        ({"annotate": True, "fix_repeats": True}, "leave remove_links and fix_repeats away"),
        ({"annotate": True, "remove_links": ("near",)}, "leave remove_links and fix_repeats away"),
        ({"fix_repeats": "fix"}, "fix_repeats is 'fix'"),
        ({"field": None}, "field is None; it must be a string"),
    ],
    ids=str,
)
def test_an_option_that_could_let_everything_go_is_refused_by_name(
    wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        ApplyOptions(**wrong)


def test_options_that_are_none_are_refused(tmp_path: Path) -> None:
    given: Any = {"keep": 2}
    with pytest.raises(SettingsError, match=r"it must be a dedup\.ApplyOptions, such as"):
        plan_apply(scanned(tmp_path, "a.jsonl"), given)


def test_contained_texts_go_only_because_of_what_stays(tmp_path: Path) -> None:
    results = scanned(tmp_path, "a.jsonl")
    options = ApplyOptions(remove_links=("contained",))
    application = plan_apply(results, options)
    out = application.write(tmp_path / "clean")
    removed = {row["id"]: row for row in lines_of(out / "removed.jsonl")}
    linked = [row for row in removed.values() if row["verdict"] == "contained"]
    assert len(linked) == application.counts["linked"] > 0
    links = [link for link in results.links() if link.verdict == "contained"]
    pairs = {frozenset((link.left, link.right)): link for link in links}
    for row in removed.values():
        assert row["survivor"]["id"] not in removed
    for row in linked:
        link = pairs[frozenset((row["id"], row["survivor"]["id"]))]
        inner = link.left if link.containment_left > link.containment_right else link.right
        assert inner == row["id"]
        assert row["containment"] == max(link.containment_left, link.containment_right)


def test_of_two_rewrites_the_one_goes_that_comes_later_in_survivor_order(tmp_path: Path) -> None:
    results = scanned(tmp_path, "a.jsonl")
    verdicts = ("rewrite", "template")
    links = {frozenset((x.left, x.right)): x for x in results.links() if x.verdict in verdicts}
    out = plan_apply(results, ApplyOptions(remove_links=verdicts)).write(tmp_path / "clean")
    gone = [row for row in lines_of(out / "removed.jsonl") if row["verdict"] in verdicts]
    assert gone
    for row in gone:
        link = links[frozenset((row["id"], row["survivor"]["id"]))]
        assert (row["survivor"]["id"], row["id"]) == (link.left, link.right)
        assert row["containment"] == link.containment_right


def test_links_stay_unless_they_are_named(tmp_path: Path) -> None:
    results = scanned(tmp_path, "a.jsonl")
    plain = plan_apply(results)
    assert plain.counts["removed"] == results.counts["removable"]
    every = plan_apply(results, ApplyOptions(remove_links=("contained", "rewrite", "template")))
    assert every.counts["removed"] > plain.counts["removed"]


def test_nothing_goes_because_of_what_goes_itself(tmp_path: Path) -> None:
    story = article(300, "long")
    words = story.split(" ")
    records = [
        {"id": "whole", "text": story},
        {"id": "half", "text": " ".join(words[:160])},
        {"id": "part", "text": " ".join(words[:90])},
        *filler(30),
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in records), "utf-8")
    results = open_results(write_results(scan(path, SETTINGS), tmp_path / "found"))
    application = plan_apply(results, ApplyOptions(remove_links=("contained",)))
    out = application.write(tmp_path / "clean")
    removed = {row["id"]: row["survivor"]["id"] for row in lines_of(out / "removed.jsonl")}
    assert removed == {"part": "half"}
    assert application.counts["linked"] == 1
    assert application.counts["needed"] == 1  # half stands in whole, and stays for part


BLURB = "The town library opens again on Monday after a winter of repairs to its roof."
DOUBLED = f"Library\n{BLURB}\n\nElsewhere\n{BLURB}\n\nThe end, with “quotes” and a \\ in it"


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


def test_sources_that_changed_are_refused_by_name(tmp_path: Path) -> None:
    results = scanned(tmp_path, "a.jsonl")
    path = tmp_path / "a.jsonl"
    content = path.read_bytes()
    path.write_bytes(content.replace(b"Osmere", b"Osmore"))
    with pytest.raises(ResultsError, match=r"a\.jsonl has changed .*digest"):
        plan_apply(results).write(tmp_path / "clean")
    path.write_bytes(content + b"\n")
    with pytest.raises(ResultsError, match=r"a\.jsonl has changed .*bytes"):
        plan_apply(results)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.jsonl", "found"]


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.csv", "a.json", "a.parquet"])
def test_other_formats_check_the_digest_too(name: str, tmp_path: Path) -> None:
    results = scanned(tmp_path, name)
    content = bytearray((tmp_path / name).read_bytes())
    at = 4 if name.endswith(".gz") else len(content) // 2  # the time in the header
    content[at] ^= 1
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ResultsError, match="has changed"):
        plan_apply(results).write(tmp_path / "clean")
    assert not (tmp_path / "clean").exists()


def test_results_of_documents_in_memory_are_refused(tmp_path: Path) -> None:
    results = open_results(write_results(scan(CORPUS, SETTINGS), tmp_path / "found"))
    with pytest.raises(ResultsError, match="documents in memory"):
        plan_apply(results)


def test_a_file_that_was_read_in_part_is_refused(tmp_path: Path) -> None:
    settings = replace(SETTINGS, reading=Reading(limit=20))
    with pytest.raises(ResultsError, match=r"read in part only \(--limit"):
        plan_apply(scanned(tmp_path, "a.jsonl", settings))


def test_an_encoding_without_single_byte_lines_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl_of(CORPUS).decode().encode("utf-16"))
    settings = replace(SETTINGS, reading=Reading(encoding="utf-16"))
    results = open_results(write_results(scan(path, settings), tmp_path / "found"))
    with pytest.raises(ResultsError, match="written in utf-16 and cannot be rewritten"):
        plan_apply(results).write(tmp_path / "clean")


def test_other_encodings_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    records = [{**record, "title": "Fähre über Öre"} for record in CORPUS]
    path.write_bytes(jsonl_of(records).decode().encode("latin-1", "ignore"))
    settings = replace(SETTINGS, reading=Reading(encoding="latin-1"))
    results = open_results(write_results(scan(path, settings), tmp_path / "found"))
    out = plan_apply(results).write(tmp_path / "clean")
    after = (out / "corpus" / "a.jsonl").read_bytes().splitlines()
    assert set(after) <= set(path.read_bytes().splitlines())
    assert plan_apply(results).counts["removed"] == results.counts["removable"] > 0


def test_a_byte_order_mark_and_a_missing_line_feed_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + jsonl_of(CORPUS) + b"\r\n\r\n  ")
    results = open_results(write_results(scan(path, SETTINGS), tmp_path / "found"))
    out = plan_apply(results).write(tmp_path / "clean")
    written = (out / "corpus" / "a.jsonl").read_bytes()
    assert written.startswith(b"\xef\xbb\xbf{")
    assert written.endswith(b"\r\n\r\n  ")


def test_a_source_that_would_lose_too_much_is_named(tmp_path: Path) -> None:
    texts = [article(40, n) for n in range(12)]
    records = [
        {"id": f"{source}{n}", "text": text, "source": source, "date": date}
        for source, date in (("Wire", "2031-01-01"), ("Mirror", "2031-01-02"))
        for n, text in enumerate(texts)
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in records), "utf-8")
    results = open_results(write_results(scan(path, SETTINGS), tmp_path / "found"))
    with pytest.raises(ResultsError, match=r"'Mirror' would lose 12 of its 12 .*--max-loss 100%"):
        plan_apply(results)
    assert plan_apply(results, ApplyOptions(max_loss=1.0)).counts["removed"] == 12
    assert plan_apply(results, ApplyOptions(annotate=True)).counts["removed"] == 0


def test_a_source_may_lose_all_that_stands_in_the_corpus_scanned_against(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    for name in ("a.jsonl", "archive.jsonl"):
        pages = jsonl_of([{"id": n, "text": article(40, n)} for n in range(12)])
        (tmp_path / name).write_bytes(pages)
    found = scan(path, SETTINGS, against=tmp_path / "archive.jsonl")
    results = open_results(write_results(found, tmp_path / "found"))
    assert plan_apply(results).counts["removed"] == 12


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


@pytest.mark.parametrize(
    "options", [ApplyOptions(), ApplyOptions(keep=0), ApplyOptions(annotate=True)]
)
def test_no_record_goes_because_of_itself(
    options: ApplyOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "today").mkdir()
    for name, seeds in (("today/new.jsonl", "ab"), ("old.jsonl", "bc")):
        rows = ({"id": f"{name}-{seed}", "text": article(60, seed)} for seed in seeds)
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    (tmp_path / "link.jsonl").symlink_to("today/new.jsonl")
    # earlier versions scanned files against themselves
    monkeypatch.setattr(CorpusReader, "leave_out", lambda _reader, _scanned: [])
    for n, path in enumerate((tmp_path, tmp_path / "link.jsonl")):
        found = scan(tmp_path / "today", SETTINGS, against=path)
        assert found.counts["removable"] == 2
        results = open_results(write_results(found, tmp_path / f"found-{n}"))
        with pytest.raises(ResultsError, match=r"new\.jsonl#\d would go because of itself"):
            plan_apply(results, options)
    found = scan(tmp_path / "today", SETTINGS, against=tmp_path / "old.jsonl")
    results = open_results(write_results(found, tmp_path / "found"))
    assert plan_apply(results).counts["removed"] == 1


def test_an_excerpt_in_the_other_corpus_is_not_counted_as_going(tmp_path: Path) -> None:
    parts = [article(60, seed) for seed in (1, 2, 3)]
    for name, text in (("new.jsonl", " ".join(parts)), ("archive.jsonl", parts[1])):
        (tmp_path / name).write_text(json.dumps({"id": name, "text": text}) + "\n", "utf-8")
    found = scan(tmp_path / "new.jsonl", SETTINGS, against=tmp_path / "archive.jsonl")
    assert [link.verdict for link in found.links] == ["contained"]
    results = open_results(write_results(found, tmp_path / "found"))
    options = ApplyOptions(remove_links=("contained",))
    application = plan_apply(results, options)
    assert application.counts["removed"] == 0
    out = application.write(tmp_path / "clean")
    assert [row["id"] for row in lines_of(out / "corpus" / "new.jsonl")] == ["new.jsonl"]
    assert (out / "removed.jsonl").read_bytes() == b""


def test_what_stands_in_the_way_is_left_alone(tmp_path: Path) -> None:
    application = plan_apply(scanned(tmp_path, "a.jsonl"))
    out = application.write(tmp_path / "clean")
    with pytest.raises(OutputError, match="--force"):
        application.write(out)
    (out / "corpus" / "a.jsonl").write_bytes(b"")
    application.write(out, force=True)
    assert (out / "corpus" / "a.jsonl").stat().st_size > 0
    with pytest.raises(OutputError, match="is no folder of applied results"):
        application.write(tmp_path / "found", force=True)


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


def test_equal_names_in_different_folders_stay_apart(tmp_path: Path) -> None:
    for folder, records in (("x", CORPUS[:40]), ("y", CORPUS[40:])):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.jsonl").write_bytes(jsonl_of(records))
    found = scan([tmp_path / "x", tmp_path / "y"], SETTINGS)
    results = open_results(write_results(found, tmp_path / "found"))
    out = plan_apply(results).write(tmp_path / "clean")
    kept = Counter(
        record["id"] for f in "xy" for record in lines_of_jsonl(out / "corpus" / f / "a.jsonl")
    )
    removed = {row["id"] for row in lines_of(out / "removed.jsonl")}
    assert {record["id"] for record in CORPUS} == set(kept) | removed
    assert not set(kept) & removed


def test_a_contained_text_never_goes_because_of_a_removed_copy(tmp_path: Path) -> None:
    story = article(160, "held")
    copy = edited(story, 3, "held")
    part = " ".join(copy.split(" ")[:80])
    records = [
        {"id": "lead", "text": story, "date": "2031-01-01"},
        {"id": "copy", "text": copy, "date": "2031-01-02"},
        {"id": "part", "text": part, "date": "2031-01-03"},
        *filler(30),
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in records), "utf-8")
    results = open_results(write_results(scan(path, SETTINGS), tmp_path / "found"))
    held = {(link.left, link.right) for link in results.links() if link.verdict == "contained"}
    assert ("copy", "part") in held
    out = plan_apply(results, ApplyOptions(remove_links=("contained",))).write(tmp_path / "clean")
    removed = {row["id"]: row["survivor"]["id"] for row in lines_of(out / "removed.jsonl")}
    assert removed["copy"] == "lead"
    assert removed.get("part", "lead") == "lead"


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


@given(
    st.lists(st.binary(max_size=6).map(lambda b: b.replace(b"\n", b".")), max_size=12),
    st.sets(st.integers(1, 12)),
    st.integers(1, 9),
    st.booleans(),
)
def test_lines_go_whatever_the_size_of_blocks(
    lines: list[bytes], gone: set[int], block: int, feed: bool
) -> None:
    content = b"\n".join(lines) + b"\n" * feed
    edits = (LineEdit(line, line) for line in sorted(gone))
    written: list[bytes] = []
    editor = LineEditor(edits, written.append)
    for start in range(0, len(content), block):
        editor.take(content[start : start + block])
    n_done = editor.finish()
    kept = [line for number, line in enumerate(io.BytesIO(content), 1) if number not in gone]
    assert b"".join(written) == b"".join(kept)
    assert n_done == len([n for n in gone if n <= len(list(io.BytesIO(content)))])


def test_a_file_whose_name_is_no_utf8_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.jsonl")
    path.write_bytes(FORMS["a.jsonl"](CORPUS))
    results = open_results(write_results(scan(path, SETTINGS), tmp_path / "found"))
    assert results.inputs[0].path == f"{tmp_path}/caf\\xe9.jsonl"
    record = results.documents(["record"])["record"][0].as_py()
    assert len(dict(results.texts([record]))) == 1
    assert audit_results(results, sample=5).n_sampled == 5
    assert plan_apply(results).write(tmp_path / "clean").is_dir()


def test_a_name_that_is_no_utf8_is_kept(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.jsonl")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(FORMS["a.jsonl"](CORPUS))
    results = open_results(write_results(scan(tmp_path / "in", SETTINGS), tmp_path / "found"))
    clean = plan_apply(results).write(tmp_path / "clean")
    assert [path.name for path in (clean / "corpus").iterdir()] == [name]
    said = json.loads((clean / "apply.json").read_bytes())["files"]
    assert said == [
        {
            "path": f"{tmp_path}/in/caf\\xe9.jsonl",
            "bytes": (tmp_path / "in" / name).stat().st_size,
            "output": "corpus/caf\\xe9.jsonl",
            "output_bytes": os.fsencode("corpus/" + name).hex(),
        }
    ]
    removed = [json.loads(line) for line in (clean / "removed.jsonl").read_text().splitlines()]
    assert removed
    for row in removed:
        assert row["survivor"]["output"].startswith("corpus/caf\\xe9.jsonl#")
    assert scan(clean / "corpus", SETTINGS).counts["clusters"] == 0


def test_files_that_are_shown_alike_are_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in (os.fsdecode(b"caf\xe9.jsonl"), "caf\\xe9.jsonl"):
        (tmp_path / "in" / name).write_bytes(FORMS["a.jsonl"](CORPUS))
    results = open_results(write_results(scan(tmp_path / "in", SETTINGS), tmp_path / "found"))
    with pytest.raises(ResultsError, match=r"two files are shown as .*caf\\xe9\.jsonl"):
        plan_apply(results)


def test_a_name_that_is_utf8_has_no_bytes_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "café.jsonl"
    path.write_bytes(FORMS["a.jsonl"](CORPUS))
    results = open_results(write_results(scan(path, SETTINGS), tmp_path / "found"))
    assert "path_bytes" not in results.manifest["inputs"][0]

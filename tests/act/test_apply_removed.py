"""The removed records, kept beside the corpus: both together are what was read."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from dedup import Settings, open_results, scan, write_results
from dedup.act.apply import plan_apply
from dedup.act.options import ApplyOptions
from tests.act.formats import FORMS, SETTINGS, lines_of, records_of, scanned
from tests.corpora import article

KEPT = ApplyOptions(keep_removed=True)
WAYS = {
    "plain": KEPT,
    "none": ApplyOptions(keep_removed=True, keep=0, max_loss=1),
    "merge": ApplyOptions(keep_removed=True, merge=True),
    "links": ApplyOptions(keep_removed=True, remove_links=("contained", "rewrite")),
}
STORY = article(60, "ferry").replace(" ", "\n", 3)


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def without_marks(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if not name.startswith("dedup")}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", FORMS)
def test_kept_and_removed_records_together_are_those_of_the_source(
    name: str, way: str, tmp_path: Path
) -> None:
    results = scanned(tmp_path, name)
    out = plan_apply(results, WAYS[way]).write(tmp_path / "clean")
    before = records_of(name, (tmp_path / name).read_bytes())
    kept = records_of(name, (out / "corpus" / name).read_bytes())
    removed = records_of(name, (out / "removed" / name).read_bytes())
    # in the order of removed.jsonl, so that the n-th line tells of the n-th record
    assert [record["id"] for record in removed] == [
        row["id"] for row in lines_of(out / "removed.jsonl")
    ]
    gone = {record["id"] for record in removed}
    assert removed == [record for record in before if record["id"] in gone]
    assert list(map(without_marks, kept)) == [r for r in before if r["id"] not in gone]
    assert len(removed) + len(kept) == len(before)


SMALL = {
    "no line feed at the end": ("a.jsonl", '{"text": "%s"}\n{"text": "other"}\n{"text": "%s"}'),
    "a byte order mark": ("a.jsonl", '\ufeff{"text": "%s"}\n{"text": "%s"}\n{"text": "x"}\n'),
    "line ends of Windows": ("a.jsonl", '{"text": "%s"}\r\n{"text": "%s"} \r\n{"text": "x"}\r\n'),
    "a header and a byte order mark": ("a.csv", '\ufefftext,n\n"%s",1\nother,2\n"%s",3'),
    "blank lines": ("a.tsv", "text\tn\n\n%s\t1\n\nother\t2\n%s\t3\n"),
}


@pytest.mark.parametrize("case", SMALL)
def test_removed_lines_are_the_same_bytes(case: str, tmp_path: Path) -> None:
    name, form = SMALL[case]
    story = STORY.replace("\n", "\\n") if name == "a.jsonl" else STORY
    story = story.replace("\n", " ") if name == "a.tsv" else story
    content = form.replace("%s", story).encode()
    path = tmp_path / name
    path.write_bytes(content)
    results = open_results(write_results(scan(path, SETTINGS), tmp_path / "found"))
    out = plan_apply(results, KEPT).write(tmp_path / "clean")
    kept, removed = ((out / folder / name).read_bytes() for folder in ("corpus", "removed"))
    twice = 0 if name == "a.jsonl" else 1  # the header
    mark = b"\xef\xbb\xbf"
    assert removed.startswith(mark) == content.startswith(mark)
    old, stays, goes = (
        part.removeprefix(mark).splitlines(keepends=True) for part in (content, kept, removed)
    )
    assert Counter(old) == Counter(stays) + Counter(goes[twice:])
    assert old[:twice] == goes[:twice]
    assert scan(out / "removed" / name, SETTINGS).counts["read"] == 1


def test_removed_elements_of_a_stream_of_objects_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    story = json.dumps({"text": STORY}, indent=1)
    path.write_text(f'{story} {{"text": "other"}}\n{story}', "utf-8")
    results = open_results(write_results(scan(path, SETTINGS), tmp_path / "found"))
    out = plan_apply(results, KEPT).write(tmp_path / "clean")
    assert (out / "removed" / "a.json").read_text("utf-8") == story + "\n"


def test_removed_rows_have_the_schema_and_compression_of_their_file(tmp_path: Path) -> None:
    out = plan_apply(scanned(tmp_path, "a.parquet"), WAYS["merge"]).write(tmp_path / "clean")
    before = pq.ParquetFile(tmp_path / "a.parquet")
    removed = pq.ParquetFile(out / "removed" / "a.parquet")
    assert removed.schema_arrow.equals(before.schema_arrow, check_metadata=True)
    assert removed.metadata.row_group(0).column(1).compression == "ZSTD"


def test_removed_pages_lie_in_the_folders_they_came_from(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    contents = {
        "a/one.txt": STORY.encode(),
        "b/c/two.txt.gz": gzip.compress(STORY.encode()),
        "b/three.html": f"<html><body><p>{article(60, 'other')}</p></body></html>".encode(),
        "b/four.html": f"<html><body><p>{article(60, 'other')}</p></body></html>".encode(),
    }
    for name, content in contents.items():
        (pages / name).parent.mkdir(parents=True, exist_ok=True)
        (pages / name).write_bytes(content)
    results = open_results(write_results(scan(pages, SETTINGS), tmp_path / "found"))
    out = plan_apply(results, KEPT).write(tmp_path / "clean")
    kept, removed = files_in(out / "corpus"), files_in(out / "removed")
    assert len(removed) == 2
    assert kept | removed == contents.keys()
    assert not kept & removed
    for folder, names in (("corpus", kept), ("removed", removed)):
        for name in names:
            assert (out / folder / name).read_bytes() == contents[name]


def test_files_in_which_nothing_goes_have_no_file_of_removed_records(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for name, text in (("a", "one text"), ("b", "another text")):
        (corpus / f"{name}.jsonl").write_text(json.dumps({"text": text}) + "\n")
    results = open_results(write_results(scan(corpus, SETTINGS), tmp_path / "found"))
    out = plan_apply(results, KEPT).write(tmp_path / "clean")
    assert files_in(out) == {"apply.json", "removed.jsonl", "corpus/a.jsonl", "corpus/b.jsonl"}


def test_removed_records_are_no_part_of_the_corpus(tmp_path: Path) -> None:
    results = scanned(tmp_path, "a.jsonl")
    application = plan_apply(results, KEPT)
    out = application.write(tmp_path / "clean")
    again = scan(out, Settings(threads=1))
    assert again.counts["read"] == application.counts["kept"]
    assert str(out / "removed") in {skip.path for skip in again.inputs.skipped}


def test_a_folder_with_removed_records_can_be_replaced(tmp_path: Path) -> None:
    results = scanned(tmp_path, "a.jsonl")
    out = plan_apply(results, KEPT).write(tmp_path / "clean")
    assert (out / "removed").is_dir()
    plan_apply(results).write(out, force=True)
    assert not (out / "removed").exists()

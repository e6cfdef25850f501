"""Files stay what they were: bytes, names, folders, schemas, compression."""

from __future__ import annotations

import gzip
import io
import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from dedup import Reading, open_results, scan, write_results
from dedup.act.apply import plan_apply
from dedup.act.edits import LineEdit, LineEditor
from dedup.act.options import ApplyOptions
from dedup.evaluate.audit import audit_results
from tests.act.formats import (
    BLURB,
    CORPUS,
    DOUBLED,
    FORMS,
    SETTINGS,
    jsonl_of,
    lines_of,
    lines_of_jsonl,
    scanned,
)
from tests.corpora import article, edited


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


def test_a_name_that_is_utf8_has_no_bytes_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "café.jsonl"
    path.write_bytes(FORMS["a.jsonl"](CORPUS))
    results = open_results(write_results(scan(path, SETTINGS), tmp_path / "found"))
    assert "path_bytes" not in results.manifest["inputs"][0]

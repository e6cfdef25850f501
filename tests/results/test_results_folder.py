"""The results folder: fields that other programs may count on."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pandas as pd
import pyarrow.parquet as pq
import pytest
import xxhash

from dedup import Document, Reading, Result, Settings, scan, write_results
from dedup.errors import OutputError
from dedup.found.columns import ROWS_AT_ONCE
from dedup.results.lines import cluster_lines
from tests.conftest import FIXTURES
from tests.corpora import article, edited, planted, words

SETTINGS = Settings(threads=1, store_text=True, unit="passage")
BAD = [b"{broken \xff", b'{"text": null}', b"\x00\x01\x02", b'{"text": "x\xe9"}', b"[]"]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    good = [json.dumps(record).encode() for record in planted(30)]
    lines = [*good[:20], *BAD, *good[20:]]
    (folder / "corpus.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    (folder / "page.txt").write_bytes((FIXTURES / "demo" / "page.txt").read_bytes())
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    return folder


@pytest.fixture(scope="module")
def result(inputs: Path) -> Result:
    return scan(inputs, SETTINGS)


@pytest.fixture(scope="module")
def folder(result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_results(result, tmp_path_factory.mktemp("results") / "out")


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def texts(inputs: Path) -> dict[str, str]:
    found = {record["id"]: record["text"] for record in planted(30)}
    page = inputs / "page.txt"
    return {**found, str(page): page.read_text("utf-8")}


def test_the_folder_holds_these_files(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {
        "manifest.json",
        "documents.parquet",
        "pairs.parquet",
        "clusters.jsonl",
        "links.jsonl",
        "repeats.jsonl",
        "passages.jsonl",
        "quarantine.jsonl",
        "sources.parquet",
        "model.npz",
    }


def test_clusters_name_their_representative_among_their_members(folder: Path) -> None:
    found = rows(folder / "clusters.jsonl")
    assert found
    for number, cluster in enumerate(found, 1):
        assert cluster["cluster"] == number
        assert cluster["representative"] in [member["id"] for member in cluster["members"]]
        assert len(cluster["members"]) > 1
        for member in cluster["members"]:
            assert {"id", "verdict", "jaccard", "containment", "cosine"} <= member.keys()
            assert member["verdict"] in ("exact", "normalised", "near")
            assert all(0 <= member[score] <= 1 for score in ("jaccard", "containment", "cosine"))


def test_lines_are_what_another_encoder_makes_of_the_plain_values(tmp_path: Path) -> None:
    story = article(60, "flood").split(" ")
    documents = [
        {
            "id": f'id "{n}" \\ \u2028 ü \x00\x1f\x7f 洪',
            "text": " ".join([*story[: 40 + 2 * (n // 2)], *words(20, f"end {n // 2}")]) + "\n" * n,
            "title": f"Flood {n % 3}\t",
            "url": f"https://a.example/{n % 2}",
            "date": f"2031-01-0{1 + n % 4}",
        }
        for n in range(16)
    ]
    caption = " ".join(words(30, "caption"))
    page = {"id": "page\n", "text": f"{caption}\nBy the sea.\n{caption}\n"}
    result = scan([*documents, page], Settings(threads=1))
    assert any(link.flags for link in result.links)
    plain = result.to_dict()
    out = write_results(result, tmp_path / "found")
    for name in ("clusters", "links", "repeats"):
        assert plain[name]
        lines = (out / f"{name}.jsonl").read_bytes().splitlines()
        assert lines == list(map(orjson.dumps, plain[name]))


def test_a_cluster_of_many_is_written_in_parts_as_one_line() -> None:
    n = ROWS_AT_ONCE + 100
    documents = (
        {
            "id": f"{row}",
            "text": "The ferry sails again." + " " * (row % 2),
            "url": f"https://a.example/{row % 1000}",
            "source": f"paper {row % 7}",
            "date": f"20{10 + row * 37 % 20}-05-05",
        }
        for row in range(n)
    )
    others = ({"id": f"other {row}", "text": f"text {row // 2} of two"} for row in range(6))
    result = scan([*documents, *others], Settings(threads=1, repeats=False))
    parts = list(cluster_lines(result.rows))
    long_one, *rest = b"".join(parts).splitlines()
    clusters = result.to_dict()["clusters"]
    assert [len(cluster["members"]) for cluster in clusters] == [n, 2, 2, 2]
    assert clusters[0]["merged"]["n_records"] == n
    assert len(clusters[0]["merged"]["urls"]) == 1000
    assert long_one == orjson.dumps(clusters[0])
    assert rest == [orjson.dumps(cluster) for cluster in clusters[1:]]
    assert max(part.count(b'"verdict"') for part in parts) == ROWS_AT_ONCE


def test_links_name_both_sides_and_the_verdict(folder: Path) -> None:
    found = rows(folder / "links.jsonl")
    assert {link["verdict"] for link in found} >= {"contained", "rewrite", "template"}
    for link in found:
        assert {"left", "right", "verdict", "jaccard", "cosine"} <= link.keys()
        assert {"containment_left", "containment_right", "flags"} <= link.keys()
        assert link["left"] != link["right"]


def test_spans_of_repeats_slice_the_raw_text(folder: Path, inputs: Path) -> None:
    found = rows(folder / "repeats.jsonl")
    assert len(found) >= 5
    for repeat in found:
        assert {"document", "verdict", "jaccard", "occurrences"} <= repeat.keys()
        text = texts(inputs)[repeat["document"]]
        passages = {text[p["start"] : p["end"]] for p in repeat["occurrences"]}
        assert len(repeat["occurrences"]) > 1
        assert (len(passages) == 1) == (repeat["verdict"] == "exact")
        assert passages.pop().startswith(repeat["excerpt"])
        check_lines(text, repeat["occurrences"])


def check_lines(text: str, places: list[dict[str, Any]]) -> None:
    for place in places:
        assert text.count("\n", 0, place["start"]) + 1 == place["first_line"]
        assert text.count("\n", 0, place["end"]) + 1 == place["last_line"]


def test_passages_carry_the_same_span_fields(folder: Path, inputs: Path) -> None:
    found = rows(folder / "passages.jsonl")
    assert found
    for passage in found:
        assert len({place["document"] for place in passage["occurrences"]}) > 1
        for place in passage["occurrences"]:
            text = texts(inputs)[place["document"]]
            assert text[place["start"] : place["end"]].strip()
            check_lines(text, [place])


def test_raw_bytes_of_the_quarantine_come_back(folder: Path, inputs: Path) -> None:
    found = rows(folder / "quarantine.jsonl")
    whole = (inputs / "corpus.jsonl").read_bytes()
    assert [base64.b64decode(bad["raw"]) for bad in found] == BAD
    for number, bad in enumerate(found):
        assert bad["file"] == str(inputs / "corpus.jsonl")
        assert bad["line"] == 21 + number
        assert bad["raw_length"] == len(BAD[number])
        assert whole[bad["byte_offset"] :].startswith(BAD[number])
        assert bad["reason"]


def test_the_manifest_counts_what_the_other_files_hold(folder: Path, result: Result) -> None:
    manifest = json.loads((folder / "manifest.json").read_bytes())
    counts = manifest["counts"]
    assert counts == result.counts
    clusters = rows(folder / "clusters.jsonl")
    assert counts["clusters"] == len(clusters)
    assert counts["members"] == sum(len(cluster["members"]) for cluster in clusters)
    assert counts["links"] == len(rows(folder / "links.jsonl"))
    assert counts["repeats"] == len(rows(folder / "repeats.jsonl"))
    assert counts["quarantined"] == len(rows(folder / "quarantine.jsonl")) == len(BAD)
    assert counts["read"] == sum(file["n_records"] for file in manifest["inputs"])


def test_the_manifest_tells_where_everything_came_from(folder: Path, inputs: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["fingerprint"] == SETTINGS.fingerprint()
    assert manifest["settings"]["num_perm"] == 128
    assert manifest["versions"].keys() >= {"python", "numpy", "numba", "datasketch"}
    for file in manifest["inputs"]:
        content = Path(file["path"]).read_bytes()
        assert file["digest"] == xxhash.xxh3_128_hexdigest(content)
        assert file["bytes"] == len(content)
    assert [entry["path"] for entry in manifest["skipped"]] == [str(inputs / "picture.png")]
    assert manifest["candidate_probability"]["0.5"] > 0.99
    assert manifest["inputs"][0]["fields"]["text"] == "text"
    for name, size in manifest["files"].items():
        assert (folder / name).stat().st_size == size


def test_documents_are_the_records_that_others_name(folder: Path, inputs: Path) -> None:
    table = pq.read_table(folder / "documents.parquet").to_pylist()
    ids = [document["id"] for document in table]
    assert len(ids) == len(set(ids))
    named = {m["id"] for c in rows(folder / "clusters.jsonl") for m in c["members"]}
    named |= {link[s] for link in rows(folder / "links.jsonl") for s in ("left", "right")}
    named |= {repeat["document"] for repeat in rows(folder / "repeats.jsonl")}
    pairs = pq.read_table(folder / "pairs.parquet", columns=["left", "right"])
    named |= {*pairs["left"].to_pylist(), *pairs["right"].to_pylist()}
    assert set(ids) == named
    for document in table:
        text = texts(inputs)[document["id"]]
        assert document["text"] == text
        assert document["n_chars"] == len(text)


def test_documents_can_be_found_again_in_their_file(folder: Path, inputs: Path) -> None:
    for document in pq.read_table(folder / "documents.parquet").to_pylist():
        content = Path(document["file"]).read_bytes()[document["byte_offset"] :]
        if document["file"].endswith(".jsonl"):
            assert json.loads(content.splitlines()[0])["id"] == document["id"]
            lines = Path(document["file"]).read_bytes().split(b"\n")
            assert json.loads(lines[document["line"] - 1])["id"] == document["id"]


def test_documents_know_their_cluster_and_equal_texts_their_digest(folder: Path) -> None:
    table = pq.read_table(folder / "documents.parquet").to_pylist()
    cluster_of = {
        member["id"]: cluster["cluster"]
        for cluster in rows(folder / "clusters.jsonl")
        for member in cluster["members"]
    }
    digests: dict[str, str] = {}
    for document in table:
        assert document["cluster"] == cluster_of.get(document["id"])
        assert len(document["digest"]) == 32
        assert digests.setdefault(document["text"], document["digest"]) == document["digest"]
    assert len(set(digests.values())) == len(digests)


def test_texts_are_stored_only_when_asked(inputs: Path, tmp_path: Path) -> None:
    plain = scan(inputs, Settings(threads=1))
    out = write_results(plain, tmp_path / "out")
    assert "text" not in pq.read_schema(out / "documents.parquet").names
    assert not (out / "passages.jsonl").exists()


def test_pairs_are_every_scored_pair_above_the_recorded_floor(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_bytes())
    floor = manifest["floor"]
    frame = pd.read_parquet(folder / "pairs.parquet")
    names = ["left", "right", "verdict", "jaccard", "containment_left", "containment_right",
             "cosine"]  # fmt: skip
    assert list(frame.columns[:2]) == ["left", "right"]
    assert set(names) <= set(frame.columns)
    most = frame[["containment_left", "containment_right"]].max(axis=1)
    assert ((frame.jaccard >= floor["jaccard"]) | (most >= floor["containment"])).all()
    assert len(frame) <= manifest["counts"]["scored"]
    assert not frame[["left", "right"]].duplicated().any()


def test_every_near_member_has_its_pair(folder: Path) -> None:
    frame = pd.read_parquet(folder / "pairs.parquet")
    digests = {
        d["id"]: d["digest"] for d in pq.read_table(folder / "documents.parquet").to_pylist()
    }
    scores = {
        frozenset((digests.get(left), digests.get(right))): jaccard
        for left, right, jaccard in frame[["left", "right", "jaccard"]].itertuples(index=False)
    }
    checked = 0
    for cluster in rows(folder / "clusters.jsonl"):
        for member in cluster["members"]:
            pair = frozenset((digests[member["id"]], digests[cluster["representative"]]))
            if member["verdict"] == "near" and pair in scores:
                assert scores[pair] == member["jaccard"]
                checked += 1
    assert checked >= 5


def test_an_empty_result_is_readable_too(tmp_path: Path) -> None:
    out = write_results(scan([], Settings(threads=1)), tmp_path / "out")
    for name in ("pairs", "documents"):
        table = pq.read_table(out / f"{name}.parquet")
        assert table.num_rows == 0
        assert str(table.schema.field(0).type) in ("string", "int64")
    assert pq.read_schema(out / "pairs.parquet").field("left").type == "string"
    for name in ("clusters", "links", "repeats", "quarantine"):
        assert (out / f"{name}.jsonl").read_bytes() == b""


def test_the_columns_do_not_depend_on_what_was_found(folder: Path, tmp_path: Path) -> None:
    out = write_results(scan([], SETTINGS), tmp_path / "out")
    for name in ("pairs.parquet", "documents.parquet", "sources.parquet"):
        assert pq.read_schema(out / name).equals(pq.read_schema(folder / name))


def test_equal_results_are_equal_bytes(result: Result, folder: Path, tmp_path: Path) -> None:
    again = write_results(result, tmp_path / "again")
    for path in folder.iterdir():
        if path.name != "manifest.json":
            assert (again / path.name).read_bytes() == path.read_bytes()


def test_strange_ids_and_metadata_survive(tmp_path: Path) -> None:
    text = article(40, "strange")
    strange = ['"quoted"', "=1+1", "a\tb\nc", "", "\u2028", "é\u0301", "9" * 30]
    documents = [Document(text, id or None, title=id, url=id, source=id) for id in strange]
    out = write_results(scan(documents, Settings(threads=1)), tmp_path / "out")
    (cluster,) = rows(out / "clusters.jsonl")
    ids = {id or "3" for id in strange}
    assert {member["id"] for member in cluster["members"]} == ids
    table = pq.read_table(out / "documents.parquet").to_pylist()
    assert {document["id"] for document in table} == ids
    assert all(document["title"] == document["id"] for document in table if document["title"])


def test_records_without_ids_are_named_by_place(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text(json.dumps({"text": "one and the same text"}) + "\n\n", "utf-8")
    path.write_bytes(path.read_bytes() * 2)
    (cluster,) = scan(path, Settings(threads=1)).clusters
    assert [member.id for member in cluster.members] == [f"{path}#1", f"{path}#3"]
    assert [member.ref for member in cluster.members] == [f"{path}#1", f"{path}#3"]


def _numbered() -> Iterator[Document]:
    for n in range(40_000):
        yield Document(f"text {n // 2} of the row", f"{n}")


def test_more_rows_than_are_held_at_once_are_all_written(tmp_path: Path) -> None:
    found = scan(_numbered(), Settings(threads=1, repeats=False))
    out = write_results(found, tmp_path / "out")
    table = pq.read_table(out / "documents.parquet", columns=["id", "cluster"])
    assert table.num_rows == 40_000
    assert len(set(table["id"].to_pylist())) == 40_000
    assert set(table["cluster"].to_pylist()) == set(range(1, 20_001))


def test_a_file_in_the_way_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputError, match="no folder of results"):
        write_results(scan([], Settings(threads=1)), tmp_path / "out", force=True)
    assert (tmp_path / "out").read_text() == "mine"


def test_force_keeps_what_somebody_put_into_the_folder(tmp_path: Path) -> None:
    out = write_results(scan([], Settings(threads=1)), tmp_path / "out")
    (out / "notes.txt").write_text("my remarks on cluster 7")
    with pytest.raises(OutputError, match=r"notes\.txt"):
        write_results(scan([], Settings(threads=1)), out, force=True)
    assert (out / "notes.txt").exists()


def test_a_digest_of_a_limited_read_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text("".join(json.dumps({"text": article(20, n)}) + "\n" for n in range(5)))
    found = scan(path, Settings(threads=1, reading=Reading(limit=2)))
    assert found.counts["read"] == 2
    assert found.inputs.files[0].digest == ""


def test_near_copies_with_different_metadata_keep_their_own(tmp_path: Path) -> None:
    text = article(60, "own")
    documents = [
        Document(text, "a", title="First", url="https://a.example/1", date="2031-01-01"),
        Document(edited(text, 1, 0), "b", title="Second", url="https://b.example/1", source="B"),
    ]
    out = write_results(scan(documents, Settings(threads=1)), tmp_path / "out")
    (cluster,) = rows(out / "clusters.jsonl")
    about = {m["id"]: (m["title"], m["url"], m["date"], m["source"]) for m in cluster["members"]}
    assert about == {
        "a": ("First", "https://a.example/1", "2031-01-01", None),
        "b": ("Second", "https://b.example/1", None, "B"),
    }
    assert cluster["members"][1]["flags"] == ["other-title"]

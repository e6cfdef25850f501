"""``dedup evaluate``, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import Run
from tests.conftest import FIXTURES
from tests.corpora import article


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "labels.json").write_text(json.dumps(dict(a="s", b="s", c="s", d="t", e="t")))
    (tmp_path / "clusters.jsonl").write_text('{"members": ["a", "b"]}\n{"members": ["c", "d"]}\n')
    (tmp_path / "pairs.csv").write_text("id1,id2\nd,e\n")
    return tmp_path


def test_clusters_of_any_detector_are_scored(dedup: Run, folder: Path) -> None:
    done = dedup(
        "evaluate", folder / "clusters.jsonl", "--labels", folder / "labels.json", "--json"
    )
    assert done.code == 0
    assert done.json["pairs"]["found"] == {
        "precision": 0.5, "recall": 0.25, "f1": pytest.approx(1 / 3),
        "right": 1, "said": 2, "meant": 4,
    }  # fmt: skip


def test_pairs_of_any_detector_are_scored(dedup: Run, folder: Path) -> None:
    done = dedup("evaluate", folder / "pairs.csv", "--labels", folder / "labels.json", "--json")
    assert done.json["pairs"]["found"]["precision"] == 1
    assert done.json["pairs"]["removable"]["precision"] is None


@pytest.mark.parametrize("no", ["0", "No", "different", "unique", "template", "", "skip"])
def test_pairs_that_a_detector_calls_no_copies_are_left_out(
    dedup: Run, folder: Path, no: str
) -> None:
    (folder / "pairs.csv").write_text(f"id1,id2,label\nd,e,duplicate\na,d,{no}\n")
    done = dedup("evaluate", folder / "pairs.csv", "--labels", folder / "labels.json", "--json")
    assert done.json["pairs"]["found"]["said"] == 1


def test_a_label_of_a_detector_that_nobody_knows_is_refused(dedup: Run, folder: Path) -> None:
    (folder / "pairs.csv").write_text("id1,id2,label\na,d,perhaps\n")
    done = dedup("evaluate", folder / "pairs.csv", "--labels", folder / "labels.json")
    assert done.code == 5
    assert "pairs.csv, line 2: the label is 'perhaps'" in done.err


def test_the_folder_of_a_scan_is_scored(dedup: Run, tmp_path: Path) -> None:
    assert dedup("scan", FIXTURES / "demo", "--out", tmp_path / "found", "--quiet").code == 0
    clusters, links = (
        [json.loads(line) for line in (tmp_path / "found" / name).read_bytes().splitlines()]
        for name in ("clusters.jsonl", "links.jsonl")
    )
    rows = [{"members": [m["id"] for m in cluster["members"]]} for cluster in clusters]
    (tmp_path / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = dedup(
        "evaluate", tmp_path / "found", "--labels", tmp_path / "labels.jsonl",
        "--unlisted", "different", "--json",
    )  # fmt: skip
    pairs = done.json["pairs"]
    assert pairs["removable"]["precision"] == pairs["removable"]["recall"] == 1
    kept = {(link["left"], link["right"]) for link in links if link["verdict"] != "template"}
    assert kept
    assert pairs["found"]["said"] >= pairs["removable"]["said"] + len(kept)


def test_tables_are_for_people_and_for_pages(dedup: Run, folder: Path) -> None:
    jaccards = folder / "jaccards.csv"
    jaccards.write_text("id1,id2,jaccard_word3\na,b,0.95\n")
    arguments = ("evaluate", folder / "clusters.jsonl", "--labels", folder / "labels.json",
                 "--jaccards", jaccards)  # fmt: skip
    text = dedup(*arguments)
    assert "  found         0.5000  0.2500  0.3333      1     2      4\n" in text.out
    assert "  0.9 to 1              1      1  1.0000          1  1.0000\n" in text.out
    page = dedup(*arguments, "--markdown")
    assert "| found | 0.5000 | 0.2500 | 0.3333 | 1 | 2 | 4 |" in page.out
    assert "### Recall by exact Jaccard" in page.out


def test_exact_jaccards_can_be_computed_from_the_texts(dedup: Run, folder: Path) -> None:
    words = "the ferry to the northern islands will sail twice a day from the first of May".split()
    texts = {id: " ".join(words) for id in "abde"} | {"c": " ".join(words[::-1])}
    lines = [json.dumps({"id": id, "text": text}) for id, text in texts.items()]
    (folder / "corpus.jsonl").write_text("\n".join(lines))
    done = dedup("evaluate", folder / "clusters.jsonl", "--labels", folder / "labels.json",
               "--corpus", folder / "corpus.jsonl", "--json")  # fmt: skip
    bands = [(band["low"], band["n_pairs"], band["n_found"]) for band in done.json["bands"]]
    assert bands == [(0.9, 2, 1), (0.0, 2, 0)]


def test_labelled_spans_are_compared_with_repeats(dedup: Run, tmp_path: Path) -> None:
    (tmp_path / "labels.json").write_text('{"page": [[50, 80]], "other": []}')
    places = [{"start": 0, "end": 30}, {"start": 50, "end": 80}]
    row = {"document": "page", "verdict": "exact", "occurrences": places}
    (tmp_path / "repeats.jsonl").write_text(json.dumps(row))
    done = dedup(
        "evaluate", tmp_path / "repeats.jsonl", "--labels", tmp_path / "labels.json", "--json"
    )
    assert done.json["spans"]["f1"] == 1
    assert done.json["exact_spans"] == {"right": 2, "of": 2, "share": 1}


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        ('{"left": "a", "right": "b", "label": "perhaps"}', "line 1: the label is 'perhaps'"),
        ('{"left": "a", "right": "b", "label": 1}\n{"left": "b", "right": "a", "label": 0}',
         "line 2: the pair 'b', 'a' is labelled yes and no"),
        ('{"members": ["a"]}\n{"members": ["a"]}', "line 2: 'a' is in two clusters"),
        ('{"colour": "red"}', "line 1: no label, but the fields colour: give rows of id,cluster"),
        ("[1, 2", "line 1: not JSON"),
        ("", "holds no labels: give rows of id,cluster, of left,right,label, of id,label, or"),
        ('{"left": true, "right": "b", "label": 1}', "line 1: an id must be"),
        ('{"left": "a", "right": "a", "label": 1}', "both sides of the pair are 'a'"),
    ],
)  # fmt: skip
def test_bad_labels_are_said_with_their_line(
    dedup: Run, folder: Path, labels: str, says: str
) -> None:
    (folder / "bad.jsonl").write_text(labels)
    done = dedup("evaluate", folder / "clusters.jsonl", "--labels", folder / "bad.jsonl")
    assert done.code == 5
    assert says in done.err


def test_an_output_of_no_known_form_is_told_the_forms(dedup: Run, folder: Path) -> None:
    (folder / "colours.jsonl").write_text('{"colour": "red"}')
    done = dedup("evaluate", folder / "colours.jsonl", "--labels", folder / "labels.json")
    assert done.code == 5
    assert "line 1: neither a cluster nor a pair, but the fields colour: give rows of" in done.err


def test_rows_of_a_table_are_named_by_the_line_on_which_they_begin(
    dedup: Run, folder: Path
) -> None:
    (folder / "labels.csv").write_text('id,cluster,note\na,1,"two\nlines"\n\nb,1,x\na,2,"y\nz"\n')
    done = dedup("evaluate", folder / "clusters.jsonl", "--labels", folder / "labels.csv")
    assert done.code == 5
    assert "labels.csv, line 6: 'a' is in two clusters" in done.err


def test_a_missing_file_is_named(dedup: Run, folder: Path) -> None:
    done = dedup("evaluate", folder / "nothing.jsonl", "--labels", folder / "labels.json")
    assert done.code == 5
    assert "nothing.jsonl" in done.err


def test_a_folder_without_results_is_said_so(dedup: Run, folder: Path) -> None:
    (folder / "empty").mkdir()
    done = dedup("evaluate", folder / "empty", "--labels", folder / "labels.json")
    assert (done.code, "is no results folder" in done.err) == (5, True)


def test_a_link_counts_for_every_copy_of_its_texts(dedup: Run, tmp_path: Path) -> None:
    words = article(300, "story").split()
    story, other = " ".join(words), " ".join([*words[:180], *article(120, "other").split()])
    near = " ".join([*words[:-6], *article(6, "end").split()])
    texts = {"a": story, "b": near, "b copy": near, "c": other, "c copy": other.upper()}
    lines = [json.dumps({"id": id, "text": text}) for id, text in texts.items()]
    (tmp_path / "corpus.jsonl").write_text("\n".join(lines))
    (tmp_path / "labels.json").write_text(json.dumps(dict.fromkeys(texts, "story")))
    found = tmp_path / "found"
    assert dedup("scan", tmp_path / "corpus.jsonl", "--out", found, "--quiet").code == 0
    done = dedup("evaluate", found, "--labels", tmp_path / "labels.json", "--json")
    assert done.json["pairs"]["removable"]["right"] == 4
    assert done.json["pairs"]["found"]["right"] == 10


def test_the_folder_of_a_scan_that_was_changed_is_refused(dedup: Run, tmp_path: Path) -> None:
    found = tmp_path / "found"
    assert dedup("scan", FIXTURES / "demo", "--out", found, "--quiet").code == 0
    (tmp_path / "labels.json").write_text('{"viaduct-wire": "viaduct"}')
    links = found / "links.jsonl"
    links.write_bytes(links.read_bytes().replace(b'"contained"', b'"rewritten"'))
    done = dedup("evaluate", found, "--labels", tmp_path / "labels.json")
    assert (done.code, str(links) in done.err) == (4, True)

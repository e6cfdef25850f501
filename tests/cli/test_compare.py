"""``dedup compare``: two documents, from files, a corpus or results."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dedup.model import Reason, Verdict
from dedup.report.reasons import WHY
from tests.cli.command import Run
from tests.conftest import FIXTURES
from tests.corpora import article, edited, planted

TEXT = article(120, "compared")


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    one, other = tmp_path / "one.txt", tmp_path / "other.txt"
    one.write_text(TEXT, encoding="utf-8")
    other.write_text(edited(TEXT, 2, "x"), encoding="utf-8")
    return one, other


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "corpus.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in planted(30)), encoding="utf-8")
    return path


def test_two_files_are_compared_with_every_score_and_what_differs(
    dedup: Run, files: tuple[Path, Path]
) -> None:
    done = dedup("compare", *files)
    assert done.code == 0
    assert "near: most is shared" in done.out
    for label in ("Jaccard", "containment", "cosine", "numbers", "bands shared", "judged by"):
        assert label in done.out
    assert "2 gone, 2 new" in done.out
    gone = [word for word in done.out.split() if word.startswith("[-") and word.endswith("-]")]
    assert len(gone) == 2
    assert {word[2:-2] for word in gone} <= set(TEXT.split())


def test_what_differs_in_signs_alone_is_marked_by_every_command(dedup: Run, tmp_path: Path) -> None:
    corpus = tmp_path / "courses.jsonl"
    records = [{"id": name, "text": f"{TEXT} They write {name} here."} for name in ("C++", "C#")]
    corpus.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    done = dedup("compare", "C++", "C#", "--in", corpus)
    assert "1 with other signs, 0 gone, 0 new" in done.out
    assert "write [-C++-] here" in done.out
    assert "write {+C#+} here" in done.out
    dedup("scan", corpus, "--out", "found", "--report", "--quiet")
    shown = dedup("show", "found", "1")
    assert "words: 1 with other signs" in shown.out
    assert "[-C++-] {+C#+}" in shown.out
    page = Path("found/report.html").read_text(encoding="utf-8")
    assert "<del>C++</del>" in page
    assert "<ins>C#</ins>" in page


def test_the_longest_stretch_that_either_text_has_for_itself_is_named(
    dedup: Run, tmp_path: Path
) -> None:
    story = article(200, "story").split(" ")
    fair, school = article(14, "fair"), article(11, "school")
    one, other = tmp_path / "one.txt", tmp_path / "other.txt"
    # what is moved stands in both; a word replaced is no stretch worth naming
    moved = [*story[150:], *story[:150]]
    one.write_text(" ".join([*story[:70], fair, *story[70:]]), encoding="utf-8")
    other.write_text(" ".join([*moved[:99], "otherwise", *moved[100:], school]), encoding="utf-8")
    done = dedup("compare", one, other)
    assert f"14 words on the left: “{' '.join(fair.split())[:30]}" in done.out
    assert f"11 words on the right: “{' '.join(school.split())[:30]}" in done.out
    found = dedup("compare", one, other, "--json").json
    assert found["longest_own_left"] == {"n_words": 14, "text": " ".join(fair.split())}
    other.write_text(" ".join(story), encoding="utf-8")
    assert "on the right: “" not in dedup("compare", one, other).out


def test_pages_with_one_main_text_are_the_same_only_where_their_bytes_are(
    dedup: Run, tmp_path: Path
) -> None:
    page = (FIXTURES / "pages" / "quay.html").read_text("utf-8")
    one, copy, other = (tmp_path / f"{name}.html" for name in ("one", "copy", "other"))
    one.write_text(page, "utf-8")
    copy.write_text(page, "utf-8")
    other.write_text(page.replace("© 2019", "© 2020"), "utf-8")
    assert dedup("scan", one, other, "--out", "found", "--quiet").code == 0
    ways = [(one, copy), (one, other), (one, other, "--in", tmp_path)]
    ways += [(one, other, "--in", "found")]
    found = [dedup("compare", *way, "--json").json["reason"] for way in ways]
    assert found == ["same-bytes", "same-text", "same-text", "same-text"]


def test_json_holds_the_same_for_programs(dedup: Run, files: tuple[Path, Path]) -> None:
    found = dedup("compare", *files, "--json").json
    assert (found["verdict"], found["reason"]) == ("near", "most-shared")
    assert 0.5 < found["jaccard"] < 1
    assert 0 < found["bands_shared"] <= found["bands"] == 42
    kept = [piece for row in found["diff"]["rows"] for piece in row["left"]]
    assert " ".join("".join(piece["text"] for piece in kept).split()) == " ".join(TEXT.split())
    assert found["left"]["n_chars"] == len(TEXT)


def test_ids_in_results_get_the_scores_of_the_scan(dedup: Run, corpus: Path) -> None:
    assert dedup("scan", corpus, "--out", "found", "--quiet").code == 0
    links = Path("found/clusters.jsonl").read_text(encoding="utf-8").splitlines()
    members = [
        (cluster["representative"], member)
        for cluster in map(json.loads, links)
        for member in cluster["members"]
    ]
    assert len(members) > 20
    near = [(lead, member) for lead, member in members if member["verdict"] == "near"]
    for lead, member in [*near[:3], members[0]]:
        found = dedup("compare", member["id"], lead, "--in", "found", "--json").json
        assert found["verdict"] == member["verdict"]
        assert found["jaccard"] == member["jaccard"]
        assert found["cosine"] == member["cosine"]
        assert found["containment_left"] == member["containment"]
        assert found["model_units"] > 30


def test_the_temporary_folder_of_the_scan_may_be_gone(dedup: Run, corpus: Path) -> None:
    place = corpus.parent / "place"
    place.mkdir()
    assert dedup("scan", corpus, "--out", "found", "--tmp-dir", place, "--quiet").code == 0
    compare = ("compare", "s1-3-a", "s1-3-b", "--in", "found", "--json")
    expected = dedup(*compare).json
    place.rmdir()
    assert dedup(*compare).json == expected


def test_ids_in_a_corpus_and_places_are_found(dedup: Run, corpus: Path) -> None:
    by_id = dedup("compare", "s1-3-a", "s1-3-b", "--in", corpus, "--json").json
    lines = corpus.read_text(encoding="utf-8").splitlines()
    place = next(n for n, line in enumerate(lines, 1) if '"s1-3-b"' in line)
    by_place = dedup("compare", "s1-3-a", f"{corpus}#{place}", "--in", corpus, "--json").json
    assert by_id == by_place
    assert by_id["left"]["title"] == "Story s1-3"
    assert by_id["flags"] == ["revision"]  # of one title and source


def test_two_records_get_the_flags_that_a_scan_gives_them(dedup: Run, tmp_path: Path) -> None:
    path, page = tmp_path / "feed.jsonl", "https://a.org/budget"
    records = [
        {"id": "first", "text": TEXT, "url": page, "title": "Budget", "date": "2031-01-02"},
        {"id": "retold", "text": edited(TEXT, 2, "x"), "url": page, "title": "In full"},
        {"id": "copy", "text": TEXT, "url": page, "title": "In full"},
        {"id": "elsewhere", "text": edited(TEXT, 3, "y"), "url": "https://b.org"},
        {"id": "other", "text": article(120, "another"), "url": page, "title": "In full"},
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    assert dedup("scan", path, "--out", "found", "--quiet").code == 0
    (cluster,) = map(json.loads, Path("found/clusters.jsonl").read_text("utf-8").splitlines())
    given = {member["id"]: member["flags"] for member in cluster["members"]}
    assert given == {
        "first": [],
        "retold": ["other-title", "revision"],
        "copy": ["other-title"],
        "elsewhere": [],
    }
    for place in (path, "found"):
        for other, flags in given.items():
            ids = ("first", other, "--in", place)
            assert dedup("compare", *ids, "--json").json["flags"] == flags
        assert "[other title]  [revision]" in dedup("compare", "first", "retold", "--in", place).out
    unrelated = dedup("compare", "first", "other", "--in", path, "--json").json
    assert (unrelated["verdict"], unrelated["flags"]) == ("none", [])


def test_of_records_with_one_id_the_first_is_compared(dedup: Run, tmp_path: Path) -> None:
    path = tmp_path / "twice.jsonl"
    records = [("a", TEXT), ("a", edited(TEXT, 2, "x")), ("b", TEXT)]
    path.write_text("".join(json.dumps({"id": i, "text": t}) + "\n" for i, t in records), "utf-8")
    assert dedup("compare", "a", "b", "--in", path, "--json").json["verdict"] == "exact"


def test_the_statistics_of_a_corpus_can_be_given(dedup: Run, corpus: Path) -> None:
    dedup("scan", corpus, "--save-model", "model.npz", "--quiet")
    ids = ("s1-4-a", "s1-4-b", "--in", corpus, "--json")
    alone, judged = dedup("compare", *ids).json, dedup("compare", *ids, "--model", "model.npz").json
    assert alone["model_units"] == 0 < judged["model_units"]
    assert alone["cosine"] != judged["cosine"]
    assert alone["jaccard"] == judged["jaccard"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("no.txt", "no.txt"), 5, "no.txt"),
        (("CORPUS", "CORPUS"), 5, "name records by id"),
        (("s1-1-a", "nobody", "--in", "CORPUS"), 5, "there is no record nobody"),
    ],
)
def test_what_cannot_be_compared_is_named(
    dedup: Run, corpus: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    done = dedup("compare", *(str(corpus) if a == "CORPUS" else a for a in arguments))
    assert done.code == code
    assert says in done.err
    assert done.out == ""


def test_a_file_that_is_no_text_is_said_to_be_none(dedup: Run, tmp_path: Path) -> None:
    (tmp_path / "noise.bin").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "page.txt").write_text("A storm.")
    done = dedup("compare", tmp_path / "page.txt", tmp_path / "noise.bin")
    assert done.code == 5
    assert "holds no record that can be read (not text: binary data)" in done.err


def test_an_id_that_results_do_not_name_is_told_apart(dedup: Run, corpus: Path) -> None:
    dedup("scan", corpus, "--out", "found", "--quiet")
    done = dedup("compare", "s1-0-a", "nobody", "--in", "found")
    assert done.code == 4
    assert "names no record" in done.err


def test_every_reason_has_a_sentence() -> None:
    assert set(WHY) == set(Reason)
    assert len(set(WHY.values())) == len(Reason)


def test_no_near_pair_is_said_to_lack_other_names_or_numbers() -> None:
    near = [WHY[reason] for reason in Reason if reason.verdict is Verdict.NEAR]
    assert len(near) == 5
    assert not [words for words in near if "name" in words or "number" in words]


def test_control_characters_of_texts_are_shown_as_escapes(dedup: Run, tmp_path: Path) -> None:
    one, other = tmp_path / "a.txt", tmp_path / "b.txt"
    one.write_text(f"{TEXT} end\x1b[2Jword", encoding="utf-8")
    other.write_text(f"{TEXT} else", encoding="utf-8")
    done = dedup("compare", one, other)
    assert "\x1b" not in done.out
    assert "\\x1b" in done.out

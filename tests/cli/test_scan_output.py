"""What ``dedup scan`` prints for people and leaves for programs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dedup.report.caps import caps
from tests.cli.command import DEMO, PAGE, Done, Run, write
from tests.conftest import FIXTURES
from tests.corpora import article, planted

# --- the summary


def test_the_summary_of_a_page_names_both_repeats_with_their_lines(dedup: Run) -> None:
    done = dedup("scan", PAGE)
    assert done.code == 0
    assert "Repeats inside documents: 2 in 1 document" in done.out
    lines = done.out.splitlines()
    first = next(n for n, line in enumerate(lines) if "line 1 = line 2" in line)
    second = next(n for n, line in enumerate(lines) if "line 34 = line 38" in line)
    text = PAGE.read_text("utf-8").splitlines()
    assert text[0][:40] in lines[first + 1]
    assert text[33][:40] in lines[second + 1]
    assert "No duplicate documents." in done.out


SENTENCE = "The harbour board will meet on Tuesday to vote on the new ferry line to the island."
OTHERS = (
    "Rain fell on the northern coast for a third day, and two roads behind the hills were closed.\n"
    "A school in the old town has found a teacher of music, after a search of more than two years."
)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (
            f"{SENTENCE} {SENTENCE}",
            f"twice in line 1, from characters 0 and {len(SENTENCE) + 1} on",
        ),
        (f"{SENTENCE} {SENTENCE} {SENTENCE}", "3 times in line 1"),
        (f"{SENTENCE} {SENTENCE}\n{OTHERS}\n{SENTENCE}", "line 1 (twice) = line 4"),
    ],
)
def test_repeats_within_a_line_are_counted(
    text: str, places: str, dedup: Run, tmp_path: Path
) -> None:
    (tmp_path / "page.txt").write_text(text)
    assert places in dedup("scan", tmp_path / "page.txt").out


def test_words_that_a_copy_that_could_go_has_for_itself_are_told(
    dedup: Run, tmp_path: Path
) -> None:
    story = article(200, "a story")
    records = [
        {"id": "old", "text": story, "date": "2031-03-04"},
        {"id": "new", "text": f"{story} {SENTENCE}", "date": "2031-03-05"},
    ]
    path, out = write(tmp_path / "a.jsonl", records), tmp_path / "found"
    done = dedup("scan", path, "--keep", "oldest", "--out", out)
    assert "new  (a.jsonl#2, 2031-03-05)  [17 words of its own]" in done.out
    [cluster] = [json.loads(line) for line in (out / "clusters.jsonl").read_bytes().splitlines()]
    assert [member["own_words"] for member in cluster["members"]] == [0, 17]
    assert "17 words of its own" in dedup("show", out, "1").out
    assert dedup("apply", out, "--out", tmp_path / "clean").code == 0
    [removed] = (tmp_path / "clean" / "removed.jsonl").read_bytes().splitlines()
    assert json.loads(removed)["own_words"] == 17
    assert "of its own" not in dedup("scan", path).out


def test_the_date_of_a_member_without_an_id_is_shown(dedup: Run, tmp_path: Path) -> None:
    records = [{"text": SENTENCE, "date": f"2031-03-0{day}T10:00:00Z"} for day in (4, 5)]
    done = dedup("scan", write(tmp_path / "a.jsonl", records))
    assert "a.jsonl#1  (2031-03-04)" in done.out
    assert "a.jsonl#2  (2031-03-05)" in done.out


def test_a_long_place_keeps_its_file_and_its_line(
    dedup: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / ("a-long-name-of-a-folder" * 4)
    folder.mkdir()
    texts = [f"{SENTENCE} {SENTENCE}"] * 2
    path = write(folder / "a.jsonl", [{"text": text} for text in texts])
    done = dedup("scan", path, "--out", tmp_path / "found")
    assert done.out.count("/a.jsonl#1\n") == 2
    assert done.out.count("/a.jsonl#2\n") == 2
    path = write(path, [{"id": name, "text": text} for name, text in zip("xy", texts, strict=True)])
    done = dedup("scan", path, "--out", tmp_path / "found", "--force")
    assert done.out.count("/a.jsonl#2)\n") == 2
    assert "/a.jsonl#2)\n" in dedup("report", tmp_path / "found", "--format", "text").out


def test_the_folder_of_files_elsewhere_is_told_once(dedup: Run, tmp_path: Path) -> None:
    data = tmp_path / "data" / "wire"
    (data / "more").mkdir(parents=True)
    text = f"{SENTENCE} {SENTENCE}"
    write(data / "a.jsonl", [{"id": "one", "text": text}])
    write(data / "more" / "b.jsonl", [{"text": f"{text} {OTHERS}"}, {"text": text}])
    out = dedup("scan", data, "--out", "found").out
    assert out.count(str(data)) == 1
    assert f"  files below lie in {data}/\n" in out
    assert "one  (a.jsonl#1)" in out
    assert re.search(r"^     \w+ .* more/b\.jsonl#[12]$", out, re.M)
    report = dedup("report", "found", "--format", "text").out
    assert report.count(str(data)) == 1
    assert re.search(r"^     \w+ .* more/b\.jsonl#[12]$", report, re.M)
    # what is printed can be copied
    assert "more/b.jsonl#2" in dedup("show", "found", "more/b.jsonl#2").out
    assert dedup("compare", "one", "more/b.jsonl#2", "--in", "found").code == 0
    assert dedup("show", "found", data / "more" / "b.jsonl#2").code == 0


def test_files_inside_the_current_folder_are_named_from_there(
    dedup: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path / "a.jsonl", [{"text": SENTENCE}, {"text": SENTENCE}])
    out = dedup("scan", path, "--out", "found").out
    assert "     exact            a.jsonl#2\n" in out
    assert str(tmp_path) not in out
    assert dedup("show", "found", "a.jsonl#2").code == 0


def test_limits_that_were_met_are_told_in_plain_words() -> None:
    (bucket, kept) = caps({"anchored_units": 4, "capped_units": 1})
    assert "texts in one bucket may be alike" in bucket
    assert "its anchors only, a few of its texts" in bucket
    assert "representatives, the records that are kept" in kept


def test_the_summary_of_a_corpus_names_clusters_and_links(dedup: Run) -> None:
    done = dedup("scan", DEMO)
    assert "30  read, of these" in done.out
    assert "in 3 clusters: 6 could go (2 exact, 1 normalised, 3 near)" in done.out
    assert "keep  viaduct-wire" in done.out
    assert "its Jaccard: the part of all 5-word runs in both texts" in done.out
    assert "[other title]" in done.out
    assert "[revision]" in done.out
    assert "orchard holds 100% of orchard-excerpt" in done.out
    assert "template   0.61  weather-tuesday ~ weather-saturday" in done.out
    assert done.err == ""


def test_the_runs_by_which_short_texts_are_compared_are_told(dedup: Run, tmp_path: Path) -> None:
    headline = "Cracks close the viaduct and cut the rail link to the coast"
    texts = [headline, f"{headline} today", OTHERS]
    short = write(tmp_path / "short.jsonl", [{"text": text} for text in texts])
    told = "(of all 2-word runs where both have fewer than 16 words)"
    assert told in dedup("scan", short, "--out", "found").out
    assert told in dedup("report", "found", "--format", "text").out
    assert "2-word runs" not in dedup("scan", DEMO, "--out", "long").out
    assert "2-word runs" not in dedup("report", "long", "--format", "text").out


@pytest.mark.parametrize(("n_files", "told"), [(3, ""), (4, "of 1 more file:"), (6, "of 3 more")])
def test_files_whose_fields_are_not_named_are_counted(
    n_files: int, told: str, dedup: Run, tmp_path: Path
) -> None:
    for place in range(n_files):
        write(tmp_path / f"{place}.jsonl", [{"text": article(40, place)}])
    (tmp_path / "page.txt").write_text(OTHERS)
    out = dedup("scan", tmp_path).out
    assert out.count("  fields of ") == 3
    assert ("  … and of" in out, told in out) == (bool(told), True)


@pytest.mark.parametrize("policy", ["oldest,longest", "newest,longest", "fullest,oldest,longest"])
def test_dates_make_no_tie_where_no_record_has_one(policy: str, dedup: Run, tmp_path: Path) -> None:
    story = article(100, "undated")
    records = [{"id": "short", "text": story}, {"id": "long", "text": f"{story} It was told."}]
    scan = ("scan", "--keep", policy, "--force", "--quiet", "--out", "found")
    dedup(*scan, write(tmp_path / "a.jsonl", records))
    out = dedup("show", "found", "1").out
    assert "Kept: its text is the longest." in out
    dated = [{**record, "date": "2031-03-04"} for record in records]
    dedup(*scan, write(tmp_path / "a.jsonl", dated))
    assert "Kept after a tie on " in dedup("show", "found", "1").out


def test_a_stated_similarity_shows_what_is_found_with_which_probability(dedup: Run) -> None:
    assert "a pair is looked at" not in dedup("scan", DEMO).out
    out = dedup("scan", DEMO, "--similarity", "0.8").out
    assert "21 bands of 6: a pair is looked at with probability" in out
    assert f"{1 - (1 - 0.7**6) ** 21:.3f} at .7" in out


def test_the_summary_counts_the_files_of_the_scanned_corpus_alone(dedup: Run) -> None:
    out = dedup("scan", PAGE, "--against", DEMO / "wire.jsonl").out
    assert out.startswith("dedup read 1 record from 1 file ")


def test_the_counts_of_the_summary_add_up(dedup: Run, tmp_path: Path) -> None:
    corpus = write(tmp_path / "corpus.jsonl", [*planted(20), "{broken"])
    done = dedup("scan", corpus)
    numbers = {}
    for line in done.out.splitlines():
        number, _, rest = line.strip().partition(" ")
        if rest and number.replace(",", "").isdigit():
            numbers[rest.split()[0].strip(",")] = int(number.replace(",", ""))
    parts = ("unique", "members", "empty", "quarantined")
    assert numbers["read"] == sum(numbers[part] for part in parts)


def test_the_numbers_of_copies_by_verdict_add_up(dedup: Run, tmp_path: Path) -> None:
    corpus = write(tmp_path / "corpus.jsonl", planted(40))
    (told,) = re.findall(r"(\d+) could go \((.*)\)", dedup("scan", corpus).out)
    assert int(told[0]) == sum(int(part.split()[0]) for part in told[1].split(", "))
    assert [part.split()[1] for part in told[1].split(", ")] == ["exact", "normalised", "near"]


def test_the_numbers_of_links_by_verdict_add_up(dedup: Run) -> None:
    out = dedup("scan", FIXTURES / "regressions" / "chain" / "records.jsonl").out
    (total,) = re.findall(r"^Related and kept: (\d+) links", out, re.M)
    parts = re.findall(r"^  (\d+) (?:near|contained|rewrite|template): ", out, re.M)
    assert int(total) == sum(map(int, parts)) > len(parts) > 1


def test_quiet_prints_nothing(dedup: Run) -> None:
    assert dedup("scan", DEMO, "--quiet") == Done(0, "", "")


def test_titles_cannot_move_the_cursor_or_turn_the_line_round(dedup: Run, tmp_path: Path) -> None:
    text = article(40, "title")
    evil = "Calm\x1b[2J\x07 \u202eseas\u2066\x9b31m\u2028\u200f"
    records = [
        {
            "id": f"{n}\x1b]0;x\x07",
            "text": text,
            "title": evil,
            "date": "2031\x1b[A",
            "source": evil,
        }
        for n in range(2)
    ]
    doubled = f"\x1b[31m{text}\n\n\u202e{text}"
    records.append({"id": "repeats", "text": doubled, "title": evil})
    name = tmp_path / "a\x1b[2J\u202e.jsonl"
    done = dedup("scan", write(name, [*records, "{\x1b[2J"]), "--unit", "passage")
    assert "Calm\\x1b[2J" in done.out
    shown = done.out + done.err
    assert not {c for c in shown if c < " " and c != "\n"}
    assert not set(shown) & set(
        "\x7f\x9b\u2028\u2029\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066"
    )


def test_long_titles_and_many_members_stay_short(dedup: Run, tmp_path: Path) -> None:
    text = article(40, "many")
    records = [{"id": str(n), "text": text, "title": "Long " * 500} for n in range(40)]
    done = dedup("scan", write(tmp_path / "many.jsonl", records))
    assert "… and 31 more" in done.out
    assert max(map(len, done.out.splitlines())) < 160
    assert len(done.out.splitlines()) < 40


def test_the_first_record_of_a_corpus_is_told_with_its_number(dedup: Run, tmp_path: Path) -> None:
    record = {"id": "ferry", "text": f"{SENTENCE} {SENTENCE}"}
    path = write(tmp_path / "a.jsonl", [record, {"id": "rain", "text": OTHERS}])
    assert re.search(r"  ferry \(.*a\.jsonl#1\)\n", dedup("scan", path).out)


def test_addresses_in_reasons_stay_whole(dedup: Run, tmp_path: Path) -> None:
    folder = tmp_path / "-".join(["a-long-name-of-a-folder"] * 4)
    folder.mkdir()
    path = write(folder / "a.jsonl", ['{"text": "The ferry has stopped."}', "{bad"])
    assert f"{path}:2:" in dedup("scan", path).out


def test_of_the_fields_of_a_record_without_a_text_five_are_named(
    dedup: Run, tmp_path: Path
) -> None:
    names = [f"field{n}" for n in range(30)]
    path = write(tmp_path / "a.jsonl", [{"text": SENTENCE}, dict.fromkeys(names, 1)])
    out = " ".join(dedup("scan", path, "--out", "found").out.split())
    few = "the record has: field0, field1, field2, field3, field4 and 25 more (--text-field names"
    assert few in out
    assert few in " ".join(dedup("report", "found", "--format", "text").out.split())
    (kept,) = Path("found/quarantine.jsonl").read_text().splitlines()
    assert "field19 and 10 more" in json.loads(kept)["reason"]
    few_fields = write(tmp_path / "b.jsonl", [{"text": SENTENCE}, dict.fromkeys(names[:5], 1)])
    assert "field4 (--text-field" in " ".join(dedup("scan", few_fields).out.split())


# --- output for programs


def test_json_is_one_object_and_nothing_else(dedup: Run) -> None:
    done = dedup("scan", DEMO, "--json")
    assert done.code == 0
    assert done.out.count("\n") == 1
    found = done.json
    assert {"counts", "clusters", "links", "repeats", "quarantine", "skipped"} <= found.keys()
    assert found["counts"]["clusters"] == len(found["clusters"]) == 3
    assert found["counts"]["links"] == len(found["links"]) == 3
    assert found["counts"]["repeats"] == len(found["repeats"]) == 2
    assert {"id", "verdict", "jaccard", "containment", "cosine"} <= set(
        found["clusters"][0]["members"][0]
    )
    assert {"start", "end", "first_line", "last_line"} <= set(found["repeats"][0]["occurrences"][0])


def test_out_writes_the_folder_and_says_where(dedup: Run) -> None:
    done = dedup("scan", DEMO, "--out", "found")
    assert done.code == 0
    assert "Results are in found" in done.out
    names = {path.name for path in Path("found").iterdir()}
    assert names == {"clusters.jsonl", "links.jsonl", "repeats.jsonl", "quarantine.jsonl",
                     "pairs.parquet", "documents.parquet", "sources.parquet", "model.npz",
                         "manifest.json"}  # fmt: skip


def test_the_manifest_is_written_last(dedup: Run) -> None:
    dedup("scan", DEMO, "--out", "found", "--quiet")
    times = {path.name: path.stat().st_mtime_ns for path in Path("found").iterdir()}
    assert max(times, key=times.__getitem__) == "manifest.json"


def test_json_and_out_may_be_asked_for_together(dedup: Run) -> None:
    done = dedup("scan", DEMO, "--out", "found", "--json")
    manifest = json.loads(Path("found/manifest.json").read_bytes())
    assert done.counts == manifest["counts"]


@pytest.mark.parametrize("force", [[], ["--force"]], ids=["plain", "force"])
def test_what_is_no_results_folder_is_never_replaced(dedup: Run, force: list[str]) -> None:
    Path("mine").mkdir()
    Path("mine/precious.txt").write_text("keep me")
    done = dedup("scan", DEMO, "--out", "mine", *force)
    assert done.code == 5
    assert "mine" in done.err
    assert Path("mine/precious.txt").read_text() == "keep me"
    Path("file").write_text("keep me")
    assert dedup("scan", DEMO, "--out", "file", *force).code == 5
    assert Path("file").read_text() == "keep me"


@pytest.mark.parametrize(
    "manifest",
    [
        "{}",
        "no json",
        '{"name": "a web app"}',
        "5",
        '"a page about dedup"',
        '["dedup"]',
    ],
)
def test_somebody_elses_manifest_makes_no_results_folder(dedup: Run, manifest: str) -> None:
    Path("site").mkdir()
    Path("site/manifest.json").write_text(manifest)
    assert dedup("scan", PAGE, "--out", "site", "--force").code == 5
    assert Path("site/manifest.json").read_text() == manifest


def test_earlier_results_need_force(dedup: Run) -> None:
    assert dedup("scan", DEMO, "--out", "found", "--quiet").code == 0
    refused = dedup("scan", PAGE, "--out", "found")
    assert refused.code == 5
    assert "--force" in refused.err
    assert dedup("scan", PAGE, "--out", "found", "--force", "--quiet").code == 0
    assert json.loads(Path("found/manifest.json").read_bytes())["counts"]["read"] == 1


def test_a_place_that_cannot_be_is_refused_before_reading(dedup: Run) -> None:
    done = dedup("scan", "no-such-input", "--out", "no/such/place")
    assert done.code == 5
    assert "no/such" in done.err
    assert "no-such-input" not in done.err


def test_an_empty_folder_may_be_filled(dedup: Run) -> None:
    Path("found").mkdir()
    assert dedup("scan", PAGE, "--out", "found", "--quiet").code == 0
    assert Path("found/manifest.json").exists()


def test_results_inside_the_scanned_folder_are_not_scanned(dedup: Run) -> None:
    Path("page.txt").write_bytes(PAGE.read_bytes())
    first = dedup("scan", ".", "--out", "found", "--json")
    again = dedup("scan", ".", "--out", "found", "--force", "--json")
    assert first.counts == again.counts
    assert first.counts["read"] == 1

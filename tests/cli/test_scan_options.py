"""What the options of ``dedup scan`` change."""

from __future__ import annotations

import csv
import errno
import json
import os
import re
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click
import pytest

from dedup.rule import RULES
from tests.cli.command import DEMO, PAGE, Run, clusters, write
from tests.conftest import FIXTURES
from tests.corpora import article, edited, filler, planted

# --- help


def test_every_option_is_explained(dedup: Run) -> None:
    from dedup.cli.scan import command

    done = dedup("scan", "--help")
    assert done.code == 0
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help
            assert option.opts[0] in done.out


def test_the_version_is_told(dedup: Run) -> None:
    from dedup import __version__

    assert dedup("--version").out == f"dedup, version {__version__}\n"


# --- options


def test_limit_reads_no_more(dedup: Run) -> None:
    assert dedup("scan", DEMO, "--json", "--limit", "7").counts["read"] == 7


def test_no_repeats_looks_for_none(dedup: Run) -> None:
    done = dedup("scan", PAGE, "--no-repeats")
    assert "epeat" not in done.out
    assert "stands twice" not in done.out


def test_include_and_exclude_choose_files(dedup: Run) -> None:
    done = dedup("scan", DEMO, "--json", "--include", "*.csv")
    assert done.counts["read"] == 4
    done = dedup("scan", DEMO, "--json", "--exclude", "wire.*", "--exclude", "*.txt")
    assert done.counts["read"] == 4


def test_min_tokens_compares_short_texts_for_equality_only(dedup: Run, tmp_path: Path) -> None:
    text = article(60, "short")
    records = [text, edited(text, 1, 0), text]
    corpus = write(
        tmp_path / "corpus.jsonl", [{"id": str(n), "text": t} for n, t in enumerate(records)]
    )
    assert dedup("scan", corpus, "--json").counts["members"] == 3
    found = dedup("scan", corpus, "--json", "--min-tokens", "500")
    assert sorted(clusters(found)[0]) == ["0", "2"]


DATED = [
    ("old", "2031-01-01", ""),
    ("new", "2031-09-01", ""),
    ("long", "2031-05-01", " With a little more at the end of it."),
    ("undated", None, ""),
]


@pytest.mark.parametrize(
    ("keep", "representative"),
    [("oldest", "old"), ("newest", "new"), ("longest", "long"), ("first", "undated")],
)
def test_keep_chooses_who_survives(
    dedup: Run, tmp_path: Path, keep: str, representative: str
) -> None:
    text = article(80, "dated")
    records = [{"id": id, "date": date, "text": text + more} for id, date, more in DATED]
    done = dedup("scan", write(tmp_path / "dated.jsonl", records[::-1]), "--json", "--keep", keep)
    (cluster,) = done.json["clusters"]
    assert cluster["representative"] == representative
    assert len(cluster["members"]) == 4


def test_against_reports_only_what_both_share(dedup: Run, tmp_path: Path) -> None:
    shared, own, theirs = (article(70, name) for name in ("shared", "own", "theirs"))
    archive = write(
        tmp_path / "archive.jsonl",
        [{"id": f"archive-{n}", "text": t} for n, t in enumerate((theirs, theirs, shared))],
    )
    texts = (own, own, edited(shared, 2, 0), shared.upper())
    scanned = write(
        tmp_path / "new.jsonl", [{"id": f"new-{n}", "text": t} for n, t in enumerate(texts)]
    )
    done = dedup("scan", scanned, "--against", archive, "--json")
    (cluster,) = done.json["clusters"]
    assert cluster["representative"] == "archive-2"
    verdicts = {member["id"]: member["verdict"] for member in cluster["members"]}
    assert verdicts == {"archive-2": "exact", "new-2": "near", "new-3": "normalised"}
    counts = done.counts
    assert (counts["read"], counts["against"]) == (4, 3)
    assert (counts["members"], counts["unique"], counts["removable"]) == (2, 2, 2)


def test_links_against_a_corpus_cross_over_to_it(dedup: Run, tmp_path: Path) -> None:
    whole = article(200, "whole")
    part = " ".join(whole.split(" ")[:90])
    archive = write(tmp_path / "archive.jsonl", [{"id": "whole", "text": whole}])
    scanned = write(
        tmp_path / "new.jsonl",
        [{"id": "part", "text": part}, {"id": "part-too", "text": f"{part} {article(90, 'x')}"}],
    )
    done = dedup("scan", scanned, "--against", archive, "--json")
    assert all("whole" in (link["left"], link["right"]) for link in done.json["links"])
    assert done.counts["links"] >= 1


def test_limit_leaves_the_corpus_scanned_against_whole(dedup: Run) -> None:
    done = dedup("scan", PAGE, "--against", DEMO / "wire.jsonl", "--limit", "2", "--json")
    assert done.counts["against"] == 25


def _dated(path: str, date: str) -> Path:
    """Write two copies of a story whose dates are in a field of that name."""
    days = {"a": "2031-05-09", "b": "2031-05-01"}
    story = article(70, "dated")
    return write(Path(path), [{"id": id, "text": story, date: day} for id, day in days.items()])


@pytest.mark.parametrize("options", [["--json"], ["--json", "--limit", "2"]])
def test_a_field_that_is_in_no_record_is_said(options: list[str], dedup: Run) -> None:
    news = _dated("n.jsonl", "published")
    for form in (news, _table(news)):
        right = dedup("scan", form, "--date-field", "published", *options)
        assert (right.json["clusters"][0]["representative"], right.err) == ("b", "")
        wrong = dedup("scan", form, "--date-field", "publised", "--id-field", "nr", *options)
        told = [
            "dedup: no file has a field 'nr' in its first records: records are called file#line. "
            "Check how it is spelt (--id-field, or id of [reading.fields] in a settings file)",
            "dedup: no file has a field 'publised' in its first records: records have no date. "
            "Check how it is spelt (--date-field, or date of [reading.fields] in a settings file)",
        ]
        assert wrong.err.splitlines() == told


def _table(news: Path) -> Path:
    """Write the records of a file as CSV."""
    rows = [json.loads(line) for line in news.read_text("utf-8").splitlines()]
    with Path("n.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return Path("n.csv")


def test_a_field_of_a_settings_file_that_is_in_no_record_is_said(dedup: Run) -> None:
    Path("dedup.toml").write_text('[reading.fields]\nsource = "sight"\n', "utf-8")
    done = dedup("scan", _dated("n.jsonl", "date"), "--quiet")
    assert done.code == 0
    assert "no file has a field 'sight' in its first records: records have no source" in done.err


def test_a_field_that_some_files_lack_is_not_said(dedup: Run) -> None:
    news, other = _dated("n.jsonl", "published"), _dated("o.jsonl", "date")
    hollow = write(Path("hollow.jsonl"), [])
    for paths in ([news, other], [other, "--against", news], [hollow], [PAGE], [PAGE, hollow]):
        said = dedup("scan", *paths, "--quiet", "--date-field", "published").err
        assert "published" not in said


def _daily_crawl() -> Path:
    """Write a story in the file of today and one of yesterday; both lie in one folder."""
    crawl = Path("crawl")
    (crawl / "today").mkdir(parents=True)
    stories = [{"id": name, "text": article(70, name)} for name in ("own", "shared")]
    write(crawl / "today" / "new.jsonl", stories)
    write(crawl / "yesterday.jsonl", [{"id": "old", "text": article(70, "shared")}])
    return crawl


def test_scanned_files_are_no_part_of_the_folder_they_are_scanned_against(dedup: Run) -> None:
    crawl = _daily_crawl()
    done = dedup("scan", crawl / "today", "--against", crawl, "--json", "--out", "found")
    assert clusters(done) == [["old", "shared"]]
    assert (done.counts["read"], done.counts["against"]) == (2, 1)
    why = "the same file as crawl/today/new.jsonl, which is scanned"
    told = f"dedup: left out of what is scanned against: crawl/today/new.jsonl ({why})\n"
    assert (done.code, done.err) == (0, told)
    skipped = json.loads(Path("found/manifest.json").read_bytes())["skipped"]
    assert [(skip["path"], skip["reason"]) for skip in skipped] == [("crawl/today/new.jsonl", why)]
    assert dedup("apply", "found", "--out", "clean").code == 0
    kept = Path("clean/corpus/new.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in kept] == ["own"]


def test_nothing_but_the_scanned_files_to_scan_against_is_refused(dedup: Run) -> None:
    crawl = _daily_crawl()
    done = dedup("scan", crawl, "--against", crawl / "today", "--out", "found")
    assert (done.code, done.out) == (5, "")
    assert "nothing is left to scan against: crawl/today/new.jsonl (the same file" in done.err
    assert not Path("found").exists()


def test_a_results_folder_to_scan_against_is_refused(dedup: Run) -> None:
    crawl = _daily_crawl()
    assert dedup("scan", crawl, "--out", "found").code == 0
    done = dedup("scan", crawl, "--against", "found")
    assert (done.code, done.out) == (5, "")
    assert "nothing is left to scan against: found (a results folder of dedup)" in done.err


def test_files_without_a_record_to_scan_against_are_told_even_when_quiet(dedup: Run) -> None:
    crawl = _daily_crawl()
    Path("empty.jsonl").touch()
    done = dedup("scan", crawl, "--against", "empty.jsonl", "--quiet")
    told = "dedup: nothing was scanned against: there are no records in what --against names\n"
    assert (done.code, done.err) == (0, told)


def test_the_summary_says_that_copies_among_scanned_records_were_not_looked_for(
    dedup: Run,
) -> None:
    crawl = _daily_crawl()
    told = "copies among the others were not looked for"
    assert told in dedup("scan", crawl / "today", "--against", crawl / "yesterday.jsonl").out
    assert told not in dedup("scan", crawl).out


def test_standard_input_cannot_be_scanned_against_itself(dedup: Run) -> None:
    done = dedup("scan", "-", "--against", "-", stdin=b'{"text": "rain"}\n')
    assert (done.code, done.out) == (2, "")
    assert "standard input (-) can be read only once" in done.err


def _site() -> list[dict[str, str]]:
    footer = article(22, "footer").replace("\n", " ")
    blurb = article(30, "blurb").replace("\n", " ")
    pages = []
    for n in range(12):
        parts = [article(60, f"site page {n}")]
        parts += [blurb] if n in (2, 5, 9) else []
        pages.append(
            {"id": f"page-{n}", "source": "Kestrel", "text": "\n\n".join([*parts, footer])}
        )
    return pages


def test_passages_shared_by_pages_stand_apart_from_boilerplate(dedup: Run, tmp_path: Path) -> None:
    corpus = write(tmp_path / "site.jsonl", [*_site(), *filler(5)])
    done = dedup("scan", corpus, "--unit", "passage", "--json")
    blurb, footer = done.json["passages"]
    assert (blurb["boilerplate_of"], footer["boilerplate_of"]) == (None, "Kestrel")
    assert footer["n_documents"] == 12
    assert sorted(p["document"] for p in blurb["occurrences"]) == ["page-2", "page-5", "page-9"]
    texts = {page["id"]: page["text"] for page in _site()}
    cut = {texts[p["document"]][p["start"] : p["end"]] for p in blurb["occurrences"]}
    assert cut == {article(30, "blurb").replace("\n", " ")}
    for place in (*blurb["occurrences"], *footer["occurrences"]):
        text = texts[place["document"]]
        assert text.count("\n", 0, place["start"]) + 1 == place["first_line"]
        assert text.count("\n", 0, place["end"]) + 1 == place["last_line"]
    shown = dedup("scan", corpus, "--unit", "passage").out
    assert "Passages shared by documents: 1" in shown
    assert "Boilerplate, on most pages of its source: 1" in shown
    assert "12 pages of Kestrel" in shown


def test_documents_of_a_shared_passage_stand_in_one_column(dedup: Run, tmp_path: Path) -> None:
    text = article(60, "shared").replace("\n", " ")
    records = [{"id": "one", "text": text}, {"id": "two", "text": edited(text, 3, "two")}]
    shown = dedup("scan", write(tmp_path / "a.jsonl", records), "--unit", "passage").out
    lines = shown.partition("Passages shared by documents: 1")[2].split("\n")[2:4]
    assert [line.split()[0] for line in lines] == ["exact", "near"]
    columns = {found.start() for line in lines if (found := re.search("(one|two), line 1", line))}
    assert len(columns) == 1


def test_nine_pages_are_too_few_for_boilerplate(dedup: Run, tmp_path: Path) -> None:
    corpus = write(tmp_path / "site.jsonl", _site()[:9])
    done = dedup("scan", corpus, "--unit", "passage", "--json")
    assert [passage["boilerplate_of"] for passage in done.json["passages"]] == [None, None]


def test_without_passages_there_are_none_in_the_output(dedup: Run) -> None:
    assert "passages" not in dedup("scan", DEMO, "--json").json


def test_both_engines_print_the_same(dedup: Run) -> None:
    by_kernels = dedup("scan", DEMO, "--json")
    assert dedup("scan", DEMO, "--json", "--engine", "reference").json == by_kernels.json


@pytest.mark.parametrize("similarity", ["0.3", "0.5", "0.9", "1"])
def test_similarity_solves_the_bands(dedup: Run, similarity: str) -> None:
    dedup("scan", DEMO, "--out", "found", "--quiet", "--similarity", similarity)
    settings = json.loads(Path("found/manifest.json").read_bytes())["settings"]
    jaccard, rows = float(similarity), settings["rows"]
    assert settings["bands"] * rows <= settings["num_perm"]
    assert 1 - (1 - jaccard**rows) ** settings["bands"] >= 0.99


def test_a_higher_similarity_makes_fewer_candidates(dedup: Run, tmp_path: Path) -> None:
    corpus = write(tmp_path / "corpus.jsonl", planted(40))
    low, high = (
        dedup("scan", corpus, "--json", "--similarity", similarity).counts["candidates"]
        for similarity in ("0.4", "0.95")
    )
    assert high < low


def test_another_seed_finds_the_same_copies_by_other_signatures(dedup: Run) -> None:
    one, other = (dedup("scan", DEMO, "--json", "--seed", seed) for seed in ("1", "77"))
    assert one.json["clusters"] == other.json["clusters"]
    dedup("scan", DEMO, "--seed", "77", "--out", "found", "--quiet")
    assert json.loads(Path("found/manifest.json").read_bytes())["settings"]["seed"] == 77


def test_a_preset_of_bands_may_be_named(dedup: Run) -> None:
    dedup("scan", PAGE, "--bands-preset", "recall", "--out", "found", "--quiet")
    settings = json.loads(Path("found/manifest.json").read_bytes())["settings"]
    assert (settings["num_perm"], settings["bands"], settings["rows"]) == (256, 85, 3)


@pytest.mark.parametrize("engine", ["kernels", "reference"])
def test_a_model_may_be_saved_and_judged_by(dedup: Run, tmp_path: Path, engine: str) -> None:
    corpus = write(tmp_path / "corpus.jsonl", planted(20))
    scan = ("scan", corpus, "--json", "--engine", engine)
    first = dedup(*scan, "--save-model", "stats.npz")
    assert first.code == 0
    again = dedup(*scan, "--model", "stats.npz")
    assert again.json == first.json


def test_both_engines_save_the_statistics_of_the_corpus(dedup: Run, tmp_path: Path) -> None:
    corpus = write(tmp_path / "corpus.jsonl", planted(20))
    dedup("scan", PAGE, "--save-model", "other.npz")
    for engine in ("kernels", "reference"):
        # what a scan is judged by is no part of what it counts
        judged = () if engine == "kernels" else ("--model", "other.npz")
        assert dedup("scan", corpus, "--engine", engine, *judged, "--save-model", engine).code == 0
    assert Path("kernels").read_bytes() == Path("reference").read_bytes()


@pytest.mark.parametrize("place", ["no/such/place.npz", "."])
def test_a_model_that_cannot_be_saved_is_said_before_reading(dedup: Run, place: str) -> None:
    done = dedup("scan", "no-such-input", "--save-model", place)
    assert done.code == 5
    assert f"cannot write the model to {place}" in done.err


def test_a_model_that_fails_half_way_leaves_the_earlier_one(
    dedup: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    assert dedup("scan", PAGE, "--save-model", "stats.npz").code == 0
    earlier = Path("stats.npz").read_bytes()
    monkeypatch.setattr("dedup.corpus_model._put_counters", fail)
    done = dedup("scan", PAGE, PAGE.with_name("wire.jsonl"), "--save-model", "stats.npz")
    assert done.code == 5
    assert "cannot write the model to stats.npz: No space left on device" in done.err
    assert Path("stats.npz").read_bytes() == earlier
    assert [path.name for path in Path().iterdir()] == ["stats.npz"]


def test_a_model_may_go_nowhere(dedup: Run) -> None:
    assert dedup("scan", PAGE, "--save-model", os.devnull).code == 0
    assert Path(os.devnull).is_char_device()


def test_a_model_may_go_into_a_pipe(dedup: Run) -> None:
    os.mkfifo("pipe")
    end = os.open("pipe", os.O_RDWR | os.O_NONBLOCK)
    try:
        assert dedup("scan", PAGE, "--save-model", "pipe").code == 0
        written = os.read(end, 1 << 16)
    finally:
        os.close(end)
    assert Path("pipe").is_fifo()
    Path("stats.npz").write_bytes(written)
    assert dedup("scan", PAGE, "--model", "stats.npz").code == 0


def test_field_flags_name_the_parts_of_a_record(dedup: Run) -> None:
    rows = [{"nr": 1, "story": "one and the same", "head": "A", "at": "u", "day": "2031-01-02"}]
    write(Path("corpus.jsonl"), [{**rows[0], "nr": n} for n in (1, 2)])
    done = dedup(
        *("scan", "corpus.jsonl", "--json", "--text-field", "story", "--id-field", "nr"),
        *("--title-field", "head", "--url-field", "at", "--date-field", "day"),
    )
    (cluster,) = done.json["clusters"]
    for member in cluster["members"]:
        assert (member["title"], member["url"], member["date"]) == ("A", "u", "2031-01-02")


def test_the_same_file_named_twice_is_read_once(dedup: Run) -> None:
    assert dedup("scan", PAGE, PAGE, DEMO, "--json").counts["read"] == 30


def test_clusters_stand_largest_first(dedup: Run) -> None:
    sizes = [len(cluster) for cluster in clusters(dedup("scan", DEMO, "--json"))]
    assert sizes == sorted(sizes, reverse=True)
    assert Counter(sizes) == Counter([5, 2, 2])


def test_a_rule_can_be_named_and_single_scores_set_over_it(dedup: Run, tmp_path: Path) -> None:
    def rule(*options: str) -> dict[str, float]:
        out = tmp_path / "-".join(("found", *options)).replace(".", "_")
        assert dedup("scan", DEMO, "--quiet", "--out", out, *options).code == 0
        found: dict[str, float] = json.loads((out / "manifest.json").read_text())["settings"][
            "rule"
        ]
        return found

    assert rule() == asdict(RULES["balanced"])
    assert rule("--rule", "strict") == asdict(RULES["strict"])
    loose = rule("--rule", "loose", "--near-jaccard", "0.6", "--min-cosine", "0.45")
    changes = {"near_jaccard": 0.6, "near_scattered_jaccard": 0.6, "min_cosine": 0.45}
    assert loose == {**asdict(RULES["loose"]), **changes}


def test_a_stricter_rule_removes_no_more(dedup: Run) -> None:
    removable = [
        dedup("scan", FIXTURES / "regressions/chain/records.jsonl", "--json", "--rule", name).counts
        for name in ("strict", "balanced", "loose")
    ]
    assert [counts["removable"] for counts in removable] == [1, 2, 2]

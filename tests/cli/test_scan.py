"""``dedup scan``: what a person sees, what a program reads, and how it ends."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import pytest

from dedup.config import RULES
from dedup.kernels.compiling import FIRST, FURTHER
from tests.cli.command import Done, Run, outside
from tests.conftest import FIXTURES, ROOT
from tests.corpora import article, edited, filler, planted
from tests.program import run_program

DEMO = FIXTURES / "demo"
PAGE = DEMO / "page.txt"


def write(path: Path, records: Iterable[Any]) -> Path:
    lines = (r if isinstance(r, str) else json.dumps(r) for r in records)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def clusters(done: Done) -> list[list[str]]:
    return [[member["id"] for member in found["members"]] for found in done.json["clusters"]]


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
        (f"{SENTENCE} {SENTENCE}", "twice in line 1"),
        (f"{SENTENCE} {SENTENCE} {SENTENCE}", "3 times in line 1"),
        (f"{SENTENCE} {SENTENCE}\n{OTHERS}\n{SENTENCE}", "line 1 (twice) = line 4"),
    ],
)
def test_repeats_within_a_line_are_counted(
    text: str, places: str, dedup: Run, tmp_path: Path
) -> None:
    (tmp_path / "page.txt").write_text(text)
    assert places in dedup("scan", tmp_path / "page.txt").out


def test_the_date_of_a_member_without_an_id_is_shown(dedup: Run, tmp_path: Path) -> None:
    records = [{"text": SENTENCE, "date": f"2031-03-0{day}T10:00:00Z"} for day in (4, 5)]
    done = dedup("scan", write(tmp_path / "a.jsonl", records))
    assert "a.jsonl#1  (2031-03-04)" in done.out
    assert "a.jsonl#2  (2031-03-05)" in done.out


def test_a_long_place_keeps_its_file_and_its_line(dedup: Run, tmp_path: Path) -> None:
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


def test_the_summary_of_a_corpus_names_clusters_and_links(dedup: Run) -> None:
    done = dedup("scan", DEMO)
    assert "30  read, of these" in done.out
    assert "in 3 clusters: 6 could go" in done.out
    assert "keep  viaduct-wire" in done.out
    assert "[other title]" in done.out
    assert "[revision]" in done.out
    assert "orchard holds 100% of orchard-excerpt" in done.out
    assert "template   0.61  weather-tuesday ~ weather-saturday" in done.out
    assert done.err == ""


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


def test_the_numbers_of_links_by_verdict_add_up(dedup: Run) -> None:
    done = dedup("scan", FIXTURES / "regressions" / "chain" / "records.jsonl")
    (line,) = [line for line in done.out.splitlines() if line.startswith("Related and kept")]
    total, *parts = [int(word.strip("(),")) for word in line.split() if word.strip("(),").isdigit()]
    assert total == sum(parts)


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


# --- output for programs


def test_json_is_one_object_and_nothing_else(dedup: Run) -> None:
    done = dedup("scan", DEMO, "--json")
    assert done.code == 0
    assert done.out.count("\n") == 1
    found = done.json
    assert {"counts", "clusters", "links", "repeats"} <= found.keys()
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


# --- exit codes


def test_duplicates_end_with_1_only_when_asked(dedup: Run) -> None:
    assert dedup("scan", DEMO, "--quiet").code == 0
    assert dedup("scan", DEMO, "--quiet", "--fail-on-duplicates").code == 1


def test_a_repeat_alone_is_a_duplicate_too(dedup: Run) -> None:
    assert dedup("scan", PAGE, "--quiet", "--fail-on-duplicates").code == 1
    assert dedup("scan", PAGE, "--quiet", "--fail-on-duplicates", "--no-repeats").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan"],
        ["scan", "--no-such-option", PAGE],
        ["no-such-command"],
        ["scan", PAGE, "--limit", "0"],
        ["scan", PAGE, "--limit", "x"],
        ["scan", PAGE, "--unit", "word"],
        ["scan", PAGE, "--keep", "eldest"],
        ["scan", PAGE, "--encoding", "klingon"],
        ["scan", PAGE, "--format", "docx"],
        ["scan", PAGE, "--similarity", "1.5"],
        ["scan", PAGE, "--seed", str(2**40)],
        ["scan", PAGE, "--max-bad", "few"],
        ["scan", PAGE, "--max-bad", "-1"],
        ["scan", PAGE, "--max-bad", "5%%"],
        ["scan", PAGE, "--max-bad", ""],
        ["scan", PAGE, "--max-bad", "nan"],
    ],
    ids=lambda arguments: " ".join(map(str, arguments)).replace(str(PAGE), "PAGE"),
)
def test_usage_errors_end_with_2_and_say_what_to_do(dedup: Run, arguments: list[Any]) -> None:
    done = dedup(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert done.err.strip()


BAD = ['{"id": "a", "text": "some words of a text"}', "{broken", '{"id": "b", "text": 7}']


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 3),
        (["--max-bad", "0"], 3),
        (["--max-bad", "1"], 3),
        (["--max-bad", "2"], 0),
        (["--max-bad", "5"], 0),
        (["--max-bad", "5%"], 3),
        (["--max-bad", "66%"], 3),
        (["--max-bad", "67%"], 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_more_bad_records_than_tolerated_end_with_3(
    dedup: Run, tmp_path: Path, options: list[str], code: int
) -> None:
    done = dedup("scan", write(tmp_path / "bad.jsonl", BAD), *options)
    assert done.code == code
    assert "2 records could not be read" in done.err
    assert "bad.jsonl:2" in done.out


def test_3_wins_over_1(dedup: Run, tmp_path: Path) -> None:
    corpus = write(tmp_path / "bad.jsonl", [BAD[0], *BAD])
    assert dedup("scan", corpus, "--quiet", "--fail-on-duplicates").code == 3
    tolerant = dedup("scan", corpus, "--quiet", "--fail-on-duplicates", "--max-bad", "67%")
    assert tolerant.code == 1


def test_bad_records_are_said_even_when_quiet(dedup: Run, tmp_path: Path) -> None:
    done = dedup("scan", write(tmp_path / "bad.jsonl", BAD), "--quiet")
    assert (done.out, done.code) == ("", 3)
    assert "2 records could not be read" in done.err


def test_that_nothing_was_read_is_said_even_when_quiet(dedup: Run, tmp_path: Path) -> None:
    for name in ("noise.png", "other.png"):
        (tmp_path / name).write_bytes(bytes(range(256)) * 8)
    done = dedup("scan", tmp_path, "--quiet")
    assert (done.code, done.out) == (0, "")
    assert "nothing was read" in done.err
    assert "noise.png (not text: binary data) and 1 more" in done.err
    write(tmp_path / "one.jsonl", [{"text": "A storm."}])
    assert dedup("scan", tmp_path, "--quiet").err == ""


def test_a_named_file_that_is_no_text_is_said_even_when_quiet(dedup: Run, tmp_path: Path) -> None:
    noise, other = tmp_path / "noise.bin", tmp_path / "other.bin"
    for path in (noise, other):
        path.write_bytes(bytes(range(256)) * 8)
    page = write(tmp_path / "one.jsonl", [{"text": "A storm."}])
    done = dedup("scan", page, noise, other, "--quiet")
    said = f"dedup: not read, though named: {noise} (not text: binary data) and 1 more\n"
    assert done == Done(0, "", said)
    assert dedup("scan", page, page, "--quiet").err == ""
    assert dedup("scan", page, "--against", noise, "--quiet").err == said.replace(" and 1 more", "")


@pytest.mark.parametrize("command", [["scan"], ["apply"], ["threshold", "--keep", "newest"]])
def test_an_empty_name_of_a_folder_to_write_is_refused(
    command: list[str], dedup: Run, tmp_path: Path
) -> None:
    dedup("scan", PAGE, "--out", tmp_path / "found", "--quiet")
    source = PAGE if command == ["scan"] else tmp_path / "found"
    done = dedup(*command, source, "--out", "")
    assert (done.code, done.out) == (2, "")
    assert "'--out': the name is empty" in done.err


def test_the_first_record_of_a_corpus_is_told_with_its_number(dedup: Run, tmp_path: Path) -> None:
    record = {"id": "ferry", "text": f"{SENTENCE} {SENTENCE}"}
    path = write(tmp_path / "a.jsonl", [record, {"id": "rain", "text": OTHERS}])
    assert re.search(r"  ferry \(.*a\.jsonl#1\)\n", dedup("scan", path).out)


def test_addresses_in_reasons_stay_whole(dedup: Run, tmp_path: Path) -> None:
    folder = tmp_path / "-".join(["a-long-name-of-a-folder"] * 4)
    folder.mkdir()
    path = write(folder / "a.jsonl", ['{"text": "The ferry has stopped."}', "{bad"])
    assert f"{path}:2:" in dedup("scan", path).out


def test_a_missing_path_is_named(dedup: Run) -> None:
    done = dedup("scan", DEMO, "no/such/file.jsonl")
    assert done == Done(5, "", "dedup: no/such/file.jsonl: there is no such file or folder\n")


def test_an_empty_folder_is_an_error_that_names_it(dedup: Run) -> None:
    Path("hollow").mkdir()
    done = dedup("scan", "hollow")
    assert done.code == 5
    assert "hollow: no file in the folder" in done.err


def test_an_empty_path_is_an_error_and_not_the_current_folder(dedup: Run) -> None:
    Path("page.txt").write_bytes(PAGE.read_bytes())
    assert dedup("scan", "").code == 5


def test_an_empty_path_to_scan_against_is_an_error_too(dedup: Run) -> None:
    assert dedup("scan", PAGE, "--against", "").code == 5


def test_a_file_named_like_standard_input_can_be_scanned(dedup: Run) -> None:
    Path("-").write_bytes(PAGE.read_bytes())
    assert dedup("scan", "./-", "--json").counts["repeats"] == 2


def test_a_pattern_without_matches_is_an_error_that_names_it(dedup: Run) -> None:
    done = dedup("scan", "*.jsonl")
    assert done.code == 5
    assert "*.jsonl" in done.err


def test_an_empty_file_is_no_error(dedup: Run) -> None:
    Path("hollow.jsonl").write_bytes(b"")
    done = dedup("scan", "hollow.jsonl", "--json")
    assert (done.code, done.counts["read"]) == (0, 0)


@pytest.mark.parametrize(
    "content",
    [
        b"no model",
        b"",
        b"PK\x03\x04",
    ],
    ids=["text", "empty", "half an archive"],
)
def test_a_model_that_is_none_is_an_error_that_names_it(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "stats.npz").write_bytes(content)
    done = outside("scan", PAGE, "--model", "stats.npz", cwd=tmp_path)
    assert done.code in (4, 5)
    assert "stats.npz is not a corpus model" in done.err


def test_a_temporary_folder_that_is_none_is_an_error(dedup: Run) -> None:
    done = dedup("scan", PAGE, "--tmp-dir", "nowhere")
    assert done.code == 5
    assert "--tmp-dir" in done.err


# --- as a process


def test_exit_codes_and_streams_of_the_real_process(tmp_path: Path) -> None:
    done = outside("scan", PAGE, "--fail-on-duplicates", cwd=tmp_path)
    assert done.code == 1
    assert "line 1 = line 2" in done.out
    assert done.err in ("", f"dedup: {FIRST}\n", f"dedup: {FURTHER}\n")
    missing = outside("scan", "nowhere", cwd=tmp_path)
    assert (missing.code, missing.out) == (5, "")
    assert "Traceback" not in missing.err


def test_standard_input_is_read_as_any_file(tmp_path: Path) -> None:
    records = [{"id": id, "text": "the very same words"} for id in "ab"]
    content = "".join(json.dumps(record) + "\n" for record in records).encode()
    done = outside("scan", "-", "--json", stdin=content, cwd=tmp_path)
    assert done.code == 0
    assert clusters(done) == [["a", "b"]]
    assert done.json["clusters"][0]["members"][0]["ref"] == "-#1"


def test_plain_text_on_standard_input_is_a_page(tmp_path: Path) -> None:
    done = outside("scan", "-", "--json", stdin=PAGE.read_bytes(), cwd=tmp_path)
    assert len(done.json["repeats"]) == 2


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["summary", "json"])
def test_a_reader_that_leaves_early_is_no_failure(options: list[str], tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = outside("scan", DEMO, *options, stdout=writing, cwd=tmp_path)
    finally:
        os.close(writing)
    assert "Traceback" not in done.err
    assert done.code == 0


@pytest.mark.parametrize(
    ("command", "code"),
    [(("scan", "bad.jsonl", "--quiet"), 3), (("scan", "--help"), 0), (("scan",), 2)],
    ids=["bad records", "help", "usage"],
)
def test_a_reader_of_both_streams_that_leaves_early_never_means_duplicates(
    command: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    (tmp_path / "bad.jsonl").write_text('{"text": "A storm."}\n{\n', "utf-8")
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = outside(*command, stdout=writing, stderr=writing, cwd=tmp_path)
    finally:
        os.close(writing)
    assert done.code == code


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("options", [[], ["--json"]], ids=["summary", "json"])
def test_standard_output_on_a_full_disk_ends_with_5(options: list[str], tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = outside("scan", PAGE, *options, stdout=full, cwd=tmp_path)
    assert "Traceback" not in done.err
    assert done.code == 5


@pytest.mark.parametrize("options", [["--quiet"], ["--out", "found", "--quiet"]])
def test_a_full_disk_ends_with_5_and_nothing_left_behind(
    options: list[str], tmp_path: Path
) -> None:
    write(tmp_path / "corpus.jsonl", planted(60))
    (tmp_path / "spill").mkdir()
    done = outside(
        *("scan", "corpus.jsonl", "--tmp-dir", "spill", *options),
        cwd=tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)),
    )
    assert done.code == 5
    assert "--tmp-dir" in done.err
    assert "Traceback" not in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus.jsonl", "spill"]
    assert list((tmp_path / "spill").iterdir()) == []


def test_termination_leaves_no_temporary_files(tmp_path: Path) -> None:
    records = [record for seed in range(6) for record in planted(100, seed)]
    corpus = write(tmp_path / "corpus.jsonl", records)
    spill = tmp_path / "spill"
    spill.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "dedup", "scan", str(corpus), "--tmp-dir", str(spill), "--quiet"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    while not list(spill.iterdir()) and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=60)
    assert list(spill.iterdir()) == []


def test_help_imports_neither_numpy_nor_numba() -> None:
    code = (
        "import sys\n"
        "from dedup.cli.main import group\n"
        "try:\n    group.main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'numba', 'pyarrow', 'sklearn', 'orjson', 'dedup.api'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = run_program(code)
    assert "scan" in done.stdout
    assert done.stderr.strip() == "[]"


def test_a_scan_of_text_imports_nothing_it_does_not_need(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from dedup.cli.main import group\n"
        f"group.main(['scan', {str(PAGE)!r}, '--quiet'], standalone_mode=False)\n"
        "heavy = {'pyarrow', 'pandas', 'sklearn', 'datasketch', 'trafilatura'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
        f"arguments = ['scan', {str(DEMO)!r}, '--quiet', '--store-text', '--out', 'found']\n"
        "group.main(arguments, standalone_mode=False)\n"
        "print(sorted((heavy | {'pyarrow.compute'}) & set(sys.modules)))"
    )
    done = run_program(code, cwd=tmp_path)
    assert done.stdout.split("\n") == ["[]", "['pyarrow']", ""]


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


# --- settings


def test_settings_come_from_dedup_toml(dedup: Run) -> None:
    Path("dedup.toml").write_text("repeats = false\nseed = 9\n[rule]\nnear-jaccard = 0.99\n")
    done = dedup("scan", DEMO, "--out", "found", "--json")
    assert done.counts["repeats"] == 0
    settings = json.loads(Path("found/manifest.json").read_bytes())["settings"]
    assert (settings["seed"], settings["rule"]["near_jaccard"]) == (9, 0.99)
    assert ["viaduct-wire", "viaduct-edited"] not in clusters(done)


def test_settings_come_from_pyproject_too(dedup: Run) -> None:
    Path("pyproject.toml").write_text("[tool.dedup]\nrepeats = false\n[tool.other]\nx = 1\n")
    assert dedup("scan", PAGE, "--json").counts["repeats"] == 0


def test_dedup_toml_wins_over_pyproject(dedup: Run) -> None:
    Path("pyproject.toml").write_text("[tool.dedup]\nrepeats = false\n")
    Path("dedup.toml").write_text("repeats = true\n")
    assert dedup("scan", PAGE, "--json").counts["repeats"] == 2


def test_the_command_line_wins_over_the_file(dedup: Run) -> None:
    Path("dedup.toml").write_text("repeats = false\n[reading]\nlimit = 3\n")
    done = dedup("scan", DEMO, "--json", "--repeats", "--limit", "30")
    assert (done.counts["repeats"], done.counts["read"]) == (2, 30)


def test_a_flag_that_was_not_given_leaves_the_file_alone(dedup: Run) -> None:
    Path("dedup.toml").write_text("store_text = true\n")
    dedup("scan", PAGE, "--out", "found", "--quiet")
    assert json.loads(Path("found/manifest.json").read_bytes())["settings"]["store_text"] is True


def test_fields_may_be_named_in_the_file(dedup: Run) -> None:
    Path("dedup.toml").write_text('[reading.fields]\ntext = "story"\nid = "nr"\n')
    write(Path("corpus.jsonl"), [{"nr": n, "story": "one and the same"} for n in (7, 8)])
    assert sorted(clusters(dedup("scan", "corpus.jsonl", "--json"))[0]) == ["7", "8"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("similarty = 0.5\n", "unknown setting 'similarty'"),
        ("[rule]\nnear = 0.5\n", "unknown setting 'near'"),
        ("seed = 'one'\n", "seed must be a int"),
        ("repeats = 1\n", "repeats must be a bool"),
        ("rule = 5\n", "rule must be a Rule"),
        ("bands = 99\n", "99 bands of 3 rows"),
        ("threads = -1\n", "threads is -1"),
        ("seed = \n", "dedup.toml"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(dedup: Run, content: str, said: str) -> None:
    Path("dedup.toml").write_text(content)
    done = dedup("scan", PAGE)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize(
    "content",
    [
        "tmp_dir = 5\n",
        "engine = 'kernal'\n",
        "unit = 'word'\n",
        "[reading]\nlimit = 'x'\n",
        "[reading.fields]\ntext = 5\n",
        "[reading]\nlimit = 0\n",
        "[reading]\ninclude = [1]\n",
    ],
)
def test_a_setting_of_the_wrong_kind_is_refused(dedup: Run, content: str) -> None:
    Path("dedup.toml").write_text(content)
    assert dedup("scan", PAGE, "--quiet").code == 2


@pytest.mark.parametrize("content", ["tool = 5\n", "[tool]\ndedup = 5\n"])
def test_a_pyproject_of_another_shape_is_survived(dedup: Run, content: str) -> None:
    Path("pyproject.toml").write_text(content)
    assert dedup("scan", PAGE, "--quiet").code in (0, 2)


def test_a_broken_pyproject_is_somebody_elses_trouble(dedup: Run) -> None:
    Path("pyproject.toml").write_text("[tool.dedup\n")
    assert dedup("scan", PAGE, "--quiet").code == 0


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
    pytest.importorskip("dedup.reference")
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


def test_a_model_may_be_saved_and_judged_by(dedup: Run, tmp_path: Path) -> None:
    corpus = write(tmp_path / "corpus.jsonl", planted(20))
    first = dedup("scan", corpus, "--json", "--save-model", "stats.npz")
    assert first.code == 0
    again = dedup("scan", corpus, "--json", "--model", "stats.npz")
    assert again.json == first.json


def test_a_model_that_cannot_be_saved_is_said_before_reading(dedup: Run) -> None:
    done = dedup("scan", "no-such-input", "--save-model", "no/such/place.npz")
    assert done.code == 5
    assert "no/such/place.npz" in done.err


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


def test_a_settings_file_may_name_a_rule(dedup: Run, tmp_path: Path) -> None:
    Path("dedup.toml").write_text('rule = "strict"\n')
    assert dedup("scan", DEMO, "--quiet", "--out", tmp_path / "found").code == 0
    settings = json.loads((tmp_path / "found/manifest.json").read_text())["settings"]
    assert settings["rule"] == asdict(RULES["strict"])
    Path("dedup.toml").write_text('rule = "lenient"\n')
    done = dedup("scan", DEMO)
    assert (done.code, "unknown rule 'lenient'" in done.err) == (2, True)


def test_a_stricter_rule_removes_no_more(dedup: Run) -> None:
    removable = [
        dedup("scan", FIXTURES / "regressions/chain/records.jsonl", "--json", "--rule", name).counts
        for name in ("strict", "balanced", "loose")
    ]
    assert [counts["removable"] for counts in removable] == [0, 2, 2]


def test_a_scan_imports_no_linear_algebra_and_leaves_it_to_whoever_needs_it(tmp_path: Path) -> None:
    code = (
        "import gc, sys\n"
        "from dedup.cli.main import main\n"
        f"sys.argv = ['dedup', 'scan', {str(PAGE)!r}, '--quiet']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    print(end.code)\n"
        "print('numba' in sys.modules, 'scipy.linalg' in sys.modules)\n"
        "print(sum(generation['collections'] for generation in gc.get_stats()) < 100)\n"
        "import scipy.linalg.cython_blas\n"
        "from sklearn.feature_extraction.text import TfidfVectorizer\n"
        "print(TfidfVectorizer().fit_transform(['rain and snow']).shape)"
    )
    done = run_program(code, cwd=tmp_path)
    assert done.stdout.split("\n") == ["0", "True False", "True", "(1, 3)", ""]

"""How ``dedup scan`` ends: exit codes, what is said of errors, and streams that break."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from dedup.kernels.compiling import FIRST, FURTHER
from tests.cli.command import DEMO, PAGE, Done, Run, clusters, outside, write
from tests.conftest import ROOT
from tests.corpora import planted

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


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["scan", PAGE, "--threads", "x"], "'--threads': give a whole number from 0 up, not 'x'."),
        (["scan", PAGE, "--limit", "0"], "'--limit': give a whole number from 1 up, not '0'."),
        (["scan", PAGE, "--limit", "1.5"], "'--limit': give a whole number from 1 up, not '1.5'."),
        (
            ["scan", PAGE, "--similarity", "2"],
            "'--similarity': give a number from 0.05 to 1, not '2'.",
        ),
        (["scan", PAGE, "--max-ratio", "many"], "give a number from 1 up, not 'many'."),
        (["scn", PAGE], "there is no command 'scn'. Did you mean: dedup scan\n"),
        (["Reprot", "found"], "there is no command 'Reprot'. Did you mean: dedup report\n"),
        ([PAGE], f"there is no command '{PAGE}'. Did you mean: dedup scan {PAGE}\n"),
        (["xyzzy"], "there is no command 'xyzzy'.\n"),
        (["a\0b"], "there is no command"),
    ],
)
def test_what_is_wrong_with_the_usage_is_told_in_words(
    dedup: Run, arguments: list[Any], says: str
) -> None:
    done = dedup(*arguments)
    assert done.code == 2
    assert says in done.err


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


@pytest.mark.parametrize(("share", "code"), [("9%", 3), ("10%", 0), ("50%", 0)])
def test_a_share_is_one_of_all_records_those_scanned_against_included(
    dedup: Run, tmp_path: Path, share: str, code: int
) -> None:
    scanned = write(tmp_path / "new.jsonl", [{"text": "rain"}, {"text": "snow"}])
    archive = write(tmp_path / "archive.jsonl", [*[{"text": f"day {n}"} for n in range(7)], "{bad"])
    assert dedup("scan", scanned, "--against", archive, "--max-bad", share).code == code


def test_3_wins_over_1(dedup: Run, tmp_path: Path) -> None:
    corpus = write(tmp_path / "bad.jsonl", [BAD[0], *BAD])
    assert dedup("scan", corpus, "--quiet", "--fail-on-duplicates").code == 3
    tolerant = dedup("scan", corpus, "--quiet", "--fail-on-duplicates", "--max-bad", "67%")
    assert tolerant.code == 1


def test_bad_records_are_said_even_when_quiet(dedup: Run, tmp_path: Path) -> None:
    done = dedup("scan", write(tmp_path / "bad.jsonl", BAD), "--quiet")
    assert (done.out, done.code) == ("", 3)
    assert "2 records could not be read" in done.err


@pytest.mark.parametrize("option", ["--quiet", "--json"])
def test_the_first_bad_record_and_its_reason_are_said(
    option: str, dedup: Run, tmp_path: Path
) -> None:
    bad = write(tmp_path / "bad.jsonl", [{"id": 1}, {"id": 2}, {"text": "rain"}])
    reason = f"{bad}:1 (no field 'text'; the record has: id (--text-field names the field"
    done = dedup("scan", bad, option)
    told = "dedup: 2 records could not be read and stand in quarantine:"
    assert done.code == 3
    assert done.err == f"{told} {reason} of the text)) and 1 more\n"
    archived = dedup("scan", PAGE, "--against", bad, option)
    assert archived.err == done.err


def test_bad_records_stand_in_the_json_without_their_bytes(dedup: Run, tmp_path: Path) -> None:
    bad = write(tmp_path / "bad.jsonl", BAD)
    archive = write(tmp_path / "archive.jsonl", ['{"text": "rain"}', "[]"])
    found = dedup("scan", bad, "--against", archive, "--json", "--out", "found").json
    rows = map(json.loads, Path("found/quarantine.jsonl").read_text("utf-8").splitlines())
    expected = [{key: value for key, value in row.items() if key != "raw"} for row in rows]
    assert found["quarantine"] == expected
    assert [(row["line"], row["against"]) for row in expected] == [
        (2, False),
        (3, False),
        (2, True),
    ]


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
    against = dedup("scan", page, "--against", noise, "--quiet").err
    assert against.startswith(said.replace(" and 1 more", ""))


@pytest.fixture
def half_read() -> str:
    """A folder of four files and a folder, three of which cannot be read, and one is no text."""
    folder = Path("crawl")
    folder.mkdir()
    write(folder / "a.jsonl", [{"id": "1", "text": "The ferry sails again."}])
    (folder / "b.jsonl").write_text('{"text": "Bread will cost more."}\n', "utf-16")
    (folder / "c.jsonl").symlink_to("gone")
    (folder / "d.png").write_bytes(b"\x89PNG\r\n\x1a\n\0")
    (folder / "e.jsonl.xz").write_bytes(b"\xfd7zXZ\0")
    return "crawl"


UNREAD = (
    "dedup: 3 files or folders could not be read: crawl/c.jsonl (cannot be opened: No such file or "
    "directory) and 2 more\n"
)


@pytest.mark.parametrize("option", ["--quiet", "--json", "--no-repeats"])
def test_files_that_cannot_be_read_are_said_and_end_with_3(
    option: str, dedup: Run, half_read: str
) -> None:
    done = dedup("scan", half_read, option)
    assert (done.code, done.err) == (3, UNREAD)


def test_files_that_cannot_be_read_are_told_apart_from_what_is_no_text(
    dedup: Run, half_read: str
) -> None:
    out = dedup("scan", half_read, "--out", "found").out
    assert "           3  files or folders could not be read; see below\n" in out
    assert "Could not be read: 3 files or folders\n  crawl/c.jsonl: cannot be opened" in out
    assert "Skipped: 1 file\n  crawl/d.png: not text: PNG image\n" in out
    found = dedup("scan", half_read, "--json").json
    assert (found["counts"]["unread_files"], found["counts"]["against_unread_files"]) == (3, 0)
    names = {skip["path"][6:]: (skip["unread"], skip["against"]) for skip in found["skipped"]}
    lost = dict.fromkeys(("c.jsonl", "b.jsonl", "e.jsonl.xz"), (True, False))
    assert names == {**lost, "d.png": (False, False)}
    manifest = json.loads(Path("found/manifest.json").read_bytes())
    assert manifest["skipped"] == found["skipped"]
    assert manifest["counts"]["unread_files"] == 3
    for format, told in (("text", "Could not be read: 3 files or folders"),
                         ("md", "**Could not be read:** 3 files or folders: crawl/c.jsonl")):  # fmt: skip
        assert told in dedup("report", "found", "--format", format).out
    assert "Could not be read: 3 files or folders" in dedup("report", "found", "--out", "-").out


@pytest.mark.parametrize(("tolerated", "code"), [("2", 3), ("3", 0), ("74%", 3), ("75%", 0)])
def test_a_file_that_cannot_be_read_counts_as_one_bad_record(
    tolerated: str, code: int, dedup: Run, half_read: str
) -> None:
    assert dedup("scan", half_read, "--quiet", "--max-bad", tolerated).code == code


def test_files_to_scan_against_that_cannot_be_read_count_too(dedup: Run, half_read: str) -> None:
    done = dedup("scan", PAGE, "--against", half_read, "--json")
    assert (done.code, done.err) == (3, UNREAD)
    assert (done.counts["unread_files"], done.counts["against_unread_files"]) == (0, 3)


def test_what_is_excluded_is_not_missing(dedup: Run, half_read: str) -> None:
    excluded = ("--exclude", "[b-d].*", "--exclude", "*.xz")
    done = dedup("scan", half_read, "--quiet", *excluded)
    assert (done.code, done.err) == (0, "")


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs a user who may not read all")
def test_locked_files_and_folders_are_said_and_a_named_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "c" / "inner").mkdir(parents=True)
    for name in ("c/a.jsonl", "c/file.jsonl", "c/inner/b.jsonl"):
        write(tmp_path / name, [{"text": "A storm."}])
    for name in ("c/file.jsonl", "c/inner"):
        (tmp_path / name).chmod(0)
    as_nobody = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")

    def dedup(*arguments: str) -> Done:
        who = as_nobody if os.geteuid() == 0 else ()
        command = [*who, sys.executable, "-m", "dedup", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True)
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    done = dedup("scan", "c", "--json", "--engine", "reference")
    (tmp_path / "c/inner").chmod(0o700)
    assert done.code == 3
    denied = {skip["path"]: skip["reason"] for skip in done.json["skipped"] if skip["unread"]}
    assert denied == {
        "c/file.jsonl": "cannot be opened: Permission denied",
        "c/inner": "the folder cannot be read: Permission denied",
    }
    (tmp_path / "c/inner").chmod(0)
    named = dedup("scan", "c/inner")
    (tmp_path / "c/inner").chmod(0o700)
    told = "dedup: c/inner: cannot be opened: Permission denied\n"
    assert named == Done(5, "", told)


@pytest.mark.parametrize("command", [["scan"], ["apply"], ["threshold", "--keep", "newest"]])
def test_an_empty_name_of_a_folder_to_write_is_refused(
    command: list[str], dedup: Run, tmp_path: Path
) -> None:
    dedup("scan", PAGE, "--out", tmp_path / "found", "--quiet")
    source = PAGE if command == ["scan"] else tmp_path / "found"
    done = dedup(*command, source, "--out", "")
    assert (done.code, done.out) == (2, "")
    assert "'--out': the name is empty" in done.err


@pytest.mark.parametrize("option", ["--report", "--store-text", "--force"])
def test_an_option_about_the_results_folder_asks_for_one(option: str, dedup: Run) -> None:
    done = dedup("scan", PAGE, option)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"dedup: {option} ")
    assert "name one with --out DIR" in done.err


def test_a_settings_file_may_ask_for_texts_without_a_results_folder(dedup: Run) -> None:
    Path("dedup.toml").write_text("store_text = true\n")
    assert dedup("scan", PAGE, "--quiet").code == 0


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
    ("records", "why"),
    [
        ([], "there are no records"),
        ([{"text": ""}, {"text": " … "}], "no record has a text"),
        ([{"txt": "Rain."}, {"text": ""}], "no record has a text"),
    ],
)
def test_that_nothing_was_compared_is_said_even_when_quiet(
    dedup: Run, records: list[Any], why: str
) -> None:
    write(Path("corpus.jsonl"), records)
    done = dedup("scan", "corpus.jsonl", "--quiet", "--max-bad", "1")
    said = f"dedup: nothing was compared: {why} in what was scanned\n"
    assert (done.code, said in done.err) == (0, True)
    write(Path("more.jsonl"), [{"text": "Rain."}])
    assert "nothing was compared" not in dedup("scan", "corpus.jsonl", "more.jsonl").err


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

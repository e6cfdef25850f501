"""`dedup report` and `dedup show`."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from dedup.results import Results, open_results
from tests.cli.command import Done, Run, outside, write
from tests.corpora import article
from tests.report.conftest import demo, hostile, many

__all__ = ["demo", "hostile", "many"]


@pytest.fixture
def run(dedup: Run) -> Run:
    return dedup


def rows(done: Done) -> list[list[str]]:
    return list(csv.reader(io.StringIO(done.out)))


def test_html_goes_into_the_results_folder_and_its_place_is_printed(
    run: Run, demo: Results
) -> None:
    done = run("report", demo.folder)
    assert done.code == 0, done.err
    path = Path(done.out.strip())
    assert path == demo.folder / "report.html"
    assert path.read_text("utf-8").startswith("<!doctype html>")
    assert run("report", demo.folder, "--format", "text").code == 0


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="needs a name of standard output")
@pytest.mark.parametrize("form", ["html", "csv"])
def test_a_report_that_goes_to_standard_output_is_all_that_stands_there(
    form: str, demo: Results
) -> None:
    command = ("report", demo.folder, "--format", form, "--out")
    printed = [outside(*command, place) for place in ("-", "/dev/stdout", "/dev/fd/1")]
    assert [done.code for done in printed] == [0, 0, 0]
    assert {done.out for done in printed} == {printed[0].out}
    assert "/dev/" not in printed[0].out


def test_csv_has_a_row_for_each_record_of_a_cluster(run: Run, demo: Results) -> None:
    header, *members = rows(run("report", demo.folder, "--format", "csv"))
    assert len(members) == demo.counts["members"]
    assert {len(row) for row in members} == {len(header)}
    kept = [row for row in members if row[header.index("kept")] == "yes"]
    assert len(kept) == demo.counts["clusters"]


def test_no_csv_cell_starts_like_a_formula(run: Run, hostile: Results) -> None:
    done = run("report", hostile.folder, "--format", "csv")
    table = rows(done)
    assert len(table) == 1 + 3
    for row in table:
        for cell in row:
            assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert any(cell.startswith("'=1+1") for row in table for cell in row)
    assert "\x1b" not in done.out


def test_json_lines_hold_everything(run: Run, demo: Results) -> None:
    lines = [
        json.loads(line)
        for line in run("report", demo.folder, "--format", "jsonl").out.splitlines()
    ]
    kinds = [line["kind"] for line in lines]
    assert lines[0]["counts"] == demo.counts
    assert kinds.count("cluster") == demo.counts["clusters"]
    assert kinds.count("link") == demo.counts["links"]
    assert kinds.count("repeat") == demo.counts["repeats"]


def test_markdown_may_be_spelled_out(run: Run, demo: Results) -> None:
    spelled_out = run("report", demo.folder, "--format", "markdown")
    assert spelled_out.code == 0, spelled_out.err
    assert spelled_out == run("report", demo.folder, "--format", "md")


def test_markdown_of_hostile_data_is_not_markdown(run: Run, hostile: Results) -> None:
    text = run("report", hostile.folder, "--format", "md").out
    assert not re.search(r"(?<!\\)<(?!https?://)", text)
    tables = [line for line in text.splitlines() if line.startswith("| near")]
    assert tables
    for line in tables:
        assert len(re.findall(r"(?<!\\)\|", line)) == 7
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_text_adds_up_and_moves_no_cursor(run: Run, hostile: Results) -> None:
    text = run("report", hostile.folder, "--format", "text").out
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "Quarantined: 1 record" in text


def test_a_file_in_the_way_is_kept(run: Run, demo: Results, tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_text("mine")
    done = run("report", demo.folder, "--format", "md", "--out", path)
    assert done.code == 5
    assert "--force" in done.err
    assert path.read_text() == "mine"
    assert run("report", demo.folder, "--format", "md", "--out", path, "--force").code == 0
    assert path.read_text("utf-8").startswith("# 6 of 30 records")


def test_a_pipe_is_written_to_and_stays_one(run: Run, demo: Results, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    try:
        for options in (["--force"], []):
            done = run("report", demo.folder, "--format", "csv", "--out", pipe, *options)
            assert (done.code, done.out) == (0, f"{pipe}\n")
            assert pipe.is_fifo()
            written = os.read(end, 1 << 16).decode()
            assert written == run("report", demo.folder, "--format", "csv").out
    finally:
        os.close(end)


@pytest.mark.parametrize("form", ["html", "csv"])
def test_a_report_never_takes_the_place_of_a_result(
    form: str, run: Run, demo: Results, tmp_path: Path
) -> None:
    folder = tmp_path / "found"
    shutil.copytree(demo.folder, folder)
    (tmp_path / "link").symlink_to(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for name in ("found/clusters.jsonl", "link/manifest.json"):
        done = run("report", folder, "--format", form, "--out", tmp_path / name, "--force")
        assert done.code == 5
        assert f"{tmp_path / name} belongs to the results themselves" in done.err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert run("report", folder, "--format", form, "--out", folder / "other").code == 0


def test_full_writes_pages(run: Run, demo: Results, tmp_path: Path) -> None:
    done = run("report", demo.folder, "--full", "--out", tmp_path / "pages")
    assert done.code == 0, done.err
    assert Path(done.out.strip()) == tmp_path / "pages" / "index.html"
    assert run("report", demo.folder, "--full", "--format", "csv").code == 2


def test_pages_in_the_way_are_named_as_such(run: Run, demo: Results, tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    run("report", demo.folder, "--full", "--out", pages)
    done = run("report", demo.folder, "--full", "--out", pages)
    assert done.code == 5
    assert f"{pages} holds earlier report pages: replace them with --force" in done.err


def test_markdown_says_how_often_a_passage_stands_in_one_line(run: Run, tmp_path: Path) -> None:
    sentence = "The harbour board will meet on Tuesday to vote on the new ferry line to the island."
    (tmp_path / "a.txt").write_text(f"{sentence} {sentence}")
    run("scan", tmp_path / "a.txt", "--out", tmp_path / "found", "--quiet")
    assert "| exact | twice in line 1 |" in run("report", tmp_path / "found", "--format", "md").out


def test_a_folder_that_holds_no_results_is_named(run: Run, tmp_path: Path) -> None:
    done = run("report", tmp_path)
    assert done.code == 4
    assert "dedup scan" in done.err


def test_show_marks_what_differs(run: Run, demo: Results) -> None:
    plain = run("show", demo.folder, "1").out
    assert "[-evening after-] {+when+}" in plain
    assert "214 words the same" in plain
    assert "\x1b" not in plain
    assert plain == run("show", demo.folder, "viaduct-edited").out


def test_show_colours_on_request_and_never_by_data(
    run: Run, demo: Results, hostile: Results
) -> None:
    coloured = run("show", demo.folder, "1", "--color", "always").out
    assert "\x1b[31;9mevening\x1b[0m" in coloured
    codes = re.findall(r"\x1b\[[\d;]*m", run("show", hostile.folder, "1", "--color", "always").out)
    assert set(codes) <= {"\x1b[31;9m", "\x1b[32;1m", "\x1b[33m", "\x1b[2m", "\x1b[0m"}
    assert "\x1b[2J" not in run("show", hostile.folder, "1", "--color", "always").out


def test_show_says_what_of_very_long_texts_was_not_compared(
    run: Run, demo: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "not compared" not in run("show", demo.folder, "1").out
    monkeypatch.setattr("dedup.report.diff.MAX_WORDS", 200)
    assert re.search(r"\d+ words at the ends were not compared", run("show", demo.folder, "1").out)


def test_show_honours_no_color(run: Run, demo: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.cli.show.on_terminal", lambda: True)
    assert "\x1b[31" in run("show", demo.folder, "1").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("show", demo.folder, "1").out


def test_show_of_an_unknown_cluster_says_what_there_is(run: Run, demo: Results) -> None:
    done = run("show", demo.folder, "99")
    assert done.code == 2
    assert "has clusters 1 to 3" in done.err


def test_show_of_a_record_in_no_cluster_tells_its_links(run: Run, demo: Results) -> None:
    link = next(link for link in demo.links() if link.verdict == "template")
    done = run("show", demo.folder, link.right)
    assert done.code == 0, done.err
    assert f"{link.right} is in no cluster, and stays. It has 1 link:" in done.out
    assert f"template   {link.jaccard:.2f}  {link.left} ~ {link.right}" in done.out
    assert done.out == run("show", demo.folder, link.right_ref).out.replace(
        link.right_ref, link.right
    )
    command = done.out.splitlines()[-1].split()
    assert command[:2] == ["dedup", "compare"]
    assert run(*command[1:]).code == 0


def test_show_of_a_record_with_many_links_tells_the_strongest(run: Run, tmp_path: Path) -> None:
    form = article(60, "form")
    texts = [f"{form} It was {n * 7} degrees, with {n * 13} mm of rain." for n in range(1, 51)]
    records = [{"id": f"r{n}", "text": text} for n, text in enumerate(texts)]
    source = write(tmp_path / "many.jsonl", records)
    run("scan", source, "--out", tmp_path / "found", "--quiet")
    results = open_results(tmp_path / "found")
    clustered = {member.id for cluster in results.clusters() for member in cluster.members}
    ends = Counter(end for link in results.links() for end in (link.left, link.right))
    busiest, n = next(end for end in ends.most_common() if end[0] not in clustered)
    assert n > 41
    out = run("show", results.folder, busiest).out
    assert f"It has {n} links:" in out
    assert len(re.findall(r"^    \w+ +\d\.\d\d  ", out, re.M)) == 40
    assert f"… and {n - 40} more" in out


def test_show_of_a_hostile_name_that_is_unknown_moves_no_cursor(run: Run, demo: Results) -> None:
    done = run("show", demo.folder, "\x1b[2J")
    assert done.code == 2
    assert "\x1b" not in done.err


def test_show_of_results_without_clusters_says_that_there_are_none(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("One short text that stands alone here.")
    run("scan", tmp_path / "a.txt", "--out", tmp_path / "found", "--quiet")
    done = run("show", tmp_path / "found", "1")
    assert done.code == 2
    assert "holds no clusters" in done.err
    assert "lists them" not in done.err


def test_scan_writes_the_report_on_request(run: Run, demo: Results, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One short text that stands alone here.")
    done = run("scan", tmp_path / "a.txt", "--out", tmp_path / "found", "--report", "--quiet")
    assert done.code == 0, done.err
    assert "No duplicates in 1 record" in (tmp_path / "found" / "report.html").read_text("utf-8")
    again = run("scan", tmp_path / "a.txt", "--out", tmp_path / "found", "--force", "--quiet")
    assert again.code == 0, again.err
    assert not (tmp_path / "found" / "report.html").exists()
    assert run("scan", tmp_path / "a.txt", "--report").code == 2

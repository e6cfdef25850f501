"""Paths to files: folders, patterns, links, results folders, what is skipped and why."""

from __future__ import annotations

import io
import json
import os
import socket
import sys
import threading
from pathlib import Path

import pytest

from dedup.errors import InputError, SettingsError
from tests.corpus.reading import read


def fill(folder: Path, *names: str) -> None:
    """Write a text file under each name; its text is the name."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def test_a_folder_is_read_in_sorted_order(tmp_path: Path) -> None:
    fill(tmp_path, "b.txt", "a/z.txt", "a/b/c.md", "c.text", "A.txt")
    assert read(tmp_path).texts == ["A.txt", "a/b/c.md", "a/z.txt", "b.txt", "c.text"]


def test_ids_of_documents_are_paths_as_they_were_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, "pages/a/b.txt")
    monkeypatch.chdir(tmp_path)
    assert read("pages").ids == ["pages/a/b.txt"]
    assert read("./pages/").ids == ["./pages/a/b.txt"]
    assert read("pages/a/b.txt").ids == ["pages/a/b.txt"]
    assert read(tmp_path / "pages").ids == [f"{tmp_path}/pages/a/b.txt"]


def test_many_small_files_share_a_batch(tmp_path: Path) -> None:
    fill(tmp_path, *(f"{n:03}.txt" for n in range(50)))
    (batch,) = read(tmp_path).reader
    assert batch.files.tolist() == list(range(50))
    assert batch.lines.tolist() == [1] * 50


def test_a_pattern_is_expanded_in_sorted_order(tmp_path: Path) -> None:
    fill(tmp_path, "b.txt", "a.txt", "c.md", "in/d.txt")
    assert read(tmp_path / "*.txt").texts == ["a.txt", "b.txt"]
    assert read(tmp_path / "**" / "*.txt").texts == ["a.txt", "b.txt", "in/d.txt"]
    assert read(tmp_path / "i?").texts == ["in/d.txt"]


def test_a_name_with_brackets_is_a_name_first(tmp_path: Path) -> None:
    fill(tmp_path, "a[1].txt", "a1.txt")
    assert read(tmp_path / "a[1].txt").texts == ["a[1].txt"]


def test_include_and_exclude_choose_the_files_of_a_folder(tmp_path: Path) -> None:
    fill(tmp_path, "a.txt", "b.md", "in/c.txt", "in/d.log", "drafts/e.txt")
    assert read(tmp_path, include=("*.txt",)).texts == ["a.txt", "drafts/e.txt", "in/c.txt"]
    assert read(tmp_path, include=("in/*",)).texts == ["in/c.txt", "in/d.log"]
    assert read(tmp_path, exclude=("*.txt", "b.*")).texts == ["in/d.log"]
    assert read(tmp_path, exclude=("drafts", "in/d*")).texts == ["a.txt", "b.md", "in/c.txt"]
    assert read(tmp_path, exclude=("drafts/",), include=("*.txt",)).texts == ["a.txt", "in/c.txt"]
    assert read(tmp_path / "*", exclude=("in", "drafts")).texts == ["a.txt", "b.md"]


def test_a_file_that_is_named_is_read_whatever_the_patterns(tmp_path: Path) -> None:
    fill(tmp_path, "a.txt")
    assert read(tmp_path / "a.txt", include=("*.md",), exclude=("a*",)).texts == ["a.txt"]


def test_hidden_files_are_left_out_unless_a_pattern_names_them(tmp_path: Path) -> None:
    fill(tmp_path, "a.txt", ".b.txt", ".git/c.txt", ".notes/d.txt")
    outcome = read(tmp_path)
    assert (outcome.texts, outcome.skipped) == (["a.txt"], [])
    assert read(tmp_path, include=("*.txt", ".b*")).texts == [".b.txt", "a.txt"]
    assert read(tmp_path, include=(".notes/*",)).texts == [".notes/d.txt"]
    assert read(tmp_path / ".notes").texts == [".notes/d.txt"]


def test_a_missing_path_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.jsonl: there is no such file or folder"):
        read(tmp_path / "gone.jsonl")


def test_a_dangling_link_is_an_error_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to("gone")
    with pytest.raises(InputError, match=r"link\.txt: cannot be opened: No such file"):
        read(tmp_path / "link.txt")


def test_what_cannot_be_opened_in_a_folder_is_skipped(tmp_path: Path) -> None:
    fill(tmp_path, "a.txt")
    (tmp_path / "dangling").symlink_to("gone")
    (tmp_path / "itself").symlink_to("itself")
    outcome = read(tmp_path)
    assert outcome.texts == ["a.txt"]
    assert [path.rsplit("/", 1)[1] for path, _ in outcome.skipped] == ["dangling", "itself"]
    assert all("cannot be opened" in reason for _, reason in outcome.skipped)
    assert all(skipped.unread for skipped in outcome.reader.skipped)


def test_a_file_that_vanishes_is_skipped_or_an_error(tmp_path: Path) -> None:
    fill(tmp_path, "a.txt", "b.txt")
    reader = read(tmp_path).reader
    (tmp_path / "a.txt").unlink()
    assert [batch.ids.strings() for batch in reader] == [[f"{tmp_path}/b.txt"]]
    assert [skipped.path for skipped in reader.skipped] == [f"{tmp_path}/a.txt"]
    named = read(tmp_path / "b.txt").reader
    (tmp_path / "b.txt").unlink()
    with pytest.raises(InputError, match=r"b\.txt: cannot be opened"):
        list(named)


@pytest.mark.parametrize("names", [[], [".hidden.txt"], ["a.log"]])
def test_a_folder_without_files_is_an_error_that_says_what_was_looked_for(
    tmp_path: Path, names: list[str]
) -> None:
    fill(tmp_path, *names)
    with pytest.raises(InputError, match=r"no file in the folder; looked for \*\.txt"):
        read(tmp_path, include=("*.txt",))


def test_a_pattern_that_matches_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file matches the pattern"):
        read(tmp_path / "*.jsonl")


def test_a_folder_named_like_a_file_is_a_folder(tmp_path: Path) -> None:
    fill(tmp_path, "x.jsonl/a.txt")
    assert read(tmp_path / "x.jsonl").texts == ["x.jsonl/a.txt"]


def test_loops_of_links_end(tmp_path: Path) -> None:
    fill(tmp_path, "in/a.txt")
    (tmp_path / "in" / "back").symlink_to(tmp_path)
    (tmp_path / "in" / "self").symlink_to(".")
    outcome = read(tmp_path)
    assert outcome.texts == ["in/a.txt"]
    assert [reason for _, reason in outcome.skipped] == [
        f"the same folder as {tmp_path}",
        f"the same folder as {tmp_path}/in",
    ]


def test_a_file_that_is_reached_twice_is_read_once(tmp_path: Path) -> None:
    fill(tmp_path, "a.txt")
    (tmp_path / "b.txt").symlink_to("a.txt")
    outcome = read(tmp_path / "a.txt", tmp_path, f"{tmp_path}/./a.txt")
    assert outcome.texts == ["a.txt"]
    assert [reason for _, reason in outcome.skipped] == [f"the same file as {tmp_path}/a.txt"] * 3


def test_scanned_files_are_left_out_of_what_is_scanned_against(tmp_path: Path) -> None:
    fill(tmp_path, "a.txt", "b.txt", "c.txt", "today/d.txt", "today/e.txt")
    (tmp_path / "link.txt").symlink_to("b.txt")
    (tmp_path / "hard.txt").hardlink_to(tmp_path / "a.txt")
    (tmp_path / "now").symlink_to("today")
    scanned = read(tmp_path / "today", tmp_path / "a.txt", tmp_path / "link.txt", limit=1).reader
    archive = read(tmp_path).reader
    left_out = archive.leave_out(scanned.sources)
    names = [skipped.path.removeprefix(f"{tmp_path}/") for skipped in left_out]
    assert names == ["a.txt", "b.txt", "hard.txt", "now/d.txt", "now/e.txt"]
    assert left_out[2].reason == f"the same file as {tmp_path}/a.txt, which is scanned"
    assert [batch.ids.strings() for batch in archive] == [[f"{tmp_path}/c.txt"]]
    assert set(left_out) <= set(archive.skipped)
    assert archive.total_bytes == len("c.txt")


def test_what_standard_input_is_is_left_out_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, "a.txt", "b.txt")
    with (tmp_path / "a.txt").open() as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        scanned = read("-", limit=1).reader
        archive = read(tmp_path).reader
        assert [s.path for s in archive.leave_out(scanned.sources)] == [f"{tmp_path}/a.txt"]


def test_very_deep_folders_are_read_or_named(tmp_path: Path) -> None:
    fill(tmp_path, "a.txt")
    here = os.open(tmp_path, os.O_RDONLY)
    name = "deep" * 60
    for _ in range(20):
        os.mkdir(name, dir_fd=here)
        inner = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    outcome = read(tmp_path)
    assert outcome.texts == ["a.txt"]
    ((_, reason),) = outcome.skipped
    assert reason == "the folder cannot be read: File name too long"
    assert outcome.reader.skipped[0].unread


def test_a_results_folder_is_skipped_as_a_whole(tmp_path: Path) -> None:
    fill(tmp_path, "a.txt", "results/clusters.jsonl", "results/more/b.txt", "other/c.txt")
    (tmp_path / "results" / "manifest.json").write_text(json.dumps({"dedup": "0.1", "counts": {}}))
    (tmp_path / "other" / "manifest.json").write_text(json.dumps({"text": "mine"}))
    outcome = read(tmp_path)
    assert outcome.texts == ["a.txt", "other/c.txt", "mine"]
    assert outcome.skipped == [(f"{tmp_path}/results", "a results folder of dedup")]


def test_a_report_of_pages_is_skipped_as_a_whole(tmp_path: Path) -> None:
    fill(tmp_path, "a.txt", "pages/index.html", "other/c.txt")
    (tmp_path / "pages" / "report.json").write_text(json.dumps({"dedup_report": "0.1"}))
    (tmp_path / "other" / "report.json").write_text(json.dumps({"text": "mine"}))
    outcome = read(tmp_path)
    assert outcome.texts == ["a.txt", "other/c.txt", "mine"]
    assert outcome.skipped == [(f"{tmp_path}/pages", "a report of dedup")]


def test_a_folder_that_is_named_beside_its_parent_is_not_called_skipped(tmp_path: Path) -> None:
    fill(tmp_path, "a.txt", "in/b.txt")
    for paths in ([tmp_path / "in", tmp_path], [tmp_path, tmp_path]):
        outcome = read(*paths)
        assert sorted(outcome.texts) == ["a.txt", "in/b.txt"]
        assert outcome.skipped == []


@pytest.fixture
def cleaned(tmp_path: Path) -> Path:
    """A folder with a file, and with what `dedup apply` wrote of it and of a file elsewhere."""
    fill(tmp_path, "a.txt", "clean/corpus/a.txt", "clean/corpus/b.txt", "clean/removed.jsonl")
    n_bytes = (tmp_path / "a.txt").stat().st_size
    files = [
        {"path": f"{name}.txt", "bytes": n_bytes, "output": f"corpus/{name}.txt"} for name in "ab"
    ]
    said = {"dedup_apply": "0.1", "directory": str(tmp_path), "files": files}
    (tmp_path / "clean" / "apply.json").write_text(json.dumps(said))
    return tmp_path


ABOUT_CORPUS = "what dedup apply tells of its corpus"


def test_of_a_cleaned_corpus_on_the_way_only_what_is_no_copy_of_a_file_read_is_read(
    cleaned: Path,
) -> None:
    outcome = read(cleaned)
    assert outcome.texts == ["a.txt", "clean/corpus/b.txt"]
    assert sorted(outcome.skipped) == [
        (f"{cleaned}/clean/apply.json", ABOUT_CORPUS),
        (f"{cleaned}/clean/corpus/a.txt", f"what dedup apply made of {cleaned}/a.txt"),
        (f"{cleaned}/clean/removed.jsonl", ABOUT_CORPUS),
    ]


def test_a_cleaned_corpus_whose_sources_are_elsewhere_is_read(cleaned: Path) -> None:
    (cleaned / "a.txt").unlink()
    assert read(cleaned).texts == ["clean/corpus/a.txt", "clean/corpus/b.txt"]


def test_a_cleaned_corpus_is_no_copy_of_a_file_that_took_the_place_of_its_source(
    cleaned: Path,
) -> None:
    (cleaned / "a.txt").write_text("another text, written an hour later")
    assert len(read(cleaned).texts) == 3


def test_a_cleaned_corpus_that_is_named_is_read_whole(cleaned: Path) -> None:
    named = read(cleaned / "clean")
    assert named.texts == ["clean/corpus/a.txt", "clean/corpus/b.txt"]
    assert named.skipped == [
        (f"{cleaned}/clean/{name}", ABOUT_CORPUS) for name in ("apply.json", "removed.jsonl")
    ]
    assert read(cleaned / "clean" / "corpus").texts == named.texts
    both = read(cleaned, cleaned / "clean")
    assert both.texts == ["a.txt", "clean/corpus/a.txt", "clean/corpus/b.txt"]
    assert both.skipped == named.skipped


def test_a_cleaned_corpus_that_links_lead_to_is_read_once(cleaned: Path) -> None:
    (cleaned / "clean").rename(cleaned.with_name("elsewhere"))
    for name in ("monday", "tuesday"):
        (cleaned / name).symlink_to(cleaned.with_name("elsewhere"))
    outcome = read(cleaned)
    assert outcome.texts == ["a.txt", "clean/corpus/b.txt"]
    assert (f"{cleaned}/tuesday", f"the same folder as {cleaned}/monday") in outcome.skipped


def test_a_cleaned_corpus_of_which_a_pattern_wants_nothing_is_an_error(cleaned: Path) -> None:
    (cleaned / "a.txt").unlink()
    with pytest.raises(InputError, match=r"no file in the folder; looked for \*\.csv"):
        read(cleaned, include=("*.csv",))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"files": 5},
        {"files": ["a.txt"]},
        {"files": [{"path": "a.txt"}]},
        {"files": [{"path": 1, "bytes": 5, "output": "corpus/a.txt"}]},
        {"files": [{"path": "a\0", "bytes": 5, "output": "corpus/a.txt"}]},
        {"files": [{"path": "a.txt", "bytes": [], "output": None}]},
        {"directory": None, "files": [{"path": "a.txt", "bytes": 5, "output": "corpus/a.txt"}]},
    ],
)
def test_a_scraped_file_of_the_name_of_what_apply_writes_hides_nothing(
    said: dict[str, object], tmp_path: Path
) -> None:
    fill(tmp_path, "a.txt", "page/corpus/a.txt")
    said = {"dedup_apply": "0.1", "directory": str(tmp_path), **said}
    (tmp_path / "page" / "apply.json").write_text(json.dumps(said))
    assert read(tmp_path).texts == ["a.txt", "page/corpus/a.txt"]


def test_temporary_files_are_left_out_and_called_so(tmp_path: Path) -> None:
    fill(tmp_path, "a.txt", "out/b.txt", "c.txt")
    outcome = read(tmp_path, skip_paths=[str(tmp_path / "out"), str(tmp_path / "c.txt")])
    assert outcome.texts == ["a.txt"]
    why = "left out: temporary files of this run"
    assert outcome.skipped == [(f"{tmp_path}/c.txt", why), (f"{tmp_path}/out", why)]


BINARY = {
    "a.png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG image"),
    "b.jpg": (b"\xff\xd8\xff\xe0\0\x10JFIF", "JPEG image"),
    "c.pdf": (b"%PDF-1.7\n", "PDF document"),
    "d.docx": (b"PK\3\4\x14\0", "zip archive or office document"),
    "e": (b"\x7fELF\2\1\1", "executable"),
    "f.exe": (b"MZ\x90\0\3\0", "executable"),
    "g.txt": (b"\1\0\0 words" * 30, "binary data"),
    "h.dat": (bytes(range(256)) * 30, "binary data"),
    "i.tar": (b"name".ljust(257, b"\0") + b"ustar\0", "tar archive"),
    "j.txt": ("words of a page".encode("utf-16"), "UTF-16; --encoding utf-16 reads it"),
    "k.warc": (b"WARC/1.0\r\n", "WARC archive; extract it to JSONL first"),
    "l.xz": (b"\xfd7zXZ\0", "xz data; decompress it first"),
    "m.jsonl.xz": (b"\xfd7zXZ\0", "xz data; decompress it first"),
}
HOLD_TEXT = {"j.txt", "m.jsonl.xz"}


@pytest.mark.parametrize("name", BINARY)
def test_a_file_that_is_no_text_is_skipped_with_its_kind(tmp_path: Path, name: str) -> None:
    content, kind = BINARY[name]
    (tmp_path / name).write_bytes(content)
    fill(tmp_path, "z.md")
    for encoding in ("utf-8", "latin-1"):
        for paths in ([tmp_path], [tmp_path / name, tmp_path / "z.md"]):
            outcome = read(*paths, encoding=encoding)
            assert outcome.texts == ["z.md"]
            assert outcome.skipped == [(f"{tmp_path}/{name}", f"not text: {kind}")]
            assert outcome.reader.skipped[0].unread == (name in HOLD_TEXT)


@pytest.mark.parametrize("text", ["BMW makes cars", "MZ is a code", "II* III", "a\0b" + "c" * 99])
def test_text_that_only_looks_binary_is_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text)
    assert read(tmp_path).texts == [text]


def test_names_that_are_no_utf8_are_shown_escaped(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    (tmp_path / name).write_text("storm")
    outcome = read(tmp_path)
    assert outcome.ids == [f"{tmp_path}/caf\\xe9.txt"]
    assert outcome.ids[0].encode()


def test_a_socket_in_a_folder_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, "a.txt")
    monkeypatch.chdir(tmp_path)  # names of sockets must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
        assert read(tmp_path).skipped == [(f"{tmp_path}/s", "a pipe, socket or device")]


def test_standard_input_is_read_and_its_copy_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b'{"text": "a"}\n{"id": "x", "text": "b"}\n'
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    outcome = read("-", tmp_dir=str(tmp_path))
    assert outcome.ids == ["-#1", "x"]
    file = outcome.reader.files[0]
    assert (file.path, file.format, file.bytes, file.digest) == ("-", "jsonl", len(content), "")
    assert outcome.reader.total_bytes == len(content)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "format_name"),
    [
        ("A storm.\nRain.\n", "text"),
        ('[{"text": "a"}]', "json"),
        ("id,title,text\n1,t,a\n", "csv"),
        ("<!-- x -->\n<!DOCTYPE html><html>", "html"),
        ('{\n"text": "a"\n}', "text"),
    ],
)
def test_the_format_of_a_stream_is_found_by_content(
    monkeypatch: pytest.MonkeyPatch, content: str, format_name: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
    assert read("-").reader.files[0].format == format_name


def test_a_pipe_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b'{"text": "a"}\n',))
    writer.start()
    outcome = read(pipe)
    writer.join()
    assert outcome.texts == ["a"]


def test_a_format_that_is_named_wins_over_the_name(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text('{"text": "a"}\nnonsense\n')
    assert len(read(path).records) == 1
    assert read(path, format="text").texts == ['{"text": "a"}\nnonsense\n']
    path.write_text("nonsense\n")
    assert "not valid JSON" in read(path, format="jsonl").reasons[0]


@pytest.mark.parametrize(
    ("setting", "message"),
    [({"format": "xml"}, "no format 'xml'"), ({"encoding": "klingon"}, "--encoding klingon"),
     ({"encoding": "base64"}, "--encoding base64")],
)  # fmt: skip
def test_settings_that_cannot_be_used_are_refused(
    tmp_path: Path, setting: dict[str, str], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        read(tmp_path, **setting)


def test_reading_again_gives_the_same(tmp_path: Path) -> None:
    fill(tmp_path, "a.txt", "b.txt")
    (tmp_path / "c.png").write_bytes(BINARY["a.png"][0])
    reader = read(tmp_path).reader
    assert [batch.ids.strings() for batch in reader] == [batch.ids.strings() for batch in reader]
    assert len(reader.files) == 2
    assert len(reader.skipped) == 1

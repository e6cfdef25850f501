"""Text and HTML files: one document each; encodings."""

from __future__ import annotations

import builtins
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from dedup.errors import MissingExtraError
from tests.corpus.reading import read

PAGE = """<!DOCTYPE html><html><head><title>Rain returns - The Valley Post</title>
<meta property="og:site_name" content="The Valley Post">
<meta property="article:published_time" content="2006-01-31">
<link rel="canonical" href="https://valleypost.example/rain"></head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav><article><h1>Rain returns</h1>
<p>After four dry weeks the rain came back to the valley on Tuesday, and the wells filled again
within a single night, said the mayor, who had hoped for nothing less.</p>
<p>Farmers expect a late but good harvest; the mill has hired two more hands already, and the
bridge at the old crossing will stay closed until the water has gone down.</p></article>
<footer>All rights reserved</footer></body></html>"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "page.txt"


def test_a_text_file_is_one_document_as_it_is(path: Path) -> None:
    path.write_bytes("Rain\r\n\u2028returns\n\n".encode())
    (record,) = read(path).records
    assert (record.id, record.line, record.byte_offset) == (str(path), 1, 0)
    assert record.text == "Rain\r\n\u2028returns\n\n"
    assert (record.title, record.url, record.date, record.source) == (None, None, None, None)


def test_a_byte_order_mark_is_dropped(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbfRain")
    assert read(path).texts == ["Rain"]


def test_an_empty_file_has_no_records(path: Path) -> None:
    path.touch()
    assert read(path).records == []


def test_bad_utf8_costs_the_file_and_names_the_byte(path: Path) -> None:
    path.write_bytes(b"caf\xe9 au lait")
    (entry,) = read(path).quarantined
    assert entry.reason.startswith("not valid UTF-8 at byte 3 of the record (0xe9)")
    assert "--encoding" in entry.reason
    assert entry.raw == b"caf\xe9 au lait"


def test_a_file_longer_than_a_record_is_quarantined(path: Path) -> None:
    path.write_bytes(b"rain " * 200_000)
    (entry,) = read(path, max_record_bytes=1000).quarantined
    assert (len(entry.raw), entry.raw_length) == (64 * 1024, 1_000_000)


def test_lines_of_objects_in_a_text_file_are_records(path: Path) -> None:
    path.write_text('{"text": "a"}\n{"text": "b"}\n')
    assert read(path).texts == ["a", "b"]


def test_a_text_that_begins_with_a_brace_is_a_text(path: Path) -> None:
    path.write_text("{rain}\n{wind}\n")
    assert read(path).texts == ["{rain}\n{wind}\n"]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "gb18030"])
@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv", "a.json"])
def test_other_encodings_are_read_when_they_are_named(
    tmp_path: Path, encoding: str, name: str
) -> None:
    text = "Über den Fluß" * 30_000 if name == "a.txt" else "Über den Fluß"
    contents: Mapping[str, str] = {
        "a.txt": text,
        "a.jsonl": json.dumps({"text": text}, ensure_ascii=False) + "\n",
        "a.csv": f"id,text\n1,{text}\n",
        "a.json": json.dumps([{"text": text}], ensure_ascii=False, indent=1),
    }
    (tmp_path / name).write_bytes(contents[name].encode(encoding))
    outcome = read(tmp_path / name, encoding=encoding)
    assert outcome.texts == [text]
    assert not outcome.quarantined


@pytest.mark.parametrize("name", ["utf8", "UTF-8", "utf-8-sig"])
def test_utf8_may_be_spelt_in_any_way(path: Path, name: str) -> None:
    path.write_bytes("Fluß".encode())
    assert read(path, encoding=name).texts == ["Fluß"]


@pytest.mark.parametrize(
    ("encoding", "bad"),
    [("ascii", b"\xe9"), ("cp1252", b"\x81"), ("gb18030", b"\xff"), ("shift_jis", b"\x81\x01")],
)
def test_what_cannot_be_decoded_costs_its_record_only(
    tmp_path: Path, encoding: str, bad: bytes
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "a"}\n{"text": "b%s"}\n{"text": "c"}\n' % bad)
    outcome = read(path, encoding=encoding)
    assert outcome.texts == ["a", "c"]
    (entry,) = outcome.quarantined
    assert "cannot be decoded as" in entry.reason
    assert (entry.line, entry.byte_offset) == (2, -1)


def test_utf16_without_a_mark_says_how_it_begins(path: Path) -> None:
    path.write_bytes("Fluß".encode("utf-16-le"))
    (reason,) = read(path, encoding="utf-16").reasons
    assert "cannot be decoded as utf-16" in reason
    assert "--encoding" in reason


def test_the_main_text_of_a_page_is_read(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE)
    (record,) = read(tmp_path).records
    assert "the wells filled again" in record.text
    assert "All rights reserved" not in record.text
    assert (record.id, record.title) == (str(path), "Rain returns")
    assert (record.url, record.date) == ("https://valleypost.example/rain", "2006-01-31")
    assert record.source == "The Valley Post"


@pytest.mark.parametrize(
    "page", ["<html></html>", "<!DOCTYPE html><html><body><p></body>", "<" * 5000]
)
def test_a_page_without_main_text_is_quarantined(tmp_path: Path, page: str) -> None:
    path = tmp_path / "page.htm"
    path.write_text(page)
    (entry,) = read(path).quarantined
    assert "no main text" in entry.reason
    assert entry.raw == page.encode()


def test_a_missing_html_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ordinary = builtins.__import__

    def without_trafilatura(name: str, *args: object, **kwargs: object) -> object:
        if name == "trafilatura":
            raise ImportError(name)
        return ordinary(name, *args, **kwargs)

    (tmp_path / "page.html").write_text(PAGE)
    monkeypatch.setattr(builtins, "__import__", without_trafilatura)
    with pytest.raises(MissingExtraError, match=r"pip install 'article-dedup\[html\]'"):
        read(tmp_path)

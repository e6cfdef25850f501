"""HTML pages that are not UTF-8, and say so."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

import pytest

import dedup
from tests.corpus.reading import read

WORDS = (
    "Der Fährmann von Größe wollte über den Fluß, doch das Boot lag fest im Schlick der Mündung."
)


def in_encoding(head: str, encoding: str, words: str = WORDS, start: str = "") -> bytes:
    page = f"{start}<!doctype html><html><head>{head}<title>Fähre</title></head><body>"
    page += f"<article><h1>Fähre</h1><p>{words}</p><p>{words}</p></article></body></html>"
    return page.encode(encoding)


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="windows-1252">', "cp1252"),
        ("<META CHARSET=ISO-8859-1>", "latin-1"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-15">', "iso8859-15"),
        ("<meta content='text/html;charset=\"latin1\"' http-equiv=content-type>", "latin-1"),
        ('<!-- <meta charset="koi8-r"> --><meta charset="windows-1252">', "cp1252"),
        ("<script>'<meta charset=koi8-r>'</script><meta charset='windows-1252'>", "cp1252"),
        ("<!--" + "x" * 3000 + '--><meta charset="windows-1252">', "cp1252"),
        ('<meta name="x" content="charset=koi8-r"><meta charset="windows-1250">', "cp1250"),
        ('<meta charset="windows-1252"><meta charset="koi8-r">', "cp1252"),
        ('<meta charset="windows-1252">', "utf-8"),
    ],
)
def test_a_page_is_read_in_the_encoding_that_it_declares(
    tmp_path: Path, head: str, encoding: str
) -> None:
    (tmp_path / "page.html").write_bytes(in_encoding(head, encoding))
    (record,) = read(tmp_path).records
    assert WORDS in record.text
    assert record.title == "Fähre"
    assert record.byte_offset == 0


def test_an_xml_declaration_tells_the_encoding_of_a_page(tmp_path: Path) -> None:
    start = '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
    (tmp_path / "page.xhtml").write_bytes(in_encoding("", "latin-1", start=start))
    assert WORDS in read(tmp_path).texts[0]


@pytest.mark.parametrize("label", ["iso-8859-1", "latin1", "us-ascii", "windows-1252", "x-cp1252"])
def test_the_labels_of_latin_1_and_ascii_mean_windows_1252(tmp_path: Path, label: str) -> None:
    words = WORDS.replace("Fluß", "„Fluß“").replace("Der", "Der\u0081")
    page = in_encoding(f'<meta charset="{label}">', "utf-8", words).decode()
    (tmp_path / "page.html").write_bytes(
        b"".join(b"\x81" if char == "\x81" else char.encode("cp1252") for char in page)
    )
    assert "„Fluß“" in read(tmp_path).texts[0]


@pytest.mark.parametrize(
    ("label", "encoding", "words"),
    [
        (
            "gb2312",
            "gb18030",
            "渡船停在河口的泥里,船夫说今天不能过河,要等到明天早上涨潮的时候再走。镕",
        ),
        (
            "shift_jis",
            "cp932",
            "渡し船は河口の泥に乗り上げて動けず、船頭は明日の満潮まで待つと話した。髙",
        ),
        (
            "x-sjis",
            "cp932",
            "渡し船は河口の泥に乗り上げて動けず、船頭は明日の満潮まで待つと話した。髙",
        ),
        (
            "euc-kr",
            "cp949",
            "나룻배가 강어귀의 진흙에 걸려 움직이지 못했고 사공은 내일을 기다린다. 똠",
        ),
        ("koi8-r", "koi8-r", "Паром застрял в иле у самого устья реки, и паромщик ждёт прилива."),
    ],
)
def test_labels_mean_what_browsers_read_in_them(
    tmp_path: Path, label: str, encoding: str, words: str
) -> None:
    page = in_encoding(f'<meta charset="{label}">', "utf-8", words).decode()
    (tmp_path / "page.html").write_bytes(page.replace("ä", "a").encode(encoding))
    assert words in read(tmp_path).texts[0]


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("", r"not valid UTF-8 at byte \d+ of the record \(0xe4\); --encoding names another"),
        ('<meta charset="utf-8">', "utf-8, which the page declares, is no encoding to read it in"),
        ('<meta charset="utf-16">', "utf-16, which the page declares, is no encoding"),
        ('<meta charset="klingon">', "klingon, which the page declares, is no encoding"),
        ('<meta charset="utf-7">', "utf-7, which the page declares, is no encoding"),
        ('<meta charset="unicode_escape">', "unicode_escape, which the page declares, is no"),
        ('<meta charset="euc-jp">', r"nor euc-jp, which the page declares, at byte \d+; --enc"),
    ],
)
def test_a_page_that_declares_nothing_it_can_be_read_as_is_quarantined(
    tmp_path: Path, head: str, says: str
) -> None:
    page = in_encoding(head, "cp1252")
    (tmp_path / "page.html").write_bytes(page)
    (entry,) = read(tmp_path).quarantined
    assert re.search(says, entry.reason)
    assert entry.raw == page


def test_a_byte_order_mark_comes_before_what_a_page_declares(tmp_path: Path) -> None:
    page = codecs.BOM_UTF8 + in_encoding('<meta charset="windows-1252">', "utf-8")
    (tmp_path / "good.html").write_bytes(page)
    (tmp_path / "torn.html").write_bytes(page.replace("ß".encode(), b"\xdf"))
    outcome = read(tmp_path)
    (record,) = outcome.records
    assert WORDS in record.text
    assert outcome.reasons[0].startswith("not valid UTF-8 at byte ")


def test_an_encoding_that_the_user_names_comes_before_what_a_page_declares(tmp_path: Path) -> None:
    page = in_encoding('<meta charset="iso-8859-2">', "cp1252", WORDS.replace("Fluß", "Flußñ"))
    (tmp_path / "page.html").write_bytes(page)
    assert "Flußñ" in read(tmp_path, encoding="cp1252").texts[0]
    assert "cannot be decoded as ascii" in read(tmp_path, encoding="ascii").reasons[0]


def test_pages_in_other_encodings_are_copied_as_they_are_when_results_are_applied(
    tmp_path: Path,
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    page = in_encoding('<meta charset="windows-1252">', "cp1252")
    others = {f"{n}.html": page.replace(b"Der ", b"Drei%d " % n) for n in (1, 2)}
    for name, data in {"a.html": page, "b.html": page, **others}.items():
        (site / name).write_bytes(data)
    results = dedup.open_results(dedup.write_results(dedup.scan(site), tmp_path / "found"))
    application = dedup.plan_apply(results, dedup.ApplyOptions(max_loss=1.0))
    clean = Path(application.write(tmp_path / "clean"))
    written = {path.name: path.read_bytes() for path in clean.glob("corpus/**/*.html")}
    assert application.counts["removed"] == 4 - len(written) > 0
    assert all(data == (site / name).read_bytes() for name, data in written.items())

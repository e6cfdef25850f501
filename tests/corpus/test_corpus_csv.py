"""CSV and TSV: quoting, wrong rows, and quotes that would swallow the rest of the file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.config import Fields
from tests.corpus.reading import read

# csv.writer does not quote what only csv.reader takes for a line end.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.csv"


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@given(texts=st.lists(TEXTS))
def test_any_text_comes_back_as_it_was_written(path: Path, texts: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text"])
        writer.writerows([f"n{n}", text] for n, text in enumerate(texts))
    outcome = read(path)
    assert outcome.texts == texts
    assert not outcome.quarantined


def test_all_parts_are_read_from_their_columns(path: Path) -> None:
    write(path, "ID,Headline,link,Published,publisher,Body\n7,T,u,2006,S,storm\n8,,,,,rain\n")
    outcome = read(path)
    assert [(r.id, r.title, r.url, r.date, r.source, r.text) for r in outcome.records] == [
        ("7", "T", "u", "2006", "S", "storm"),
        ("8", None, None, None, None, "rain"),
    ]
    assert outcome.reader.files[0].fields["text"] == "Body"


@pytest.mark.parametrize("first", range(6))
def test_any_part_may_stand_in_the_first_column(path: Path, first: int) -> None:
    names, cells = ["id", "title", "url", "date", "source", "text"], ["7", "T", "u", "d", "S", "x"]
    turned = (row[first:] + row[:first] for row in (names, cells))
    [record] = read(write(path, "".join(",".join(row) + "\n" for row in turned))).records
    assert [getattr(record, name) for name in names] == cells


def test_a_row_is_named_by_the_line_it_starts_on(path: Path) -> None:
    write(path, 'id,text\r\n,"one\r\ntwo"\r\n\r\n,three\r\n')
    outcome = read(path)
    raw = path.read_bytes()
    assert [(r.id, r.line, r.text) for r in outcome.records] == [
        (f"{path}#2", 2, "one\r\ntwo"),
        (f"{path}#5", 5, "three"),
    ]
    assert [raw[record.byte_offset :][:2] for record in outcome.records] == [b',"', b",t"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(path: Path, delimiter: str) -> None:
    write(path, f"id{delimiter}text\n1{delimiter}a\n")
    assert read(path).texts == ["a"]


def test_tabs_separate_the_columns_of_tsv(tmp_path: Path) -> None:
    outcome = read(write(tmp_path / "a.tsv", "id\ttext\n1\ta, b; c\n"))
    assert outcome.texts == ["a, b; c"]
    assert outcome.reader.files[0].format == "tsv"


def test_a_byte_order_mark_is_no_part_of_the_first_name(path: Path) -> None:
    assert read(write(path, "\ufefftext,id\na,1\n")).ids == ["1"]


def test_rows_with_another_number_of_columns_are_quarantined(path: Path) -> None:
    outcome = read(write(path, "id,text\n1,a\n2,b,c\n3\n4,d\n"))
    assert outcome.texts == ["a", "d"]
    assert outcome.reasons == [
        "3 columns where the header has 2",
        "1 columns where the header has 2",
    ]
    assert [entry.line for entry in outcome.quarantined] == [3, 4]


def test_bad_utf8_costs_its_row(path: Path) -> None:
    outcome = read(write(path, b"id,text\n1,caf\xe9\n2,b\n"))
    assert outcome.texts == ["b"]
    (entry,) = outcome.quarantined
    assert "not valid UTF-8 at byte 5" in entry.reason
    assert (entry.line, entry.byte_offset, entry.raw) == (2, 8, b"1,caf\xe9")


@pytest.mark.parametrize("tail", ["3,c\n", '3,c\n4,"d"\n'], ids=["no more quotes", "more quotes"])
def test_a_quote_that_is_never_closed_does_not_lose_the_file(path: Path, tail: str) -> None:
    lines = "".join(f"{n},rain\n" for n in range(100, 200))
    outcome = read(write(path, f'id,text\n1,a\n2,"b\n{tail}{lines}'), max_record_bytes=500)
    assert "a" in outcome.texts
    assert outcome.texts == ["a", *["c", "d"][: tail.count("\n")], *["rain"] * 100]
    assert [entry.line for entry in outcome.quarantined] == [3]


def test_a_quote_left_open_at_the_end_says_so(path: Path) -> None:
    outcome = read(write(path, 'id,text\n1,"b\n2,c\n'))
    assert outcome.texts == ["c"]
    assert outcome.reasons == ["a quote is opened and never closed"]


def test_careless_quotes_inside_a_line_are_read(path: Path) -> None:
    outcome = read(write(path, 'id,text\n1,"Storm" hits\n2,the "big" storm\n'))
    assert outcome.texts == ["Storm hits", 'the "big" storm']


def test_a_field_longer_than_pythons_own_limit_is_read(path: Path) -> None:
    text = "x" * 200_000
    assert read(write(path, f"id,text\n1,{text}\n")).texts == [text]


def test_a_row_longer_than_a_record_is_passed_over(path: Path) -> None:
    long = "1," + "x" * 700_000
    outcome = read(write(path, f"id,text\n{long}\n2,b\n"), max_record_bytes=1000)
    assert outcome.texts == ["b"]
    assert [entry.raw_length for entry in outcome.quarantined] == [len(long)]


def test_a_table_without_a_text_column_is_quarantined_whole(path: Path) -> None:
    outcome = read(write(path, "a,b\n1,2\n3,4\n"))
    (reason,) = outcome.reasons
    assert "the table has: a, b" in reason
    assert "--text-field" in reason


def test_a_named_column_that_is_missing_is_named_in_the_reason(path: Path) -> None:
    outcome = read(write(path, "id,text\n1,a\n"), fields=Fields(text="body"))
    assert "no field 'body'; the table has: id, text" in outcome.reasons[0]


def test_nul_and_unicode_separators_stay_in_the_text(path: Path) -> None:
    outcome = read(write(path, "id,text\n1,a\0b\u2028c\x85d\x0ce\n"))
    assert outcome.texts == ["a\0b\u2028c\x85d\x0ce"]


def test_old_line_ends_are_quarantined_not_crashed_on(path: Path) -> None:
    assert read(write(path, "id,text\r1,a\r2,b\r")).records == []


@pytest.mark.parametrize("content", ["", "text\n", "\n\n", "id,text\n\n \n"])
def test_a_table_without_rows_has_no_records(path: Path, content: str) -> None:
    outcome = read(write(path, content))
    assert (outcome.records, outcome.quarantined) == ([], [])


def test_the_limit_stops_inside_a_table(path: Path) -> None:
    outcome = read(write(path, "text\na\nb\nc\n"), limit=2)
    assert outcome.texts == ["a", "b"]

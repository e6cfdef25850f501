"""JSON strings read by kernels: the same texts as Python's own parser finds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.config import Fields
from dedup.corpus import json_decoder
from dedup.kernels.json_strings import PADDING, is_utf8, read_strings
from dedup.model import Ragged
from tests.corpus.reading import Record, decodes, read

CHARACTERS = st.characters(exclude_categories=["Cs"])
TEXTS = st.text(CHARACTERS) | st.text(st.sampled_from('a"\\/\b\f\n\r\t\x00\u0080é€😀'))


def read_columns(*columns: list[bytes]) -> list[tuple[list[str], int]]:
    """Return the texts of each column, and what the kernel says of what is no string."""
    values = [value for column in columns for value in column]
    data = np.frombuffer(b"".join(values), np.uint8)
    bounds = np.cumsum([0, *map(len, values)])
    spans = np.stack((bounds[:-1], bounds[1:]), axis=1)
    spans[np.diff(spans, axis=1)[:, 0] == 0] = -1
    spans = spans.reshape(len(columns), -1, 2)
    out = np.empty(len(data) + PADDING, np.uint8)
    offsets = np.empty((len(columns), spans.shape[1] + 1), np.int64)
    kinds = np.empty(len(columns), np.uint8)
    read_strings(data, spans, out, offsets, kinds)
    texts = [Ragged(out, row).strings() for row in offsets]
    return list(zip(texts, kinds.tolist(), strict=True))


def by_kernel(strings: list[bytes]) -> list[str]:
    ((texts, kind),) = read_columns(strings)
    assert kind == 0
    return texts


@given(st.lists(TEXTS), st.booleans())
@settings(max_examples=200)
def test_any_text_is_read_back(texts: list[str], ascii_only: bool) -> None:
    strings = [json.dumps(text, ensure_ascii=ascii_only).encode() for text in texts]
    assert by_kernel(strings) == texts


def test_every_escape_of_four_digits_is_read_in_both_cases() -> None:
    codes = [code for code in range(0x10000) if not 0xD800 <= code < 0xE000]
    for form in ('"\\u{:04x}"', '"\\u{:04X}"'):
        assert by_kernel([form.format(code).encode() for code in codes]) == list(map(chr, codes))


def test_every_short_escape_is_read_wherever_it_stands() -> None:
    for n in range(130):  # around the blocks of 64 bytes that are copied at once
        for escape in ("\\n", "\\t", "\\r", "\\b", "\\f", "\\\\", "\\/", '\\"', "\\ud83d\\ude00"):
            string = '"' + "x" * n + escape * 2 + 'y"'
            assert by_kernel([string.encode()]) == [json.loads(string)]


@pytest.mark.parametrize("value", [b"null", b"", b"7", b"[]", b"true", b"-1", b"{}"])
def test_what_is_no_string_is_an_empty_one_and_told(value: bytes) -> None:
    kind = 1 if value in (b"null", b"") else 2
    good = [b'"a text"', b'"another"']
    assert read_columns(good, [value, b'"x"'], [b'"y"', value], good, [value, b"null"]) == [
        (["a text", "another"], 0),
        (["", "x"], kind),
        (["y", ""], kind),
        (["a text", "another"], 0),
        (["", ""], 1 | kind),
    ]


@given(st.binary() | TEXTS.map(str.encode), st.data())
@settings(max_examples=300)
def test_bytes_are_utf8_where_python_can_decode_them(data: bytes, draw: st.DataObject) -> None:
    at = draw.draw(st.integers(0, len(data)))
    broken = data[:at] + bytes(draw.draw(st.lists(st.integers(128, 255), max_size=4))) + data[at:]
    for candidate in (data, broken, broken[: len(broken) // 2]):
        assert is_utf8(np.frombuffer(candidate, np.uint8)) == decodes(candidate)


def test_every_lead_byte_and_every_byte_behind_it_is_judged_as_python_does() -> None:
    for lead in range(128, 256):
        for second in range(256):
            for tail in (b"", b"\x80", b"\x80\x80", b"a", b"\x80a"):
                candidate = bytes((lead, second)) + tail
                assert is_utf8(np.frombuffer(candidate, np.uint8)) == decodes(candidate), candidate


ODD_LINES = [
    b'{"text": "an unread field that is no UTF-8", "x": "\xff"}',
    b'{"text": "an unread number beyond all floats", "x": 1e999}',
    b'{"text": "an unread number of more digits than Python reads", "x": ' + b"7" * 5000 + b"}",
    b'{"text": 1e999}',
    b'{"text": "a long id", "id": 123456789012345678901234567890}',
    b'{"text": "a number for a title", "title": 123456789012345678901234567890}',
    b'{"text": "a number with a point for an id", "id": 1.50}',
    b'{"text": "not a number", "x": NaN}',
    b'{"text": "a nested date", "meta": {"date": "2026-01-31"}}',
    b'{"text": "a flat date", "meta.date": "2026-01-31", "meta": {"date": "2025-01-31"}}',
    b'{"text": "no nested date", "meta": ["date"]}',
    b'{"text": "deep", "x": ' + b"[" * 1000 + b"]" * 1000 + b"}",
    b'{"text": "twice", "text": "the second time"}',
    b'{"te\\u0078t": "an escaped name"}',
    b'{"text": "a lone surrogate", "x": "\\ud800"}',
    b'{"text": null}',
    b'{"id": "no text"}',
    b'["no object"]',
    b'{"text": "an \xe2\x82\xac", "x": "\xe2\x82"}',
    b'{"text": "two on a line"}{"text": "and a blank one"}\n',
    b'{"text":\n"broken"}{"text": "over lines"}',
    b'{"text": "broken", "x":\n{"y": 1}}{"text": "before a bracket"}',
    b'  {"text": "spaces before"}',
    b'{"text": "spaces and a carriage return behind"}  \r',
    b"",
    b"}",
    b"{",
]


@pytest.mark.parametrize("odd", ODD_LINES, ids=[str(n) for n in range(len(ODD_LINES))])
@pytest.mark.parametrize("with_kernels", [True, False], ids=["kernels", "without"])
def test_what_becomes_of_a_record_does_not_depend_on_those_around_it(
    tmp_path: Path, odd: bytes, with_kernels: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not with_kernels:
        monkeypatch.setattr(json_decoder, "_kernels", lambda: None)
    plain = b'{"text": "%s"}\n' % (b"a plain record " * 100) * 400  # more than one block
    fields = Fields(date="meta.date", id="id", title="title")
    (tmp_path / "good.jsonl").write_bytes(plain + odd + b"\n")
    (tmp_path / "bad.jsonl").write_bytes(plain + odd + b"\n{\n")  # read record by record
    among_good = read(tmp_path / "good.jsonl", fields=fields)
    beside_bad = read(tmp_path / "bad.jsonl", fields=fields)
    assert [about(r) for r in among_good.records] == [about(r) for r in beside_bad.records]
    assert among_good.reasons == beside_bad.reasons[:-1]


def about(record: Record) -> tuple[object, ...]:
    return record.id.split("#")[-1], record.text, record.title, record.date


@pytest.mark.parametrize("name", ['te"xt', "te\\xt", "te\nxt", "te.xt"])
def test_a_text_field_may_have_any_name(tmp_path: Path, name: str) -> None:
    texts = [f"record {n} " * 100 for n in range(400)]  # more than one block
    lines = "".join(json.dumps({name: text, 'ti"tle': "A"}) + "\n" for text in texts)
    (tmp_path / "a.jsonl").write_text(lines, "utf-8")
    found = read(tmp_path / "a.jsonl", fields=Fields(text=name, title='ti"tle'))
    assert found.texts == texts
    assert {record.title for record in found.records} == {"A"}

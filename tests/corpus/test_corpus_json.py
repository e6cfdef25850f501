"""JSON arrays and objects: cut into elements, one bad element costs itself only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.corpus.json_splitter import Splitter
from tests.corpus.reading import read

SCALARS = st.none() | st.booleans() | st.integers() | st.text(alphabet='ab"\\[]{},: \n\u00e4')
OBJECTS = st.dictionaries(
    st.text(alphabet='ab"\\{', max_size=4),
    st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=5),
    max_size=4,
)


def write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def split(content: bytes, size: int) -> list[bytes]:
    """Return the elements that a splitter finds when it is fed ``size`` bytes at a time."""
    splitter = Splitter()
    elements: list[bytes] = []
    held = b""
    for begin in range(0, len(content), size):
        chunk = content[begin : begin + size]
        cuts = splitter.cuts(np.frombuffer(chunk, np.uint8))
        start = 0
        for end, next_start in zip(cuts.ends, cuts.starts, strict=True):
            elements.append(held + chunk[start:end])
            held, start = b"", next_start
        held += chunk[start:]
    found = [*elements, held]
    return [element for raw in found if (element := raw.strip(b" \n,"))]


@settings(max_examples=60)
@given(
    records=st.lists(OBJECTS, max_size=4),
    indent=st.sampled_from([None, 0, 2]),
    ascii_only=st.booleans(),
    size=st.integers(1, 20),
)
def test_the_elements_of_an_array_are_found_however_it_is_read(
    records: list[dict[str, Any]], indent: int | None, ascii_only: bool, size: int
) -> None:
    content = json.dumps(records, indent=indent, ensure_ascii=ascii_only).encode()
    assert [json.loads(raw) for raw in split(content, size)] == records


@settings(max_examples=60)
@given(records=st.lists(OBJECTS, max_size=4), size=st.integers(1, 20))
def test_objects_one_after_the_other_are_found_however_they_are_read(
    records: list[dict[str, Any]], size: int
) -> None:
    content = "\n".join(json.dumps(record, indent=1) for record in records).encode()
    assert [json.loads(raw) for raw in split(content, size)] == records


@pytest.mark.parametrize("name", ["a.json", "a"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_objects_in_one_line_are_found_without_a_flag(name: str, end: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(f'{{"id": "A", "text": "a"}}{{"id": "B", "text": "b"}}{end}', "utf-8")
    outcome = read(path)
    assert outcome.ids == ["A", "B"]
    assert outcome.reader.files[0].format == "json"


def test_objects_in_one_line_of_json_lines_name_the_flag_that_helps(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a"}\n{"text": "b"} {"text": "c"}\n{"text": "d"} x\n', "utf-8")
    outcome = read(path)
    assert outcome.texts == ["a"]
    assert ["--format json" in reason for reason in outcome.reasons] == [True, False]
    assert read(path, format="json").texts[:3] == ["a", "b", "c"]


def test_an_array_gives_its_objects_with_their_places(tmp_path: Path) -> None:
    records = [{"id": str(n), "text": f'"{n}"\\ [ä' * 40} for n in range(5000)]
    path = write(tmp_path / "a.json", json.dumps(records, indent=1, ensure_ascii=False))
    outcome = read(path)
    raw = path.read_bytes()
    assert outcome.texts == [record["text"] for record in records]
    assert [record.line for record in outcome.records] == [2 + 4 * n for n in range(5000)]
    assert all(raw[record.byte_offset :].startswith(b"{\n") for record in outcome.records[::100])


def test_one_object_over_many_lines_is_one_record(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", json.dumps({"maintext": "storm", "url": "u"}, indent=2))
    outcome = read(path)
    assert [(r.text, r.url, r.id) for r in outcome.records] == [("storm", "u", f"{path}#1")]


def test_lines_of_objects_under_the_name_of_json_are_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", '{"text": "a"}\n{"text": "b"}\n')
    outcome = read(path)
    assert outcome.texts == ["a", "b"]
    assert outcome.reader.files[0].format == "jsonl"


BROKEN_ARRAYS = {
    "broken element": ('[{"text":"a"},{"text": BAD},{"text":"c"}]', ["a", "c"], 1),
    "empty value": ('[{"text":"a"},{"text": },{"text":"c"}]', ["a", "c"], 1),
    "other values": ('[{"text":"a"},null,3,"x",{"text":"c"}]', ["a", "c"], 3),
    "text null": ('[{"text":"a"},{"text":null},{"text":"c"}]', ["a", "c"], 1),
    "wrong bracket": ('[{"text":"a"},{"text":"b"],{"text":"c"}]', ["a", "c"], 1),
    "bracket too many": ('[{"text":"a"},{"text":"b"}},{"text":"c"}]', ["a", "c"], 0),
    "quotes not escaped": ('[{"text":"a"},{"text":"the "b" c"},{"text":"c"}]', ["a", "c"], 1),
    "bracket never closed": ('[\n{"text":"a"},\n{"text":["b"},\n{"text":"c"}\n]', ["a", "c"], 1),
    "quote never closed": ('[\n{"text":"a"},\n{"text":"b},\n{"text":"c"}\n]', ["a", "c"], 1),
    "nested bracket never closed": (
        '[\n {"text":"a"},\n {"n": [\n   {"text":"x"},\n   {"text":"y"}\n  },\n {"text":"c"}\n]',
        ["a", "c"],
        1,
    ),
    "array cut between elements": ('[{"text":"a"},{"text":"c"}', ["a", "c"], 1),
    "array cut in an element": ('[{"text":"a"},{"text":"c"},{"te', ["a", "c"], 1),
    "text after the array": ('[{"text":"a"},{"text":"c"}] tail', ["a", "c"], 1),
    "trailing comma": ('[{"text":"a"},{"text":"c"},]', ["a", "c"], 0),
    "nested to death": ('[{"text":"a"},' + "[" * 100_000, ["a"], 1),
}


@pytest.mark.parametrize(
    ("content", "texts", "n_bad"), BROKEN_ARRAYS.values(), ids=BROKEN_ARRAYS.keys()
)
def test_a_broken_array_keeps_its_good_elements(
    tmp_path: Path, content: str, texts: list[str], n_bad: int
) -> None:
    outcome = read(write(tmp_path / "a.json", content))
    assert [text for text in outcome.texts if text in {"a", "c"}] == texts
    assert len(outcome.quarantined) == n_bad


def test_an_array_that_is_cut_off_is_noticed_between_elements(tmp_path: Path) -> None:
    (reason,) = read(write(tmp_path / "a.json", '[{"text":"a"},')).reasons
    assert "before its JSON array is closed" in reason


def test_a_bad_element_is_quarantined_with_its_place(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", '[{"text":"a"},\n  {"text": BAD}\n]')
    (entry,) = read(path).quarantined
    assert (entry.line, entry.byte_offset, entry.raw) == (2, 17, b'{"text": BAD}')


def test_an_element_longer_than_a_record_is_passed_over(tmp_path: Path) -> None:
    records = [{"text": "a"}, {"text": "x" * 700_000}, {"text": "c"}]
    outcome = read(write(tmp_path / "a.json", json.dumps(records)), max_record_bytes=1000)
    assert outcome.texts == ["a", "c"]
    assert [entry.raw_length for entry in outcome.quarantined] == [700_012]


def test_bad_utf8_in_an_element_costs_that_element(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'[{"text":"a"},{"text":"caf\xe9"},{"text":"c"}]')
    outcome = read(path)
    assert outcome.texts == ["a", "c"]
    assert "not valid UTF-8 at byte 12" in outcome.reasons[0]


@pytest.mark.parametrize("content", ["", "[]", " [ \n ] ", "\n"])
def test_an_array_without_elements_has_no_records(tmp_path: Path, content: str) -> None:
    outcome = read(write(tmp_path / "a.json", content))
    assert (outcome.records, outcome.quarantined) == ([], [])

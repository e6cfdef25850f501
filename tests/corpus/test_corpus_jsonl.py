"""JSON Lines: what is a record, what goes to the quarantine, and where things stand."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from dedup.config import Fields
from tests.corpus.reading import read

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.jsonl"


def write(path: Path, *lines: object) -> Path:
    raws = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    path.write_bytes(b"".join(raw + b"\n" for raw in raws))
    return path


@given(texts=st.lists(TEXTS), ascii_only=st.booleans())
def test_any_text_comes_back_as_it_was_written(
    path: Path, texts: list[str], ascii_only: bool
) -> None:
    lines = [
        json.dumps({"id": f"n{n}", "text": t}, ensure_ascii=ascii_only) for n, t in enumerate(texts)
    ]
    path.write_bytes("\n".join(lines).encode())
    outcome = read(path)
    assert outcome.texts == texts
    assert outcome.ids == [f"n{n}" for n in range(len(texts))]
    assert not outcome.quarantined


@given(content=st.binary(), name=st.sampled_from(["a.jsonl", "a.json", "a.csv", "a.tsv", "a.txt"]))
def test_no_bytes_make_it_crash(tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    read(tmp_path / name)


@given(data=st.data())
def test_no_damage_to_a_line_makes_it_crash_or_costs_another_line(
    path: Path, data: st.DataObject
) -> None:
    line = json.dumps({"id": "hurt", "text": 'A "storm"\n in \\ March', "n": [1, {"a": None}]})
    hurt = bytearray(line.encode())
    for _ in range(data.draw(st.integers(1, 3))):
        position = data.draw(st.integers(0, len(hurt) - 1))
        byte = data.draw(st.integers(0, 255).filter(lambda value: value != 10))
        hurt[position] = byte
    write(path, {"id": "before", "text": "one"}, bytes(hurt), {"id": "after", "text": "two"})
    outcome = read(path)
    assert [id for id in outcome.ids if id in {"before", "after"}] == ["before", "after"]


def test_line_numbers_and_byte_offsets_point_at_the_record(path: Path) -> None:
    path.write_bytes(b'{"text": "a"}\r\n\n  \n{"text": "b"}\n{"text": "c"}')
    outcome = read(path)
    raw = path.read_bytes()
    assert [record.line for record in outcome.records] == [1, 4, 5]
    assert [raw[record.byte_offset :][:10] for record in outcome.records] == [b'{"text": "'] * 3
    assert outcome.ids == [f"{path}#1", f"{path}#4", f"{path}#5"]


def test_places_stay_true_over_many_blocks(path: Path) -> None:
    n_records = 3000
    texts = [f"{n} " + "ä" * (n % 700) for n in range(n_records)]
    path.write_text("".join(json.dumps({"text": t}, ensure_ascii=False) + "\n" for t in texts))
    outcome = read(path, batch_bytes=100_000)
    raw = path.read_bytes()
    assert outcome.texts == texts
    assert [record.line for record in outcome.records] == list(range(1, n_records + 1))
    for record in outcome.records[::97]:
        line = raw[record.byte_offset :].split(b"\n", 1)[0]
        assert json.loads(line) == {"text": record.text}


@pytest.mark.parametrize("batch_bytes", [1, 100, 10_000])
def test_the_size_of_a_batch_changes_nothing(path: Path, batch_bytes: int) -> None:
    records = [{"text": "x" * n, "title": f"t{n}" if n > 90 else None} for n in range(200)]
    write(path, *records)
    assert read(path, batch_bytes=batch_bytes).records == read(path).records


def test_only_a_line_feed_ends_a_line(path: Path) -> None:
    text = "one\u2028two\u2029three\x85four\x0bfive\0six"
    path.write_bytes(json.dumps({"text": text}, ensure_ascii=False).encode() + b"\r\n")
    assert read(path).texts == [text]


def test_a_byte_order_mark_is_dropped_once(path: Path) -> None:
    path.write_bytes(b'\xef\xbb\xbf{"text": "a"}\n{"text": "\xef\xbb\xbfb"}\n')
    outcome = read(path)
    assert outcome.texts == ["a", "\ufeffb"]
    assert [record.byte_offset for record in outcome.records] == [3, 17]


def test_an_empty_text_is_a_record(path: Path) -> None:
    outcome = read(write(path, {"id": "a", "text": ""}, {"id": "b", "text": "x"}))
    assert outcome.texts == ["", "x"]


def test_an_empty_file_has_no_records(path: Path) -> None:
    path.touch()
    outcome = read(path)
    assert outcome.records == []
    assert outcome.reader.files[0].n_records == 0


def test_the_digest_is_that_of_the_file_on_disk(path: Path) -> None:
    write(path, {"text": "a"}, b"broken")
    file = read(path).reader.files[0]
    assert file.digest == xxhash.xxh3_128_hexdigest(path.read_bytes())
    assert file.bytes == path.stat().st_size


BAD_LINES = {
    "not json": (b"nonsense", "not valid JSON"),
    "cut off": (b'{"text": "a', "not valid JSON: unexpected end"),
    "two values": (b'{"text": "a"} {}', "not valid JSON"),
    "nested to death": (b"[" * 100_000, "not valid JSON: depth limit"),
    "objects nested to death": (b'{"a":' * 100_000, "not valid JSON: depth limit"),
    "nested and NaN": (b'{"a": NaN, "b":' + b"[" * 100_000, "not valid JSON"),
    "number": (b"17", "a number where a JSON object should be"),
    "list": (b'["text"]', "a list where a JSON object should be"),
    "string": (b'"text"', "a string where a JSON object should be"),
    "null": (b"null", "null where a JSON object should be"),
    "no text field": (b'{"id": 1, "other": 2}', "no field 'text'; the record has: id, other"),
    "text null": (b'{"text": null}', "'text' is null"),
    "text number": (b'{"text": 3.5}', "'text' is a number"),
    "text truth": (b'{"text": true}', "'text' is a truth value"),
    "text list": (b'{"text": ["a"]}', "'text' is a list"),
    "text object": (b'{"text": {"a": 1}}', "'text' is an object"),
    "bad utf-8": (b'{"text": "caf\xe9"}', "not valid UTF-8 at byte 13 of the record (0xe9)"),
    "cut utf-8": (b'{"text": "\xe2\x82"}', "not valid UTF-8 at byte 10"),
    "surrogate utf-8": (b'{"text": "\xed\xa0\x80"}', "not valid UTF-8 at byte 10"),
    "lone high surrogate": (rb'{"text": "\ud800"}', "lone surrogate"),
    "lone low surrogate": (rb'{"text": "\udc00 a"}', "lone surrogate"),
    "surrogate beside NaN": (rb'{"n": NaN, "text": "\ud800"}', "lone surrogate"),
    "raw control character": (b'{"text": "a\x01b"}', "control character"),
}


@pytest.mark.parametrize(("raw", "reason"), BAD_LINES.values(), ids=BAD_LINES.keys())
def test_a_bad_line_is_quarantined_and_its_neighbours_are_kept(
    path: Path, raw: bytes, reason: str
) -> None:
    write(path, {"text": "before"}, raw, {"text": "after"})
    outcome = read(path)
    assert outcome.texts == ["before", "after"]
    (entry,) = outcome.quarantined
    assert reason in entry.reason
    assert (entry.file, entry.line, entry.byte_offset) == (str(path), 2, 19)
    assert entry.raw == raw[: 64 * 1024]
    assert entry.raw_length == len(raw)


def test_bad_utf8_names_the_flag_that_helps(path: Path) -> None:
    (reason,) = read(write(path, b'{"text": "caf\xe9"}')).reasons
    assert "--encoding" in reason


def test_a_missing_text_field_names_the_flag_that_helps(path: Path) -> None:
    (reason,) = read(write(path, {"foo": "a"})).reasons
    assert reason.startswith("no field with a known name for the text; the record has: foo")
    assert "--text-field" in reason


def test_the_text_field_may_appear_after_bad_records(path: Path) -> None:
    outcome = read(write(path, b"junk", {"x": 1}, {"id": "a", "body": "storm"}))
    assert outcome.texts == ["storm"]
    assert len(outcome.quarantined) == 2


def test_nan_in_other_fields_costs_nothing(path: Path) -> None:
    write(path, b'{"id": "a", "text": "storm", "title": NaN, "score": -Infinity}', {"text": "b"})
    outcome = read(path)
    assert outcome.texts == ["storm", "b"]
    assert outcome.records[0].title is None


def test_a_line_longer_than_a_record_is_passed_over(path: Path) -> None:
    long = json.dumps({"text": "x" * 1_000_000}).encode()
    write(path, {"text": "before"}, long, {"text": "after"}, b'{"text": "' + b"y" * 2000)
    outcome = read(path, max_record_bytes=1000)
    assert outcome.texts == ["before", "after"]
    first, second = outcome.quarantined
    assert "--max-record-bytes" in first.reason
    assert (first.line, first.raw_length, first.raw) == (2, len(long), long[: 64 * 1024])
    assert (second.line, second.raw_length) == (4, 2010)


def test_a_line_of_fifty_megabytes_is_not_held_in_memory(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b'{"text": "before"}\n{"text": "')
        for _ in range(50):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\n{"text": "after"}\n')
    tracemalloc.start()
    outcome = read(path, max_record_bytes=2_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert outcome.texts == ["before", "after"]
    assert [entry.raw_length for entry in outcome.quarantined] == [50_000_012]
    assert peak < 5_000_000


def test_a_line_of_exactly_the_limit_is_read(path: Path) -> None:
    write(path, {"text": "x" * 88}, {"text": "x" * 89})
    outcome = read(path, max_record_bytes=100)
    assert outcome.texts == ["x" * 88]
    assert [entry.raw_length for entry in outcome.quarantined] == [101]


ID_CASES = {
    "string": ('"007"', "007"),
    "integer": ("7", "7"),
    "negative": ("-7", "-7"),
    "64 bits": ("18446744073709551615", "18446744073709551615"),
    "more than 64 bits": ("123456789012345678901234567890", "123456789012345678901234567890"),
    "float as written": ("1.50", "1.50"),
    "exponent as written": ("1e3", "1e3"),
    "truth": ("true", "true"),
    "list": ('["a", 1]', '["a",1]'),
    "object": ('{"$oid": "5f"}', '{"$oid":"5f"}'),
    "null": ("null", None),
    "empty": ('""', None),
    "NaN": ("NaN", None),
}


@pytest.mark.parametrize(("written", "id"), ID_CASES.values(), ids=ID_CASES.keys())
def test_ids_keep_their_exact_text(path: Path, written: str, id: str | None) -> None:
    path.write_text(f'{{"id": "first", "text": "a"}}\n{{"id": {written}, "text": "b"}}\n')
    assert read(path).ids == ["first", f"{path}#2" if id is None else id]


def test_a_record_without_an_id_is_named_by_path_and_line(path: Path) -> None:
    assert read(write(path, {"id": 1, "text": "a"}, {"text": "b"})).ids == ["1", f"{path}#2"]


def test_metadata_is_kept_as_text(path: Path) -> None:
    write(
        path,
        {"text": "a", "title": "T", "url": "u", "date": 2006, "source": ["", "S", "x"]},
        {"text": "b", "title": "", "url": None, "date": 1.5, "source": {"name": "N"}},
        {"text": "c", "title": [], "date": [1], "source": False},
    )
    values = [(r.title, r.url, r.date, r.source) for r in read(path).records]
    assert values == [
        ("T", "u", "2006", "S"),
        (None, None, "1.5", "N"),
        (None, None, "[1]", "false"),
    ]


def test_columns_that_no_record_has_are_left_out(path: Path) -> None:
    reader = read(write(path, {"text": "a", "title": None}, {"text": "b"})).reader
    (batch,) = reader
    assert (batch.titles, batch.urls, batch.dates, batch.sources) == (None, None, None, None)


def test_metadata_that_only_later_records_have_is_found(path: Path) -> None:
    outcome = read(write(path, {"text": "a"}, {"text": "b", "date": "2006-01-31"}))
    assert [record.date for record in outcome.records] == [None, "2006-01-31"]


def test_dotted_names_look_into_nested_objects(path: Path) -> None:
    write(path, {"data": {"body": "a", "key": 10**25}}, {"data": {"body": "b"}}, {"data": 3})
    outcome = read(path, fields=Fields(text="data.body", id="data.key"))
    assert outcome.texts == ["a", "b"]
    assert outcome.ids == [str(10**25), f"{path}#2"]
    assert "no field 'data.body'" in outcome.reasons[0]


def test_the_limit_counts_records_over_all_files(tmp_path: Path) -> None:
    first = write(tmp_path / "a.jsonl", {"text": "1"}, b"", b"broken", {"text": "2"})
    second = write(tmp_path / "b.jsonl", {"text": "3"}, {"text": "4"}, {"text": "5"})
    outcome = read(first, second, limit=4)
    assert outcome.texts == ["1", "2", "3"]
    assert len(outcome.quarantined) == 1


def test_an_array_under_the_name_of_json_lines_is_read(path: Path) -> None:
    path.write_text('[{"text": "a"},\n {"text": "b"}]')
    outcome = read(path)
    assert outcome.texts == ["a", "b"]
    assert outcome.reader.files[0].format == "json"

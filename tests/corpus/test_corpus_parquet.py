"""Parquet: columns, nested columns, and files that are damaged."""

from __future__ import annotations

import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dedup.config import Fields
from tests.corpus.reading import read


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.parquet"


def test_rows_are_read_over_row_groups(path: Path) -> None:
    texts = [f"storm {n}" * (n % 50) for n in range(2000)]
    pq.write_table(pa.table({"id": range(2000), "text": texts}), path, row_group_size=300)
    outcome = read(path, batch_bytes=5000)
    assert outcome.texts == texts
    assert outcome.ids == [str(n) for n in range(2000)]
    assert [record.line for record in outcome.records] == list(range(1, 2001))
    assert {record.byte_offset for record in outcome.records} == {-1}
    assert outcome.reader.bytes_read == outcome.reader.total_bytes == path.stat().st_size


def test_nested_columns_and_dates_are_read(path: Path) -> None:
    rows = [
        {"text": "a", "metadata": {"url": "u", "x": 1}, "date": datetime.date(2006, 1, 31)},
        {"text": "b", "metadata": None, "date": None},
    ]
    pq.write_table(pa.Table.from_pylist(rows), path)
    outcome = read(path)
    assert [(r.id, r.url, r.date) for r in outcome.records] == [
        (f"{path}#1", "u", "2006-01-31"),
        (f"{path}#2", None, None),
    ]
    assert outcome.reader.files[0].fields["url"] == "metadata.url"


def test_an_id_that_is_nan_is_none(path: Path) -> None:
    pq.write_table(pa.table({"id": [1.5, float("nan")], "text": ["a", "b"]}), path)
    assert read(path).ids == ["1.5", f"{path}#2"]


def test_times_that_python_cannot_hold_are_kept_as_text(path: Path) -> None:
    times = pa.array([10**12, 0], pa.timestamp("s"))
    pq.write_table(pa.table({"text": ["a", "b"], "date": times}), path)
    outcome = read(path)
    assert outcome.texts == ["a", "b"]
    assert (outcome.records[1].date or "").startswith("1970-01-01")


@pytest.mark.parametrize(
    "kind",
    [
        pa.string(),
        pa.large_string(),
        pa.binary(),
        pa.dictionary(pa.int32(), pa.string()),
        pa.string_view(),
        pa.binary_view(),
    ],
)
def test_text_may_be_of_any_string_type(path: Path, kind: pa.DataType) -> None:
    texts = ["a", "ä", None, ""]
    plain = pa.array(texts).cast(pa.binary()) if "binary" in str(kind) else pa.array(texts)
    pq.write_table(pa.table({"text": plain.cast(kind), "id": list("1234")}), path)
    outcome = read(path)
    assert outcome.texts == ["a", "ä", ""]
    assert outcome.ids == ["1", "2", "4"]
    assert [entry.line for entry in outcome.quarantined] == [3]


def test_rows_of_a_row_group_that_cannot_be_read_are_quarantined_once(path: Path) -> None:
    offsets = pa.array([0, 4], pa.int32()).buffers()[1]
    broken = pa.Array.from_buffers(pa.string(), 1, [None, offsets, pa.py_buffer(b"caf\xe9")])
    titles = pa.ListArray.from_arrays(pa.array([0, 1, 1]), broken)
    pq.write_table(pa.table({"text": ["a", None], "title": titles}), path)
    outcome = read(path)
    assert outcome.records == []
    assert len(outcome.quarantined) == 1


def test_rows_without_good_text_are_quarantined(path: Path) -> None:
    texts = pa.array([b"ok", None, b"caf\xe9", b"x" * 200], pa.binary())
    pq.write_table(pa.table({"id": ["a", "b", "c", "d"], "text": texts}), path)
    outcome = read(path, max_record_bytes=100)
    assert outcome.ids == ["a"]
    assert [entry.line for entry in outcome.quarantined] == [2, 3, 4]
    null, utf8, long = outcome.quarantined
    assert "'text' is null" in null.reason
    assert null.raw == b'{"id":"b","text":null}'
    assert "not valid UTF-8 at byte 3" in utf8.reason
    assert long.raw_length == 200


def test_bad_utf8_in_a_string_column_costs_its_row(path: Path) -> None:
    offsets = pa.array([0, 2, 6, 8], pa.int32()).buffers()[1]
    texts = pa.Array.from_buffers(pa.string(), 3, [None, offsets, pa.py_buffer(b"okcaf\xe9no")])
    pq.write_table(pa.table({"text": texts}), path)
    outcome = read(path)
    assert outcome.texts == ["ok", "no"]
    assert "not valid UTF-8" in outcome.reasons[0]


def test_text_that_is_no_text_is_quarantined(path: Path) -> None:
    pq.write_table(pa.table({"text": [1, 2]}), path)
    outcome = read(path)
    assert outcome.records == []
    assert len(outcome.quarantined) == 2


def test_another_schema_is_quarantined_whole(path: Path) -> None:
    pq.write_table(pa.table({"a": [1, 2], "b": ["x", "y"]}), path)
    (entry,) = read(path).quarantined
    assert "the table has: a, b" in entry.reason
    assert "--text-field" in entry.reason
    assert entry.raw_length == path.stat().st_size


def test_a_named_column_is_read(path: Path) -> None:
    pq.write_table(pa.table({"text": ["no"], "deep": [{"er": {"body": "yes"}}]}), path)
    assert read(path, fields=Fields(text="deep.er.body")).texts == ["yes"]


def test_a_damaged_row_group_costs_that_row_group(path: Path) -> None:
    table = pa.table({"text": [f"storm {n} {n * n}" for n in range(3000)]})
    pq.write_table(table, path, row_group_size=1000, compression="zstd", use_dictionary=False)
    content = bytearray(path.read_bytes())
    start = pq.read_metadata(path).row_group(1).column(0).data_page_offset
    content[start + 40 : start + 400] = bytes(360)
    path.write_bytes(content)
    outcome = read(path)
    assert [r.line for r in outcome.records] == [*range(1, 1001), *range(2001, 3001)]
    (entry,) = outcome.quarantined
    assert "row group 1 cannot be read from row 1001 to 2000" in entry.reason


@pytest.mark.parametrize("keep", [1, 100, -10])
def test_a_cut_off_file_is_quarantined(path: Path, keep: int) -> None:
    pq.write_table(pa.table({"text": ["storm"] * 100}), path)
    path.write_bytes(path.read_bytes()[:keep])
    outcome = read(path)
    assert outcome.records == []
    assert "not valid Parquet" in outcome.reasons[0]


def test_parquet_is_found_by_content(tmp_path: Path) -> None:
    path = tmp_path / "records"
    pq.write_table(pa.table({"text": ["storm"]}), path)
    assert read(path).texts == ["storm"]


def test_the_limit_stops_inside_a_row_group(path: Path) -> None:
    pq.write_table(pa.table({"text": [None, "a", "b", "c"]}), path)
    outcome = read(path, limit=3)
    assert outcome.texts == ["a", "b"]
    assert len(outcome.quarantined) == 1

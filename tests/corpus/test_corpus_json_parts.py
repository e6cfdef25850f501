"""Under which names JSON records have their id and metadata: chosen for each record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dedup
from dedup.config import Fields
from dedup.corpus.fields import FieldChoice, value_of
from dedup.corpus.presets import COMMON_NAMES, METADATA_PARTS
from dedup.corpus.values import id_text, metadata_text
from tests.corpus.reading import read

BEFORE = {"text": "A storm.", "id": "a", "date": "2026-11-30", "url": "a.org", "title": "Storm"}
RENAMED = {
    "text": "text",
    "id": "article_id",
    "date": "published",
    "url": "link",
    "title": "headline",
}
AFTER = {RENAMED[name]: value for name, value in BEFORE.items()}


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.corpus.lines.BLOCK_BYTES", 256)
    monkeypatch.setattr("dedup.corpus.json_array.BLOCK_BYTES", 256)


def write(path: Path, records: list[dict[str, Any]]) -> Path:
    lines = [json.dumps(record) for record in records]
    is_array = path.suffix == ".json"
    path.write_text(f"[{', '.join(lines)}]" if is_array else "\n".join(lines) + "\n")
    return path


def parts(path: Path, **options: Any) -> list[tuple[str | None, ...]]:
    found = read(path, **options).records
    return [(r.id, r.title, r.url, r.date, r.source) for r in found]


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
@pytest.mark.parametrize("batch_bytes", [1, 1 << 20])
def test_records_keep_their_parts_where_fields_are_renamed_within_a_file(
    tmp_path: Path, name: str, batch_bytes: int
) -> None:
    path = write(tmp_path / name, [BEFORE] * 20 + [AFTER] * 20 + [BEFORE] * 20)
    assert set(parts(path, batch_bytes=batch_bytes)) == {
        ("a", "Storm", "a.org", "2026-11-30", None)
    }


def test_the_older_of_two_copies_stays_where_its_date_has_another_name(tmp_path: Path) -> None:
    story = "The harbour board will meet on Tuesday to vote on the new ferry line to the islands."
    filler = [
        {"id": str(n), "text": " ".join(f"w{n}x{k}" for k in range(900)), "date": "2026-11-30"}
        for n in range(100)
    ]
    copy = {"id": "copy", "text": story, "date": "2026-11-30"}
    original = {"article_id": "original", "text": story, "published": "2026-11-01"}
    path = write(tmp_path / "day.jsonl", [*filler, copy, original])
    (cluster,) = dedup.scan(str(path)).clusters
    assert cluster.representative == "original"


@pytest.mark.usefixtures("small_blocks")
def test_a_name_that_the_user_gave_is_the_only_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [BEFORE] * 20 + [AFTER] * 20)
    dates = [date for *_, date, _ in parts(path, fields=Fields(date="date"))]
    assert dates == ["2026-11-30"] * 20 + [None] * 20


@pytest.mark.usefixtures("small_blocks")
def test_a_name_that_comes_back_in_the_usual_case_is_found(tmp_path: Path) -> None:
    shouted = {"text": "A storm.", "ID": "a", "Date": "2026-11-30"}
    path = write(tmp_path / "a.jsonl", [shouted] * 20 + [BEFORE] * 20)
    assert {(id, date) for id, _, _, date, _ in parts(path)} == {("a", "2026-11-30")}


@pytest.mark.usefixtures("small_blocks")
def test_a_numeric_id_keeps_its_digits_under_a_later_name(tmp_path: Path) -> None:
    records = [BEFORE] * 20 + [{"text": "Rain.", "id": None, "_id": 7, "doc_id": 12}]
    path = write(tmp_path / "a.jsonl", records)
    with path.open("a") as file:
        file.write('{"text": "Hail.", "id": "", "guid": 123456789012345678901234567890}\n')
    assert [id for id, *_ in parts(path)][-2:] == ["7", "123456789012345678901234567890"]


values = st.sampled_from(["", None, "a", "ü", 7, 1.5, ["", "b"], [], {"url": "/c", "date": "2006"}])
names = ["id", "_id", "guid", "date", "published", "timestamp", "url", "link", "title", "metadata"]
records = st.lists(st.dictionaries(st.sampled_from(names), values), min_size=1, max_size=30)


def parts_in_memory(record: dict[str, Any]) -> tuple[str | None, ...]:
    names = FieldChoice(COMMON_NAMES).of(record)
    found = [value_of(record, names[part]) if part in names else None for part in METADATA_PARTS]
    id = value_of(record, names["id"]) if "id" in names else None
    return (id_text(id), *map(metadata_text, found))


@pytest.mark.usefixtures("small_blocks")
@given(records, st.integers(0, 30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_record_has_the_parts_that_it_has_in_memory(
    tmp_path: Path, given_records: list[dict[str, Any]], bad_line: int
) -> None:
    whole = [BEFORE, *({"text": "Rain.", **record} for record in given_records)]
    path = write(tmp_path / "a.jsonl", whole)
    lines = path.read_text().splitlines()
    for change in (0, 1):
        lines[bad_line:bad_line] = ["{"] * change  # what stands around it is read one by one
        path.write_text("\n".join(lines))
        found = [(None if "#" in (id or "") else id, *rest) for id, *rest in parts(path)]
        assert found == list(map(parts_in_memory, whole))

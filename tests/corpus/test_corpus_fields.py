"""Which field holds what: presets, common names and flags."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.config import Fields
from dedup.corpus.fields import FieldChoice, choose_fields
from dedup.corpus.presets import COMMON_NAMES, FIELD_PRESETS, PARTS
from dedup.errors import SettingsError
from tests.corpus.reading import read

RECORDS: dict[str, dict[str, Any]] = {
    "news-please": {
        "authors": ["A"],
        "date_download": "2020-02-02 00:00:00",
        "date_publish": "2020-02-01 00:00:00",
        "filename": "x.json",
        "maintext": "storm",
        "text": None,
        "source_domain": "post.example",
        "title": "T",
        "url": "https://post.example/x",
    },
    "trafilatura": {
        "title": "T",
        "hostname": "post.example",
        "date": "2020-02-01",
        "id": "x.json",
        "raw_text": "storm raw",
        "text": "storm",
        "source": "https://post.example/x",
        "source-hostname": "post.example",
    },
    "newspaper4k": {
        "url": "https://post.example/x",
        "title": "T",
        "text": "storm",
        "publish_date": "2020-02-01",
        "meta_site_name": "post.example",
    },
    "fundus": {
        "title": "T",
        "plaintext": "storm",
        "body": {"summary": [], "sections": []},
        "publishing_date": "2020-02-01",
        "publisher": "post.example",
        "html": {"responded_url": "https://post.example/x"},
    },
    "c4": {"text": "storm", "timestamp": "2020-02-01", "url": "https://post.example/x"},
    "fineweb": {
        "text": "storm",
        "id": "<urn:uuid:1>",
        "url": "https://post.example/x",
        "date": "2020-02-01",
        "language": "en",
    },
    "datatrove": {
        "text": "storm",
        "id": "x/1",
        "metadata": {"url": "https://post.example/x", "date": "2020-02-01"},
    },
    "wet": {
        "WARC-Record-ID": "<urn:uuid:1>",
        "WARC-Target-URI": "https://post.example/x",
        "WARC-Date": "2020-02-01",
        "content": "storm",
    },
}


def write(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_every_preset_has_a_case_and_names_for_the_text() -> None:
    assert set(RECORDS) == set(FIELD_PRESETS)
    for names in [COMMON_NAMES, *FIELD_PRESETS.values()]:
        assert names["text"]
        assert set(names) <= set(PARTS)


@pytest.mark.parametrize("preset", RECORDS)
@pytest.mark.parametrize("named", [True, False], ids=["preset", "found"])
def test_the_records_of_known_tools_are_read(tmp_path: Path, preset: str, named: bool) -> None:
    path = write(tmp_path / "a.jsonl", RECORDS[preset])
    outcome = read(path, fields=Fields(preset=preset if named else None))
    (record,) = outcome.records
    assert record.text == "storm"
    assert (record.date or "")[:10] == "2020-02-01"
    if named:
        assert record.url == "https://post.example/x"
        assert record.source in {"post.example", None}


def test_flags_win_over_a_preset(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"text": "no", "mine": "yes", "key": 3})
    outcome = read(path, fields=Fields(preset="C4", text="mine", id="key"))
    assert (outcome.texts, outcome.ids) == (["yes"], ["3"])
    assert outcome.reader.files[0].fields == {"text": "mine", "id": "key"}


def test_an_unknown_preset_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"text": "a"})
    with pytest.raises(SettingsError, match="no field preset 'c5'; the presets are: news-please"):
        read(path, fields=Fields(preset="c5"))


def test_a_name_with_text_in_it_wins_over_an_empty_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"text": None, "body": "storm"}, {"text": "", "body": "b"})
    assert read(path).texts == ["storm", "b"]


def test_an_address_wins_over_an_empty_one(tmp_path: Path) -> None:
    records = {"text": "A storm.", "url": None, "link": "a.org"}, {"text": "Rain.", "url": ""}
    outcome = read(write(tmp_path / "a.jsonl", *records))
    assert outcome.reader.files[0].fields["url"] == "link"
    assert [record.url for record in outcome.records] == ["a.org", None]


def test_names_in_another_case_are_found(tmp_path: Path) -> None:
    outcome = read(write(tmp_path / "a.jsonl", {"Text": "storm", "ID": "x", "URL": "u"}))
    assert outcome.reader.files[0].fields == {"text": "Text", "id": "ID", "url": "URL"}
    assert outcome.ids == ["x"]


def test_each_file_has_its_own_choice(tmp_path: Path) -> None:
    first = write(tmp_path / "a.jsonl", {"body": "a"})
    second = write(tmp_path / "b.jsonl", {"content": "b", "headline": "T"})
    outcome = read(first, second)
    assert outcome.texts == ["a", "b"]
    assert [file.fields for file in outcome.reader.files] == [
        {"text": "body"},
        {"text": "content", "title": "headline"},
    ]


def test_the_choice_does_not_depend_on_the_size_of_a_batch(tmp_path: Path) -> None:
    records = [{"text": "x" * 3000} for _ in range(40)] + [{"text": "y", "title": "late"}]
    path = write(tmp_path / "a.jsonl", *records)
    titles = [read(path, batch_bytes=size).records[-1].title for size in (1, 5000, 1 << 20)]
    assert titles == ["late"] * 3


def test_very_many_and_long_names_are_shortened_in_a_reason(tmp_path: Path) -> None:
    record = {f"{n}" + "x" * 1000: 1 for n in range(1000)}
    (reason,) = read(write(tmp_path / "a.jsonl", record)).reasons
    assert "and 980 more" in reason
    assert len(reason) < 2000


values = st.sampled_from(["", None, "a text", 7, {"url": "/a"}, {"url": ""}])
some_records = st.lists(
    st.dictionaries(st.sampled_from(["text", "Text", "body", "url", "metadata", "meta"]), values),
    max_size=8,
)


@given(some_records)
def test_fields_chosen_record_by_record_are_those_of_each_record_alone(
    records: list[dict[str, Any]],
) -> None:
    choice = FieldChoice(COMMON_NAMES)
    for record in records * 2:
        assert choice.of(record) == choose_fields(COMMON_NAMES, [record])


class Watched(dict[str, Any]):
    """A record that counts how often it is walked, and how often a name is looked up."""

    n_walked = 0
    n_looked_up = 0

    def __iter__(self) -> Iterator[str]:
        self.n_walked += 1
        return super().__iter__()

    def __contains__(self, name: object) -> bool:
        self.n_looked_up += 1
        return super().__contains__(name)


def test_records_of_the_same_fields_are_looked_through_once() -> None:
    choice = FieldChoice(COMMON_NAMES)
    walked: list[int] = []
    for number in range(9):
        record = Watched(body=f"text {number}", id=number)
        assert choice.of(record) == {"text": "body", "id": "id"}
        assert record.n_looked_up == 2
        walked.append(record.n_walked)
    assert walked == [2, *[1] * 8]


def test_records_are_not_looked_through_for_each_name_that_there_might_be() -> None:
    records = [Watched(body=f"text {number}", id=number) for number in range(100)]
    assert choose_fields(COMMON_NAMES, records) == {"text": "body", "id": "id"}
    assert {record.n_walked for record in records} == {1}
    assert sum(record.n_looked_up for record in records) == 2

"""What may be scanned, and what is refused with the call that works."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import dedup
from dedup import Document, NearDuplicates, Result, Settings, scan
from dedup.errors import InputError, SettingsError
from tests.canonical import canonical, members
from tests.conftest import FIXTURES
from tests.corpora import COPY, OTHER, STORY, article

ONE_THREAD = Settings(threads=1)


def pairs_of(result: Result) -> list[set[str]]:
    return [set(cluster) for cluster in members(result)]


def test_a_list_of_texts_is_numbered_from_0() -> None:
    assert pairs_of(scan([STORY, OTHER, COPY], ONE_THREAD)) == [{"0", "2"}]


def test_mappings_documents_and_strings_may_be_mixed() -> None:
    mixed = [{"id": "a", "body": STORY}, Document(COPY, id="b"), STORY.upper(), {"text": OTHER}]
    assert pairs_of(scan(mixed, ONE_THREAD)) == [{"a", "b", "2"}]


def test_a_generator_is_read_as_it_comes() -> None:
    def stories() -> Iterator[str]:
        for n in range(100):
            yield f"{article(30, n % 50)}"

    result = scan(stories(), ONE_THREAD)
    assert (result.counts["read"], result.counts["clusters"]) == (100, 50)


def test_paths_may_be_strings_or_paths_one_or_many() -> None:
    demo = FIXTURES / "demo"
    expected = canonical(scan(demo, ONE_THREAD))
    for source in (str(demo), [demo], [str(demo)], [demo / "wire.jsonl", demo], f"{demo}/*"):
        assert canonical(scan(source, ONE_THREAD)) == expected


def test_a_missing_path_is_an_error_and_no_text(tmp_path: Path) -> None:
    for source in (tmp_path / "nowhere", [Path("nowhere")]):
        with pytest.raises(InputError, match=r"no such file or folder$"):
            scan(source, ONE_THREAD)


def test_a_pattern_for_what_is_not_there_is_told_as_a_pattern(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file matches the pattern; hidden"):
        scan(f"{tmp_path}/*.jsonl", ONE_THREAD)


ONE_TEXTS = [
    *("a text that was meant to be scanned", "storm", "Is it?", "[Update] Storm", "Is it?\nIt is."),
    *("[Update] " + 9 * STORY, 9 * STORY, "a/b*\n", "a\0b"),
]


@pytest.mark.parametrize("text", ONE_TEXTS, ids=lambda t: t[:9])
def test_one_text_is_refused_with_the_call_for_texts(text: str) -> None:
    with pytest.raises(InputError, match=r"no such file or folder.*dedup\.scan\(\[text\]\)"):
        scan(text, ONE_THREAD)


def test_a_mixture_of_paths_and_texts_is_refused() -> None:
    with pytest.raises(InputError, match="only paths, or only texts"):
        scan([str(FIXTURES), "some text"], ONE_THREAD)


class PolarsFrame:
    """What a frame of polars is known by: it is no dependency."""

    columns = ("id", "text")

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def to_dicts(self) -> list[dict[str, str]]:
        return ROWS


class LazyPolarsFrame(PolarsFrame):
    """One that is not read yet: it cannot be walked, and has no rows to give."""

    __iter__ = None
    to_dicts = None

    def collect_schema(self) -> dict[str, str]:
        return {}

    def collect(self) -> PolarsFrame:
        return PolarsFrame()


ROWS = [{"id": "a", "text": STORY}, {"id": "b", "text": COPY}]
TABLES = [
    (pd.DataFrame(ROWS), 'to_dict("records")'),
    (pa.Table.from_pylist(ROWS), "to_pylist()"),
    (pa.RecordBatch.from_pylist(ROWS), "to_pylist()"),
    (PolarsFrame(), "by `.to_dicts()`"),
    (LazyPolarsFrame(), "by `.collect().to_dicts()`"),
]


@pytest.mark.parametrize(("table", "call"), TABLES, ids=lambda item: type(item).__name__)
def test_a_table_is_refused_with_the_call_that_gives_its_rows(table: Any, call: str) -> None:
    with pytest.raises(InputError, match=re.escape(call)):
        scan(table, ONE_THREAD)
    with pytest.raises(InputError, match=re.escape(call)):
        scan([STORY], ONE_THREAD, against=table)
    with pytest.raises(TypeError, match="one column of texts"):
        NearDuplicates(ONE_THREAD).fit(table)


@pytest.mark.parametrize("array", [pa.array([STORY, COPY]), pa.chunked_array([[STORY], [COPY]])])
def test_an_arrow_array_is_refused_and_not_lost_in_the_quarantine(array: Any) -> None:
    with pytest.raises(InputError, match=r"scalars of Arrow: .*by `\.to_pylist\(\)`"):
        scan(array, ONE_THREAD)
    with pytest.raises(InputError, match=r"to_pylist"):
        dedup.score_texts(array, np.array([[0, 1]]), ONE_THREAD)


def test_named_tuples_are_documents_by_their_names() -> None:
    rows = pd.DataFrame(ROWS).itertuples()
    assert pairs_of(scan(rows, ONE_THREAD)) == [{"a", "b"}]


def test_the_rows_of_a_table_are_documents() -> None:
    assert pairs_of(scan(pd.DataFrame(ROWS).to_dict("records"), ONE_THREAD)) == [{"a", "b"}]


@pytest.mark.parametrize(
    ("source", "named"),
    [
        (b"abc", "one bytes object"),
        (bytearray(b"abc"), "one bytearray object"),
        (7, "documents is 7"),
        (None, "documents is None"),
        (object(), "documents is <object object"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_neither_paths_nor_documents_is_refused(source: Any, named: str) -> None:
    with pytest.raises(InputError, match=f"{named}.*: pass a list of texts, or the path of a file"):
        scan(source, ONE_THREAD)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ([b"abc", 5, {"txt": "x"}], "none of the 3 documents can be read; the first: bytes is no"),
        (
            iter([{"id": "7", "txt": "x"}]),
            "cannot be read: no field .* has: id, txt .call the text",
        ),
        ([None, 7], "none of the 2 documents"),
    ],
)
def test_documents_none_of_which_can_be_read_are_refused(source: Any, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        scan(source, ONE_THREAD)


def test_documents_to_scan_against_none_of_which_can_be_read_are_refused() -> None:
    wrong: Any = [b"abc"]
    with pytest.raises(InputError, match="the document cannot be read: bytes is no document"):
        scan([STORY], ONE_THREAD, against=wrong)


@pytest.mark.parametrize("settings", [{"keep": "newest"}, {}, "newest"], ids=repr)
def test_settings_that_are_none_are_refused(settings: Any) -> None:
    for run in (
        lambda: scan([STORY], settings),
        lambda: NearDuplicates(settings).fit([STORY]),
        lambda: dedup.score_texts([STORY, COPY], np.array([[0, 1]]), settings),
    ):
        with pytest.raises(SettingsError, match=r"pass dedup\.Settings"):
            run()


def test_a_model_that_is_none_is_refused() -> None:
    name: Any = "model.npz"
    with pytest.raises(InputError, match=r"CorpusModel\.load"):
        scan([STORY], ONE_THREAD, model=name)
    with pytest.raises(InputError, match=r"CorpusModel\.load"):
        dedup.score_texts([STORY, COPY], np.array([[0, 1]]), ONE_THREAD, model=name)


@pytest.mark.parametrize("source", [[], (), iter([]), ["", " "], [None, 7, ""]])
def test_nothing_worth_comparing_gives_an_empty_result(source: Any) -> None:
    result = scan(source, ONE_THREAD)
    assert (result.clusters, result.links, result.repeats, result.passages) == ([], [], [], [])
    assert result.pairs_table().num_rows == 0


@pytest.mark.parametrize("source", [{"text": STORY}, Document(STORY)], ids=["mapping", "document"])
def test_a_single_document_is_a_corpus_of_one(source: Any) -> None:
    result = scan(source, ONE_THREAD)
    assert result.found.records.facts.n_chars.tolist() == [len(STORY)]


def test_a_limit_holds_for_documents_in_memory_too() -> None:
    settings = Settings(threads=1, reading=dedup.Reading(limit=2))
    assert scan([STORY, OTHER, COPY], settings).counts["read"] == 2


def test_a_cap_that_bites_among_passages_is_counted() -> None:
    shared = "one long block of words that every page of the site has in common with the others"
    pages = [
        f"{shared} {a} {b}" for a, b in zip(STORY.split() * 3, OTHER.split() * 3, strict=False)
    ]
    settings = Settings(threads=1, unit="passage", max_bucket=2)
    alone = Settings(threads=1, max_bucket=2)
    assert scan(pages, settings).counts["full_buckets"] > scan(pages, alone).counts["full_buckets"]


def test_texts_that_look_like_no_path_may_hold_anything() -> None:
    assert scan(["a\x00b", "x" * 5000], ONE_THREAD).counts["read"] == 2


def test_documents_are_not_scanned_against_themselves() -> None:
    documents = [STORY, OTHER]
    with pytest.raises(InputError, match="both scanned and scanned against"):
        scan(documents, ONE_THREAD, against=documents)


def test_a_corpus_may_be_scanned_against_another_in_memory() -> None:
    result = scan([STORY, OTHER], ONE_THREAD, against=[{"id": "archive", "text": COPY}])
    assert members(result) == [["archive", "0"]]
    assert result.counts["against"] == 1


def test_an_error_of_the_source_comes_through() -> None:
    def broken() -> Iterator[str]:
        yield STORY
        raise LookupError

    with pytest.raises(LookupError):
        scan(broken(), ONE_THREAD)


def test_an_unknown_survivor_policy_is_said_before_anything_is_read() -> None:
    def unread() -> Iterator[str]:
        raise AssertionError
        yield ""

    with pytest.raises(SettingsError, match="eldest"):
        scan(unread(), replace(ONE_THREAD, keep="eldest"))


def test_results_that_are_none_are_refused_with_the_call_that_opens_them() -> None:
    folder: Any = "found"
    for call in (dedup.plan_apply, dedup.rethreshold):
        with pytest.raises(InputError, match=r"results is a str.*dedup\.open_results"):
            call(folder)
    with pytest.raises(InputError, match=r"result is a str.*dedup\.scan"):
        dedup.write_results(folder, "found")

"""Columns made through Arrow's buffers hold what ``pyarrow.array`` would make of the values."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.found import arrow as columns
from dedup.found.arrow import (
    bool_column,
    bytes_column,
    chosen_text_column,
    number_column,
    text_column,
    time_column,
)

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=6)
"""Without lone surrogates: records hold none."""


def same(made: columns.Column, expected: pa.Array) -> bool:
    made.validate(full=True)
    parts = made.chunks if isinstance(made, pa.ChunkedArray) else [made]
    return bool(pa.chunked_array(parts, expected.type).equals(pa.chunked_array([expected])))


@given(st.lists(TEXTS | st.none()))
def test_texts_come_back_and_none_is_null(texts: list[str | None]) -> None:
    assert same(text_column(texts), pa.array(texts, pa.string()))


@given(st.lists(TEXTS))
def test_texts_in_bytes_are_the_same_texts(texts: list[str]) -> None:
    views = [memoryview(text.encode()) for text in texts]
    assert same(bytes_column(views), pa.array(texts, pa.string()))


@given(st.lists(TEXTS, min_size=1), st.data())
def test_chosen_texts_stand_where_they_were_put(choices: list[str], data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(choices) - 1)))
    made = chosen_text_column(choices, np.array(places, np.uint8))
    assert same(made, pa.array([choices[place] for place in places], pa.string()))


@given(st.lists(st.tuples(st.integers(-(2**60), 2**60), st.booleans())))
def test_numbers_truth_values_and_times_come_back(rows: list[tuple[int, bool]]) -> None:
    numbers = np.array([number for number, _ in rows], np.int64)
    flags = np.array([flag for _, flag in rows], np.bool_)
    assert same(number_column(numbers), pa.array(numbers))
    assert same(number_column(numbers / 3), pa.array(numbers / 3))
    assert same(number_column(np.repeat(numbers, 2)[::2]), pa.array(numbers))
    assert same(bool_column(flags), pa.array(flags))
    assert same(
        time_column(numbers, flags), pa.array(numbers, pa.timestamp("us", "UTC"), mask=flags)
    )


def test_more_text_than_one_array_counts_becomes_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "MOST_BYTES", 10)
    texts = ["four", None, "ünïcöde", "", "x", "longer than ten bytes"]
    assert text_column(texts).num_chunks > 1
    assert same(text_column(texts), pa.array(texts, pa.string()))
    filled = [text or "" for text in texts]
    views = [memoryview(text.encode()) for text in filled]
    assert same(bytes_column(views), pa.array(filled, pa.string()))
    assert same(chosen_text_column(filled, np.arange(6)), pa.array(filled, pa.string()))

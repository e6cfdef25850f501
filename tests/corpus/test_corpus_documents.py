"""Documents given in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import time
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.corpus import read_documents
from dedup.errors import InputError
from dedup.model import Batch, Document, Quarantined


def collect(
    documents: Iterable[object], batch_bytes: int = 1000
) -> tuple[list[Batch], list[Quarantined]]:
    quarantined: list[Quarantined] = []
    batches = read_documents(documents, batch_bytes=batch_bytes, quarantine=quarantined.append)
    return list(batches), quarantined


@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]))),
    batch_bytes=st.integers(1, 50),
)
def test_any_text_comes_back(texts: list[str], batch_bytes: int) -> None:
    batches, quarantined = collect(texts, batch_bytes)
    found = [batch.texts[row].decode() for batch in batches for row in range(len(batch))]
    assert found == texts
    assert [id for batch in batches for id in batch.ids.strings()] == [
        str(n) for n in range(len(texts))
    ]
    assert not quarantined


def test_rows_of_a_database_are_documents_by_the_names_of_their_columns() -> None:
    database = sqlite3.connect(":memory:")
    database.row_factory = sqlite3.Row
    rows = database.execute("select 7 as id, 'A storm.' as body union select 8, null")
    (batch,), quarantined = collect(rows)
    database.close()
    assert (batch.ids.strings(), batch.texts.strings()) == (["7"], ["A storm."])
    assert [(bad.line, bad.raw) for bad in quarantined] == [(2, b'{"id":8,"body":null}')]


def test_what_is_a_string_in_json_is_itself_as_id_and_metadata() -> None:
    key = UUID(int=1)
    given = [{"text": "A storm.", "id": key, "source": key, "date": time(6, 30)}]
    (batch,), _ = collect([*given, Document("Rain.", id=key)])  # type: ignore[arg-type]
    assert batch.ids.strings() == [str(key)] * 2
    assert batch.sources is not None
    assert batch.dates is not None
    assert (batch.sources.strings()[0], batch.dates.strings()[0]) == (str(key), "06:30:00")


def test_documents_strings_and_mappings_may_be_mixed() -> None:
    documents = [
        "a",
        Document("b", id="x", title="T", date="2006"),
        {"text": "c", "id": 10**25, "source": "S"},
        {"body": "d", "metadata": {"url": "u"}},
    ]
    (batch,), _ = collect(documents)
    assert [batch.texts[row] for row in range(4)] == [b"a", b"b", b"c", b"d"]
    assert batch.ids.strings() == ["0", "x", str(10**25), "3"]
    columns = (batch.titles, batch.dates, batch.sources, batch.urls)
    assert [column and column.strings() for column in columns] == [
        ["", "T", "", ""],
        ["", "2006", "", ""],
        ["", "", "S", ""],
        ["", "", "", "u"],
    ]
    assert batch.lines.tolist() == [1, 2, 3, 4]
    assert batch.byte_offsets.tolist() == [-1] * 4
    assert batch.files.tolist() == [0] * 4


def test_what_is_no_text_is_quarantined_with_its_ordinal() -> None:
    bad = [None, float("nan"), 7, b"bytes", Document(None), {"text": 3}, {"x": "y"}, "\ud800"]
    batches, quarantined = collect(["a", *bad, "b"])
    assert [id for batch in batches for id in batch.ids.strings()] == ["0", "9"]
    assert [entry.line for entry in quarantined] == list(range(2, 10))
    assert quarantined[0].reason == "NoneType is no document: pass a str, a mapping or a Document"
    assert quarantined[4].reason == "the text is null, not a string"
    assert quarantined[6].reason.endswith("; the mapping has: x (call the text 'text')")
    assert "lone surrogate" in quarantined[7].reason
    assert {entry.file for entry in quarantined} == {"documents"}


def test_one_string_is_refused() -> None:
    with pytest.raises(InputError, match="one string"):
        collect("storm")


def test_documents_are_read_as_they_come() -> None:
    taken: list[int] = []

    def source() -> Iterable[str]:
        for n in range(100):
            taken.append(n)
            yield "x" * 100

    batches = read_documents(source(), batch_bytes=1000, quarantine=print)
    next(iter(batches))
    assert len(taken) < 40


@pytest.mark.parametrize("none", [None, float("nan"), np.float32("nan"), pd.NA, pd.NaT], ids=repr)
def test_what_pandas_writes_for_missing_is_missing(none: object) -> None:
    row = {name: none for name in ("id", "title", "url", "date", "source")}
    documents = [{"text": "a", **row}, {**row, "text": none}, Document("c", id=none, title=none)]  # type: ignore[arg-type]
    (batch,), quarantined = collect(documents)
    assert batch.ids.strings() == ["0", "2"]
    assert [batch.titles, batch.urls, batch.dates, batch.sources] == [None] * 4
    assert [entry.line for entry in quarantined] == [2]

"""Texts in one buffer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.model import Ragged

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=20)


@pytest.mark.parametrize("times", [1, 500], ids=["short", "long"])
@given(texts=TEXTS, data=st.data())
def test_any_texts_are_taken_in_any_order(
    times: int, texts: list[str], data: st.DataObject
) -> None:
    texts = [text * times for text in texts]
    start = data.draw(st.integers(0, len(texts) - 1))
    ragged = Ragged.from_strings(texts).part(start, len(texts))
    rows = data.draw(st.lists(st.integers(0, len(ragged) - 1)))
    chosen = ragged.take(np.array(rows, np.int64))
    assert chosen.strings() == [texts[start + row] for row in rows]
    assert ragged.strings() == texts[start:]
    assert ragged.pieces() == [text.encode() for text in texts[start:]]


@given(st.lists(TEXTS, min_size=1), st.integers(0, 8))
def test_parts_are_put_together_in_their_order(parts: list[list[str]], padding: int) -> None:
    joined = Ragged.concatenate(
        [Ragged.from_strings(["", *part]).part(1, len(part) + 1) for part in parts], padding
    )
    assert joined.strings() == [text for part in parts for text in part]
    assert len(joined.data) == joined.offsets[-1] + padding

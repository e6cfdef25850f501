"""Rows of scores: the cases of ``tests/data/verdicts.json``, and any other."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dedup.pairs import ScoredPairs
from tests.conftest import ROOT

DATA = ROOT / "tests" / "data"
TABLE = json.loads((DATA / "verdicts.json").read_text("utf-8"))
_FLAGS = ("only_numbers_differ", "table", "numbers_equal")
_COUNTS = ("numbers_kept", "numbers_replaced", "words_replaced", "names_replaced")
_COUNTS += ("passage_words", "gaps")


def scored(cases: list[dict[str, Any]]) -> ScoredPairs:
    """Return pairs that have the given scores, and those of a clear copy otherwise."""
    rows = [{**TABLE["default"], **case} for case in cases]
    columns: dict[str, Any] = {}
    for field in fields(ScoredPairs):
        dtype = np.bool_ if field.name in _FLAGS else np.float64
        columns[field.name] = np.array([row.get(field.name, 0) for row in rows], dtype)
    return ScoredPairs(**columns)


share = st.floats(0, 1).map(lambda value: round(value, 6))
scores = st.fixed_dictionaries(
    {name: st.booleans() if name in _FLAGS else share for name in TABLE["default"]}
    | {name: st.integers(0, 9) for name in _COUNTS}
    | {"gaps": st.integers(0, 60), "shorter": st.floats(0, 1000)}
)
"""Every score of a pair, whether texts could have them or not."""

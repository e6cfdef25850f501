"""The stopwatch of ``benchmarks.steps``: what it is put around exists."""

from __future__ import annotations

from itertools import chain
from pkgutil import resolve_name

import pytest

from benchmarks.steps import STEPS


@pytest.mark.parametrize("place", list(chain.from_iterable(STEPS.values())))
def test_each_function_of_a_step_stands_where_it_is_measured(place: str) -> None:
    assert callable(resolve_name(f"dedup.{place}"))

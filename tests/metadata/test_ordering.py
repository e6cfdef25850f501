"""Rows are ordered by several keys as numpy's own sort by several keys orders them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from dedup.metadata.ordering import order_by
from dedup.model import NO_DATE

SIGNED = st.sampled_from([-(2**63), -7, 0, 1, 2, 9, 2**40, NO_DATE])
UNSIGNED = st.sampled_from([0, 1, 2**63, 2**64 - 1])


@st.composite
def columns(draw: st.DrawFn) -> list[NDArray[np.generic]]:
    n = draw(st.integers(0, 12))
    keys: list[NDArray[np.generic]] = []
    for kind in draw(st.lists(st.sampled_from([np.int64, np.uint64]), min_size=1, max_size=4)):
        values = SIGNED if kind is np.int64 else UNSIGNED
        keys.append(np.array(draw(st.lists(values, min_size=n, max_size=n)), kind))
    return keys


@given(columns())
def test_rows_stand_in_the_order_of_all_keys(keys: list[NDArray[np.generic]]) -> None:
    order, tied = order_by(keys, len(keys[0]))
    assert sorted(order.tolist()) == list(range(len(order)))
    in_order = [tuple(key[row] for key in keys) for row in order.tolist()]
    assert in_order == sorted(in_order)
    equal = [one == other for one, other in pairwise(in_order)]
    assert tied.tolist() == equal


def test_a_key_that_decides_nothing_is_not_looked_at() -> None:
    def keys() -> Iterator[NDArray[np.generic]]:
        yield np.array([2, 0, 1])
        message = "the first key has decided"
        raise AssertionError(message)

    order, tied = order_by(keys(), 3)
    assert (order.tolist(), tied.tolist()) == ([1, 2, 0], [False, False])

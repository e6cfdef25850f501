"""Which record of a cluster survives."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import SettingsError
from dedup.model import NO_DATE
from dedup.survivors import POLICIES, RecordFacts, lead_units, parse_policy, rank_records

Row = tuple[int, int, int, bool, str]  # date, length, digest, against, id


def facts_of(rows: Sequence[Row]) -> RecordFacts:
    return RecordFacts(
        dates=np.array([row[0] for row in rows], np.int64),
        n_chars=np.array([row[1] for row in rows], np.int64),
        digests=np.array([(row[2] >> 4, row[2] & 15) for row in rows], np.uint64).reshape(-1, 2),
        against=np.array([row[3] for row in rows], np.bool_),
    )


def order(rows: Sequence[Row], policy: str = "oldest,longest") -> list[str]:
    ranks = rank_records(facts_of(rows), policy, lambda row: rows[row][4])
    assert sorted(ranks.tolist()) == list(range(len(rows)))
    return [rows[row][4] for row in np.argsort(ranks)]


def test_the_oldest_survives_and_records_without_a_date_come_last() -> None:
    rows = [(NO_DATE, 9, 1, False, "none"), (20, 1, 2, False, "late"), (10, 1, 3, False, "early")]
    assert order(rows) == ["early", "late", "none"]


def test_newest_puts_records_without_a_date_last_too() -> None:
    rows = [(NO_DATE, 9, 1, False, "none"), (20, 1, 2, False, "late"), (10, 1, 3, False, "early")]
    assert order(rows, "newest") == ["late", "early", "none"]


def test_of_equal_dates_the_longest_survives() -> None:
    rows = [(10, 1, 1, False, "short"), (10, 5, 2, False, "long")]
    assert order(rows) == ["long", "short"]


def test_the_rules_decide_in_the_order_given() -> None:
    rows = [(10, 1, 1, False, "old"), (20, 5, 2, False, "long")]
    assert order(rows, "oldest,longest") == ["old", "long"]
    assert order(rows, " longest , oldest ") == ["long", "old"]


def test_first_keeps_reading_order_whatever_the_dates() -> None:
    rows = [(20, 1, 9, False, "b"), (10, 9, 1, False, "a")]
    assert order(rows, "first") == ["b", "a"]


def test_then_the_digest_decides_and_then_the_id() -> None:
    rows = [(10, 1, 7, False, "z"), (10, 1, 7, False, "y"), (10, 1, 3, False, "zz")]
    assert order(rows) == ["zz", "y", "z"]


def test_both_halves_of_the_digest_count() -> None:
    rows = [(10, 1, 0x21, False, "c"), (10, 1, 0x12, False, "b"), (10, 1, 0x11, False, "a")]
    assert order(rows) == ["a", "b", "c"]


@pytest.mark.parametrize("policy", POLICIES)
def test_the_corpus_scanned_against_survives_before_all_else(policy: str) -> None:
    rows = [(10, 5, 1, False, "scanned"), (20, 1, 2, True, "archive")]
    assert order(rows, policy) == ["archive", "scanned"]


def test_ids_are_asked_for_only_where_all_else_ties() -> None:
    rows = [(10, 1, 7, False, "b"), (10, 1, 7, False, "a"), (30, 1, 7, False, "c")]
    asked: list[int] = []
    rank_records(facts_of(rows), "oldest", lambda row: asked.append(row) or rows[row][4])
    assert sorted(asked) == [0, 1]


@pytest.mark.parametrize("policy", ["", " , ", "eldest", "oldest,eldest"])
def test_an_unknown_policy_names_the_known_ones(policy: str) -> None:
    with pytest.raises(SettingsError, match="oldest, newest, longest, first"):
        parse_policy(policy)


def test_every_policy_is_documented() -> None:
    assert all(rule.__doc__ for rule in POLICIES.values())


small = st.integers(0, 2)
rows_of = st.lists(st.tuples(small | st.just(NO_DATE), small, small, st.booleans()), max_size=8)


@given(rows_of, st.sampled_from(["oldest,longest", "newest", "longest"]), st.randoms())
def test_the_order_of_reading_does_not_matter(
    rows: list[tuple[int, int, int, bool]], policy: str, chance: random.Random
) -> None:
    named = [(*row, str(n)) for n, row in enumerate(rows)]
    shuffled = list(named)
    chance.shuffle(shuffled)
    assert order(named, policy) == order(shuffled, policy)


@given(st.lists(st.integers(-1, 3), min_size=1), st.randoms())
def test_a_unit_is_led_by_its_record_of_the_lowest_rank(
    raw_units: list[int], chance: random.Random
) -> None:
    names = {unit: n for n, unit in enumerate(sorted({u for u in raw_units if u >= 0}))}
    units = np.array([names.get(unit, -1) for unit in raw_units], np.int64)
    ranks = list(range(len(units)))
    chance.shuffle(ranks)
    leads = lead_units(units, np.array(ranks, np.int64))
    for unit in range(len(names)):
        mine = [row for row in range(len(units)) if units[row] == unit]
        assert leads[unit] == min(mine, key=ranks.__getitem__)

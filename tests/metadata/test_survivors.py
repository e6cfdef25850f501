"""Which record of a cluster survives."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.choices import SURVIVOR_RULES
from dedup.errors import SettingsError
from dedup.metadata.survivors import (
    ARGUED_POLICIES,
    POLICIES,
    RecordFacts,
    as_numbers,
    deciding_rules,
    lead_units,
    parse_policy,
    rank_records,
)
from dedup.model import NO_DATE
from tests.conftest import ROOT

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
    with pytest.raises(SettingsError, match="oldest, newest, longest, most-complete, first"):
        parse_policy(policy)


def test_every_policy_is_told() -> None:
    words = [name.partition(":")[0] for name in SURVIVOR_RULES]
    assert words == [*POLICIES, *ARGUED_POLICIES]


def test_every_policy_is_documented() -> None:
    page = (ROOT / "docs" / "algorithm.md").read_text("utf-8").partition("## 11.")[2]
    for name, rule in [*POLICIES.items(), *ARGUED_POLICIES.items()]:
        assert rule.__doc__, name
        assert f"\n| `{name}" in page, name


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


About = tuple[str, str | None, str | None, str | None, str | None]  # id, title, url, date, source


def order_of(about: Sequence[About], policy: str) -> list[str]:
    facts = replace(
        facts_of([(NO_DATE, 1, 1, False, known[0]) for known in about]),
        metadata=lambda rows: (about[row] for row in rows.tolist()),
    )
    ranks = rank_records(facts, policy, lambda row: about[row][0])
    return [about[row][0] for row in np.argsort(ranks)]


def test_the_most_complete_survives() -> None:
    about: list[About] = [
        ("bare", None, None, None, None),
        ("full", "Rain", "https://a.example/1", "2031-01-01", "A"),
        ("half", "Rain", None, None, "A"),
    ]
    assert order_of(about, "most-complete") == ["full", "half", "bare"]


def test_sources_survive_in_the_order_given_by_field_or_by_host() -> None:
    about: list[About] = [
        ("none", None, None, None, None),
        ("other", None, "https://c.example/1", None, None),
        ("host", None, "https://www.B.example/1", None, None),
        ("field", None, None, None, "A.example"),
    ]
    assert order_of(about, "source:a.example>b.example")[:2] == ["field", "host"]
    assert order_of(about, "source:b.example>a.example")[:2] == ["host", "field"]
    assert order_of(about, "source:c.example")[0] == "other"


def test_a_rule_over_metadata_breaks_ties_of_another() -> None:
    about: list[About] = [
        ("a", "Rain", None, None, "B"),
        ("b", None, None, None, "A"),
        ("c", "Rain", None, None, "A"),
    ]
    assert order_of(about, "source:A, most-complete") == ["c", "b", "a"]


def test_a_source_rule_without_sources_is_refused() -> None:
    with pytest.raises(SettingsError, match="name sources"):
        parse_policy("source:")


@pytest.mark.parametrize(
    ("rows", "policy", "rule"),
    [
        ([(10, 1, 1, False, "a"), (20, 9, 2, False, "b")], "oldest,longest", "oldest"),
        ([(10, 9, 1, False, "a"), (10, 1, 2, False, "b")], "oldest,longest", "longest"),
        ([(10, 1, 1, False, "a"), (10, 1, 2, False, "b")], "oldest,longest", "digest"),
        ([(10, 1, 0x10, False, "a"), (10, 1, 0x20, False, "b")], "oldest", "digest"),
        ([(10, 1, 1, False, "a"), (10, 1, 1, False, "b")], "oldest,longest", "id"),
        ([(20, 1, 1, True, "a"), (10, 1, 1, False, "b")], "oldest", "against"),
        ([(20, 1, 1, False, "a"), (10, 1, 1, False, "b")], "first", "first"),
    ],
)
def test_the_rule_that_decided_is_told(rows: list[Row], policy: str, rule: str) -> None:
    assert order(rows, policy) == ["a", "b"]
    assert deciding_rules(facts_of(rows), policy, np.array([0]), np.array([1])) == [rule]


def test_the_highest_number_in_a_field_survives_and_others_come_last() -> None:
    values = ["2.5", None, "10", "many", "-1", "nan"]
    facts = replace(
        facts_of([(NO_DATE, 1, n, False, str(n)) for n in range(6)]),
        numbers=lambda name, rows: as_numbers(values[row] for row in rows if name == "a:b"),
    )
    ranks = {
        end: rank_records(facts, f"field:a:b:{end}", str).argsort().tolist()
        for end in ("max", "min")
    }
    assert ranks == {"max": [2, 0, 4, 1, 3, 5], "min": [4, 0, 2, 1, 3, 5]}


@pytest.mark.parametrize("policy", ["field:", "field:score", "field::max", "field:score:most"])
def test_a_field_rule_needs_a_name_and_a_direction(policy: str) -> None:
    with pytest.raises(SettingsError, match="max or min"):
        parse_policy(policy)

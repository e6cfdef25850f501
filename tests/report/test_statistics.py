"""Figures over clusters, against counts by hand."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from dedup.found.findings import Cluster, Member, Merged
from dedup.report.statistics import Statistics


def member(id: str, date: str | None, source: str, verdict: str = "near") -> Member:
    return Member(
        id, f"file#{id}", verdict, "most-shared", 0.75, 0.8, 0.9, date=date, source=source
    )


def cluster(*members: Member) -> Cluster:
    return Cluster(1, members[0].id, "oldest", Merged(len(members), (), (), None, None), members)


def test_who_was_first_is_told_by_dates_not_by_who_was_kept() -> None:
    figures = Statistics()
    figures.add(cluster(member("1", "2031-01-05", "late"), member("2", "2031-01-01", "early")))
    figures.add(cluster(member("3", None, "late"), member("4", "2031-01-01", "other")))
    assert [tuple(first) for first in figures.first_sources(5)] == [("early", 1, 1, 0)]
    assert figures.copies["late"] == 1
    assert {bar.label: bar.values for bar in figures.lag_bars()}["in a week"] == (1,)


@given(st.lists(st.dates(), min_size=1, max_size=30))
def test_every_dated_record_is_in_one_bar(dates: list) -> None:
    figures = Statistics()
    members = [member(str(n), date.isoformat(), "s") for n, date in enumerate(dates)]
    figures.add(cluster(*members))
    bars = figures.time_bars()
    assert len(bars) <= 36
    assert sum(bar.values[0] for bar in bars) == 1
    shown = sum(bar.values[1] for bar in bars)
    assert shown <= len(dates) - 1
    spread = max(dates).year - min(dates).year
    if spread < 300:
        assert shown == len(dates) - 1


def test_a_score_is_counted_in_the_bar_of_its_label() -> None:
    figures = Statistics()
    lead, copy = member("a", None, "s"), member("b", None, "s")
    exact = member("c", None, "s", "exact")
    figures.add(cluster(lead, copy, msgspec.structs.replace(copy, jaccard=1.0), exact))
    assert {bar.label: bar.values for bar in figures.score_bars() if any(bar.values)} == {
        "0.75": (1,),
        "0.95": (1,),
    }


def test_rare_sources_are_dropped_when_there_are_too_many(monkeypatch) -> None:
    monkeypatch.setattr("dedup.report.statistics.MAX_SOURCES", 10)
    figures = Statistics()
    for n in range(100):
        figures.add(cluster(member("a", None, "often"), member("b", None, f"rare{n}")))
    assert figures.sources_dropped
    assert len(figures.sources) <= 11
    assert figures.sources["often"] == 100

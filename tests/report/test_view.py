"""What is shown in words."""

from __future__ import annotations

from itertools import pairwise

import pytest

from dedup.model import Reason, Verdict
from dedup.report.charts import bar_plot, source_matrix
from dedup.report.reasons import REASON_WORDS
from dedup.report.statistics import Bar, Statistics

_SAID_OTHERWISE = {Verdict.NONE, Verdict.EXACT, Verdict.NORMALISED}
"""Verdicts whose reason the verdict says already, or that are never shown."""


@pytest.mark.parametrize(
    "reason", [reason for reason in Reason if reason.verdict not in _SAID_OTHERWISE]
)
def test_every_reason_has_words(reason: Reason) -> None:
    assert REASON_WORDS[reason.label]


@pytest.mark.parametrize("n", [1, 3, 12, 36])
@pytest.mark.parametrize("label", ["2", "2031-04", "2031-04-30"])
def test_labels_of_a_plot_do_not_touch(n: int, label: str) -> None:
    plot = bar_plot("Title", "", [Bar(label, (place,)) for place in range(n)], ["copies"])
    places = [mark.x for mark in plot.labels]
    assert places
    for one, other in pairwise(places):
        assert other - one >= 8 * len(label)


def test_bars_are_as_long_as_their_numbers() -> None:
    plot = bar_plot("Title", "", [Bar("a", (1, 3)), Bar("b", (0, 2))], ["kept", "copies"])
    heights = {(shape.says): shape.height for shape in plot.shapes}
    unit = heights["a: 1 kept"]
    assert heights == {
        "a: 1 kept": unit,
        "a: 3 copies": pytest.approx(3 * unit),
        "b: 2 copies": pytest.approx(2 * unit),
    }
    assert all(shape.y >= 0 and shape.y + shape.height <= plot.height for shape in plot.shapes)
    assert plot.table == (("a", "1", "3"), ("b", "0", "2"))


@pytest.mark.parametrize("most", [0, 1, 4, 6, 7, 30, 99, 101, 34_000])
def test_the_levels_of_a_plot_are_few_round_numbers_that_hold_all_bars(most: int) -> None:
    plot = bar_plot("Title", "", [Bar("a", (most,))], ["copies"])
    levels = [int(mark.text.replace(",", "")) for mark in plot.levels]
    assert len(levels) <= 6
    assert levels[-1] >= most
    assert {one - other for other, one in pairwise(levels)} == {levels[1]}
    assert str(levels[1]).rstrip("0") in {"1", "2", "5"}


def test_one_source_makes_no_matrix() -> None:
    figures = Statistics()
    figures.sources["only"] = 3
    assert source_matrix(figures) is None

"""Where the bars, lines and cells of the plots stand; a template draws them as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import NamedTuple

from dedup.report.statistics import Bar, Statistics

WIDTH, HEIGHT = 480, 210
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 20, 26
_ROOM_UP = HEIGHT - _TOP - _BOTTOM
_CHAR, _GAP = 8, 12
"""Widest a character of a label gets, on a telephone, and the space between two labels."""
_MAX_VALUES = 12
"""Bars that still have room for their number."""
_MAX_SOURCES = 10
_CELL, _NAMES = 34, 150
_NAME_CHARS = 22


class Shape(NamedTuple):
    """A rectangle of a plot: its series (for the colour) and what it says on pointing."""

    x: float
    y: float
    width: float
    height: float
    series: int
    says: str


class Mark(NamedTuple):
    """A label and the point it stands at."""

    x: float
    y: float
    text: str


class Plot(NamedTuple):
    """A plot, and the same figures as a table for those who cannot see it.

    ``levels`` are the heights at which lines go across.
    """

    title: str
    about: str
    width: float
    height: float
    shapes: tuple[Shape, ...]
    labels: tuple[Mark, ...]
    levels: tuple[Mark, ...]
    series: tuple[str, ...]
    table: tuple[tuple[str, ...], ...]
    line: str = ""
    values: tuple[Mark, ...] = ()


class Cell(NamedTuple):
    """A cell of the matrix of sources; ``strength`` goes from 0 to 1."""

    x: float
    y: float
    strength: float
    text: str
    says: str


class Matrix(NamedTuple):
    """Copies between sources: whose text stayed (rows), whose could go (columns)."""

    width: float
    height: float
    size: float
    names: tuple[str, ...]
    rows: tuple[Mark, ...]
    columns: tuple[Mark, ...]
    cells: tuple[Cell, ...]
    table: tuple[tuple[str, ...], ...]


def _stack(bar: Bar, series: Sequence[str], left: float, width: float, top: int) -> list[Shape]:
    """Return the parts of a bar from the ground up; one that stands for anything is seen."""
    shapes: list[Shape] = []
    bottom = float(HEIGHT - _BOTTOM)
    for kind, value in enumerate(bar.values):
        if value:
            tall = max(_ROOM_UP * value / top, 1.0)
            bottom -= tall
            says = f"{bar.label}: {value:,} {series[kind]}"
            shapes.append(Shape(left, bottom, width, tall, kind, says))
    return shapes


def bar_plot(title: str, about: str, bars: Sequence[Bar], series: Sequence[str]) -> Plot:
    """Return a plot of stacked bars.

    Parameters
    ----------
    title, about : str
        Heading, and a sentence on what is shown.
    bars : sequence of Bar
        From left to right; one value for each series.
    series : sequence of str
    """
    step, top = _scale(max((sum(bar.values) for bar in bars), default=0))
    room = WIDTH - _LEFT - _RIGHT
    slot = room / max(len(bars), 1)
    width = min(slot * 0.72, 46)
    every = -(-len(bars) * _label_width(bars) // room)
    shapes: list[Shape] = []
    labels: list[Mark] = []
    values: list[Mark] = []
    for at, bar in enumerate(bars):
        middle = _LEFT + slot * (at + 0.5)
        stack = _stack(bar, series, middle - width / 2, width, top)
        shapes += stack
        if stack and len(bars) <= _MAX_VALUES:
            values.append(Mark(middle, stack[-1].y - 5, f"{sum(bar.values):,}"))
        if at % every == 0:
            labels.append(Mark(middle, HEIGHT - 8, bar.label))
    levels = [
        Mark(_LEFT, HEIGHT - _BOTTOM - _ROOM_UP * level / top, f"{level:,}")
        for level in range(0, top + 1, step)
    ]
    table = tuple((bar.label, *(f"{value:,}" for value in bar.values)) for bar in bars)
    return Plot(
        title, about, WIDTH, HEIGHT, tuple(shapes), tuple(labels), tuple(levels), tuple(series),
        table, values=tuple(values),
    )  # fmt: skip


def _label_width(bars: Sequence[Bar]) -> int:
    return max((len(bar.label) for bar in bars), default=0) * _CHAR + _GAP


def curve_plot(title: str, about: str, points: Mapping[str, float]) -> Plot:
    """Return a line over numbers from 0 to 1, both ways."""
    room, height = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
    places = [(_LEFT + room * float(x), HEIGHT - _BOTTOM - height * y) for x, y in points.items()]
    labels = tuple(
        Mark(_LEFT + room * t / 10, HEIGHT - 8, f"{t / 10:.1f}") for t in (0, 2, 4, 6, 8, 10)
    )
    levels = tuple(
        Mark(_LEFT, HEIGHT - _BOTTOM - height * t / 100, f"{t}%") for t in (0, 25, 50, 75, 100)
    )
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    table = tuple((x, f"{y:.1%}") for x, y in points.items())
    return Plot(
        title, about, WIDTH, HEIGHT, (), labels, levels, ("probability",), table, line
    )  # fmt: skip


def source_matrix(statistics: Statistics) -> Matrix | None:
    """Return copies between the sources with most records in clusters; none for one source."""
    names = statistics.top_sources(_MAX_SOURCES)
    if len(names) < 2:
        return None
    pairs = statistics.pairs
    most = max((pairs[one, other] for one in names for other in names), default=0)
    cells = tuple(
        Cell(
            _NAMES + _CELL * column,
            _NAMES * 0.62 + _CELL * row,
            (n / most) ** 0.5 if most else 0.0,
            f"{n:,}" if n < 10_000 else f"{n / 1000:.0f}k",
            f"{n:,} from {other}, kept from {one}",
        )
        for row, one in enumerate(names)
        for column, other in enumerate(names)
        if (n := pairs[one, other])
    )
    top = _NAMES * 0.62
    middles = [_CELL * (at + 0.5) for at in range(len(names))]
    size = _CELL * len(names)
    return Matrix(
        _NAMES + size + 60,
        top + size + 4,
        _CELL,
        tuple(names),
        tuple(
            Mark(_NAMES - 8, top + at + 4, _short(n)) for n, at in zip(names, middles, strict=True)
        ),
        tuple(Mark(_NAMES + at, top - 8, _short(n)) for n, at in zip(names, middles, strict=True)),
        cells,
        tuple((one, *(f"{pairs[one, other]:,}" for other in names)) for one in names),
    )


def _short(name: str) -> str:
    """Cut a long name at its front: paths and hosts differ at the end."""
    return name if len(name) <= _NAME_CHARS else "…" + name[1 - _NAME_CHARS :]


def _scale(most: int) -> tuple[int, int]:
    """Return a round step and the highest level that hold a value in at most five steps."""
    steps = (factor * 10**power for power in count() for factor in (1, 2, 5))
    step = next(step for step in steps if step * 5 >= most)
    return step, max(-(-most // step), 1) * step

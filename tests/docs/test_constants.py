"""The constants that docs/algorithm.md names are those of the code, wherever they are named."""

from __future__ import annotations

import ast
import pkgutil
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import dedup

PAGE = (Path(__file__).parents[2] / "docs" / "algorithm.md").read_text("utf-8")
MENTION = re.compile(r"`([A-Z][A-Z_]+)`(?:\s=\s([\d.]*\d))?")
STEPS = (
    "corpus.html_story", "candidates.excerpts", "metadata.fullest", "kernels.gaps", "kernels.own_passages",
    "kernels.repeat_edges", "kernels.repeat_groups", "kernels.repeat_markup",
    "kernels.repeat_numbers", "kernels.repeat_refrains", "kernels.repeat_runs", "kernels.repeats",
    "kernels.runs", "kernels.shingle_index", "kernels.wrapping", "candidates.lsh", "candidates.samples",
    "found.shared_passages", "candidates.short_texts",
)  # fmt: skip
"""Modules whose public constants decide what is found."""
NO_RULES = {"N_COUNTS", "UNSPACED_WORD"}
"""Sizes of arrays, and marks: they decide nothing."""
WORDS = {0.4: "two fifths", 20: "twenty", 60: "sixty"} | dict(
    enumerate("none one two three four five six seven eight nine ten eleven twelve".split())
)


def constants_of(module: str) -> dict[str, float]:
    """Return the public numbers that a module defines by names in capitals."""
    found = import_module(module)
    made = ast.parse(Path(found.__file__ or "").read_text("utf-8"))
    assigned = (line for line in made.body if isinstance(line, (ast.Assign, ast.AnnAssign)))
    names = (ast.unparse(line).partition("=")[0].partition(":")[0].strip() for line in assigned)
    values = {name: getattr(found, name) for name in names if re.fullmatch("[A-Z][A-Z_]+", name)}
    return {name: value for name, value in values.items() if type(value) in (int, float)}


@cache
def constants() -> dict[str, set[float]]:
    """Return the values of every constant, in whatever modules it is defined."""
    found: dict[str, set[float]] = {}
    for module in pkgutil.walk_packages(dedup.__path__, "dedup."):
        if not module.name.endswith("__main__"):
            for name, value in constants_of(module.name).items():
                found.setdefault(name, set()).add(value)
    return found


def forms_of(value: float) -> list[str]:
    """Return the ways in which the page may write a number.

    >>> forms_of(0.4)
    ['0.4', '.4', '40 %', 'two fifths']
    >>> forms_of(12)
    ['12', 'twelve']
    """
    forms = [f"{value:g}"]
    if value < 1:
        forms += [f"{value:g}".removeprefix("0"), f"{value:.0%}".replace("%", " %")]
    return forms + ([WORDS[value]] if value in WORDS else [])


def says(text: str, value: float) -> bool:
    forms = "|".join(map(re.escape, forms_of(value)))
    return bool(re.search(rf"(?<![\w.])({forms})(?![\w.])", text, re.I))


@pytest.mark.parametrize("name", sorted({found[1] for found in MENTION.finditer(PAGE)}))
def test_wherever_a_constant_is_named_its_value_stands_with_it(name: str) -> None:
    [value] = constants()[name]
    for found in MENTION.finditer(PAGE):
        if found[1] == name:
            before = " ".join(PAGE[: found.start()].split())[-90:]
            assert says(found[2] or before, value), (value, found[0], before)


@pytest.mark.parametrize("module", STEPS)
def test_every_constant_of_a_step_is_on_the_page(module: str) -> None:
    named = {found[1] for found in MENTION.finditer(PAGE)}
    assert set(constants_of(f"dedup.{module}")) - NO_RULES <= named

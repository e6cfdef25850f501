"""Settings: checked at once, never changed, told apart by a fingerprint."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dedup
from dedup import Reading, Rule, Settings
from dedup.errors import SettingsError


@pytest.mark.parametrize(
    "wrong",
    [
        {"shingle_width": 0},
        {"num_perm": 4},
        {"seed": -1},
        {"seed": 2**32},
        {"bands": 0},
        {"rows": 0},
        {"bands": 43},
        {"min_tokens": -1},
        {"repeat_min_tokens": 4},
        {"max_bucket": 1},
        {"anchors": 0},
        {"threads": -1},
        {"batch_bytes": 0},
        {"engine": "kernal"},
        {"unit": "word"},
        {"max_on_demand": -1},
    ],
    ids=str,
)
def test_a_setting_out_of_range_is_named(wrong: dict[str, Any]) -> None:
    (name,) = wrong
    with pytest.raises(SettingsError, match=name):
        Settings(**wrong)


def test_a_rule_below_what_is_scored_is_refused() -> None:
    for name in ("near_jaccard", "link_jaccard", "link_containment", "min_distinctive"):
        with pytest.raises(SettingsError, match=name):
            Rule(**{name: 0.01})


@pytest.mark.parametrize("constant", fields(Rule), ids=lambda constant: constant.name)
def test_every_constant_of_the_rule_has_a_range(constant: Any) -> None:
    counts = isinstance(constant.default, int) or constant.name in ("gap_words", "scattered_words")
    for wrong in (-5, float("nan"), "x", None, 10**12 if counts else 2):
        with pytest.raises(SettingsError, match=f"{constant.name} is .*; it must be"):
            Rule(**{constant.name: wrong})
    assert Rule(**{constant.name: constant.default}) == Rule()
    assert Rule(**{constant.name: 1})


def test_a_count_of_the_rule_is_a_whole_number() -> None:
    with pytest.raises(SettingsError, match=r"form_numbers is 2\.5; it must be a whole number"):
        Rule(form_numbers=2.5)  # type: ignore[arg-type]


def test_a_setting_of_another_type_is_named() -> None:
    with pytest.raises(SettingsError, match="threads is '2'"):
        Settings(threads="2")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Reading(include="*.jsonl"), r"include is '\*.jsonl'; it must be a tuple or list"),
        (lambda: Reading(exclude="*.txt"), r"exclude is .*such as \(\"drafts"),
        (
            lambda: Reading(include=(1,)),
            r"include is \(1,\); it must be a tuple or list of strings",
        ),
        (lambda: Reading(limit=-5), "limit is -5; it must be a whole number from 1"),
        (lambda: Reading(limit=0), "limit is 0"),
        (lambda: Reading(limit=True), "limit is True"),
        (lambda: Reading(limit=2.5), "limit is 2.5"),
        (lambda: Reading(max_ratio="x"), "max_ratio is 'x'; it must be from 1 up"),
        (lambda: Reading(max_record_bytes=0), "max_record_bytes is 0"),
        (lambda: Reading(encoding=None), "encoding is None; it must be a string"),
        (lambda: Reading(format=5), "format is 5; it must be a string such as .* or None"),
        (lambda: Reading(fields={"text": "body"}), r"fields is .*dedup\.Fields, such as Fields\("),
        (lambda: dedup.Fields(text=5), "text is 5; it must be a string"),
        (lambda: Settings(reading={"limit": 3}), r"reading is .*dedup\.Reading, such as"),
        (lambda: Settings(rule="strict"), r"rule is 'strict'; .*RULES\[\"strict\"\]"),
        (lambda: Settings(keep=["newest"]), "keep is .'newest'.; it must be a string such as"),
        (lambda: Settings(repeats="no"), "repeats is 'no'; it must be True or False"),
        (lambda: Settings(excerpts=0), "excerpts is 0; it must be True or False"),
        (lambda: Settings(store_text=None), "store_text is None"),
        (lambda: Settings(threads=True), "threads is True"),
        (lambda: Settings(min_tokens=2.5), "min_tokens is 2.5; it must be a whole number"),
        (lambda: Settings(tmp_dir=5), "tmp_dir is 5; it must be a string"),
        (lambda: Settings(unit=["passage"]), "unit is .'passage'.; it must be one of document"),
    ],
)
def test_a_setting_of_another_kind_is_refused_at_once(make: Any, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        make()


def test_numbers_of_numpy_and_paths_are_settings_like_plain_ones() -> None:
    given: Any = {"seed": np.int64(3), "tmp_dir": Path("/var/tmp")}
    settings = Settings(**given, rule=Rule(near_jaccard=np.float64(0.6)))
    plain = Settings(seed=3, tmp_dir="/var/tmp", rule=Rule(near_jaccard=0.6))
    assert settings == plain
    assert settings.fingerprint() == plain.fingerprint()
    assert type(settings.seed) is int


def test_settings_never_change_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().seed = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        Settings().rule.min_cosine = 0.1  # type: ignore[misc]


HOW = {"engine": "reference", "threads": 3, "batch_bytes": 99, "tmp_dir": "/x", "store_text": True}
WHAT = {
    "reading": Reading(limit=3),
    "rule": Rule(near_jaccard=0.6),
    "shingle_width": 4,
    "num_perm": 256,
    "seed": 2,
    "bands": 41,
    "rows": 2,
    "min_tokens": 3,
    "repeats": False,
    "repeat_min_tokens": 13,
    "excerpts": False,
    "unit": "passage",
    "keep": "newest",
    "max_bucket": 33,
    "anchors": 5,
    "max_on_demand": 65,
}


def test_the_fingerprint_changes_with_what_is_found_and_with_nothing_else() -> None:
    base = Settings()
    assert {*HOW, *WHAT} == set(base.to_dict())
    assert len(base.fingerprint()) == 32
    for name, value in HOW.items():
        assert replace(base, **{name: value}).fingerprint() == base.fingerprint(), name
    others = [replace(base, **{name: value}).fingerprint() for name, value in WHAT.items()]
    assert len({base.fingerprint(), *others}) == len(WHAT) + 1

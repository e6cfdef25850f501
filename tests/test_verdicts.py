"""The rule from scores to verdict, case by case."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.metadata.stories import no_stories
from dedup.model import Reason, Story, Verdict
from dedup.rule import FLOOR_CERTAIN, FLOOR_CONTAINMENT, FLOOR_DISTINCTIVE, FLOOR_JACCARD, Rule
from dedup.verdicts import above_floor, forgive_corrections, judge, ratio, reasons
from tests.score_rows import DATA, TABLE, scored, scores


def verdicts_of(cases: list[dict[str, Any]], rule: Rule = Rule()) -> list[str]:  # noqa: B008
    pairs = scored(cases)
    judge(pairs, no_stories, rule)
    return [Verdict(int(value)).label for value in pairs.verdict]


def reasons_of(cases: list[dict[str, Any]], rule: Rule = Rule()) -> list[str]:  # noqa: B008
    return [Reason(int(value)).label for value in reasons(scored(cases), rule)]


def test_the_table_is_well_formed() -> None:
    schema = json.loads((DATA / "verdicts.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(TABLE, schema, cls=jsonschema.Draft202012Validator)
    names = [case["name"] for case in TABLE["cases"]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["name"].replace(" ", "_"))
def test_the_default_rule(case: dict[str, Any]) -> None:
    assert verdicts_of([case["scores"]]) == [case["verdict"]]
    assert reasons_of([case["scores"]]) == [case["reason"]]


def test_pairs_are_judged_one_by_one() -> None:
    cases = TABLE["cases"]
    assert verdicts_of([case["scores"] for case in cases]) == [case["verdict"] for case in cases]


def test_a_rule_of_the_users_own_moves_the_border() -> None:
    assert verdicts_of([{"jaccard": 0.6}], Rule(near_jaccard=0.65)) == ["rewrite"]
    assert verdicts_of([{"cosine": 0.4}], Rule(min_cosine=0.4)) == ["near"]


@given(scores)
def test_nothing_is_near_when_every_differing_token_holds_a_digit(case: dict[str, Any]) -> None:
    assert verdicts_of([{**case, "only_numbers_differ": True}])[0] in ("template", "none")


@given(scores)
def test_the_sides_of_a_pair_do_not_matter(case: dict[str, Any]) -> None:
    turned = {
        **case,
        "containment_left": case["containment_right"],
        "containment_right": case["containment_left"],
    }
    assert verdicts_of([case]) == verdicts_of([turned])


@given(scores)
def test_a_verdict_never_falls_as_cosine_rises(case: dict[str, Any]) -> None:
    low, high = verdicts_of([{**case, "cosine": 0.0}, {**case, "cosine": 1.0}])
    assert low in ("none", high)


@given(scores)
def test_only_near_is_removable(case: dict[str, Any]) -> None:
    (label,) = verdicts_of([case])
    assert Verdict[label.upper()].removable == (label == "near")
    if label == "near":
        assert case["jaccard"] >= Rule().near_jaccard


def test_every_reason_that_scores_give_is_in_the_table() -> None:
    by_metadata = {"same-bytes", "same-text", "same-page", "same-title"}
    assert {case["reason"] for case in TABLE["cases"]} == {r.label for r in Reason} - by_metadata


@pytest.mark.parametrize("verdict", Verdict)
def test_clusters_hold_exact_normalised_and_near(verdict: Verdict) -> None:
    assert verdict.removable == (verdict.label in ("exact", "normalised", "near"))


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_ratio_is_rounded_before_it_meets_a_threshold(part: int, whole: int) -> None:
    found = ratio(np.array([part]), np.array([whole]))[0]
    assert found == (round(part / whole, 6) if whole else 0)


@pytest.mark.parametrize(
    ("jaccard", "containment", "distinctive", "recorded"),
    [
        (FLOOR_JACCARD, 0.0, FLOOR_DISTINCTIVE, True),
        (FLOOR_JACCARD - 1e-6, FLOOR_CONTAINMENT, FLOOR_DISTINCTIVE, True),
        (FLOOR_JACCARD - 1e-6, FLOOR_CONTAINMENT - 1e-6, 1.0, False),
        (FLOOR_CERTAIN - 1e-6, 1.0, FLOOR_DISTINCTIVE - 1e-6, False),
        (FLOOR_CERTAIN, 1.0, 0.0, True),
    ],
)
def test_pairs_of_common_wording_are_recorded_only_where_nearly_all_is_shared(
    jaccard: float, containment: float, distinctive: float, recorded: bool
) -> None:
    scores = (np.array([score]) for score in (jaccard, containment, distinctive))
    assert above_floor(*scores).tolist() == [recorded]


@pytest.mark.parametrize(
    ("case", "before", "after"),
    [
        ({"numbers_replaced": 1, "number_agreement": 0.9}, "number-in-doubt", "same-page"),
        ({"jaccard": 0.75}, "most-shared", "most-shared"),
        ({"cosine": 0.4}, "low-cosine", "low-cosine"),
        ({"jaccard": 0.4, "distinctive_jaccard": 0.4}, "partly-shared", "partly-shared"),
    ],
)
def test_one_address_forgives_what_is_replaced_and_nothing_else(
    case: dict[str, Any], before: str, after: str
) -> None:
    pairs = scored([case])
    judge(pairs, no_stories, Rule())
    assert Reason(int(pairs.reason[0])).label == before
    forgive_corrections(pairs, lambda left, _: np.full(len(left), Story.SAME_PAGE), Rule())
    reason = Reason(int(pairs.reason[0]))
    assert (reason.label, int(pairs.verdict[0])) == (after, reason.verdict)

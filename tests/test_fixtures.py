"""The labelled cases in ``fixtures/``: they are well formed, and a scan says what they expect."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dedup import Repeat, Result, Settings, Verdict, scan
from dedup.text.normalise import normalise
from tests.canonical import members
from tests.conftest import FIXTURES
from tests.labelled_pairs import (
    FORMS,
    README,
    Relation,
    figures,
    files,
    plain_tokens,
    read_pairs,
    readme_with_tables,
    relations,
    script_of,
)

ONE_THREAD = Settings(threads=1)

SCHEMAS = {
    "demo.expect.json": "expect.schema.json",
    "demo/wire.jsonl": "record.schema.json",
    "demo/more.csv": "record.schema.json",
    "scripts.jsonl": "scripts.schema.json",
    "repeats/cases.jsonl": "repeats/cases.schema.json",
    **{f"pairs/{path.name}": "pairs/schema.json" for path in files()},
}
for _folder in sorted((FIXTURES / "regressions").iterdir()):
    SCHEMAS[f"regressions/{_folder.name}/records.jsonl"] = "record.schema.json"
    SCHEMAS[f"regressions/{_folder.name}/expect.json"] = "expect.schema.json"

PAGES = {f"pages/{path.name}" for path in (FIXTURES / "pages").glob("*.html")}
KEPT = {"README.md", "demo/page.txt", *PAGES, *SCHEMAS, *SCHEMAS.values()}


def read_lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FIXTURES / name).read_bytes().splitlines()]


def read_json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def records_of(name: str) -> list[dict[str, Any]]:
    path = FIXTURES / name
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return [{part: value for part, value in row.items() if value} for row in rows]
    return read_lines(name) if path.suffix == ".jsonl" else [read_json(path)]


# --- the files themselves


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_record_validates_against_its_schema(name: str) -> None:
    schema = read_json(FIXTURES / SCHEMAS[name])
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    records = records_of(name)
    assert records
    for record in records:
        validator.validate(record)


def test_every_file_is_named_here() -> None:
    found = {str(path.relative_to(FIXTURES)) for path in FIXTURES.rglob("*") if path.is_file()}
    assert found == KEPT


@pytest.mark.parametrize("name", [name for name in sorted(SCHEMAS) if name.endswith(".jsonl")])
def test_ids_are_unique_in_their_file(name: str) -> None:
    ids = [record["id"] for record in read_lines(name)]
    assert len(ids) == len(set(ids))


# --- whole corpora


def check_expectation(result: Result, expect: dict[str, Any]) -> None:
    clusters = members(result)
    assert sorted(clusters) == sorted(_as_grouped(expect["clusters"], clusters))
    together = [set(cluster) for cluster in clusters]
    for pair in expect["not_together"]:
        assert not any(set(pair) <= cluster for cluster in together)
    links = {(frozenset((link.left, link.right)), link.verdict) for link in result.links}
    for link in expect.get("links", ()):
        assert (frozenset((link["left"], link["right"])), link["verdict"]) in links
    assert result.counts["empty"] == len(expect.get("empty", ()))
    assert not set(expect.get("empty", ())) & {id for cluster in clusters for id in cluster}
    found = [{"document": Path(repeat.document).name, **lines_of(repeat)}
             for repeat in result.repeats]  # fmt: skip
    assert found == expect.get("repeats", [])


def _as_grouped(expected: list[list[str]], found: list[list[str]]) -> list[list[str]]:
    """Put what follows the representative into the order in which it was found."""
    orders = {frozenset(cluster): cluster for cluster in found}
    return [
        [cluster[0], *(id for id in orders.get(frozenset(cluster), cluster) if id != cluster[0])]
        for cluster in expected
    ]


def lines_of(repeat: Repeat) -> dict[str, Any]:
    return {
        "verdict": repeat.verdict,
        "occurrences": [
            {"first_line": place.first_line, "last_line": place.last_line}
            for place in repeat.occurrences
        ],
    }


def test_the_demo_says_what_it_is_expected_to_say() -> None:
    result = scan(FIXTURES / "demo", ONE_THREAD)
    check_expectation(result, read_json(FIXTURES / "demo.expect.json"))
    assert result.counts["read"] == 30


def _regressions() -> list[Any]:
    cases = []
    for folder in sorted((FIXTURES / "regressions").iterdir()):
        reason = read_json(folder / "expect.json").get("known_failure")
        marks = [xfail(reason)] if reason else []
        cases.append(pytest.param(folder, id=folder.name, marks=marks))
    return cases


def xfail(reason: str) -> pytest.MarkDecorator:
    return pytest.mark.xfail(strict=True, raises=AssertionError, reason=f"known failure: {reason}")


@pytest.mark.parametrize("folder", _regressions())
def test_a_fault_of_other_tools_is_not_ours(folder: Path) -> None:
    result = scan(folder / "records.jsonl", ONE_THREAD)
    check_expectation(result, read_json(folder / "expect.json"))


# --- repeats inside a page

CASES = read_lines("repeats/cases.jsonl")


@pytest.fixture(scope="module")
def repeats_of_cases() -> dict[str, list[Repeat]]:
    result = scan([{"id": case["id"], "text": case["text"]} for case in CASES], ONE_THREAD)
    found: dict[str, list[Repeat]] = {case["id"]: [] for case in CASES}
    for repeat in result.repeats:
        found[repeat.document].append(repeat)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_page_shows_its_repeats_and_no_others(
    case: dict[str, Any], repeats_of_cases: dict[str, list[Repeat]]
) -> None:
    assert [lines_of(repeat) for repeat in repeats_of_cases[case["id"]]] == case["expect"]


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["expect"]], ids=lambda case: case["id"]
)
def test_spans_cut_the_repeat_out_of_the_raw_text(
    case: dict[str, Any], repeats_of_cases: dict[str, list[Repeat]]
) -> None:
    text = case["text"]
    for repeat in repeats_of_cases[case["id"]]:
        passages = [text[place.start : place.end] for place in repeat.occurrences]
        folded = {normalise(passage) for passage in passages}
        assert (len(set(passages)) == 1) == (repeat.verdict == "exact")
        assert (len(folded) == 1) == (repeat.verdict in ("exact", "normalised"))
        assert all(passage == passage.strip() for passage in passages)
        for place in repeat.occurrences:
            assert text.count("\n", 0, place.start) + 1 == place.first_line
            assert text.count("\n", 0, place.end) + 1 == place.last_line


# --- languages

SCRIPTS = read_lines("scripts.jsonl")
LANGUAGES = sorted({text["lang"] for text in SCRIPTS})


@pytest.fixture(scope="module")
def scripts_result() -> Result:
    return scan([{"id": text["id"], "text": text["text"]} for text in SCRIPTS], ONE_THREAD)


@pytest.mark.parametrize("language", LANGUAGES)
def test_copies_are_found_in_every_script(language: str, scripts_result: Result) -> None:
    texts = {text["relation"]: text for text in SCRIPTS if text["lang"] == language}
    (cluster,) = [c for c in scripts_result.clusters if c.representative.startswith(language)]
    wanted = {t["id"] for t in SCRIPTS if t["group"] == texts["original"]["group"]}
    assert {member.id for member in cluster.members} == wanted
    assert texts["different"]["id"] not in wanted


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("relation", ["copy", "normalised", "near"])
def test_the_verdict_names_the_relation_in_every_script(language: str, relation: str) -> None:
    chosen = {text["relation"]: text["text"] for text in SCRIPTS if text["lang"] == language}
    pair = [
        {"id": "original", "text": chosen["original"], "date": "2031-01-01"},
        {"id": "other", "text": chosen[relation], "date": "2031-01-02"},
    ]
    (cluster,) = scan(pair, ONE_THREAD).clusters
    assert [member.id for member in cluster.members] == ["original", "other"]
    assert cluster.members[1].verdict == {"copy": "exact"}.get(relation, relation)


def test_different_stories_are_kept_apart_in_every_script(scripts_result: Result) -> None:
    different = {text["id"] for text in SCRIPTS if text["relation"] == "different"}
    assert len(different) == len(LANGUAGES)
    assert not different & {id for cluster in members(scripts_result) for id in cluster}
    assert not different & {id for link in scripts_result.links for id in (link.left, link.right)}


# --- labelled pairs

PAIRS = read_pairs()
WRITE_ANEW = "after a change to the rule or to a text: python -m tests.labelled_pairs"
KNOWN_FAILURES = {id: pair for id, pair in PAIRS.items() if "known_failure" in pair}


def _pair_cases() -> list[Any]:
    cases = []
    for pair in PAIRS.values():
        marks = []
        if pair["id"] in KNOWN_FAILURES:
            marks.append(xfail(f"the rule says {pair['rule_says']}. {pair['why']}"))
        cases.append(pytest.param(pair, id=pair["id"], marks=marks))
    return cases


@pytest.mark.parametrize("pair", _pair_cases())
def test_a_pair_gets_the_verdict_a_careful_person_gives(pair: dict[str, Any]) -> None:
    expected = Relation(pair["label"], frozenset(pair["flags"]))
    found = relations()[pair["id"]]
    assert (found.verdict, found.flags) == (expected.verdict, expected.flags)


def test_known_failures_fail_as_they_are_listed() -> None:
    said = {id: relations()[id].verdict for id in KNOWN_FAILURES}
    listed = {id: pair["rule_says"] for id, pair in KNOWN_FAILURES.items()}
    assert said == listed, WRITE_ANEW


def test_the_default_bands_lose_no_copy() -> None:
    copies = {id for id, found in relations().items() if Verdict[found.verdict.upper()].removable}
    by_default = relations(Settings(threads=1, repeats=False))
    assert len(copies) > 100
    assert {id: by_default[id] for id in copies} == {id: relations()[id] for id in copies}


def test_a_link_says_which_text_stands_inside_the_other() -> None:
    links = {
        id: relations()[id].inner
        for id, pair in PAIRS.items()
        if pair["label"] == "contained" and id not in KNOWN_FAILURES
    }
    assert links
    assert links == {id: PAIRS[id]["inner"] for id in links}


def test_every_kind_and_form_stands_in_four_scripts() -> None:
    scripts: dict[str, set[str]] = {}
    for pair in PAIRS.values():
        for name in (pair["kind"], pair.get("form", pair["kind"])):
            scripts.setdefault(name, set()).add(script_of(pair))
    assert set(FORMS) <= set(scripts)
    rare = {name: found for name, found in scripts.items() if len(found) < 4}
    assert set(rare) == {"wedding"}


def test_the_scores_beside_a_pair_are_those_of_its_texts() -> None:
    kept = {id: {name: pair[name] for name in figures(pair)} for id, pair in PAIRS.items()}
    assert kept == {id: figures(pair) for id, pair in PAIRS.items()}, WRITE_ANEW


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Two lines, 3.5 km", ["two", "lines", "3", "5", "km"]),
        ("Cafe\u0301 CAF\u00c9", ["cafe\u0301", "caf\u00e9"]),
        ("गाँव में बिजली", ["गाँव", "में", "बिजली"]),
        ("كِتابٌ جديد", ["كِتابٌ", "جديد"]),
        ("屋顶2元", ["屋", "顶", "2", "元"]),
        ("ถ้าน้ำ 7", ["ถ้", "า", "น้", "ำ", "7"]),
    ],
)
def test_the_plain_yardstick_takes_words_apart_in_every_script(
    text: str, tokens: list[str]
) -> None:
    assert plain_tokens(text) == tokens


def test_the_tables_of_the_fixtures_are_those_of_the_pairs() -> None:
    page = README.read_text("utf-8")
    assert readme_with_tables(page, PAIRS) == page, WRITE_ANEW


def test_the_founding_page_shows_two_repeats(shared_data: Any) -> None:
    path = shared_data("seed_page.txt")
    result = scan(path, ONE_THREAD)
    assert [repeat.verdict for repeat in result.repeats] == ["exact", "exact"]
    text = path.read_text("utf-8")
    for repeat in result.repeats:
        passages = {text[place.start : place.end] for place in repeat.occurrences}
        assert len(passages) == 1
    doubled_caption = result.repeats[0].occurrences
    assert doubled_caption[1].first_line == doubled_caption[0].last_line + 1

"""Law 3: stored scores are the true ones, and the verdict follows from them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from dedup import Result, Rule, Settings, scan
from dedup.metadata.stories import no_stories
from dedup.model import Reason, Verdict
from dedup.pairs import ScoredPairs
from dedup.text.normalise import normalise
from dedup.text.tokens import holds_number, token_hash, tokens
from dedup.verdicts import judge, reasons
from tests.canonical import members
from tests.corpora import article, edited, planted
from tests.score_rows import scored, scores

SETTINGS = Settings(threads=1, repeats=False)
RULE = SETTINGS.rule
Shingles = frozenset[tuple[str, ...]]


def _boilerplate_corpus() -> list[dict[str, str]]:
    """Sixty pages that share a footer: its shingles are common."""
    footer = article(60, "footer")
    pages = [
        {"id": f"page-{n}", "text": f"{article(60 + n, f'page {n}')}\n\n{footer}"}
        for n in range(60)
    ]
    copies = [
        {"id": f"copy-{n}", "text": f"{edited(page['text'], 2, n)} {footer}"}
        for n, page in enumerate(pages[:24])
    ]
    return [*pages, *copies]


CORPORA = {"planted": planted(60), "boilerplate": _boilerplate_corpus()}


@cache
def words_of(text: str) -> tuple[str, ...]:
    return tuple(tokens(normalise(text)))


def shingles_of(words: tuple[str, ...]) -> Shingles:
    width = min(SETTINGS.shingle_width, len(words))
    return frozenset(words[i : i + width] for i in range(len(words) - width + 1)) if width else (
        frozenset()
    )  # fmt: skip


class Truth:
    """A corpus whose statistics are counted in plain Python."""

    def __init__(self, corpus: list[dict[str, str]]) -> None:
        self.texts = {record["id"]: record["text"] for record in corpus}
        self.words = {id: words_of(text) for id, text in self.texts.items()}
        self.shingles = {id: shingles_of(words) for id, words in self.words.items()}
        by_text = {normalise(text): id for id, text in self.texts.items() if self.words[id]}
        self.units = list(by_text.values())
        self.n_units = len(self.units)
        self.frequency = Counter(s for id in self.units for s in self.shingles[id])
        terms = ({token_hash(word) >> 12 for word in self.words[id]} for id in self.units)
        self.term_frequency = Counter(term for unit in terms for term in unit)
        self.common = max(RULE.common_shingle_count, int(RULE.common_shingle_share * self.n_units))

    def distinctive(self, id: str) -> Shingles:
        return frozenset(s for s in self.shingles[id] if self.frequency[s] <= self.common)

    def weights(self, id: str) -> dict[int, float]:
        counts = Counter(token_hash(word) >> 12 for word in self.words[id])
        return {
            term: n * (math.log((1 + self.n_units) / (1 + self.term_frequency[term])) + 1)
            for term, n in counts.items()
        }

    def cosine(self, left: str, right: str) -> float:
        one, other = self.weights(left), self.weights(right)
        dot = sum(one[term] * other[term] for term in one.keys() & other.keys())
        norms = [math.sqrt(sum(w * w for w in weights.values())) for weights in (one, other)]
        return dot / (norms[0] * norms[1])

    def numbers(self, id: str) -> set[str]:
        return {word for word in self.words[id] if holds_number(word)}

    def scores(self, left: str, right: str) -> dict[str, Any]:
        one, other = self.shingles[left], self.shingles[right]
        fine, finer = self.distinctive(left), self.distinctive(right)
        numbers, more = self.numbers(left), self.numbers(right)
        return {
            "jaccard": len(one & other) / len(one | other),
            "containment_left": len(one & other) / len(one),
            "containment_right": len(one & other) / len(other),
            "cosine": self.cosine(left, right),
            "distinctive_jaccard": len(fine & finer) / (len(fine | finer) or 1),
            "distinctive_containment": len(fine & finer) / (min(len(fine), len(finer)) or 1),
            "numbers_equal": numbers == more,
        }


@pytest.fixture(scope="module", params=CORPORA)
def case(request: pytest.FixtureRequest) -> tuple[Truth, Result]:
    corpus = CORPORA[request.param]
    return Truth(corpus), scan(corpus, SETTINGS)


def test_every_recorded_pair_holds_its_true_scores(case: tuple[Truth, Result]) -> None:
    truth, result = case
    assert result.counts["units"] == truth.n_units
    rows = result.pairs_table().to_pylist()
    assert len(rows) > 20
    for row in rows:
        true = truth.scores(row["left"], row["right"])
        for name in set(true) & set(row):
            assert row[name] == pytest.approx(true[name], abs=1e-6), (row, name)


def test_every_member_holds_its_true_scores_against_its_representative(
    case: tuple[Truth, Result],
) -> None:
    truth, result = case
    for cluster in result.clusters:
        lead = cluster.representative
        for member in cluster.members:
            one, other = truth.shingles[member.id], truth.shingles[lead]
            assert member.jaccard == pytest.approx(len(one & other) / len(one | other), abs=1e-6)
            assert member.containment == pytest.approx(len(one & other) / len(one), abs=1e-6)
            assert member.cosine == pytest.approx(truth.cosine(member.id, lead), abs=1e-6)
            assert (member.verdict == "exact") == (truth.texts[member.id] == truth.texts[lead])
            same = normalise(truth.texts[member.id]) == normalise(truth.texts[lead])
            assert (member.verdict in ("exact", "normalised")) == same


def test_links_hold_the_scores_of_their_sides(case: tuple[Truth, Result]) -> None:
    truth, result = case
    for link in result.links:
        true = truth.scores(link.left, link.right)
        for name in ("jaccard", "containment_left", "containment_right", "cosine"):
            assert getattr(link, name) == pytest.approx(true[name], abs=1e-6)


def plain_rule(pairs: ScoredPairs, row: int, rule: Rule) -> str:
    """Return the verdict of one pair: the rule of the documentation, spelt out."""

    def of(name: str) -> Any:
        return getattr(pairs, name)[row].item()

    jaccard, containment = of("jaccard"), max(of("containment_left"), of("containment_right"))
    certain = jaccard >= rule.near_certain_jaccard
    if not certain:
        enough = jaccard >= rule.link_jaccard and of("distinctive_jaccard") >= rule.min_distinctive
        held = (
            containment >= rule.link_containment
            and of("distinctive_containment") >= rule.min_distinctive
            and of("shorter") >= rule.contained_min_tokens
        )
        excerpt = (
            held
            and jaccard < rule.near_jaccard
            and of("distinctive_containment") >= rule.excerpt_distinctive
            and of("shorter") >= rule.excerpt_min_tokens
        )
        if not (enough or held) or (of("cosine") < rule.min_cosine and not excerpt):
            return "none"
    guarded = plain_guard(of, rule)
    if guarded or plain_copy(of, rule):
        return guarded or "near"
    held = jaccard < rule.link_jaccard or containment >= rule.contained_from
    return "contained" if held and not of("numbers_replaced") else "rewrite"


def plain_copy(of: Callable[[str], Any], rule: Rule) -> bool:
    """Return whether the overlap is that of a copy: high, or broken by scattered edits."""
    lost = (1 - min(of("containment_left"), of("containment_right"))) * of("shorter")
    replaced = of("words_replaced")
    edits = replaced >= rule.scattered_places and lost <= rule.scattered_words * replaced
    scattered = edits or lost <= rule.gap_words * of("gaps")
    scattered = scattered and of("shorter") >= rule.short_text_tokens
    enough = rule.near_jaccard if scattered else rule.near_scattered_jaccard
    return bool(
        of("jaccard") >= max(enough, rule.near_jaccard) and of("cosine") >= rule.near_cosine
    )


def plain_guard(of: Callable[[str], Any], rule: Rule) -> str:
    """Return what numbers and names speak for, if anything."""
    jaccard = of("jaccard")
    certain = jaccard >= rule.near_certain_jaccard
    disagree = of("number_agreement") < rule.min_number_agreement
    rename = of("names_replaced") >= max(
        rule.form_names, rule.form_name_share * of("words_replaced")
    )
    names = of("names_replaced") >= max(
        rule.template_names, rule.template_name_share * of("words_replaced")
    )
    if of("only_numbers_differ") or (rename and of("numbers_replaced")) or names:
        return "template"
    other_table = of("table") and not of("numbers_equal")
    if other_table and (of("numbers_replaced") or jaccard < rule.near_jaccard):
        return "template"
    if not certain:
        many = of("numbers_replaced") >= rule.form_numbers
        many = many and of("numbers_replaced") >= of("shorter") / rule.form_number_every
        if disagree and (many or of("shorter") < rule.short_text_tokens):
            return "template"
        if jaccard >= rule.near_jaccard and of("distinctive_jaccard") < rule.near_distinctive:
            return "template"
    doubt = of("number_agreement") < rule.near_number_agreement
    doubt |= of("passage_words") > 0 and of("passage_words") >= rule.passage_share * of("shorter")
    return "rewrite" if jaccard >= rule.near_jaccard and (doubt or rename) else ""


@given(scores)
def test_the_rule_is_that_of_the_documentation(case: dict[str, Any]) -> None:
    pairs = scored([case])
    judge(pairs, no_stories, RULE)
    assert Verdict(int(pairs.verdict[0])).label == plain_rule(pairs, 0, RULE)


def test_verdicts_follow_from_the_stored_scores(case: tuple[Truth, Result]) -> None:
    _, result = case
    pairs = result.found.pairs
    about = [result.found.records.metadata(row) for row in result.found.order.leads]
    for row in range(len(pairs)):
        expected = plain_rule(pairs, row, RULE)
        left, right = about[pairs.left[row]], about[pairs.right[row]]
        revision = left.source and (left.source, left.title) == (right.source, right.title)
        renamed = pairs.names_replaced[row] >= max(
            RULE.form_names, RULE.form_name_share * pairs.words_replaced[row]
        )
        slight = pairs.numbers_replaced[row] < RULE.form_numbers and not renamed
        slight = slight and not pairs.passage_words[row]
        slight = slight and plain_copy(lambda name: getattr(pairs, name)[row].item(), RULE)  # noqa: B023
        if expected != "none" and revision and slight and pairs.jaccard[row] >= RULE.near_jaccard:
            expected = "near"
        assert Verdict(int(pairs.verdict[row])).label == expected


def test_reasons_follow_from_the_stored_scores(case: tuple[Truth, Result]) -> None:
    _, result = case
    for pair in result.pairs_table().to_pylist():
        columns = {name: np.array([value]) for name, value in pair.items()}
        scores = {f.name: columns[f.name] for f in fields(ScoredPairs)}
        reason = Reason[pair["reason"].upper().replace("-", "_")]
        assert reason.verdict.label == pair["verdict"]
        if reason not in (Reason.SAME_PAGE, Reason.SAME_TITLE):
            assert reasons(ScoredPairs(**scores), RULE).tolist() == [reason]


def test_members_and_links_carry_the_reason_of_their_pair(case: tuple[Truth, Result]) -> None:
    _, result = case
    stored = {
        frozenset((pair["left"], pair["right"])): pair["reason"]
        for pair in result.pairs_table().to_pylist()
    }
    for link in result.links:
        assert link.reason == stored[frozenset((link.left, link.right))]
    for cluster in result.clusters:
        for member in cluster.members:
            assert Reason[member.reason.upper().replace("-", "_")].verdict.label == member.verdict


def test_boilerplate_alone_makes_no_cluster() -> None:
    corpus = CORPORA["boilerplate"]
    result = scan(corpus, SETTINGS)
    for cluster in members(result):
        assert {id.partition("-")[2] for id in cluster} == {cluster[0].partition("-")[2]}
    assert len(result.clusters) == 24
    for pair in result.pairs_table().to_pylist():
        assert pair["distinctive_jaccard"] < pair["jaccard"]

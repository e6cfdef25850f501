"""Every score of a pair equals what sets, counters and scikit-learn say about its texts."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import replace
from functools import cached_property
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy.sparse import lil_matrix
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics.pairwise import cosine_similarity

from dedup import pipeline
from dedup.config import Settings
from dedup.corpus_model import SHINGLE_COUNTER_BITS, TERM_BITS
from dedup.rule import Rule
from dedup.text.normalise import normalise
from dedup.text.tokens import holds_number, shingle_hash, token_hash, tokens
from tests.oracle.corpora import Documents, corpora, corpus, run, words

TOLERANCE = 1e-6
# many bands of few rows: nearly every pair is scored
EAGER = Settings(threads=1, num_perm=256, bands=128, rows=2, repeats=False)


UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


class BruteForce:
    """Scores of all pairs of a corpus, on the words themselves instead of their hashes."""

    def __init__(self, documents: Documents, rule: Rule) -> None:
        self.rule = rule
        self.words = {d["id"]: tokens(normalise(d["text"])) for d in documents}
        self.words = {id: text for id, text in self.words.items() if text}
        # one text for each that is the same once normalised
        normalised = {normalise(d["text"]): d["id"] for d in reversed(documents)}
        self.units = [id for id in normalised.values() if id in self.words]

    def shingles(self, id: str, width: int = 5) -> set[tuple[str, ...]]:
        text = self.words[id]
        return {tuple(text[i : i + width]) for i in range(max(len(text) - width + 1, 1))}

    def is_short(self, id: str) -> bool:
        return sum(5 / 8 if UNSPACED.match(word) else 1 for word in self.words[id]) < 16

    def distinctive(self, id: str, width: int) -> set[tuple[str, ...]]:
        share = int(self.rule.common_shingle_share * len(self.units))
        above = max(self.rule.common_shingle_count, share)
        return {s for s in self.shingles(id, width) if self.frequencies[self.slot(s)] <= above}

    @staticmethod
    def slot(shingle: tuple[str, ...]) -> int:
        value = shingle_hash([token_hash(word) for word in shingle])
        return (value >> 20) % (1 << SHINGLE_COUNTER_BITS)

    @cached_property
    def frequencies(self) -> Counter[int]:
        return Counter(self.slot(s) for id in self.units for s in self.shingles(id))

    @cached_property
    def cosines(self) -> Any:
        counts = lil_matrix((len(self.units), 1 << TERM_BITS))
        for row, id in enumerate(self.units):
            for word in self.words[id]:
                counts[row, token_hash(word) >> (32 - TERM_BITS)] += 1
        return cosine_similarity(TfidfTransformer().fit_transform(counts.tocsr()))

    def cosine(self, left: str, right: str) -> float:
        return self.cosines[self.units.index(left), self.units.index(right)]

    def numbers(self, id: str) -> list[str]:
        return [word for word in self.words[id] if holds_number(word)]

    def scores(self, left: str, right: str) -> dict[str, float]:
        width = 2 if self.is_short(left) and self.is_short(right) else 5
        one, other = self.shingles(left, width), self.shingles(right, width)
        some, others = self.distinctive(left, width), self.distinctive(right, width)
        numbers, other_numbers = set(self.numbers(left)), set(self.numbers(right))
        shares = (len(self.numbers(id)) / len(self.words[id]) for id in (left, right))
        return {
            "jaccard": len(one & other) / len(one | other),
            "containment_left": len(one & other) / len(one),
            "containment_right": len(one & other) / len(other),
            "cosine": self.cosine(left, right),
            "distinctive_jaccard": len(some & others) / max(len(some | others), 1),
            "distinctive_containment": len(some & others) / max(min(len(some), len(others)), 1),
            "numbers_equal": numbers == other_numbers,
            "table": max(shares) >= self.rule.table_number_share,
            "only_numbers_differ": self.only_numbers_differ(left, right),
        }

    def only_numbers_differ(self, left: str, right: str) -> bool:
        if len(self.numbers(left)) != len(self.numbers(right)):
            return False
        one, other = self.words[left], self.words[right]
        wordings = [[w for w in self.words[id] if not holds_number(w)] for id in (left, right)]
        if wordings[0] == wordings[1]:  # a number that stands elsewhere is no other number
            return self.numbers(left) != self.numbers(right)
        differing = (Counter(one) - Counter(other)) + (Counter(other) - Counter(one))
        return bool(differing) and all(map(holds_number, differing))


def scored(documents: Documents, settings: Settings) -> dict[tuple[str, str], dict[str, Any]]:
    plain = [{"id": d["id"], "text": d["text"]} for d in documents]
    return run(pipeline, plain, replace(settings, keep="first")).pairs


@given(corpora(), st.sampled_from(((50, 0.005), (2, 0.0), (1, 0.2))))
@hypothesis_settings(max_examples=12, deadline=None)
def test_every_score_of_every_pair_equals_brute_force(
    documents: Documents, common: tuple[int, float]
) -> None:
    rule = Rule(common_shingle_count=common[0], common_shingle_share=common[1])
    brute_force = BruteForce(documents, rule)
    for (left, right), found in scored(documents, replace(EAGER, rule=rule)).items():
        for name, expected in brute_force.scores(left, right).items():
            assert found[name] == pytest.approx(expected, abs=TOLERANCE), (name, left, right)


def test_the_corpora_hold_what_the_scores_are_about() -> None:
    pairs = [
        scores
        for seed in range(12)
        for scores in scored(corpus(random.Random(seed), 15), EAGER).values()
    ]
    assert len(pairs) > 150
    assert {pair["verdict"] for pair in pairs} >= {0, 3, 4, 5, 6}
    for name in ("table", "only_numbers_differ", "numbers_equal"):
        assert {pair[name] for pair in pairs} == {False, True}, name
    assert any(0 < pair["number_agreement"] < 1 for pair in pairs)


def text_of(*parts: list[str]) -> str:
    return " ".join(word for part in parts for word in part)


def pair_of(left: str, right: str) -> dict[str, Any]:
    """Score two texts, the left one read first."""
    [scores] = scored([{"id": "l", "text": left}, {"id": "r", "text": right}], EAGER).values()
    return scores


LONG = [f"word{i}" for i in range(60)]


@pytest.mark.parametrize("swapped", [False, True])
def test_containment_is_the_share_of_its_own_shingles(swapped: bool) -> None:
    whole, part = text_of(LONG), text_of(LONG[10:40])
    found = pair_of(part, whole) if swapped else pair_of(whole, part)
    names = ["containment_left", "containment_right"]
    small, large = names if swapped else reversed(names)
    assert found[small] == 1.0
    assert found[large] == round(26 / 56, 6)
    assert found["jaccard"] == round(26 / 56, 6)
    assert found["shorter"] == 30


def test_a_character_of_an_unspaced_script_is_five_eighths_of_a_word() -> None:
    text = "東京大学は新しい橋を見た"
    found = pair_of(f"{text} alpha beta", f"{text}, alpha beta gamma delta")
    assert found["shorter"] == pytest.approx(12 / 1.6 + 2)


PLAIN = [f"{first}{second}" for first in "abcdefgh" for second in "uvwxyz"]


@pytest.mark.parametrize(
    ("left", "right", "kept", "replaced", "equal", "only_numbers"),
    [
        ("cost $5 and 7", "cost $5 and 7", 2, 0, True, False),
        ("cost 5 and 7", "cost 7 and 5", 0, 2, True, True),  # each in the place of the other
        ("cost 5 and 7", "cost and 7 5", 0, 0, True, True),  # held elsewhere: not replaced
        ("cost 5 and 7", "cost 5 and 8", 1, 1, False, True),
        ("cost 5 and 6", "cost 7 and 8", 0, 2, False, True),
        ("cost 5 and 5", "cost 5 and", 1, 0, True, False),  # one was added
        ("cost 5", "cost -5", 0, 0, False, False),  # the same value, another dress
        ("cost 1,250", "cost 1250", 0, 0, False, False),
        ("cost 1,250", "cost 1 250", 1, 0, False, False),
        ("dose 1200mg", "dose 1200 mg", 0, 0, False, False),
        ("cost 1.5", "cost 15", 0, 1, False, True),
        ("cost 1.5", "cost 1,5", 0, 0, False, False),
        ("cost ５", "cost 5 ", 1, 0, True, False),  # digits of any width
        ("cost 5 and 7", "cost 5 or 7", 2, 0, True, False),
        ("cost five", "cost six", 0, 1, True, False),  # in words
        ("cost 5", "cost five", 0, 0, False, False),  # the same number
        ("cost 5", "cost little", 0, 0, False, False),  # one side has no numbers
        ("10²", "10³", 0, 1, False, True),
        ("flight b6", "flight c6", 0, 1, False, True),  # letters before digits are no dress
    ],
)
def test_numbers_are_compared_by_value_and_place(
    left: str, right: str, kept: int, replaced: int, equal: bool, only_numbers: bool
) -> None:
    found = pair_of(text_of(PLAIN, [left], PLAIN[9:]), text_of(PLAIN, [right], PLAIN[9:], ["."]))
    assert (found["numbers_kept"], found["numbers_replaced"]) == (kept, replaced)
    assert found["number_agreement"] == (round(kept / (kept + replaced), 6) if replaced else 1)
    assert found["numbers_equal"] == equal
    assert found["only_numbers_differ"] == only_numbers


def test_common_shingles_are_left_out_of_distinctive_scores() -> None:
    draw = random.Random(5)
    form = [f"form{chr(97 + i)}" for i in range(24)]
    documents = [{"id": f"d{i}", "text": text_of(form, words(draw, 12))} for i in range(6)]
    rule = Rule(common_shingle_count=5, common_shingle_share=0.0)
    assert all(
        pair["jaccard"] > 0.2 and pair["distinctive_jaccard"] == 0
        for pair in scored(documents, replace(EAGER, rule=rule)).values()
    )
    rule = Rule(common_shingle_count=6, common_shingle_share=0.0)
    assert all(
        pair["distinctive_jaccard"] == pair["jaccard"]
        for pair in scored(documents, replace(EAGER, rule=rule)).values()
    )


def test_cosines_do_not_drift_with_the_number_of_units() -> None:
    documents = corpus(random.Random(8), 40)
    brute_force = BruteForce(documents, Rule())
    pairs = scored(documents, EAGER)
    assert len(pairs) > 50
    for (left, right), found in pairs.items():
        assert found["cosine"] == pytest.approx(brute_force.cosine(left, right), abs=TOLERANCE)

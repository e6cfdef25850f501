"""Nothing is found that comparing all pairs denies, and what it finds is found."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Any

import pytest

from dedup import pipeline, reference
from dedup.candidates import bands
from dedup.config import Settings
from dedup.model import Verdict
from dedup.reference import flow
from dedup.text.normalise import normalise
from dedup.text.tokens import tokens
from tests.oracle.corpora import Outcome, corpus, edit, run, words

# units are led by the record that is read first
SETTINGS = Settings(threads=1, repeats=False, max_bucket=4096, keep="first")
SEEDS = range(6)

Pair = frozenset[str]


def planted(seed: int) -> list[dict[str, Any]]:
    """Return texts of which each has a few versions, from light edits to rewrites."""
    draw = random.Random(seed)
    texts: list[list[str]] = []
    for _ in range(8):
        base = words(draw, draw.choice((40, 80, 160, 330)))
        texts.append(base)
        for _ in range(5):
            texts.append(edit(draw, draw.choice([base, texts[-1]])))
    draw.shuffle(texts)
    return [{"id": f"d{row}", "text": " ".join(text)} for row, text in enumerate(texts)]


def all_pairs(documents: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """Run the reference with every pair a candidate and no filter before exact scores."""

    def every_pair(units: list[Any], _: Settings) -> list[tuple[int, int]]:
        return list(combinations(range(len(units)), 2))

    with monkeypatch.context() as patched:
        patched.setattr(flow, "_find_candidates", every_pair)
        patched.setattr(flow.Scorer, "plausible", lambda *_: True)
        return run(reference, documents, SETTINGS)


def shingles(text: str) -> set[tuple[str, ...]]:
    found = tokens(normalise(text))
    return {tuple(found[i : i + 5]) for i in range(max(len(found) - 4, 1))}


@cache
def jaccards(seed: int) -> dict[Pair, float]:
    """Return the Jaccard of every pair of planted texts, over the words themselves."""
    distinct = {normalise(d["text"]): d["id"] for d in reversed(planted(seed))}
    sets = {id: shingles(text) for text, id in distinct.items() if tokens(text)}
    return {
        frozenset(pair): len(sets[pair[0]] & sets[pair[1]]) / len(sets[pair[0]] | sets[pair[1]])
        for pair in combinations(sets, 2)
    }


def unordered(outcome: Outcome) -> dict[Pair, dict[str, Any]]:
    return {frozenset(pair): scores for pair, scores in outcome.pairs.items()}


@pytest.mark.parametrize("seed", SEEDS)
def test_brute_force_confirms_every_pair_and_cluster(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = planted(seed) if seed % 2 else corpus(random.Random(seed), 30)
    brute_force = all_pairs(documents, monkeypatch)
    found = run(pipeline, documents, SETTINGS)
    confirmed = unordered(brute_force)
    assert len(found.pairs) > 15
    for pair, scores in unordered(found).items():
        side = {"left", "right", "containment_left", "containment_right"}
        assert {k: v for k, v in scores.items() if k not in side} == {
            k: v for k, v in confirmed[pair].items() if k not in side
        }
    n_joined = 0
    leaders = {normalise(d["text"]): d["id"] for d in reversed(documents)}
    leader = {d["id"]: leaders[normalise(d["text"])] for d in documents}
    for id, representative in found.representatives.items():
        if representative not in (None, leader[id]):
            n_joined += 1
            assert confirmed[frozenset((leader[id], representative))]["verdict"] == Verdict.NEAR
    assert n_joined > 3


def test_every_pair_at_jaccard_point_eight_is_found() -> None:
    n_close = 0
    for seed in range(8):
        found = unordered(run(pipeline, planted(seed), SETTINGS))
        close = {pair: jaccard for pair, jaccard in jaccards(seed).items() if jaccard >= 0.8}
        n_close += len(close)
        for pair, jaccard in close.items():
            assert found[pair]["jaccard"] == round(jaccard, 6)
    assert n_close > 70


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nearly_every_pair_at_jaccard_one_half_is_found(seed: int) -> None:
    n_found, n_all = 0, 0
    for of_corpus in range(8):
        found = unordered(run(pipeline, planted(of_corpus), replace(SETTINGS, seed=seed)))
        alike = [pair for pair, jaccard in jaccards(of_corpus).items() if jaccard >= 0.5]
        n_all += len(alike)
        n_found += sum(pair in found for pair in alike)
    assert n_all > 200
    assert n_found / n_all >= 0.98


@pytest.mark.parametrize(("n_bands", "n_rows"), [(42, 3), (16, 8), (25, 5), (8, 4)])
def test_recall_is_on_the_promised_curve(n_bands: int, n_rows: int) -> None:
    # without pairs found on demand or by samples, which would flatter the curve
    settings = replace(SETTINGS, bands=n_bands, rows=n_rows, max_on_demand=0, excerpts=False)
    expected, variance, n_found = 0.0, 0.0, 0
    for seed in range(8):
        found = unordered(run(pipeline, planted(seed), replace(settings, seed=seed)))
        for pair, jaccard in jaccards(seed).items():
            if jaccard >= 0.3:
                promised = bands.candidate_probability(jaccard, n_bands, n_rows)
                expected += promised
                variance += promised * (1 - promised)
                n_found += pair in found
    assert variance > 2
    # versions of one text are found together or not at all: that doubles the spread
    assert abs(n_found - expected) < 2 * 4 * math.sqrt(variance)

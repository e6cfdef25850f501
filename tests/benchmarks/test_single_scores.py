"""The best threshold of a single score, and what a gap costs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.quality.scores import best_threshold, gap_costs
from dedup.scoring import score_texts


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1))
def test_no_other_threshold_has_a_better_f1(rows: list[tuple[int, bool]]) -> None:
    rows = [*rows, (3, True)]
    score = np.array([value / 8 for value, _ in rows])
    meant = np.array([label for _, label in rows])

    def f1(threshold: float) -> float:
        said = score >= threshold
        return 2 * (said & meant).sum() / (said.sum() + meant.sum())

    threshold, best = best_threshold(score, meant)
    assert best == pytest.approx(f1(threshold), abs=1e-6)
    assert best == pytest.approx(max(map(f1, score)), abs=1e-6)


def test_a_replaced_word_costs_the_shingles_it_stands_in() -> None:
    words = [a + b + "el" for a in "bdfgklmnpr" for b in ("ai", "o", "ur", "an", "ost", "e", "im",
             "und", "ack", "il", "ea", "ou")]  # fmt: skip
    edited = list(words)
    for at, made in ((20, "quorl"), (50, "vemlin"), (80, "tasp")):
        edited[at] = made
    texts = [" ".join(words), " ".join(edited), " ".join(words)]
    pairs = score_texts(texts, np.array([[0, 1], [0, 2]])).pairs
    [cost] = gap_costs(pairs)
    assert cost == pytest.approx(5, rel=0.05)  # the width of a shingle

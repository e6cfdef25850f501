"""Exact Jaccards of labelled pairs: what is read, and that hashes say what words say."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations
from random import Random

from dedup.evaluate.jaccards import WIDTH, compute_jaccards
from dedup.evaluate.labels import Labels, PairLabel
from dedup.evaluate.scorecard import records_of_bands


def shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + WIDTH]) for at in range(max(len(words) - WIDTH + 1, 1))}


def test_they_are_those_of_sets_of_words() -> None:
    random = Random(5)
    texts = {
        str(n): " ".join(random.choices("Ab bA c Ä ä 10 ·".split(), k=n % 9)) for n in range(90)
    }
    for pair, jaccard in compute_jaccards(combinations(texts, 2), texts.__getitem__).items():
        one, other = (shingles(texts[record]) for record in pair)
        assert jaccard == round(len(one & other) / len(one | other), 6)


def test_each_text_is_asked_for_once() -> None:
    asked: Counter[str] = Counter()

    def text_of(record: str) -> str:
        asked[record] += 1
        return f"the ferry to {record} sails twice a day"

    compute_jaccards([*combinations("abcd", 2), ("x", "y"), ("a", "y"), ("a", "a")], text_of)
    assert asked == Counter("abcdxy")


def test_only_texts_of_pairs_that_are_meant_are_needed() -> None:
    pairs = {("a", "b"): PairLabel(True, ""), ("b", "c"): PairLabel(False, "")}
    assert records_of_bands(Labels(pairs=pairs)) == {"a", "b"}
    assert records_of_bands(Labels(clusters={"a": "1", "b": "2", "c": "1"})) == {"a", "c"}

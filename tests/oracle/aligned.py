"""Pairs of texts aligned by the kernel and by plain code, and words to make them of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dedup.corpus_model import CorpusModel
from dedup.kernels.alignment import N_COUNTS
from dedup.kernels.alignment import align as kernel_align
from dedup.reference.alignment import NameWords, Replacements, align
from dedup.rule import Rule
from dedup.text.batch import kernel_number_words
from dedup.text.normalise import normalise
from dedup.text.tokens import token_hash, tokens

WIDTH = 5
RARE = 3
MODEL = replace(CorpusModel.empty(), n_units=100, term_counts=np.arange(1 << 20) % 7)
"""Made-up counts of units that hold a term: three of seven are rare, two of these known."""
FILLER = [f"{first}{second}" for first in "abcdefgh" for second in "qrstuvwxyz"]


def by_kernel(pairs: list[tuple[list[int], list[int]]]) -> list[Replacements]:
    """Align the pairs by the kernel, all in one call."""
    texts = [text for pair in pairs for text in pair]
    flat = np.array([token for text in texts for token in text], np.uint32)
    bounds = np.cumsum([0, *map(len, texts)])
    flat.flags.writeable = False  # mapped, as in a scan: the kernel is compiled for that
    shared, counts = np.empty((len(pairs), 2), np.int64), np.empty((len(pairs), N_COUNTS), np.int64)
    kernel_align(
        (flat, bounds),
        WIDTH,
        MODEL.weights(),
        np.zeros(1 << 18, np.uint8),
        (
            *MODEL.name_weights(Rule(rare_word_share=RARE / MODEL.n_units)),
            kernel_number_words(),
        ),
        (np.arange(0, len(texts), 2), np.arange(1, len(texts), 2)),
        shared,
        counts,
        np.empty(len(pairs)),
    )
    return [Replacements(*row) for row in counts.tolist()]


def n_holders(word: int) -> int:
    return (word >> 12) % 7


NAMES = NameWords(lambda word: n_holders(word) <= RARE, lambda word: n_holders(word) >= 2)


def by_plain_code(left: list[int], right: list[int]) -> Replacements:
    return align(left, right, WIDTH, NAMES)


def hashes(text: str) -> list[int]:
    return [token_hash(token) for token in tokens(normalise(text))]


def replaced(left: str, right: str) -> Replacements:
    return by_plain_code(hashes(left), hashes(right))


BEGIN, END = " ".join(FILLER[:30]), " ".join(FILLER[30:60])
MORE = " ".join(FILLER[60:])
GONE, COME = ([f"{word}{n}" for n in range(300)] for word in ("gone", "come"))


def check_passage_words(left: list[str], right: list[str], n_words: int) -> None:
    """Assert how many words of passages are replaced, whichever text is the base."""
    one, other = " ".join(left), " ".join(right)
    assert replaced(one, other).passage_words == n_words
    assert replaced(other, one).passage_words == n_words
    pairs = [(hashes(one), hashes(other)), (hashes(other), hashes(one))]
    assert by_kernel(pairs) == [replaced(one, other), replaced(other, one)]

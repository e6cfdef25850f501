"""A made-up English-like vocabulary: 60,000 word forms, numbers, stock phrases, names.

Everything here is the same for every corpus and every seed. No word list is copied from
anywhere: the content words are syllables put together, so any likeness is chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]

N_CONTENT_WORDS = 60_000
N_NUMBERS = 4_000
N_PHRASES = 2_000
NUMBER_SHARE = 0.025
"""Share of the words of running text that are numbers."""

DRAW_BITS = 20
_VOCABULARY_SEED = 20_250_101

_FUNCTION_WORDS = (
    "the of and to in a is that for it was on are as with his they at be this from have or by "
    "one had not but what all were when we there can an your which their said if do will each "
    "about how up out them then she many some so these would other into has more her two like "
    "him see time could no make than first been its who now people my made over did down only "
    "way find use may water long little very after words called just where most know get "
    "through back much before go good new write our used me man too any day same right look "
    "think also around another came come work three must because does part even place well"
)

_SYLLABLE_PARTS = (
    "b br c ch cl cr d dr f fl fr g gl gr h j k l m n p pl pr qu r s sc sh sl sp st t tr v w",
    "a e i o u ai ea ee ie io oa ou",
    "n r s t l m d ck nd nt rd rt st x ll",
)
_ONSETS, _NUCLEI, _CODAS = (parts.split() for parts in _SYLLABLE_PARTS)
_SUFFIXES = ["", "", "", "s", "s", "ed", "ing", "er", "ly", "tion", "al", "ment"]
_ACCENTS = str.maketrans("aeiou", "áéíöü")

# How one word of running text is written: the same word id in another form.
PLAIN, COMMA, START, END, PARAGRAPH, QUOTE_START, QUOTE_END = range(7)
N_FORMS = 7


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words, their forms, and tables to draw them with.

    Attributes
    ----------
    words : list of str
        Function words, content words, then numbers.
    n_plain : int
        Number of words before the first number.
    forms : object array, shape (N_FORMS * len(words),)
        Form ``f`` of word ``w``, with the white space behind it, at ``f * len(words) + w``.
    draw : int32 array, shape (2**20,)
        Inverse of a Zipf distribution: a uniform index gives a word id.
    phrases : int32 array, shape (N_PHRASES, 6)
        Word ids of stock phrases.
    """

    words: list[str]
    n_plain: int
    forms: NDArray[np.object_]
    draw: Codes
    phrases: Codes

    def word_of(self, codes: Codes) -> Codes:
        """Return the word ids of codes (a code is form times words plus word id)."""
        return codes % np.int32(len(self.words))

    def is_number(self, codes: Codes) -> NDArray[np.bool_]:
        """Return which codes stand for numbers."""
        return self.word_of(codes) >= self.n_plain

    def is_paragraph_end(self, codes: Codes) -> NDArray[np.bool_]:
        """Return which codes end a paragraph."""
        return codes // np.int32(len(self.words)) == PARAGRAPH

    def draw_words(self, rng: np.random.Generator, n_words: int) -> Codes:
        """Draw word ids (numbers left out) by their Zipf frequency."""
        return self.draw[rng.integers(0, len(self.draw), n_words, dtype=np.int32)]

    def draw_numbers(self, rng: np.random.Generator, n_numbers: int) -> Codes:
        """Draw word ids of numbers, each as likely as the other."""
        return rng.integers(self.n_plain, len(self.words), n_numbers, dtype=np.int32)

    def spell(self, codes: Codes) -> str:
        """Write codes out as text."""
        return "".join(self.forms[codes].tolist()).rstrip()


@lru_cache(maxsize=1)
def load_vocabulary() -> Vocabulary:
    """Build the vocabulary (about a second, once per process)."""
    rng = np.random.default_rng(_VOCABULARY_SEED)
    function_words: list[str] = [*_FUNCTION_WORDS.split()]
    plain = function_words + _content_words(rng, function_words)
    words = plain + _numbers(rng)
    draw = _zipf_table(len(plain))
    phrases = draw[rng.integers(0, len(draw), (N_PHRASES, 6))]
    forms = np.array(_all_forms(words), dtype=object)
    return Vocabulary(words, len(plain), forms, draw, phrases)


def _content_words(rng: np.random.Generator, known: list[str]) -> list[str]:
    found: dict[str, None] = dict.fromkeys(known)
    while len(found) < len(known) + N_CONTENT_WORDS:
        for chances in rng.random((4096, 9)).tolist():
            found.setdefault(_make_word(chances))
    words = list(found)[len(known) : len(known) + N_CONTENT_WORDS]
    # Shorter words are more frequent in any language; some noise keeps it from being a rule.
    order = np.argsort(np.array([len(w) for w in words]) + rng.normal(0, 2, len(words)))
    words = [words[i] for i in order]
    for i in range(0, len(words), 12):
        words[i] = words[i].capitalize()  # names of people and places
    for i in range(7, len(words), 400):
        words[i] = words[i].translate(_ACCENTS)
    return words


def _make_word(chances: list[float]) -> str:
    """Put together a word of one to three syllables from nine numbers in [0, 1)."""
    length, *syllables, coda, suffix = chances
    n_syllables = 1 + (length > 0.25) + (length > 0.8)
    word = ""
    for i in range(0, 2 * n_syllables, 2):
        word += _pick(_ONSETS, syllables[i]) + _pick(_NUCLEI, syllables[i + 1])
    return word + _pick(_CODAS, coda) + _pick(_SUFFIXES, suffix)


def _pick(choices: Sequence[str], chance: float) -> str:
    return choices[int(chance * len(choices))]


def _numbers(rng: np.random.Generator) -> list[str]:
    values = np.arange(2, 2 + N_NUMBERS)
    shapes = rng.integers(0, 5, N_NUMBERS)
    shapes[values < 32] = 0
    spelled = ("{0}", "{0},000", "{0}.{1}", "${0}", "{0}%")
    return [
        spelled[shape].format(value, value % 9 + 1)
        for value, shape in zip(values.tolist(), shapes.tolist(), strict=True)
    ]


def _zipf_table(n_words: int) -> Codes:
    weights = 1.0 / (np.arange(n_words) + 2.7) ** 1.05
    edges = np.cumsum(weights) / weights.sum()
    cells = (np.arange(2**DRAW_BITS) + 0.5) / 2**DRAW_BITS
    return np.searchsorted(edges, cells).astype(np.int32)


def _all_forms(words: list[str]) -> list[str]:
    capital = [w[:1].upper() + w[1:] for w in words]
    return [
        *(w + " " for w in words),
        *(w + ", " for w in words),
        *(w + " " for w in capital),
        *(w + ". " for w in words),
        *(w + ".\n\n" for w in words),
        *("“" + w + " " for w in capital),
        *(w + ".” " for w in words),
    ]

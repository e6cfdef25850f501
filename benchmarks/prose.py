"""Running text as arrays of word codes: sentences, paragraphs, stock phrases."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.vocabulary import (
    COMMA,
    DRAW_BITS,
    END,
    NUMBER_SHARE,
    PARAGRAPH,
    QUOTE_END,
    QUOTE_START,
    START,
    Codes,
    Vocabulary,
)

_WORDS_PER_PHRASE = 60
_MIN_SENTENCE, _MAX_SENTENCE = 8, 30
_SENTENCES_PER_PARAGRAPH = 3
_QUOTED_SHARE = 0.08
_COMMA_SHARE = 0.06


def write_prose(
    vocabulary: Vocabulary, rng: np.random.Generator, lengths: NDArray[np.int64]
) -> list[Codes]:
    """Write several texts at once.

    Parameters
    ----------
    vocabulary : Vocabulary
        Where the words come from.
    rng : numpy.random.Generator
        The only source of chance.
    lengths : int64 array
        Words of each text.

    Returns
    -------
    list of int32 array
        Codes of each text; each text ends with the end of a paragraph.
    """
    ends = np.cumsum(lengths)
    # One draw a word: the low bits choose the word, the high bits make numbers and commas.
    draws = rng.integers(0, 2**32, int(ends[-1]), dtype=np.uint32)
    luck = (draws >> np.uint32(DRAW_BITS)).view(np.int32)
    words = vocabulary.draw[draws & np.uint32(len(vocabulary.draw) - 1)]
    _put_phrases(vocabulary, rng, words)
    n_chances = 2 ** (32 - DRAW_BITS)
    numbers = np.flatnonzero(luck < int(NUMBER_SHARE * n_chances))
    words[numbers] = vocabulary.draw_numbers(rng, len(numbers))
    forms = (luck >= int((1 - _COMMA_SHARE) * n_chances)).astype(np.int32) * np.int32(COMMA)
    _punctuate(rng, ends, forms)
    return np.split(forms * np.int32(len(vocabulary.words)) + words, ends[:-1])


def _put_phrases(vocabulary: Vocabulary, rng: np.random.Generator, words: Codes) -> None:
    width = vocabulary.phrases.shape[1]
    n_phrases = max(0, len(words) - width) // _WORDS_PER_PHRASE
    # The square favours some phrases, as wire copy does ("said in a statement on").
    chosen = (rng.random(n_phrases) ** 2 * len(vocabulary.phrases)).astype(np.int64)
    places = rng.integers(0, max(1, len(words) - width), n_phrases)
    words[(places[:, None] + np.arange(width)).ravel()] = vocabulary.phrases[chosen].ravel()


def _punctuate(rng: np.random.Generator, text_ends: NDArray[np.int64], forms: Codes) -> None:
    total = int(text_ends[-1])
    ends_text = np.zeros(total + 1, bool)
    ends_text[text_ends] = True
    ends_sentence = ends_text.copy()
    lengths = rng.integers(_MIN_SENTENCE, _MAX_SENTENCE, total // _MIN_SENTENCE + 1)
    sentence_ends = np.cumsum(lengths)
    ends_sentence[sentence_ends[sentence_ends < total]] = True
    sentence_ends = np.flatnonzero(ends_sentence)
    starts = np.concatenate(([0], sentence_ends[:-1]))
    chance = rng.random(len(starts))
    closes = (chance < 1 / _SENTENCES_PER_PARAGRAPH) | ends_text[sentence_ends]
    quoted = (chance > 1 - _QUOTED_SHARE) & ~closes
    forms[starts] = np.where(quoted, QUOTE_START, START)
    forms[sentence_ends - 1] = np.where(closes, PARAGRAPH, np.where(quoted, QUOTE_END, END))

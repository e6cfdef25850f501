"""Exact Jaccards that bands of recall are told by: from a table, or from the texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from dedup.errors import InputError
from dedup.evaluate.labels import Pair, ordered
from dedup.evaluate.rows import read_rows

WIDTH = 3
"""Words of a shingle: lower-cased ``\\w+``, the measure most labelled sets are told by."""
_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
"""One for each word of a shingle, so that their order counts."""
_find_words = re.compile(r"\w+").findall


def read_jaccards(path: str | Path) -> dict[Pair, float]:
    """Read a table of pairs and their exact Jaccard (a column whose name has ``jaccard``)."""
    found: dict[Pair, float] = {}
    for row in read_rows(Path(path)):
        pair = row.pair()
        names = [name for name in row.values if "jaccard" in name.lower()]
        if pair is None or not names:
            message = (
                f"{row.place}: a row needs two ids (id1, id2, or left, right) and a column whose "
                "name has 'jaccard' in it"
            )
            raise InputError(message)
        try:
            found[ordered(*pair)] = float(row.values[names[0]])
        except (TypeError, ValueError) as error:
            message = f"{row.place}: the Jaccard is {row.values[names[0]]!r}, not a number"
            raise InputError(message) from error
    return found


def compute_jaccards(pairs: Iterable[Pair], text_of: Callable[[str], str]) -> dict[Pair, float]:
    r"""Return the exact word-3 Jaccard of pairs of texts.

    Shingles are three consecutive words, a word is ``\w+`` of the lower-cased text; a text
    of fewer words is one shingle.

    Examples
    --------
    >>> texts = {"a": "One two three four.", "b": "one two three five"}
    >>> compute_jaccards([("a", "b")], texts.__getitem__)
    {('a', 'b'): 0.333333}
    """
    pairs = list(pairs)
    left_over = Counter(record for pair in pairs for record in pair)
    kept: dict[str, NDArray[np.uint64]] = {}
    found: dict[Pair, float] = {}
    for pair in pairs:
        for record in pair:
            if record not in kept:
                kept[record] = _shingles(text_of(record))
        one, other = (kept[record] for record in pair)
        n_shared = len(np.intersect1d(one, other, assume_unique=True))
        found[pair] = round(n_shared / (len(one) + len(other) - n_shared), 6)
        for record in pair:
            left_over[record] -= 1
            if not left_over[record]:
                kept.pop(record, None)
    return found


def _shingles(text: str) -> NDArray[np.uint64]:
    """Return the distinct shingles of a text as hashes: as tuples they took 22 kB a text.

    64 bits, and the same in every run: two of a million shingles share one with a
    probability of 3e-8.
    """
    words = _find_words(text.lower())
    n = max(len(words) - WIDTH + 1, 1)
    hashes = np.zeros(max(len(words), WIDTH), np.uint64)  # a missing word is 0
    hashes[: len(words)] = [xxh3_64_intdigest(word.encode()) for word in words]
    shingles = np.zeros(n, np.uint64)
    for at, factor in enumerate(_FACTORS):
        shingles += hashes[at : at + n] * factor
    return np.unique(shingles)

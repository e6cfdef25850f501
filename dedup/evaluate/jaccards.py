"""Exact Jaccards that bands of recall are told by: from a table, or from the texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from dedup.errors import InputError
from dedup.evaluate.labels import Pair, ordered
from dedup.evaluate.rows import read_rows

WIDTH = 3
"""Words of a shingle: lower-cased ``\\w+``, the measure most labelled sets are told by."""
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
    kept: dict[str, frozenset[tuple[str, ...]]] = {}

    def shingles(record: str) -> frozenset[tuple[str, ...]]:
        if record not in kept:
            words = _find_words(text_of(record).lower())
            n = max(len(words) - WIDTH + 1, 1)
            kept[record] = frozenset(tuple(words[at : at + WIDTH]) for at in range(n))
        return kept[record]

    found: dict[Pair, float] = {}
    for left, right in pairs:
        one, other = shingles(left), shingles(right)
        found[left, right] = round(len(one & other) / len(one | other), 6)
    return found

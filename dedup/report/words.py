"""The words of raw texts: the tokens that scores are computed from, and where each stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dedup.model import Bytes, Int64s, Ragged, UInt32s, UInt64s, well_formed
from dedup.text.batch import padded, tokenise, trace
from dedup.workspace import Workspace

_LEAD_BITS = 0b1100_0000
_CONTINUES = 0b1000_0000


@dataclass(frozen=True)
class Words:
    """A raw text, cut into pieces of one token each.

    Attributes
    ----------
    text : str
    hashes : uint32 array, shape (n,)
        Equal where two tokens are the same to dedup: case, width and the shape of
        quotes make no difference.
    cuts : int64 array, shape (n + 1,)
        Piece ``i`` is ``text[cuts[i]:cuts[i + 1]]``: the token, what follows it up to
        the next one, and opening quotes or brackets before it.
    """

    text: str
    hashes: UInt32s
    cuts: Int64s

    def __len__(self) -> int:
        """Return the number of tokens."""
        return len(self.hashes)

    def slice(self, first: int, last: int) -> str:
        """Return the text of the pieces from ``first`` up to and without ``last``."""
        return self.text[int(self.cuts[first]) : int(self.cuts[last])]

    @cached_property
    def forms(self) -> UInt64s:
        """Digests of the pieces, each normalised: unlike tokens, with the signs beside them.

        ``C++`` and ``C#`` are one token, and two forms.
        """
        data, cuts = np.frombuffer(self.text.encode(), np.uint8), self.cuts
        if not self.text.isascii():
            begins = np.flatnonzero((data & _LEAD_BITS) != _CONTINUES)
            cuts = np.append(begins, len(data))[cuts]
        pieces = padded(Ragged(data, cuts), Workspace())
        return tokenise(pieces, Workspace()).digests[:, 0]


class KnownWords:
    """The words of texts that come again and again, as those of links do."""

    def __init__(self, most: int = 12_000_000) -> None:
        """Make an empty store; it begins anew when it holds ``most`` characters."""
        self._most = most
        self._known: dict[str, Words] = {}
        self._n_chars = 0

    def of(self, *texts: str) -> list[Words]:
        """Return the words of texts, as :func:`words_of` does."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        found = {text: self._known[text] for text in texts if text in self._known}
        found |= dict(zip(new, words_of(new), strict=True)) if new else {}
        self._n_chars += sum(map(len, new))
        if self._n_chars > self._most:
            self._known, self._n_chars = {}, 0
        else:
            self._known |= {text: found[text] for text in new}
        return [found[text] for text in texts]


def words_of(texts: Sequence[str]) -> list[Words]:
    """Split raw texts into the tokens that a scan compares.

    Examples
    --------
    >>> words = words_of(["He said: “It fell 3.5%”, no more."])[0]
    >>> [words.slice(i, i + 1) for i in range(len(words))]
    ['He ', 'said: ', '“It ', 'fell ', '3.5%”, ', 'no ', 'more.']
    """
    texts = [well_formed(text) for text in texts]
    ragged = padded(Ragged.from_bytes([text.encode() for text in texts]), Workspace())
    batch = tokenise(ragged, Workspace())
    raw = trace(ragged, batch)
    found: list[Words] = []
    for row, text in enumerate(texts):
        here = slice(int(batch.offsets[row]), int(batch.offsets[row + 1]))
        first = int(ragged.offsets[row])
        data = ragged.data[first : int(ragged.offsets[row + 1])]
        starts = _characters(data, raw[batch.starts[here]] - first, text)
        lasts = _characters(data, raw[batch.ends[here] - 1] - first, text)
        found.append(Words(text, batch.tokens[here].copy(), _cuts(text, starts, lasts + 1)))
    return found


def _characters(data: Bytes, places: NDArray[np.int32], text: str) -> Int64s:
    """Return the characters that stand at some bytes."""
    at = places.astype(np.int64)
    if text.isascii():
        return at
    begins = (data & _LEAD_BITS) != _CONTINUES
    return np.cumsum(begins, dtype=np.int64)[at] - 1


def _cuts(text: str, starts: Int64s, ends: Int64s) -> Int64s:
    """Cut between tokens: after the last white space, else where the next token starts."""
    cuts = np.empty(len(starts) + 1, np.int64)
    cuts[:-1] = starts
    cuts[0], cuts[-1] = 0, len(text)
    for gap in (np.flatnonzero(starts[1:] - ends[:-1] > 1) + 1).tolist():
        start, end = int(ends[gap - 1]), int(starts[gap])
        between = text[start:end]
        kept = between.rstrip()
        if kept == between and not between[-1].isspace():
            opening = len(between) - 1
            while opening >= 0 and not between[opening].isspace():
                opening -= 1
            if opening >= 0:
                cuts[gap] = start + opening + 1
    # marks are put in order: one may come from before the letter it now follows
    return np.maximum.accumulate(cuts)

"""The words of raw texts: the tokens that scores are computed from, and where each stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.model import Bytes, Int64s, Ragged, UInt32s, UInt64s, well_formed
from dedup.text.batch import padded, tokenise, trace
from dedup.workspace import Workspace

_LEAD_BITS = 0b1100_0000
_CONTINUES = 0b1000_0000


@dataclass(frozen=True, slots=True)
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
    forms : uint64 array, shape (n,)
        Equal where two pieces have the same normalised text: unlike the tokens, with the
        signs beside them. ``C++`` and ``C#`` are one token, and two forms.
    """

    text: str
    hashes: UInt32s
    cuts: Int64s
    forms: UInt64s

    def __len__(self) -> int:
        """Return the number of tokens."""
        return len(self.hashes)

    def slice(self, first: int, last: int) -> str:
        """Return the text of the pieces from ``first`` up to and without ``last``."""
        return self.text[int(self.cuts[first]) : int(self.cuts[last])]


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
        cuts = _cuts(text, starts, lasts + 1)
        found.append(Words(text, batch.tokens[here].copy(), cuts, _forms(data, cuts, text)))
    return found


def _forms(data: Bytes, cuts: Int64s, text: str) -> UInt64s:
    """Return digests of the normalised pieces of a text."""
    if not text.isascii():
        begins = np.flatnonzero((data & _LEAD_BITS) != _CONTINUES)
        cuts = np.append(begins, len(data))[cuts]
    pieces = padded(Ragged(data, cuts), Workspace())
    return tokenise(pieces, Workspace()).digests[:, 0]


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

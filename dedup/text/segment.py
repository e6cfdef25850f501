"""Cut raw texts into passages, so that spans index the raw text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dedup.kernels import segment as kernels
from dedup.model import Int64s, Ragged

_NEWLINE = 10


@dataclass(frozen=True, slots=True)
class Passages:
    """Passages of a batch of texts.

    Attributes
    ----------
    texts : Ragged
        Raw text of each passage.
    documents : int64 array, shape (n,)
        Row of the text that each passage stands in.
    starts, ends : int64 arrays, shape (n,)
        Character range in that text, end exclusive.
    first_lines, last_lines : int64 arrays, shape (n,)
        From 1.
    """

    texts: Ragged
    documents: Int64s
    starts: Int64s
    ends: Int64s
    first_lines: Int64s
    last_lines: Int64s


def segment(texts: Ragged) -> Passages:
    r"""Cut texts into passages.

    A passage is a line, or the lines of a paragraph that somebody wrapped.

    Examples
    --------
    >>> found = segment(Ragged.from_bytes([b"A headline\n\n  A blurb. \n"]))
    >>> [found.texts[p] for p in range(2)], found.first_lines.tolist()
    ([b'A headline', b'A blurb.'], [1, 3])
    """
    data = texts.data[: texts.offsets[-1]]
    most = int((data == _NEWLINE).sum()) + len(texts) + 1
    found = np.empty((most, 7), np.int64)
    found = found[: kernels.segment(data, texts.offsets, found)]
    offsets = np.empty(len(found) + 1, np.int64)
    gathered = np.empty(int((found[:, 2] - found[:, 1]).sum()), np.uint8)
    kernels.gather(data, found, gathered, offsets)
    columns = (found[:, column].copy() for column in (0, 3, 4, 5, 6))
    return Passages(Ragged(gathered, offsets), *columns)

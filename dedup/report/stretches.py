"""The longest stretch that each of two texts has for itself."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from dedup.report.words import Words

RUN = 5
"""Words in a row that stand in both texts by more than chance: those of a shingle."""


class Stretch(NamedTuple):
    """Words in a row that the other text does not have, and how many they are."""

    n_words: int
    text: str


def longest_own(left: Words, right: Words) -> tuple[Stretch, Stretch]:
    """Return the longest stretch of either text that the other one lacks.

    A word belongs to it unless it is part of ``RUN`` words that stand anywhere in the other
    text: a paragraph that was moved is no stretch, and a word or two that both texts have by
    chance do not break one.

    Examples
    --------
    >>> from dedup.report.words import words_of
    >>> ends = "The mayor has opened the bridge {} and the band of the fire crews played."
    >>> texts = [ends.format("over the old canal"), ends.format("")]
    >>> longest_own(*words_of(texts))
    (Stretch(n_words=4, text='over the old canal'), Stretch(n_words=0, text=''))
    """
    return _longest(left, right), _longest(right, left)


def _longest(text: Words, other: Words) -> Stretch:
    edges = np.flatnonzero(np.diff(_alone(text, other).astype(np.int8), prepend=0, append=0))
    starts, sizes = edges[::2], edges[1::2] - edges[::2]
    if not len(sizes):
        return Stretch(0, "")
    longest = int(np.argmax(sizes))
    start, size = int(starts[longest]), int(sizes[longest])
    return Stretch(size, " ".join(text.slice(start, start + size).split()))


def _alone(text: Words, other: Words) -> NDArray[np.bool_]:
    """Say of each word whether it is in no run that both texts have."""
    alone = np.ones(len(text), np.bool_)
    width = min(RUN, len(text), len(other))
    if not width:
        return alone
    known = {run.tobytes() for run in sliding_window_view(other.hashes, width)}
    for place, run in enumerate(sliding_window_view(text.hashes, width)):
        if run.tobytes() in known:
            alone[place : place + width] = False
    return alone

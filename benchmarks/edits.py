"""The kinds of planted copies: how each is made and what a detector should say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.prose import write_prose
from benchmarks.vocabulary import Codes, Vocabulary

Expected = Literal["cluster", "any", "link", "apart"]
"""What the pair is: one cluster; cluster or link; link only; never one cluster."""


class Copy(NamedTuple):
    """A planted copy before it is spelled out."""

    codes: Codes
    preface: bool = False
    """Give it a headline of its own and a byline as its first lines."""
    restyle: int = 0
    """Rewrite the spelled text with this entry of :data:`RESTYLES`."""


Edit = Callable[[Vocabulary, np.random.Generator, Codes], Copy]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of planted copy."""

    name: str
    expected: Expected
    edit: Edit


def _double_spaces(text: str) -> str:
    return text.replace(" ", "  ").replace("\n\n", "\r\n")


def _straight_quotes(text: str) -> str:
    return text.replace("“", '"').replace("”", '"').replace("\n\n", "\n")


RESTYLES: tuple[Callable[[str], str], ...] = (str, str.upper, _double_spaces, _straight_quotes)
"""Ways to rewrite a text that leave its normalised form as it was; the first does nothing."""


def copy_exactly(_: Vocabulary, __: np.random.Generator, codes: Codes) -> Copy:
    """Copy the text to the byte."""
    return Copy(codes)


def change_style(_: Vocabulary, rng: np.random.Generator, codes: Codes) -> Copy:
    """Change case, white space or the shape of quotes."""
    return Copy(codes, restyle=int(rng.integers(1, len(RESTYLES))))


def change_words(share: float) -> Edit:
    """Return an edit that replaces a share of the words, scattered; numbers stay."""

    def edit(vocabulary: Vocabulary, rng: np.random.Generator, codes: Codes) -> Copy:
        plain = np.flatnonzero(~vocabulary.is_number(codes))
        n_changed = min(len(plain), max(1, round(share * len(codes))))
        places = rng.choice(plain, n_changed, replace=False)
        old = vocabulary.word_of(codes[places])
        new = vocabulary.draw_words(rng, n_changed)
        new = np.where(new == old, (new + 1) % vocabulary.n_plain, new)
        return Copy(_with_words(codes, places, old, new))

    return edit


def change_numbers(vocabulary: Vocabulary, rng: np.random.Generator, codes: Codes) -> Copy:
    """Replace every number by another: a different report from the same form."""
    places = np.flatnonzero(vocabulary.is_number(codes))
    old = vocabulary.word_of(codes[places])
    n_numbers = len(vocabulary.words) - vocabulary.n_plain
    step = rng.integers(1, n_numbers, len(places), dtype=np.int32)
    new = vocabulary.n_plain + (old - vocabulary.n_plain + step) % n_numbers
    return Copy(_with_words(codes, places, old, new))


def change_headline(_: Vocabulary, __: np.random.Generator, codes: Codes) -> Copy:
    """Put a new headline and a byline above the same text."""
    return Copy(codes, preface=True)


def insert(vocabulary: Vocabulary, rng: np.random.Generator, codes: Codes) -> Copy:
    """Put a new paragraph of 20 to 60 words between two others."""
    ends = _paragraph_ends(vocabulary, codes)[:-1]
    at = int(rng.choice(ends)) if len(ends) else 0
    (new,) = write_prose(vocabulary, rng, np.array([int(rng.integers(20, 61))]))
    return Copy(np.concatenate((codes[:at], new, codes[at:])))


def trim(vocabulary: Vocabulary, rng: np.random.Generator, codes: Codes) -> Copy:
    """Keep the first paragraphs: about half to four fifths of the words, never all."""
    ends = _paragraph_ends(vocabulary, codes)[:-1]
    kept = ends[np.abs(ends - rng.uniform(0.5, 0.8) * len(codes)).argmin()]
    return Copy(codes[: int(kept)])


def reorder(vocabulary: Vocabulary, rng: np.random.Generator, codes: Codes) -> Copy:
    """Put the paragraphs in another order."""
    paragraphs = np.split(codes, _paragraph_ends(vocabulary, codes)[:-1])
    order = rng.permutation(len(paragraphs))
    if (order == np.arange(len(order))).all():
        order = order[::-1]
    return Copy(np.concatenate([paragraphs[i] for i in order]))


def excerpt(vocabulary: Vocabulary, rng: np.random.Generator, codes: Codes) -> Copy:
    """Quote the opening (four fifths and more) inside a new piece that is longer."""
    ends = _paragraph_ends(vocabulary, codes)
    quoted = codes[: int(ends[np.searchsorted(ends, rng.uniform(0.8, 1.0) * len(codes))])]
    n_new = int(len(codes) * rng.uniform(1.0, 2.0))
    before, after = write_prose(vocabulary, rng, np.array([n_new // 4 + 1, n_new]))
    return Copy(np.concatenate((before, quoted, after)))


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("exact", "cluster", copy_exactly),
        Kind("normalised", "cluster", change_style),
        Kind("words-1", "cluster", change_words(0.01)),
        Kind("words-2", "cluster", change_words(0.02)),
        Kind("words-5", "cluster", change_words(0.05)),
        Kind("words-10", "any", change_words(0.10)),
        Kind("words-20", "any", change_words(0.20)),
        Kind("headline", "cluster", change_headline),
        Kind("trimmed", "any", trim),
        Kind("reordered", "cluster", reorder),
        Kind("numbers", "apart", change_numbers),
        Kind("excerpt", "link", excerpt),
        Kind("words-30", "any", change_words(0.30)),
        Kind("inserted", "any", insert),
    )
}
"""Every kind of planted copy by name; the generator and the scoring both read this table."""


def _with_words(codes: Codes, places: NDArray[np.int64], old: Codes, new: Codes) -> Codes:
    changed = codes.copy()
    changed[places] += (new - old).astype(np.int32)
    return changed


def _paragraph_ends(vocabulary: Vocabulary, codes: Codes) -> NDArray[np.int64]:
    return np.flatnonzero(vocabulary.is_paragraph_end(codes)) + 1

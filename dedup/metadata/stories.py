"""Stories: what metadata says of two records, whatever their texts say."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from dedup.metadata.addresses import canonical_url, end_apart
from dedup.metadata.records import Metadata
from dedup.model import Bytes, Int64s, Stories, Story
from dedup.text.normalise import normalise

_KNOWN = 1 << 14


def stories_of(about: Callable[[int], Metadata]) -> Stories:
    """Return what metadata says of pairs of rows, given the metadata of each row."""
    known = lru_cache(_KNOWN)(about)

    def stories(left: Int64s, right: Int64s) -> Bytes:
        rows = zip(left.tolist(), right.tolist(), strict=True)
        return np.fromiter((same_story(known(a), known(b)) for a, b in rows), np.uint8, len(left))

    return stories


def no_stories(left: Int64s, right: Int64s) -> Bytes:
    """Say nothing of any pair: there is no metadata."""
    del right
    return np.zeros(len(left), np.uint8)


def same_story(one: Metadata, other: Metadata) -> Story:
    """Return by what metadata calls two records versions of one story; ``OTHER`` if by nothing.

    Examples
    --------
    >>> same_story(Metadata("1", url="http://a.org/x"), Metadata("2", url="https://www.a.org/x/"))
    <Story.SAME_PAGE: 2>
    >>> bool(same_story(Metadata("1", title="Rain", source="A"), Metadata("2", title="Rain")))
    False
    """
    if same_page(one.url, other.url):
        return Story.SAME_PAGE
    if same_headline((one.source, one.title), (other.source, other.title)):
        return Story.SAME_TITLE
    return Story.OTHER


def same_page(one: str | None, other: str | None) -> bool:
    """Whether two addresses are those of one page; a missing one is no address."""
    if not one or not other or end_apart(one, other):
        return False
    page = canonical_url(one)
    return bool(page) and canonical_url(other) == page


def same_headline(one: tuple[str | None, str | None], other: tuple[str | None, str | None]) -> bool:
    """Whether one source gives both records one title, given sources and titles."""
    return all(one) and one == other


def same_title(left: str | None, right: str | None) -> bool:
    """Whether two titles say the same; a missing one contradicts nothing."""
    return not left or not right or left == right or _folded(left) == _folded(right)


@lru_cache(1 << 12)
def _folded(title: str) -> str:
    if title.isascii() and title.isprintable():  # the same, at a thirtieth of the time
        return " ".join(title.lower().replace("`", "'").split())
    return normalise(title)

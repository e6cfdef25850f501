"""How passages begin, as lines: marked where something is left out, and only there."""

from __future__ import annotations

from dedup.found.findings import Repeat, SharedPassage

_LONGEST_WORD = 24
"""Characters of a word cut in two that are given up; scripts without spaces are cut anywhere."""
_HEADING_WORDS = 16
_HEADING_CHARACTERS = 400
"""Looked at for these words, whatever their length."""


def begins(passage: Repeat | SharedPassage, most: int) -> str:
    """Return one line of at most ``most`` characters of how a passage begins.

    Examples
    --------
    >>> from dedup.found.findings import Occurrence, Repeat
    >>> place = Occurrence(0, 42, 1, 1)
    >>> repeat = Repeat("page", "exact", 1.0, (place,), "page#1", "The harbour board will vo")
    >>> begins(repeat, 60)
    'The harbour board will…'
    """
    place = passage.occurrences[0]
    is_whole = len(passage.excerpt) >= place.end - place.start
    return shorten_excerpt(passage.excerpt, most, is_whole=is_whole)


def beginning(text: str) -> str:
    """Return the first words of a text on one line, as a heading where there is no title."""
    return " ".join(text[:_HEADING_CHARACTERS].split()[:_HEADING_WORDS])


def shorten_excerpt(excerpt: str, most: int, *, is_whole: bool) -> str:
    """Return one line of an excerpt: whole words, and an ellipsis where text is left out.

    Parameters
    ----------
    excerpt : str
    most : int
        Characters, the ellipsis included.
    is_whole : bool
        Whether the excerpt is the whole passage; else its last word may be half a one.

    Examples
    --------
    >>> shorten_excerpt("A bridge was  closed.", 40, is_whole=True)
    'A bridge was closed.'
    >>> shorten_excerpt("A bridge was clo", 40, is_whole=False)
    'A bridge was…'
    """
    line = " ".join(excerpt.split())
    if is_whole and len(line) <= most:
        return line
    kept = line[: most - 1]
    ends_word = line[most - 1 : most] == " "
    space = kept.rfind(" ")
    if not ends_word and space >= 0 and len(kept) - space <= _LONGEST_WORD:
        kept = kept[:space]
    return kept.rstrip(" .,;:") + "…"

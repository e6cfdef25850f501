"""What is to be noted of a copy, in words."""

from __future__ import annotations

from dedup.found.findings import Member

FLAG_WORDS = {"other-title": "other title", "revision": "revision"}


def notes(member: Member) -> list[str]:
    """Return what is to be noted of a copy, in words: its flags, and text that it alone has.

    Examples
    --------
    >>> notes(Member("2", "a#2", "near", "most-shared", 0.8, 0.9, 0.9, 31, ("other-title",)))
    ['other title', '31 words of its own']
    """
    own = [f"{member.own_words:,} words of its own"] if member.own_words else []
    return [*(FLAG_WORDS.get(flag, flag) for flag in member.flags), *own]

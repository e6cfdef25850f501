"""Texts of data as they may stand in a page or a table: seen as they are."""

from __future__ import annotations

import re

from dedup.model import well_formed

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    r"""Return text with escapes for characters that steer instead of being seen.

    Control characters and those that reorder text would let data show as something
    else than it is. Line breaks and tabs stay.

    Examples
    --------
    >>> visible("safe\u202etxt.exe\x1b[2J")
    'safe\\u202etxt.exe\\x1b[2J'
    """
    if text.isprintable():
        return text
    text = text if text.isascii() else well_formed(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def level(text: str) -> str:
    r"""Return text without empty lines: side by side they only pull things apart.

    Examples
    --------
    >>> level(" a \r\n \n  b  c\n")
    ' a\nb  c\n'
    """
    if "\n" not in text and "\r" not in text:
        return text
    # by lines: a pattern that begins with white space was tried at each word
    first, *between, last = text.replace("\r", "\n").split("\n")
    return "\n".join((first.rstrip(), *filter(None, map(str.strip, between)), last.lstrip()))

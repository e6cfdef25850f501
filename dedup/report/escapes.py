"""Texts of data as they may stand in a page or a table: seen as they are."""

from __future__ import annotations

import re

from dedup.model import well_formed

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_BLANK_LINES = re.compile(r"[^\S\n]*(?:\r?\n|\r)\s*")


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
    """Return text without empty lines: side by side they only pull things apart."""
    return _BLANK_LINES.sub("\n", text) if "\n" in text or "\r" in text else text

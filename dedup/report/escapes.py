"""Texts of data as they may stand in a page or a table: seen as they are."""

from __future__ import annotations

import re

from dedup.model import well_formed

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_IN_HTML = (("&", "&amp;"), (">", "&gt;"), ("<", "&lt;"), ("'", "&#39;"), ('"', "&#34;"))


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


def escaped(text: str) -> str:
    """Return text as it may stand in a page, as templates escape it.

    In less than half the time that their escape takes for a few words (.4 us for .9): that
    returns a string of its own kind.

    Examples
    --------
    >>> escaped("1 < 2 & 'x'")
    '1 &lt; 2 &amp; &#39;x&#39;'
    """
    text = visible(text)
    for char, name in _IN_HTML:
        if char in text:
            text = text.replace(char, name)
    return text


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

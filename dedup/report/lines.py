"""Texts of data as lines of a terminal: safe, and short."""

from __future__ import annotations

import unicodedata


def safe(text: str) -> str:
    r"""Return text without what could move the cursor or reorder the line.

    Control, bidirectional-control and other invisible characters are shown as escapes.

    Examples
    --------
    >>> safe("a\x1b[2J\u202eb")
    'a\\x1b[2J\\u202eb'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char.encode("unicode_escape").decode()
        if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn")
        else char
        for char in text
    )


def one_line(text: str, width: int) -> str:
    """Return one line of at most ``width`` characters, for where text is made safe later."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def shorten(text: str, width: int) -> str:
    """Return one safe line of at most ``width`` characters."""
    return one_line(safe(" ".join(text.split())), width)


def shorten_place(place: str, width: int) -> str:
    """Return one safe line of a path or reference; its end tells most, and stays.

    Examples
    --------
    >>> shorten_place("corpora/2031/march/wire.jsonl#27", 16)
    '…h/wire.jsonl#27'
    """
    line = safe(place)
    return line if len(line) <= width else "…" + line[1 - width :]

"""Texts of data as they stand side by side in a page."""

from __future__ import annotations

import re
from random import Random

from dedup.report.escapes import level

SIGNS = [*"ab  \n\n\r\t<&>'\"", "\r\n", "\x0b", "\x1c", "\x85", "\xa0", "\u2028", "\u202e"]


def texts() -> list[str]:
    random = Random(3)
    return ["".join(random.choices(SIGNS, k=n % 13)) for n in range(20_000)]


def test_white_space_around_line_breaks_is_one_of_them() -> None:
    blank = re.compile(r"[^\S\n]*(?:\r?\n|\r)\s*")
    assert [level(text) for text in texts()] == [blank.sub("\n", text) for text in texts()]

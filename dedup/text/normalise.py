"""Normalised text: what two texts must share to be called the same.

This is the plain specification, a code point at a time; ``kernels/normalise.py`` does the
same over bytes, and the tests hold the two together.
"""

from __future__ import annotations

from dedup.text.tables import CharClass, Tables, load_tables

NARROW_SPACES = frozenset((0x2009, 0x202F))
"""Thin and narrow no-break space: between two digits they belong to the number."""
GROUP_SPACE = 0x202F
DOT_ABOVE = 0x0307
MAX_MARKS = 30
"""Marks sorted at once: the bound of Unicode's Stream-Safe Text Format (UAX 15, 13)."""


def normalise(text: str) -> str:
    r"""Fold case, width, quotes, dashes, white space and invisible characters.

    Canonically equivalent texts give the same result (canonical decomposition, marks in
    canonical order). Runs of white space and control characters become one space,
    none at the ends. Digits of any script become ASCII digits; super- and subscripts
    and fractions stay. ``İ``, ``I``, ``ı`` and ``i`` all become ``i``.

    Examples
    --------
    >>> normalise("  “Ｈello,\n\tWORLD”—it’s 1\u202f000 km²\u00ad ")
    '"hello, world"-it\'s 1\u202f000 km²'
    """
    tables = load_tables()
    out: list[int] = []
    marks: list[int] = []
    codes = [ord(char) for char in text]
    for position, code in enumerate(codes):
        if code in NARROW_SPACES:
            _flush(out, marks, tables)
            if _between_digits(out, codes, position, tables):
                out.append(GROUP_SPACE)
            else:
                _append_space(out)
            continue
        for folded in tables.fold(code):
            if tables.combining_class(folded):
                marks.append(folded)
                if len(marks) == MAX_MARKS:
                    _flush(out, marks, tables)
                continue
            if marks:
                _flush(out, marks, tables)
            if folded == ord(" "):
                _append_space(out)
            else:
                out.append(folded)
    _flush(out, marks, tables)
    if out and out[-1] == ord(" "):
        out.pop()
    return "".join(map(chr, out))


def _append_space(out: list[int]) -> None:
    if out and out[-1] != ord(" "):
        out.append(ord(" "))


def _flush(out: list[int], marks: list[int], tables: Tables) -> None:
    """Append the waiting marks in canonical order; the dot over an i is dropped."""
    dotted = bool(out) and out[-1] == ord("i")
    marks.sort(key=tables.combining_class)
    out.extend(mark for mark in marks if not (dotted and mark == DOT_ABOVE))
    marks.clear()


def _between_digits(out: list[int], codes: list[int], position: int, tables: Tables) -> bool:
    if not out or tables.char_class(out[-1]) is not CharClass.DIGIT:
        return False
    if position + 1 == len(codes):
        return False
    return tables.entry(codes[position + 1]) >> tables.CLASS_SHIFT == CharClass.DIGIT

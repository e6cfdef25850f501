"""Build the frozen character tables from this Python's Unicode database.

Run ``python -m dedup.text.build_tables`` to write ``tables.npz`` beside this file. The
tables are frozen on purpose: normalised text, tokens and everything stored from them
must not change because somebody upgraded Python. A new table is a new format version.
"""

from __future__ import annotations

import unicodedata
from itertools import chain
from pathlib import Path

import numpy as np

from dedup.text.tables import CharClass, Tables

N_CODE_POINTS = 0x110000
PAGE = 256

_QUOTES = dict.fromkeys("“”„‟«»‹›″‶〝〞〟", '"') | dict.fromkeys("‘’‚‛′‵ʼʹ`´＇", "'")
_DASHES = dict.fromkeys("‐‑‒–—―−⁃﹘﹣－", "-")
# Turkish and Azeri: upper-case I and lower-case dotless i must meet, whatever the
# language of the text; the dot that U+0130 leaves behind is dropped by the normaliser.
# Arabic yeh and kaf: Persian keyboards have letters of their own for them, and where Arabic
# is typed on other ones the final yeh has no dots.
_OTHER_FOLDS = {"ı": "i", "٪": "%", "\u06cc": "\u064a", "\u0649": "\u064a", "\u06a9": "\u0643"}
_SHAPES = {ord(k): v for k, v in (_QUOTES | _DASHES | _OTHER_FOLDS).items()}

_JOINS = frozenset(".,:/·٫٬'\u2009\u202f")
_SIGNS = frozenset("+-")
_PERCENT = frozenset("%‰")

# Scripts written without spaces between words, by the start of the character's name.
_UNSPACED = (
    "CJK ", "IDEOGRAPHIC ", "HIRAGANA ", "KATAKANA", "HENTAIGANA ", "THAI ", "LAO ", "KHMER ",
    "MYANMAR ",
)  # fmt: skip

# Default_Ignorable_Code_Point of the Unicode Character Database, as ranges; and the tatweel,
# which only stretches an Arabic word.
_IGNORABLE = (
    (0x0640, 0x0640),
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164),
    (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip


def char_class(char: str) -> CharClass:
    """Return the class of one character that is already folded."""
    category = unicodedata.category(char)
    if char in _JOINS:
        return CharClass.JOIN
    if char.isspace() or category == "Cc":
        return CharClass.SPACE
    if char in _SIGNS:
        return CharClass.SIGN
    if char in _PERCENT:
        return CharClass.PERCENT
    if category[0] in "LN" and unicodedata.name(char, "").startswith(_UNSPACED):
        return CharClass.CHAR if category != "Nd" else CharClass.DIGIT
    by_category = {"Nd": CharClass.DIGIT, "Sc": CharClass.CURRENCY}
    by_major = {"L": CharClass.LETTER, "M": CharClass.MARK, "N": CharClass.NUMBER}
    return by_category.get(category) or by_major.get(category[0], CharClass.OTHER)


def _fold_atom(char: str) -> str:
    """Fold a character that has no canonical decomposition of its own."""
    decomposition = unicodedata.decomposition(char)
    if decomposition.startswith(("<wide>", "<narrow>")):
        char = chr(int(decomposition.split()[1], 16))
    # U+0345 folds to a letter, which would no longer be reordered among its marks.
    folded = char if char == "\u0345" else char.casefold()
    folded = unicodedata.normalize("NFD", folded.translate(_SHAPES))
    return "".join(
        str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else c for c in folded
    )


def fold(char: str) -> str:
    """Return what one character becomes in normalised text, without its context."""
    if any(low <= ord(char) <= high for low, high in _IGNORABLE):
        return ""
    folded = char
    for _ in range(4):  # a fold can meet another fold (full-width quote -> quote -> ...)
        atoms = chain.from_iterable(_fold_atom(c) for c in unicodedata.normalize("NFD", folded))
        previous, folded = folded, "".join(atoms)
        if folded == previous:
            break
    if len(folded) == 1 and char_class(folded) is CharClass.SPACE:
        return " "
    return folded


def build() -> Tables:
    """Compute the tables for every code point."""
    entries = np.zeros(N_CODE_POINTS, np.uint32)
    combining = np.zeros(N_CODE_POINTS, np.uint8)
    pool: list[int] = []
    pool_index: dict[str, int] = {}
    for code in range(N_CODE_POINTS):
        char = chr(code)
        combining[code] = unicodedata.combining(char)
        folded = fold(char)
        if not folded:
            entries[code] = Tables.DROP
        elif len(folded) == 1:
            target = 0 if folded == char else ord(folded)  # 0: itself, so that pages repeat
            entries[code] = target | char_class(folded) << Tables.CLASS_SHIFT
        else:
            if folded not in pool_index:
                pool_index[folded] = len(pool)
                pool.extend((len(folded), *map(ord, folded)))
            entries[code] = pool_index[folded] | Tables.MULTI
    blocks, pages = np.unique(entries.reshape(-1, PAGE), axis=0, return_inverse=True)
    ccc_blocks, ccc_pages = np.unique(combining.reshape(-1, PAGE), axis=0, return_inverse=True)
    return Tables(
        pages=pages.ravel().astype(np.uint16),
        entries=blocks.ravel(),
        pool=np.array(pool, np.uint32),
        combining_pages=ccc_pages.ravel().astype(np.uint16),
        combining=ccc_blocks.ravel(),
        unicode_version=unicodedata.unidata_version,
    )


if __name__ == "__main__":
    build().save(Path(__file__).with_name("tables.npz"))

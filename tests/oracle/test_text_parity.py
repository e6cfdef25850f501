"""Kernels and plain code read every text alike: normalised text, tokens, digests, places."""

from __future__ import annotations

import unicodedata
from itertools import groupby, product

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from dedup.model import Ragged
from dedup.reference.page import fold_with_places
from dedup.text.batch import TokenBatch, padded, tokenise, trace
from dedup.text.build_tables import build
from dedup.text.digest import digest
from dedup.text.normalise import MAX_MARKS, normalise
from dedup.text.tables import CharClass, Tables, load_tables
from dedup.text.tokens import token_hash, token_spans, tokens
from dedup.workspace import Workspace
from tests.oracle.constants import kernel_constant

# Every rule of normalisation and tokens has its characters here: letters that fold to
# several, marks of many classes, digits, joins, signs, spaces, what cannot be seen, scripts
# without spaces, Hangul, astral characters.
NASTY = (
    "aiAIİıßﬁŉΐΣςǅÅ\u212b\u1e9e 129٣३５²½Ⅷ𝟘.,:/·٫٬'’-−+%‰٪$€¥"
    "\u0301\u0307\u0323\u0344\u0345\u3099\u0e38\u0e48\u0e31\u0f71\u0f73\u1b44\U0001d165\U0001e8d0"
    "\u0640\u0649\u064a\u06cc\u0643\u06a9\u0654\u202f\u2009\u00a0\u3000\n\t\x00\x1f\u2028\u200b\u200d\u00ad\ufeff\ufe0f"
    'กข漢字かがｶﾞ한각\u1100\u1161\u11a8ကក😀\u20e3\U00010400\U0001d15e("“'
)
ANY = st.characters(exclude_categories=["Cs"])
TEXTS = st.lists(st.sampled_from(NASTY) | ANY, max_size=40).map("".join)


def tokenised(texts: list[str]) -> TokenBatch:
    workspace = Workspace()
    ragged = padded(Ragged.from_bytes([text.encode() for text in texts]), workspace)
    return tokenise(ragged, workspace)


# what meets and passes the edges of the blocks that the kernels work in
PIECES = ("x", "Word", "é", "9", " ", "  ", "\n\n", "\u3000", "漢", ".5", "-", "Y" * 31, " " * 70)
LONG_TEXTS = st.lists(st.sampled_from(PIECES), min_size=20, max_size=120).map("".join)


def check_all(texts: list[str]) -> None:
    """Compare everything a batch holds with what the plain functions say."""
    batch = tokenised(texts)
    for row, text in enumerate(texts):
        start, end = batch.normalised_offsets[row : row + 2].tolist()
        part = slice(*batch.offsets[row : row + 2].tolist())
        found = batch.normalised[start:end].tobytes()
        expected = normalise(text)
        words = tokens(expected)
        spans = zip(batch.starts[part].tolist(), batch.ends[part].tolist(), strict=True)
        assert found == expected.encode()
        assert [found[a - start : b - start].decode() for a, b in spans] == words
        assert batch.tokens[part].tolist() == [token_hash(word) for word in words]
        assert tuple(batch.raw_digests[row].tolist()) == digest(text.encode())
        assert tuple(batch.digests[row].tolist()) == digest(expected.encode())
        assert batch.n_chars[row] == len(text)
        assert batch.n_unspaced[row] == sum(is_unspaced(word) for word in words)


def is_unspaced(word: str) -> bool:
    return load_tables().char_class(ord(word[0])) is CharClass.CHAR


def longest_run_of_marks(text: str) -> int:
    decomposed = unicodedata.normalize("NFD", text)
    visible = "".join(char for char in decomposed if load_tables().fold(ord(char)))
    return max(
        (len(list(run)) for mark, run in groupby(visible, unicodedata.combining) if mark),
        default=0,
    )


@given(st.lists(TEXTS, min_size=1, max_size=12))
@example(["12", ".5", "3", "%", "$", "7", "€", "9"])
@example(["1\u202f", "2\u202f000", "\u2009", "3"])
@example(["漢", "字\u3099", "\u3099字", "a漢b1漢2"])
@example(["x" * 31, "y" * 32, "z" * 33, "é" * 20, "1" * 8, "1" * 9])
@example(["i\u0307" + "\u0301" * 29 + "\u0323"])
@settings(max_examples=400, deadline=None)
def test_kernels_and_plain_code_agree_on_every_text(texts: list[str]) -> None:
    check_all(texts)


@given(st.lists(LONG_TEXTS, min_size=1, max_size=3))
@settings(max_examples=200, deadline=None)
def test_kernels_and_plain_code_agree_on_long_texts(texts: list[str]) -> None:
    check_all(texts)


def test_kernels_and_plain_code_agree_on_every_order_of_character_classes() -> None:
    one_of_each = " a5²漢\u0301.-$%!"
    check_all(["".join(chars) for chars in product(one_of_each, repeat=4)])
    around_numbers = "a5·-€‰"
    check_all(["".join(chars) for chars in product(around_numbers, repeat=5)])


def test_kernels_and_plain_code_agree_on_every_code_point() -> None:
    tables = load_tables()
    pages = np.stack((tables.pages, tables.combining_pages), axis=1)
    _, first = np.unique(pages, axis=0, return_index=True)
    # pages with the same table differ in their UTF-8 length only: one of each plane too
    chosen = sorted({*first.tolist(), *range(0, 0x1100, 0x100), *range(0x20)})
    chars = [chr(page * 256 + low) for page in chosen for low in range(256)]
    check_all([f"1{char}2 i{char}\u0301" for char in chars if not 0xD800 <= ord(char) < 0xE000])


@given(TEXTS | LONG_TEXTS)
@settings(max_examples=300, deadline=None)
def test_the_place_of_every_normalised_character_is_the_same(text: str) -> None:
    workspace = Workspace()
    raw = padded(Ragged.from_bytes([b"before", text.encode()]), workspace)
    batch = tokenise(raw, workspace)
    raw_positions = trace(raw, batch) - 6
    start, end = batch.normalised_offsets[1:].tolist()
    folded = fold_with_places(text)
    byte_of = np.cumsum([0] + [len(char.encode()) for char in text])
    expected = [int(byte_of[place]) for code, place in folded for _ in chr(code).encode()]
    assert "".join(chr(code) for code, _ in folded) == normalise(text)
    assert raw_positions[start:end].tolist() == expected


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_normalised_text_is_normalised(text: str) -> None:
    # a dropped dot makes room among the marks that are sorted at once: see MAX_MARKS
    assume(longest_run_of_marks(text) < MAX_MARKS)
    assert normalise(normalise(text)) == normalise(text)


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_canonically_equivalent_texts_are_normalised_alike(text: str) -> None:
    assume(longest_run_of_marks(text) < MAX_MARKS)
    assert normalise(unicodedata.normalize("NFC", text)) == normalise(text)
    assert normalise(unicodedata.normalize("NFD", text)) == normalise(text)


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_tokens_do_not_overlap_and_what_lies_between_holds_no_letter(text: str) -> None:
    normalised = normalise(text)
    spans = token_spans(normalised)
    places = [place for start, end in spans for place in range(start, end)]
    assert places == sorted(set(places))
    between = {char for place, char in enumerate(normalised) if place not in set(places)}
    assert not any(unicodedata.category(char)[0] in "LMN" for char in between)


def changed_code_points(tables: Tables) -> list[int]:
    entries = tables.entries.reshape(-1, 256)[tables.pages].ravel()
    return np.flatnonzero(entries & (Tables.MULTI | Tables.DROP | 0x1FFFFF)).tolist()


def test_no_character_grows_beyond_the_room_that_kernels_reserve() -> None:
    tables = load_tables()
    growth = [
        sum(len(chr(folded).encode()) for folded in tables.fold(code)) / len(chr(code).encode())
        for code in changed_code_points(tables)
    ]
    assert 2 < max(growth) <= kernel_constant("EXPANSION")


def test_what_a_character_folds_to_folds_to_itself() -> None:
    tables = load_tables()
    targets = {folded for code in changed_code_points(tables) for folded in tables.fold(code)}
    assert [code for code in targets if tables.fold(code) != (code,)] == []


def test_whatever_is_reordered_among_marks_is_a_mark_to_the_tokeniser() -> None:
    tables = load_tables()
    classes = tables.combining.reshape(-1, 256)[tables.combining_pages].ravel()
    folded = {c for code in np.flatnonzero(classes).tolist() for c in tables.fold(code)}
    assert {tables.char_class(code) for code in folded} == {CharClass.MARK}


def test_the_kernels_know_the_classes_of_the_tables() -> None:
    classes = {item.name: int(item) for item in CharClass if item.name != "OTHER"}
    assert {name: kernel_constant(name) for name in classes} == classes
    assert kernel_constant("MAX_MARKS") == MAX_MARKS


def test_the_frozen_tables_are_what_their_unicode_version_gives() -> None:
    frozen = load_tables()
    if frozen.unicode_version != unicodedata.unidata_version:
        pytest.skip(f"this Python knows Unicode {unicodedata.unidata_version}")
    rebuilt = build()
    for name in ("pages", "entries", "pool", "combining_pages", "combining"):
        assert np.array_equal(getattr(frozen, name), getattr(rebuilt, name)), name


@given(st.binary(max_size=200), st.integers(0, 199), st.integers(1, 255))
@settings(max_examples=300, deadline=None)
def test_the_digest_sees_every_byte(data: bytes, place: int, change: int) -> None:
    assume(place < len(data))
    changed = bytearray(data)
    changed[place] ^= change
    assert digest(bytes(changed)) != digest(data)
    assert digest(data + b"\0") != digest(data)

"""Word-level comparison: nothing of either text is lost, and repetition costs nothing."""

from __future__ import annotations

import difflib
import random
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.report.diff import MAX_WORDS, Diff, Kind, clip, compare
from dedup.report.sides import sides
from dedup.report.words import KnownWords, words_of
from dedup.text.normalise import normalise
from dedup.text.tokens import tokens

TEXTS = st.lists(
    st.sampled_from(
        ["the ", "ferry ", "Ferry, ", "12.5% ", "“port” ", "é\n\n", "第章", "— ", "\u202e"]
    ),
    max_size=60,
).map("".join)


def diff_of(left: str, right: str) -> Diff:
    return compare(*words_of([left, right]))


def side(diff: Diff, name: str) -> str:
    return "".join(piece.text for row in diff.rows for piece in getattr(row, name))


def kinds(diff: Diff, kind: Kind) -> list[str]:
    return [
        piece.text.strip()
        for row in diff.rows
        for piece in row.left + row.right
        if piece.kind is kind
    ]


@given(TEXTS, TEXTS)
def test_both_texts_stand_in_the_rows_whole(left: str, right: str) -> None:
    diff = diff_of(left, right)
    if tokens(normalise(left)):
        assert side(diff, "left") == left
    if tokens(normalise(right)):
        # equal rows show the left text, which may differ in white space
        assert side(diff, "right").split() == right.split()


@given(TEXTS, TEXTS)
def test_the_words_add_up(left: str, right: str) -> None:
    diff = diff_of(left, right)
    shared = diff.n_same + diff.n_form + diff.n_signs
    assert shared + diff.n_gone == len(tokens(normalise(left)))
    assert shared + diff.n_new == len(tokens(normalise(right)))


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    diff = diff_of(text, text)
    assert (diff.n_form, diff.n_signs, diff.n_gone, diff.n_new) == (0, 0, 0, 0)


@given(TEXTS)
def test_pieces_are_the_tokens_of_the_scan(text: str) -> None:
    words = words_of([text])[0]
    pieces = [words.slice(i, i + 1) for i in range(len(words))]
    assert "".join(pieces) == (text if pieces else "")
    assert [tokens(normalise(piece)) for piece in pieces] == [
        [token] for token in tokens(normalise(text))
    ]


def test_changed_words_are_marked_and_case_is_told_apart() -> None:
    diff = diff_of(
        "The Harbour board voted on Tuesday for a second ferry.",
        "The harbour board voted on Wednesday for a second ferry.",
    )
    assert kinds(diff, Kind.GONE) == ["Tuesday"]
    assert kinds(diff, Kind.NEW) == ["Wednesday"]
    assert kinds(diff, Kind.FORM) == ["Harbour", "harbour"]


@given(TEXTS, TEXTS)
def test_texts_that_normalise_alike_and_no_others_show_no_other_signs(a: str, b: str) -> None:
    one, other = f"port {a} north", f"port {b} north"
    diff = diff_of(one, other)
    if tokens(normalise(one)) == tokens(normalise(other)):
        assert (diff.n_signs == 0) == (normalise(one) == normalise(other))


@pytest.mark.parametrize(
    ("one", "other"), [("C++", "C#"), ("C", "C++"), ("π ≈", "π <"), ("(yes)", "yes?")]
)
def test_signs_that_tokens_leave_out_are_shown_as_gone_and_new(one: str, other: str) -> None:
    diff = diff_of(f"They write {one} here", f"They write {other} here")
    assert (kinds(diff, Kind.GONE), kinds(diff, Kind.NEW)) == ([one], [other])
    assert (diff.n_signs, diff.n_gone, diff.n_new) == (1, 0, 0)


def test_other_quotes_and_dashes_are_another_form_and_no_other_signs() -> None:
    diff = diff_of("He said “no” — twice", 'He said "no" - twice')
    assert kinds(diff, Kind.GONE) == []
    assert (diff.n_form, diff.n_signs) == (1, 0)


@given(TEXTS, TEXTS)
def test_a_table_of_both_sides_holds_what_the_rows_do_and_no_markup_of_texts(
    left: str, right: str
) -> None:
    diff = diff_of(f"{left} <b>&", f"{right} <b>&")
    table = sides(diff)
    assert table.count("<tr") == len(diff.rows)
    assert "<b>" not in table
    for tag, kind in (("del", Kind.GONE), ("ins", Kind.NEW)):
        marked = re.findall(f"<{tag}>(.*?)</{tag}>", table, re.S)
        expected = [piece for row in diff.rows for piece in row.left + row.right
                    if piece.kind is kind]  # fmt: skip
        assert len(marked) == len(expected)


def test_words_of_a_text_that_comes_again_are_those_that_are_known() -> None:
    known = KnownWords(most=40)
    first, second = known.of("the ferry sails", "the ferry waits")
    assert known.of("the ferry waits", "the ferry sails") == [second, first]
    assert known.of("the ferry sails")[0] is first
    same = known.of("in winter too", "in winter too")  # too much: begins anew
    assert same[0] is same[1]
    assert known.of("the ferry sails")[0] is not first
    assert known.of("the ferry sails")[0].text == first.text


def test_long_equal_runs_are_rows_of_their_own() -> None:
    words = [f"word{i}" for i in range(200)]
    other = [*words[:100], "changed", *words[101:]]
    diff = diff_of(" ".join(words), " ".join(other))
    assert [row.equal for row in diff.rows] == [True, False, True]
    assert diff.rows[0].n_words == diff.rows[2].n_words + 1 == 93


def test_words_alike_by_chance_do_not_break_a_change() -> None:
    diff = diff_of(
        "He said nothing whatever of his plans and left town.",
        "He said quite openly she knew of every single move and left town.",
    )
    assert kinds(diff, Kind.GONE) == ["nothing whatever of his plans"]


def test_rows_keep_paragraphs_level() -> None:
    left = "One short line here.\n\nAnother short one there."
    diff = diff_of(left, left.replace("short", "brief"))
    assert len(diff.rows) == 2
    assert diff.rows[1].left[0].text == "Another "


@pytest.mark.parametrize("period", [2, 7, 5000])
def test_repetitive_texts_of_20000_words_take_under_a_second(period: int) -> None:
    draw = random.Random(period)
    words = [f"w{i % period}" for i in range(20_000)]
    other = [word for word in words if draw.random() > 0.02]
    pair = words_of([" ".join(words), " ".join(other)])
    started = time.perf_counter()
    diff = compare(*pair)
    took = time.perf_counter() - started
    assert diff.n_gone == 20_000 - len(other)
    assert took < 1  # 0.05 s where this was written; difflib needs minutes


def test_the_alignment_is_no_longer_than_that_of_difflib() -> None:
    draw = random.Random(3)
    for _ in range(20):
        left = [draw.choice("abcdefgh") for _ in range(40)]
        right = [draw.choice("abcdefgh") for _ in range(40)]
        diff = diff_of(" ".join(left), " ".join(right))
        matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
        changes = sum(
            max(b - a, d - c) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"
        )
        # words that are equal by chance count as changed: at most two in three
        assert max(diff.n_gone, diff.n_new) <= 3 * changes


def test_words_beyond_the_limit_are_counted() -> None:
    diff = diff_of("word " * (MAX_WORDS + 7), "word " * 3)
    assert diff.left_out == 7
    assert diff.n_gone == MAX_WORDS - 3


def test_a_text_without_words_is_compared_to_nothing() -> None:
    diff = diff_of("", "Some words.")
    assert (diff.n_gone, diff.n_new) == (0, 2)
    assert diff_of("…", "!").rows == ()


def test_a_clipped_comparison_counts_what_it_hides() -> None:
    words = [f"word{i}" for i in range(2000)]
    other = [f"new{i}" if i % 100 == 50 else word for i, word in enumerate(words)]
    whole = diff_of(" ".join(words), " ".join(other))
    part = clip(whole, 2000, 200)
    assert part.hidden > 0
    assert len(part.rows) + part.hidden == len(whole.rows)
    assert (part.n_gone, part.n_new) == (20, 20)
    for row in part.rows:
        assert len(row.text) <= 400
    assert any("characters]" in row.text for row in part.rows)

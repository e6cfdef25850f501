"""Passages: lines, or whole paragraphs of hard-wrapped text, with true positions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.model import Ragged
from dedup.text.segment import segment

WRAPPED = (
    "The ferry left the pier at half past nine with forty\n"
    "passengers, two goats and a piano that nobody would\n"
    "admit to owning, and it did not come back before the\n"
    "evening tide.\n"
)


def passages(text: str) -> list[tuple[str, int, int]]:
    """Return text, first line and last line of each passage, having checked its span."""
    found = segment(Ragged.from_bytes([text.encode()]))
    rows = []
    for row in range(len(found.texts)):
        passage = found.texts[row].decode()
        start, end = int(found.starts[row]), int(found.ends[row])
        first, last = int(found.first_lines[row]), int(found.last_lines[row])
        assert text[start:end] == passage
        assert text.count("\n", 0, start) + 1 == first
        assert text.count("\n", 0, end) + 1 == last
        rows.append((passage, first, last))
    return rows


def test_a_line_is_a_passage() -> None:
    assert passages("A caption\nA caption\n") == [("A caption", 1, 1), ("A caption", 2, 2)]


def test_white_space_at_the_ends_and_blank_lines_are_left_out() -> None:
    assert passages("\n \t\n  Ärger im Hafen \r\n\n\x0c\nEnde") == [
        ("Ärger im Hafen", 3, 3),
        ("Ende", 6, 6),
    ]


def test_hard_wrapped_lines_are_one_passage() -> None:
    assert passages(f"Headline\n\n{WRAPPED}\nNext") == [
        ("Headline", 1, 1),
        (WRAPPED.strip(), 3, 6),
        ("Next", 8, 8),
    ]


@pytest.mark.parametrize(
    "block",
    [
        "Apples\nPears from the old orchard\nPlums\n",  # a list: lines of uneven length
        f"{'x ' * 70}\n{'y ' * 70}\n{'z ' * 70}\n",  # long lines: a paragraph each
        "A long enough first line of two\nand a second one of much the same\n",  # two lines
    ],
)
def test_lines_that_do_not_look_wrapped_stay_apart(block: str) -> None:
    assert [first for _, first, _ in passages(block)] == list(range(1, block.count("\n") + 1))


@pytest.mark.parametrize("text", ["", "\n", " \n\t\n", "\x00"])
def test_a_text_without_anything_has_no_passage(text: str) -> None:
    assert passages(text) == []


def test_passages_know_their_text() -> None:
    found = segment(Ragged.from_bytes([b"one\ntwo", b"", b"three"]))
    assert found.documents.tolist() == [0, 0, 2]
    assert found.starts.tolist() == [0, 4, 0]
    assert [found.texts[row] for row in range(3)] == [b"one", b"two", b"three"]


lines = st.text(st.sampled_from("ab \t\r東é\n\n"), max_size=60)


@given(lines)
def test_every_visible_character_stands_in_exactly_one_passage(text: str) -> None:
    found = passages(text)
    assert "".join("".join(p.split()) for p, _, _ in found) == "".join(text.split())
    assert all(passage.strip() == passage for passage, _, _ in found)

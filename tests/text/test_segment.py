"""Passages: lines, or whole paragraphs of hard-wrapped text, with true positions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.model import Ragged
from dedup.reference.wrapping import unwrap
from dedup.text.segment import segment

WRAPPED = (
    "The ferry left the pier at half past nine with forty\n"
    "passengers, two goats and a piano that nobody would\n"
    "admit to owning, and it did not come back before the\n"
    "evening tide.\n"
)


LINES = [
    "",
    "  ",
    ">",
    "Read more",
    "a short line",
    "A line of thirty characters or",
    "a line of thirty-nine characters, small",
    "> a quoted line of almost sixty characters, which is rather wide",
    "A line of almost sixty characters, which begins with a capital",
    "und eine Zeile von gut sechzig Zeichen, die klein beginnt und so",
    "Ärger im Hafen von Nordby, wo die Fähre seit Montag nicht mehr",
    "ärgerlich fand der Wirt, dass niemand ihm davon erzählt hatte",
    "Паром стоит у причала третий день, и никто не знает почему он",
    "не уходит в море, хотя погода стоит тихая и ветер попутный был",
    "渡口每天早上六点开船，晚上八点收船，遇到大雾和大风就停航，请各位",
    "ยามเฝ้าประภาคารชักธงทุกเช้า",
    "https://harbour-board.example/timetables/summer/all-islands.html",
    "x" * 121,
    "y" * 118,
]


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
    "wrapped",
    [
        # two lines, the second of which goes on
        "The fish lorry stops at the crossroads on Fridays, whatever the\nsignpost says about it.",
        # three
        "Der Schulbus hält von Montag an wieder vor der alten Mühle, weil die\n"
        "Brücke trägt und sich der Fahrer mit dem Müller über die Hühner\n"
        "geeinigt hat.",
        # three in a script without capitals
        "हलवाई की दुकान सोमवार से फिर खुलेगी क्योंकि नया तंदूर आ गया है और पुराना\n"
        "तंदूर अब मंदिर के पीछे बच्चों के खेलने के काम आएगा जैसा कि पंचायत ने बहुत\n"
        "बहस के बाद तय किया है।",
        # narrow columns
        "The fish lorry stops at the crossroads\non Fridays, whatever the signpost says\n"
        "about it, and waits for a minute or so\nfor whoever is running.",
        # indented, and quoted
        "  * The fish lorry stops at the crossroads on Fridays, whatever the\n"
        "    signpost says about it.",
        "> The fish lorry stops at the crossroads on Fridays, whatever the\n"
        "> signpost says about it.",
        # without blanks between words
        "渡口每天早上六点开船，晚上八点收船，遇\n到大雾和大风就停航，请各位乡亲提前看好\n"
        "码头边上的牌子，带着自行车的乘客请从后\n面的跳板上船，带着鸡鸭的乘客请把笼子放\n在船尾。",
    ],
)
def test_wrapped_lines_are_told_from_lines_around_them(wrapped: str) -> None:
    if "* " in wrapped or "> " in wrapped:
        assert [text for text, _, _ in passages(wrapped)] == [wrapped.strip()]
        return
    n = wrapped.count("\n")
    assert passages(f"Late again\n{wrapped}\nRead more\n") == [
        ("Late again", 1, 1),
        (wrapped, 2, 2 + n),
        ("Read more", 3 + n, 3 + n),
    ]


@pytest.mark.parametrize(
    "block",
    [
        "Apples\nPears from the old orchard\nPlums\n",  # a list: lines of uneven length
        f"{'x ' * 70}\n{'y ' * 70}\n{'z ' * 70}\n",  # long lines: a paragraph each
        "A long enough first line of two\nand a second one of much the same\n",  # two lines
        # headlines
        "Fish lorry leaves the village an hour early and returns with the fish\n"
        "Signpost at the crossroads turned round for the third time this year\n",
        "Fish lorry leaves an hour early\nSignpost turned round once more\n"
        "Clerk asks for his ladder again\nFerry mended, say those on board\n",
        # verse
        "The gulls go over and the rain comes in,\nThe nets are drying and the boats are thin,\n"
        "And we sit mending where the lamps begin.\n",
        # addresses
        "https://harbour-board.example/timetables/summer/all-islands.html\n"
        "https://harbour-board.example/fares/children-and-dogs.html\n",
        # a full line and one that is too wide to follow it
        f"{'x ' * 40}\n{'y ' * 70}\n",
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


@given(st.lists(st.sampled_from(LINES), max_size=12))
def test_kernels_unwrap_what_the_plain_rule_unwraps(chosen: list[str]) -> None:
    text = "\n".join(chosen)
    expected, line = [], 0
    while line < len(chosen):
        n = unwrap(text, sum(len(before) + 1 for before in chosen[:line]), len(text))
        if "".join(chosen[line : line + n]).strip(" >") or ">" in "".join(chosen[line : line + n]):
            expected.append((line + 1, line + n))
        line += n
    found = [(first, last) for _, first, last in passages(text)]
    assert [first for first, _ in found] == [first for first, _ in expected]


lines = st.text(st.sampled_from("ab \t\r東é\n\n"), max_size=60)


@given(lines)
def test_every_visible_character_stands_in_exactly_one_passage(text: str) -> None:
    found = passages(text)
    assert "".join("".join(p.split()) for p, _, _ in found) == "".join(text.split())
    assert all(passage.strip() == passage for passage, _, _ in found)

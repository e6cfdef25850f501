"""In-page repeats against a search that compares every place of a page with every other."""

from __future__ import annotations

import random
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dedup.config import Settings
from dedup.model import Ragged, Verdict
from dedup.reference.repeats import Repeat, find_repeats
from dedup.repeats import RepeatFinder
from dedup.shingles import Shingler
from dedup.text.batch import padded, tokenise
from dedup.text.normalise import normalise
from dedup.text.tokens import tokens
from dedup.workspace import Workspace
from tests.oracle.corpora import WORDS

SETTINGS = Settings(threads=1)
LEAST = SETTINGS.repeat_min_tokens
SEPARATORS = (
    " ",
    " ",
    " ",
    "\n",
    "\n\n",
    ", ",
    ". ",
    ' "',
    '" ',
    "! ",
    "\u202f",
    "\u200b ",
    "*",
    "/",
)

Run = tuple[int, int, int]


def by_kernels(texts: list[str], settings: Settings = SETTINGS) -> list[list[Repeat]]:
    """Find the repeats of each text by the kernels."""
    rows = np.arange(len(texts))
    workspace = Workspace()
    raw = padded(Ragged.from_bytes([t.encode() for t in texts]), workspace)
    batch = tokenise(raw, workspace)
    shingled = Shingler(settings.shingle_width, workspace).shingle(batch, rows)
    found = RepeatFinder(settings).find(raw, batch, shingled.previous, rows)
    repeats: list[list[Repeat]] = [[] for _ in texts]
    places = list(zip(found.starts.tolist(), found.ends.tolist(), strict=True))
    for group, verdict in enumerate(found.verdicts.tolist()):
        members = np.flatnonzero(found.groups == group).tolist()
        repeat = Repeat(
            Verdict(verdict), float(found.jaccards[group]), [places[row] for row in members]
        )
        repeats[int(found.documents[members[0]])].append(repeat)
    return repeats


def maximal_runs(words: list[str]) -> list[Run]:
    """Return ``(earlier, later, length)`` of all maximal repeated runs that do not overlap."""
    n = len(words)
    equal = [[0] * (n + 1) for _ in range(n + 1)]  # tokens in common from two places on
    for i in range(n - 1, -1, -1):
        for j in range(n - 1, i, -1):
            equal[i][j] = equal[i + 1][j + 1] + 1 if words[i] == words[j] else 0
    return [
        (i, j, equal[i][j])
        for i in range(n)
        for j in range(i + 1, n)
        if (i == 0 or words[i - 1] != words[j - 1]) and LEAST <= equal[i][j] <= j - i
    ]


def fresh(draw: random.Random, n: int) -> list[str]:
    """Return words that no other call returns."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return ["".join(draw.choice(letters) for _ in range(12)) for _ in range(n)]


def page_of_passages(draw: random.Random, least_gap: int) -> list[str]:
    """Return a page on which each of a few passages stands twice, in any order."""
    passages = [fresh(draw, draw.randint(LEAST, 30)) for _ in range(draw.randint(1, 4))]
    for passage in passages:
        passage[-1] += "."  # a sentence: of those inside one, only long ones are told
    page = fresh(draw, draw.randint(0, 9))
    for passage in draw.sample(passages * 2, 2 * len(passages)):
        page += passage + fresh(draw, draw.randint(least_gap, 3 * least_gap + 3))
    return page


def covered(run: Run, words: list[str], repeats: list[Repeat]) -> bool:
    """Whether one repeat has an occurrence around either side of a run."""
    ends = np.cumsum([len(word) + 1 for word in words]) - 1
    starts = ends - [len(word) for word in words]

    def around(first: int, last: int, repeat: Repeat) -> bool:
        return any(a <= starts[first] and b >= ends[last] for a, b in repeat.occurrences)

    earlier, later, length = run
    return any(
        around(earlier, earlier + length - 1, repeat) and around(later, later + length - 1, repeat)
        for repeat in repeats
    )


@given(st.integers(0, 2**32 - 1), st.sampled_from([0, 5]))
@hypothesis_settings(max_examples=60, deadline=None)
def test_every_maximal_repeated_run_lies_in_a_reported_repeat(seed: int, least_gap: int) -> None:
    words = page_of_passages(random.Random(seed), least_gap)
    [repeats] = by_kernels([" ".join(words)])
    runs = maximal_runs(words)
    assert runs
    for run in runs:
        assert covered(run, words, repeats)


@given(st.integers(0, 2**32 - 1))
@hypothesis_settings(max_examples=60, deadline=None)
def test_runs_one_token_too_short_are_not_reported(seed: int) -> None:
    draw = random.Random(seed)
    passage = fresh(draw, LEAST - 1)
    passage[-1] += "."
    words = [*fresh(draw, 5), *passage, *fresh(draw, 9), *passage, *fresh(draw, 5)]
    assert by_kernels([" ".join(words)]) == [[]]
    words = [*words[:5], "edge", *words[5:25], "edge", *words[25:]]
    assert len(by_kernels([" ".join(words)])[0]) == 1


def repetitive_page(draw: random.Random) -> str:
    """Return a page of few words and many copies: whatever the rules can meet."""
    words = draw.sample(WORDS, draw.randint(1, 20)) + draw.choice(
        ([], ["1", "2"], ["章", "É", "ß"])
    )
    separators = draw.sample(SEPARATORS, draw.randint(1, 4))
    page = [draw.choice(words) for _ in range(draw.choice((12, 24, 50, 120, 300)))]
    for _ in range(draw.randint(1, 5)):
        start, place = draw.randrange(len(page)), draw.randrange(len(page))
        length = draw.randint(5, draw.choice((40, 40, 90)))
        copy = page[start : start + length] * draw.choice((1, 1, 1, 2, 4))
        page[place:place] = [draw.choice(words) if draw.random() < 0.03 else w for w in copy]
    page = [word.upper() if draw.random() < 0.02 else word for word in page]
    if draw.random() < 0.3:
        return hard_wrapped(page, draw)
    return "".join(word + draw.choice(separators) for word in page)


def hard_wrapped(page: list[str], draw: random.Random) -> str:
    """Return paragraphs whose lines have one width, or nearly so."""
    mark, width = draw.choice(("", "", "> ", "   ")), draw.choice((25, 32, 40, 57, 64, 130))
    text = ""
    while page:
        n = draw.choice((2, 9, 30, 90))
        lines = textwrap.wrap(" ".join(page[:n]), width + draw.randint(0, 1))
        text += "".join(f"{mark}{line}\n" for line in lines) + "\n" * draw.randint(0, 1)
        del page[:n]
    return text


def page_of_cards(draw: random.Random) -> str:
    """Return cards of a few lines that come again with other numbers, or words beside them."""
    words = draw.sample(WORDS, 18)

    def card() -> list[str]:
        lines = [draw.choices(words, k=draw.choice((4, 14, 24))) for _ in range(draw.randint(1, 4))]
        line = draw.choice(lines)
        line.insert(draw.randint(0, len(line)), "{}")
        return [" ".join(line) + draw.choice((".", " …")) for line in lines]

    def printed(card: list[str]) -> str:
        heads, tails = ("{}. ", "[{}] ", "so "), (". {} say", " and {}", " why")
        lines = [
            draw.choice(heads + 25 * ("",)) + line + draw.choice(tails + 25 * ("",))
            for line in card
        ]
        return "\n".join(line.replace("{}", str(draw.randint(1, 2))) for line in lines)

    cards = [card() for _ in range(3)] * 2
    page = "\n\n".join(printed(card) for card in draw.sample(cards, draw.randint(4, 6)))
    return hard_wrapped(page.split(" "), draw) if draw.random() < 0.2 else page


SEEDS = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=8)


PAGES = repetitive_page, page_of_cards


@given(
    SEEDS,
    st.sampled_from(PAGES),
    st.sampled_from([SETTINGS, replace(SETTINGS, shingle_width=3, repeat_min_tokens=8)]),
)
@hypothesis_settings(max_examples=150, deadline=None)
def test_kernels_find_what_the_plain_rules_find(
    seeds: list[int], page_of: Callable[[random.Random], str], settings: Settings
) -> None:
    pages = [page_of(random.Random(seed)) for seed in seeds]
    assert by_kernels(pages, settings) == [find_repeats(page, settings) for page in pages]


def test_the_pages_hold_repeats_of_every_verdict_and_pages_without() -> None:
    found = [find_repeats(repetitive_page(random.Random(seed)), SETTINGS) for seed in range(60)]
    verdicts = {repeat.verdict for repeats in found for repeat in repeats}
    assert verdicts == {Verdict.EXACT, Verdict.NORMALISED, Verdict.NEAR}
    assert any(len(repeat.occurrences) > 2 for repeats in found for repeat in repeats)
    assert [] in found


@given(SEEDS)
@hypothesis_settings(max_examples=60, deadline=None)
def test_every_reported_repeat_is_true(seeds: list[int]) -> None:
    pages = [repetitive_page(random.Random(seed)) for seed in seeds]
    for page, repeats in zip(pages, by_kernels(pages), strict=True):
        for repeat in repeats:
            check_true(page, repeat)


def check_true(page: str, repeat: Repeat) -> None:
    assert len(repeat.occurrences) > 1
    assert repeat.occurrences == sorted(repeat.occurrences)
    texts = [page[start:end] for start, end in repeat.occurrences]
    if repeat.verdict is Verdict.EXACT:
        assert len(set(texts)) == 1
    if repeat.verdict is Verdict.NORMALISED:
        assert len({normalise(text) for text in texts}) == 1 < len(set(texts))
    if repeat.verdict is Verdict.NEAR:
        assert len({normalise(text) for text in texts}) > 1
    words = [tokens(normalise(text)) for text in texts]
    assert all(len(text) >= LEAST for text in words)
    shingles = [{tuple(text[i : i + 5]) for i in range(len(text) - 4)} for text in words]
    jaccards = [len(shingles[0] & other) / len(shingles[0] | other) for other in shingles]
    assert repeat.jaccard == min(jaccards)


@pytest.mark.parametrize("n_copies", [2, 3, 7])
def test_copies_side_by_side_are_told_apart(n_copies: int) -> None:
    passage = " ".join(fresh(random.Random(1), LEAST)) + "."
    [[repeat]] = by_kernels([" ".join([passage] * n_copies)])
    n = len(passage)
    assert repeat.occurrences == [(k * (n + 1), k * (n + 1) + n) for k in range(n_copies)]


def test_a_refrain_at_regular_distance_is_no_repeat() -> None:
    draw = random.Random(2)
    refrain = fresh(draw, LEAST)
    verses = [[*fresh(draw, 40), *refrain] for _ in range(3)]
    assert by_kernels([" ".join(word for verse in verses for word in verse)]) == [[]]
    verses[1][:20] = []
    [[repeat]] = by_kernels([" ".join(word for verse in verses for word in verse)])
    assert len(repeat.occurrences) == 3


def test_a_passage_is_found_although_what_follows_is_half_alike() -> None:
    draw = random.Random(3)
    passage, tails = fresh(draw, 20), [fresh(draw, 5) for _ in range(2)]
    page = fresh(draw, 20)
    for _ in range(2):
        page += passage
        for tail in tails:
            page += fresh(draw, 4) + tail
        page += fresh(draw, 30)
    [repeats] = by_kernels([" ".join(page)])
    assert all(covered(run, page, repeats) for run in maximal_runs(page))


@pytest.mark.parametrize("head", ["", "3. ", "He wrote: "])
@pytest.mark.parametrize("tail", ["", ", he wrote.", " Why?"])
def test_words_added_to_one_copy_are_no_part_of_the_repeat(head: str, tail: str) -> None:
    passage = " ".join(fresh(random.Random(4), 40))
    page = f"{head}{passage}{tail}\n\n{passage}\n"
    [[repeat]] = by_kernels([page])
    assert repeat.verdict is Verdict.EXACT
    assert [page[start:end] for start, end in repeat.occurrences] == [passage] * 2


def test_equal_lines_keep_the_signs_at_their_edges() -> None:
    line = "« " + " ".join(fresh(random.Random(5), LEAST)) + " …"
    [[repeat]] = by_kernels([f"{line}\n\n{line}\n"])
    assert repeat.occurrences == [(0, len(line)), (len(line) + 2, 2 * len(line) + 2)]


def test_short_repeats_do_not_write_beyond_their_room() -> None:
    program = """if True:
        from dedup.config import Settings
        from tests.oracle.test_repeats_naive import by_kernels
        settings = Settings(shingle_width=1, repeat_min_tokens=1)
        found = by_kernels(["echo " * 4000] * 4, settings)
        assert [[len(one.occurrences) for one in repeats] for repeats in found] == [[4000]] * 4
    """
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)

"""Headlines: one changed word hides no pair, one changed number is seen, and nothing is equal
because it is short."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dedup import Result, Settings, scan
from dedup.text.normalise import normalise
from dedup.text.tokens import tokens
from tests.canonical import canonical
from tests.corpora import words

SETTINGS = Settings(threads=1, repeats=False)


def pair_of(left: str, right: str, settings: Settings = SETTINGS) -> tuple[str, float] | None:
    """Return verdict and Jaccard of two texts among a few others; None if not recorded."""
    others = [" ".join(words(9, f"other {n}")) for n in range(30)]
    result = scan(iter([left, right, *others]), settings)
    return next(
        (
            (row["verdict"], row["jaccard"])
            for row in result.pairs_table().to_pylist()
            if {row["left"], row["right"]} == {"0", "1"}
        ),
        None,
    )


def headlines(n: int, length: int = 9) -> list[str]:
    return [" ".join(words(length, f"headline {k}")) for k in range(n)]


def with_another_word(text: str, place: int) -> str:
    parts = text.split()
    parts[place % len(parts)] = "vorpal"
    return " ".join(parts)


def linked(result: Result) -> set[tuple[str, str]]:
    related = [row for row in result.pairs_table().to_pylist() if row["verdict"] != "none"]
    return {(row["left"], row["right"]) for row in related}


@pytest.mark.parametrize("length", [6, 8, 11, 15])
def test_a_changed_word_anywhere_hides_no_pair(length: int) -> None:
    texts = headlines(80, length)
    changed = [with_another_word(text, place) for place, text in enumerate(texts)]
    found = linked(scan(iter([*texts, *changed]), SETTINGS))
    assert found >= {(str(n), str(80 + n)) for n in range(80)}


@given(
    st.lists(st.sampled_from("red fox den 7 ox".split()), min_size=1, max_size=15),
    st.lists(st.sampled_from("red fox den 8 ox".split()), min_size=1, max_size=15),
)
@hypothesis_settings(max_examples=60)
def test_the_jaccard_of_short_texts_is_that_of_neighbouring_tokens(
    left: list[str], right: list[str]
) -> None:
    texts = " ".join(left), " ".join(right)
    found = pair_of(*texts)
    if left == right or found is None:
        return
    sets = [set(pairwise(t)) or {tuple(t)} for t in map(tokens, map(normalise, texts))]
    assert found[1] == round(len(sets[0] & sets[1]) / len(sets[0] | sets[1]), 6)


def test_another_number_makes_a_template_and_never_a_copy() -> None:
    left = "Rovers win at home in round 6"
    assert pair_of(left, left.replace("6", "7"))[0] == "template"
    assert pair_of("Snow on day 3", "Snow on day 4")[0] == "template"
    long = "Council votes 14 to 3 for the new bridge over the river at Sarn"
    assert pair_of(long, long.replace("14", "11"))[0] == "template"


def test_a_word_more_or_less_in_a_long_headline_is_an_edit() -> None:
    left = "Council votes to close the old bridge over the river for repairs until May"
    assert pair_of(left, left.replace("the old", "old"))[0] == "near"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (
            "Police in Tolm arrest man after stabbing incident at the harbour",
            "Police in Tolm arrest man after shooting incident at the library",
        ),
        (
            "Trains to the coast cancelled until Friday because of floods near Sarn",
            "Buses to the coast cancelled until Friday because of strikes near Sarn",
        ),
        (
            f"The ferry to Gull Rock was cancelled this morning because of fog {' '.join(words(24, 'ferry'))}",
            f"The ferry to Gull Rock was delayed this morning because of ice {' '.join(words(24, 'ferry'))}",
        ),
    ],
)
def test_two_replaced_words_make_another_headline(left: str, right: str) -> None:
    found = pair_of(left, right)
    assert found is not None
    assert found[0] == "rewrite"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Rain", "Snow"),
        ("Good morning", "Good evening"),
        ("Fire destroys rope factory at Lindersby", "Ropewalk in ruins after night blaze"),
        ("雨", "雪"),
    ],
)
def test_short_texts_are_not_equal_because_they_are_short(left: str, right: str) -> None:
    assert pair_of(left, right) is None


def test_scripts_without_spaces_are_short_at_their_own_scale() -> None:
    left = "市議会は老朽化した橋の架け替えを全会一致"
    found = pair_of(left, left.replace("橋", "駅"))
    assert found is not None
    assert found[0] in ("near", "rewrite")
    longer = left * 2  # 40 characters are 25 words
    assert pair_of(longer, f"{longer}で") is not None


def test_a_headline_and_an_article_are_compared_as_ever() -> None:
    text = " ".join(words(120, "article"))
    part = " ".join(text.split()[:15])
    result = scan(iter([text, part]), SETTINGS)
    [row] = result.pairs_table().to_pylist()
    assert row["containment_right"] == 1.0
    assert row["jaccard"] < 0.15


@pytest.mark.parametrize("options", [{"threads": 3, "batch_bytes": 300}, {"engine": "reference"}])
def test_threads_batches_and_engine_find_the_same_headlines(options: dict[str, object]) -> None:
    draw = random.Random(3)
    texts = [with_another_word(text, draw.randrange(9)) for text in headlines(60) * 2]
    one, other = scan(iter(texts), SETTINGS), scan(iter(texts), replace(SETTINGS, **options))
    assert one.counts["short_candidates"] > 20
    assert canonical(one) == canonical(other)


def test_many_headlines_of_one_form_cost_in_line_with_their_number() -> None:
    def form(n: int) -> Result:
        texts = (f"Weather in {' '.join(words(2, f'town {k}'))} is fine today" for k in range(n))
        return scan(texts, SETTINGS)

    small, large = form(400).counts, form(800).counts
    assert small["anchored_samples"] > 400
    per_text = SETTINGS.max_bucket + 8 * SETTINGS.anchors
    for counts in (small, large):
        assert counts["short_candidates"] <= per_text * counts["units"]
        assert counts["clusters"] < 10  # towns of one name

"""Fuller copies: what would lose a passage represents nothing that has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import Document, Result, Settings, scan
from dedup.cluster import Anchoring, cluster
from dedup.errors import SettingsError
from dedup.metadata.fullest import FULLER_WORDS, UnitOrder
from dedup.metadata.survivors import parse_policy
from dedup.model import Verdict
from dedup.pairs import ScoredPairs, split_codes
from tests.corpora import article

Pair = tuple[int, int]


def table(own: Mapping[Pair, tuple[int, int]]) -> ScoredPairs:
    """Return a table of near pairs, given the words that either side has for itself."""
    pairs = sorted(own)
    columns = {f.name: np.zeros(len(pairs), np.int64) for f in fields(ScoredPairs)}
    for column, values in zip(("left", "right"), zip(*pairs, strict=True), strict=False):
        columns[column] = np.array(values, np.int64)
    for side, name in enumerate(("own_words_left", "own_words_right")):
        columns[name] = np.array([own[pair][side] for pair in pairs], np.int64)
    columns["verdict"] = np.full(len(pairs), Verdict.NEAR, np.uint8)
    return ScoredPairs(**columns)


def groups(n: int, own: Mapping[Pair, tuple[int, int]]) -> dict[int, int]:
    """Return who represents whom among units that rank by number."""
    anchoring = Anchoring(
        order=UnitOrder(np.arange(n), fullest_first=True, spares_fuller=True),
        score=lambda codes: table({}),
        allowed=lambda leaders, units: np.ones(len(leaders), np.bool_),
        max_on_demand=64,
    )
    found = cluster(table(own), anchoring).representative.tolist()
    return {unit: lead for unit, lead in enumerate(found) if unit != lead}


def test_the_fuller_of_two_copies_represents_the_one_that_ranks_first() -> None:
    assert groups(2, {(0, 1): (0, FULLER_WORDS)}) == {0: 1}


def test_a_few_words_more_make_no_copy_fuller() -> None:
    assert groups(2, {(0, 1): (0, FULLER_WORDS - 1)}) == {1: 0}


def test_what_counts_is_the_difference() -> None:
    assert groups(2, {(0, 1): (20, 31)}) == {1: 0}
    assert groups(2, {(0, 1): (20, 32)}) == {0: 1}


def test_a_fuller_copy_represents_all_that_are_near_to_it() -> None:
    own = {(0, 1): (0, 0), (0, 2): (0, 40), (1, 2): (0, 40)}
    assert groups(3, own) == {0: 2, 1: 2}


def test_what_is_near_to_the_lesser_copy_alone_is_left_to_itself() -> None:
    own = {(0, 1): (0, 0), (0, 2): (0, 0), (1, 2): (0, 0), (0, 3): (0, 40)}
    assert groups(4, own) == {0: 3, 2: 1}


def test_of_a_story_that_grows_the_last_version_represents() -> None:
    own = {pair: (0, 15 * (pair[1] - pair[0])) for pair in combinations(range(4), 2)}
    assert groups(4, own) == {0: 3, 1: 3, 2: 3}


def test_of_two_versions_with_different_additions_none_takes_the_other() -> None:
    own = {(0, 1): (0, 20), (0, 2): (0, 30)}
    assert groups(3, own) == {0: 1}


def test_texts_that_are_fuller_in_a_circle_lose_nothing() -> None:
    own = {(0, 1): (0, 20), (1, 2): (0, 20), (0, 2): (20, 0)}
    found = groups(3, own)
    assert found == {1: 2}


def test_without_the_rule_nothing_gives_way() -> None:
    order = UnitOrder(np.array([1, 0]))
    pairs = table({(0, 1): (0, 50)})
    assert order.given(pairs).tolist() == [1, 0]
    assert [ends.tolist() for ends in split_codes(order.takes(pairs))] == [[0, 1], [1, 0]]


edges = st.dictionaries(
    st.sampled_from(list(combinations(range(7), 2))),
    st.tuples(st.sampled_from([0, 12, 13, 30]), st.sampled_from([0, 12, 25, 40])),
    min_size=1,
)


@given(edges, st.permutations(range(7)))
def test_the_order_is_that_of_plain_code(
    own: dict[Pair, tuple[int, int]], ranks: list[int]
) -> None:
    order = UnitOrder(np.array(ranks), fullest_first=True, spares_fuller=True)
    fuller = {
        pair if more > 0 else pair[::-1]
        for pair, (left, right) in own.items()
        if abs(more := right - left) >= FULLER_WORDS
    }
    takes = {way for pair in own for way in (pair, pair[::-1])} - fuller
    found = zip(*map(np.ndarray.tolist, split_codes(order.takes(table(own)))), strict=True)
    assert set(found) == takes
    walked: dict[int, None] = {}
    met: set[int] = set()

    def walk(unit: int) -> None:
        if unit not in met:
            met.add(unit)
            better = [more for lesser, more in fuller if lesser == unit]
            for more in sorted(better, key=ranks.__getitem__):
                walk(more)
            walked[unit] = None

    for unit in sorted(range(7), key=ranks.__getitem__):
        walk(unit)
    assert order.given(table(own)).argsort().tolist() == list(walked)


STORY = article(300, "the story")
ADDED = "The mayor said on Friday that a ferry would run until the new bridge opens in spring."


def by_policy(keep: str, *documents: Document) -> Result:
    return scan(list(documents), Settings(threads=1, repeats=False, keep=keep))


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(f"{STORY} {ADDED}", id="at the end"),
        pytest.param(f"{ADDED} {STORY}", id="at the beginning"),
        pytest.param(" ".join((*STORY.split()[:150], ADDED, *STORY.split()[150:])), id="inside"),
    ],
)
@pytest.mark.parametrize("engine", ["kernels", "reference"])
def test_a_later_version_with_a_passage_more_is_kept(later: str, engine: str) -> None:
    versions = (
        Document(STORY, id="a", date="2031-05-01"),
        Document(later, id="b", date="2031-05-02"),
    )
    settings = Settings(threads=1, repeats=False, engine=engine)  # pyright: ignore[reportArgumentType]
    (cluster,) = scan(list(versions), settings).clusters
    assert (cluster.representative, cluster.kept_by) == ("b", "fullest")
    assert [(m.id, m.verdict) for m in cluster.members] == [("b", "exact"), ("a", "near")]
    (by_age,) = by_policy("oldest", *versions).clusters
    assert (by_age.representative, by_age.kept_by) == ("a", "oldest")


def test_edited_words_do_not_make_a_later_version_fuller() -> None:
    words = STORY.split()
    words[100:106] = "quite other words stand here now".split()
    versions = (
        Document(STORY, id="a", date="2031-05-01"),
        Document(" ".join(words), id="b", date="2031-05-02"),
    )
    (cluster,) = by_policy("fullest,oldest", *versions).clusters
    assert (cluster.representative, cluster.kept_by) == ("a", "oldest")


def test_fullest_can_only_stand_first() -> None:
    assert [rule.name for rule in parse_policy("fullest, newest")] == ["fullest", "newest"]
    with pytest.raises(SettingsError, match="can only come first, as in fullest,oldest"):
        parse_policy("oldest,fullest")


def _in_front_of(known: str, new: str, keep: str) -> Result:
    settings = Settings(threads=1, repeats=False, keep=keep)
    return scan([Document(new, id="new")], settings, against=[Document(known, id="known")])


def test_a_fuller_copy_of_a_text_in_the_archive_stays_and_is_linked() -> None:
    result = _in_front_of(STORY, f"{STORY} {ADDED}", Settings().keep)
    assert result.clusters == []
    (link,) = result.links
    assert (link.verdict, result.counts["near_links"], result.counts["unique"]) == ("near", 1, 1)


@pytest.mark.parametrize(
    ("known", "new", "keep"),
    [
        (f"{STORY} {ADDED}", STORY, Settings().keep),
        (STORY, f"{STORY} {ADDED}", "oldest,longest"),
    ],
    ids=["the fuller one is known", "another policy"],
)
def test_a_copy_that_need_not_stay_goes_for_the_text_in_the_archive(
    known: str, new: str, keep: str
) -> None:
    (cluster,) = _in_front_of(known, new, keep).clusters
    assert (cluster.representative, cluster.kept_by) == ("known", "against")


def test_a_copy_goes_for_an_archived_text_as_full_as_itself_whatever_else_is_there() -> None:
    result = scan(
        [Document(f"{STORY} {ADDED}", id="new")],
        Settings(threads=1, repeats=False),
        against=[Document(STORY, id="first"), Document(f"{STORY}  {ADDED} Again.", id="later")],
    )
    assert [(c.representative, [m.id for m in c.members]) for c in result.clusters] == [
        ("later", ["later", "new"])
    ]


def _versions(story: int) -> list[Document]:
    """Return a story that grows day by day, at its end, its beginning or inside."""
    words = article(200, f"growing {story}").split()
    versions: list[Document] = []
    for day in range(1, 4):
        at = (len(words), 0, 100)[(story + day) % 3]
        words[at:at] = article(14 + story, f"{story} on day {day}").split()
        versions.append(
            Document(
                " ".join(words), id=f"{story}-{day}", date=f"2031-05-{day:02}", title=str(story)
            )
        )
    return versions


def _passages_without(kept: str, text: str) -> list[str]:
    """Return the passages of twelve words of a text of which five in a row stand in no other."""
    words, held = text.split(), set(zip(*(kept.split()[n:] for n in range(5)), strict=False))
    marks = [tuple(words[at : at + 5]) in held for at in range(len(words) - 4)]
    covered = [any(marks[max(at - 4, 0) : at + 1]) for at in range(len(words))]
    apart = "".join(" " if here else "x" for here in covered).split()
    return [passage for passage in apart if len(passage) >= FULLER_WORDS]


def test_no_copy_goes_with_a_passage_that_stands_nowhere_else() -> None:
    documents = [version for story in range(20) for version in _versions(story)]
    texts = {document.id: document.text for document in documents}
    kept, by_age = (
        scan(documents, Settings(threads=1, repeats=False, keep=keep))
        for keep in (Settings().keep, "oldest")
    )

    def lost(result: Result) -> int:
        pairs = [(c.representative, member.id) for c in result.clusters for member in c.members]
        return sum(len(_passages_without(texts[lead], texts[id])) for lead, id in pairs)

    assert kept.counts["removable"] >= 20
    assert lost(kept) == 0
    assert lost(by_age) >= 20

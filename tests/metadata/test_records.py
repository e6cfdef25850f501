"""What is kept of records, and when metadata calls two of them versions of one story."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import Document, Link, Member, Settings, scan
from dedup.metadata.addresses import canonical_url, end_apart
from dedup.metadata.records import Metadata, RecordWriter, TextFacts
from dedup.metadata.stories import same_title
from dedup.model import Batch, Ragged
from dedup.storage.spill import Spill
from tests.corpora import article, edited

ONE_THREAD = Settings(threads=1, repeats=False)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.org/a", "https://www.example.org/a/"),
        ("https://m.example.org/a", "https://example.org/a#comments"),
        ("https://Example.ORG/a?b=1&a=2", "https://example.org/a?a=2&b=1"),
        ("https://example.org/a?utm_source=x&fbclid=y", "https://example.org/a"),
        ("https://example.org/caf%C3%A9", "https://example.org/café"),
        (" https://example.org/a", "https://example.org/a"),
    ],
)
def test_two_addresses_of_one_page_are_one(one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a", "https://example.org/b"),
        ("https://example.org/A", "https://example.org/a"),
        ("https://example.org/a?id=1", "https://example.org/a?id=2"),
        ("https://example.org/a", "https://example.net/a"),
        ("https://news.example.org/a", "https://example.org/a"),
    ],
)
def test_different_pages_have_different_addresses(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


PARTS_OF_ADDRESSES = st.sampled_from(
    [
        "https://",
        "www.",
        "m.",
        "a.org",
        "A.ORG",
        "/",
        "1",
        "é",
        "%C3%A9",
        "?b=2",
        "&utm_c=1",
        "#top",
        " ",
    ]
)
ADDRESSES = st.lists(PARTS_OF_ADDRESSES, min_size=1, max_size=5).map("".join)


@given(ADDRESSES, ADDRESSES)
def test_addresses_that_end_apart_are_those_of_different_pages(one: str, other: str) -> None:
    if end_apart(one, other):
        assert canonical_url(one) != canonical_url(other)


def test_most_addresses_of_different_pages_end_apart() -> None:
    addresses = [f"https://a.org/story-{number}" for number in range(100)]
    pairs = [(one, other) for one in addresses for other in addresses]
    assert sum(end_apart(one, other) for one, other in pairs) == 9000


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ferry stops", "FERRY  stops", True),
        ("“Ferry” stops", '"Ferry" stops', True),
        ("Ferry stops", "Ferry starts", False),
        ("Ferry stops", None, True),
        ("", "Ferry stops", True),
        (None, None, True),
    ],
)
def test_titles_are_compared_as_texts_are(one: str | None, other: str | None, same: bool) -> None:
    assert same_title(one, other) is same
    assert same_title(other, one) is same


TEXT = article(120, "records")
CHANGED = edited(TEXT, 3, "records")


def relation(left: dict[str, str], right: dict[str, str]) -> Member | Link:
    """Return what the scan of two records says about the second one."""
    result = scan([{"id": "a", **left}, {"id": "b", **right}], ONE_THREAD)
    if result.links:
        return result.links[0]
    return result.clusters[0].members[1]


def test_the_same_address_makes_a_revision() -> None:
    address = "https://www.example.org/story"
    found = relation({"text": TEXT, "url": address}, {"text": CHANGED, "url": address + "/#top"})
    assert found.flags == ("revision",)


def test_the_same_source_and_title_make_a_revision() -> None:
    about = {"source": "Coast Courier", "title": "Ferry stops"}
    found = relation({"text": TEXT, **about}, {"text": CHANGED, **about})
    assert found.flags == ("revision",)


@pytest.mark.parametrize(
    "about",
    [
        {"title": "Ferry stops"},
        {"source": "Coast Courier"},
        {"date": "2031-01-01"},
        {"url": "", "title": "", "source": ""},
    ],
)
def test_less_than_that_makes_none(about: dict[str, str]) -> None:
    assert relation({"text": TEXT, **about}, {"text": CHANGED, **about}).flags == ()


def test_an_exact_copy_is_no_revision() -> None:
    address = "https://example.org/story"
    found = relation({"text": TEXT, "url": address}, {"text": TEXT, "url": address})
    assert (found.verdict, found.flags) == ("exact", ())


def test_another_headline_is_flagged_on_copies_too() -> None:
    found = relation({"text": TEXT, "title": "Ferry stops"}, {"text": TEXT, "title": "No boat"})
    assert found.flags == ("other-title",)


def test_a_changed_figure_is_a_correction_at_one_address_and_a_template_elsewhere() -> None:
    text, corrected = f"{TEXT} It cost 4,300 crowns.", f"{TEXT} It cost 4,800 crowns."
    address = "https://example.org/story"
    revision = relation({"text": text, "url": address}, {"text": corrected, "url": address})
    assert (revision.verdict, revision.flags) == ("near", ("revision",))
    apart = relation({"text": text, "url": address}, {"text": corrected, "url": address + "-2"})
    assert (apart.verdict, apart.flags) == ("template", ())


def test_under_one_title_a_figure_is_corrected_and_a_figure_with_a_word_is_another_issue() -> None:
    about = {"title": "Obituaries", "source": "Coast Courier"}
    text = f"{TEXT} Fenwick, who sold boats, was 84. {article(40, 'funeral')}"
    figure = text.replace("84", "79")
    issue = figure.replace("Fenwick", "Halloran")
    assert relation({"text": text, **about}, {"text": figure, **about}).verdict == "near"
    assert relation({"text": text, **about}, {"text": issue, **about}).verdict != "near"


def test_another_passage_in_one_frame_is_a_change_at_one_address_and_another_issue_elsewhere() -> (
    None
):
    frame = article(60, "header"), article(60, "footer")
    left, right = (f"{frame[0]} {article(20, issue)} {frame[1]}" for issue in ("may", "june"))
    about = {"title": "Notices", "source": "Coast Courier"}
    address = {**about, "url": "https://example.org/notices"}
    assert relation({"text": left, **address}, {"text": right, **address}).verdict == "near"
    assert relation({"text": left, **about}, {"text": right, **about}).verdict == "rewrite"


def test_an_address_that_cannot_be_taken_apart_still_counts_as_itself() -> None:
    found = relation({"text": TEXT, "url": "http://[x"}, {"text": CHANGED, "url": "http://[x"})
    assert found.flags == ("revision",)


characters = st.text(st.characters(exclude_categories=["Cs"]))
metadata = st.none() | characters


@given(st.lists(st.tuples(characters, metadata, metadata, metadata, metadata), min_size=1))
def test_any_metadata_comes_back(rows: list[tuple[str, str | None, str | None, str, str]]) -> None:
    n = len(rows)
    ids, *others = map(Ragged.from_strings, zip(*rows, strict=True))
    titles, urls, dates, sources = others
    batch = Batch(
        texts=Ragged.from_bytes([b"x"] * n),
        ids=ids,
        files=np.zeros(n, np.int32),
        lines=np.arange(1, n + 1),
        byte_offsets=np.full(n, -1),
        titles=titles,
        urls=urls,
        dates=dates,
        sources=sources,
    )
    facts = TextFacts(np.arange(n), np.ones(n, np.int64), np.zeros((n, 2), np.uint64))
    with Spill(None) as spill:
        writer = RecordWriter(spill, store_text=True)
        writer.append(batch, facts, against=False)
        records = writer.finish()
        known = [Metadata(id, *(text or None for text in about)) for id, *about in rows]
        assert [records.metadata(row) for row in range(n)] == known
        every = np.arange(n)[::-1]
        assert list(records.facts.metadata(every)) == list(map(tuple, known[::-1]))
        assert list(zip(*records.fields_of(every), strict=True)) == list(map(tuple, known[::-1]))
        assert records.texts is not None
        assert [records.texts[row] for row in range(n)] == [b"x"] * n
        assert records.n_duplicate_ids == n - len({id for id, *_ in rows})


def test_records_that_share_an_id_are_counted() -> None:
    documents = [{"id": id, "text": f"text {n}"} for n, id in enumerate("aabca")]
    assert scan(documents, ONE_THREAD).counts["duplicate_ids"] == 2


@pytest.mark.parametrize("part", ["id", "title", "url", "date", "source"])
def test_a_lone_surrogate_in_metadata_is_survived(part: str) -> None:
    result = scan([Document(**{"text": "A storm.", part: "x\ud800"})], ONE_THREAD)
    assert result.counts["read"] == 1

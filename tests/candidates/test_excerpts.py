"""A text that stands in a much longer one is found, at a cost that grows with the corpus only."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dedup import Document, Result, Settings, scan
from dedup.candidates import samples
from dedup.candidates.excerpts import EXCERPT_TOKENS, window_of
from dedup.kernels.excerpts import winnow
from dedup.kernels.shingles import shingle
from dedup.model import Int64s
from dedup.reference.excerpts import winnow as winnow_plainly
from tests.canonical import canonical
from tests.corpora import article, edited

SETTINGS = Settings(threads=1, repeats=False)
SPREAD = 0x9E3779B97F4A7C15
N_LONG = 120


def shingles_at(
    tokens: NDArray[np.uint32], texts: tuple[Int64s, Int64s], width: int
) -> NDArray[np.uint64]:
    """Return the shingle that starts at each token, as the kernel makes them."""
    n, n_texts = len(tokens), len(texts[1])
    table = np.full(1 << 12, -1, np.int32), np.empty(1 << 12, np.int32)
    keys, previous = np.zeros(n, np.uint64), np.empty(n, np.int32)
    filled = np.empty(n, np.uint64), np.empty(n_texts + 1, np.int64), (keys, previous)
    shingle(tokens, texts, width, table, 0, *filled, np.empty(n_texts, np.int64))
    return keys


def samples_of(texts: list[list[int]], width: int) -> list[list[int]]:
    """Return what the kernel samples from texts of token hashes."""
    offsets = np.cumsum([0, *map(len, texts)])
    joined = np.array([token for text in texts for token in text], np.uint32)
    samples = np.empty(len(joined), np.uint64)
    n_samples = np.empty(len(texts), np.int64)
    rows = (offsets, np.arange(len(texts)))
    keys = shingles_at(joined, rows, width)
    n = winnow(keys, rows, width, window_of(width), samples, n_samples)
    return [part.tolist() for part in np.split(samples[:n], np.cumsum(n_samples)[:-1])]


@given(
    st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=200), min_size=1, max_size=4),
    st.sampled_from([1, 3, 5, 60, 64]),
)
@hypothesis_settings(max_examples=60)
def test_the_kernel_samples_what_the_plain_definition_says(
    texts: list[list[int]], width: int
) -> None:
    for found, text in zip(samples_of(texts, width), texts, strict=True):
        assert set(found) == {key * SPREAD % 2**64 for key in winnow_plainly(text, width)}
        assert all(one != other for one, other in pairwise(found))


@given(st.integers(0, 10**6), st.integers(0, 300), st.sampled_from([1, 4, 5, 9]))
@hypothesis_settings(max_examples=40)
def test_sixty_tokens_in_common_always_share_a_sample(seed: int, at: int, width: int) -> None:
    draw = random.Random(seed)
    text = [draw.randrange(50) for _ in range(400)]
    other = [draw.randrange(1000, 2000) for _ in range(draw.randrange(300))]
    shared = text[at : at + EXCERPT_TOKENS]
    held = [*other, *shared, *other[::-1]]
    one, two = samples_of([text, held], width)
    assert len(shared) < EXCERPT_TOKENS or set(one) & set(two)


def long_articles() -> list[Document]:
    return [Document(article(900, f"long {n}"), f"long-{n}") for n in range(N_LONG)]


def excerpts_of(n_words: int, n_changes: int = 0) -> Iterator[Document]:
    draw = random.Random(n_words)
    for n in range(N_LONG):
        text = article(900, f"long {n}").split(" ")
        at = draw.randrange(len(text) - n_words)
        part = " ".join(text[at : at + n_words])
        yield Document(edited(part, n_changes, n) if n_changes else part, f"part-{n}")


def share_contained(result: Result) -> float:
    """Return the share of excerpts that are linked with the article they come from."""
    ours = [link for link in result.links if link.left[5:] == link.right[5:]]
    assert {link.verdict for link in ours} <= {"contained"}
    assert len(ours) == len(result.links)
    return len(ours) / N_LONG


@pytest.mark.parametrize(
    ("n_words", "n_changes", "at_least"), [(60, 0, 0.99), (100, 2, 0.9), (200, 6, 0.95)]
)
def test_excerpts_are_linked_with_the_article_they_stand_in(
    n_words: int, n_changes: int, at_least: float
) -> None:
    corpus = [*long_articles(), *excerpts_of(n_words, n_changes)]
    assert share_contained(scan(corpus, SETTINGS)) >= at_least
    if n_words == 60:
        assert share_contained(scan(corpus, replace(SETTINGS, excerpts=False))) < 0.2


@pytest.mark.parametrize("settings", [{"threads": 3, "batch_bytes": 3000}, {"engine": "reference"}])
def test_threads_batches_and_engine_find_the_same_excerpts(settings: dict[str, object]) -> None:
    corpus = [*long_articles()[:25], *list(excerpts_of(70, 1))[:25]]
    plain, other = scan(corpus, SETTINGS), scan(corpus, replace(SETTINGS, **settings))
    assert plain.counts["excerpt_candidates"] > 15
    assert canonical(plain)["links"] == canonical(other)["links"]
    assert plain.counts["excerpt_candidates"] == other.counts["excerpt_candidates"]


def test_samples_taken_in_parts_give_the_same_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = [*long_articles(), *excerpts_of(80, 1)]
    whole = canonical(scan(corpus, SETTINGS))
    monkeypatch.setattr(samples, "_SAMPLES_AT_ONCE", 1000)
    assert canonical(scan(corpus, SETTINGS)) == whole


def pages_with(shared: str, n: int) -> list[Document]:
    return [Document(f"{article(150, f'page {k}')}\n\n{shared}", str(k)) for k in range(n)]


def test_what_most_pages_hold_is_left_out_and_counted() -> None:
    counts = scan(pages_with(article(80, "shared"), 400), SETTINGS).counts
    assert counts["common_samples"] >= 1
    assert counts["excerpt_candidates"] < 20  # of 79,800 pairs: by chance


def test_what_many_pages_hold_is_compared_with_anchors_only() -> None:
    n = SETTINGS.max_bucket + 8
    shared = article(80, "shared")
    found = scan([*pages_with(shared, n), Document(shared, "excerpt")], SETTINGS)
    assert found.counts["anchored_samples"] > n
    assert found.counts["excerpt_candidates"] <= SETTINGS.anchors * found.counts["samples"]
    assert sum("excerpt" in (link.left, link.right) for link in found.links) >= 1


def test_switched_off_nothing_is_sampled() -> None:
    counts = scan(long_articles()[:3], replace(SETTINGS, excerpts=False)).counts
    assert counts["samples"] == counts["excerpt_candidates"] == 0


def test_texts_under_min_tokens_are_no_excerpts() -> None:
    corpus = [*long_articles()[:20], *list(excerpts_of(80))[:20]]
    assert scan(corpus, SETTINGS).counts["contained"] == 20
    assert scan(corpus, replace(SETTINGS, min_tokens=90)).counts["contained"] == 0


def test_an_excerpt_in_another_form_is_found_too() -> None:
    text = article(700, "harbour")
    part = " ".join(text.split(" ")[300:370]).upper().replace(" ", "\n")
    [link] = scan([text, part], SETTINGS).links
    assert (link.verdict, link.containment_right) == ("contained", 1.0)

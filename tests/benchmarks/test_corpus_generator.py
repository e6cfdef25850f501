"""The corpus generator: repeatable, prefix-consistent, and true to its own truth."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from benchmarks.corpora import truth_path
from benchmarks.generate import CORPUS_KINDS, write_corpus

_SIZE = 3_000_000
_CHANGED_SHARE = {"words-1": 0.01, "words-2": 0.02, "words-5": 0.05, "words-10": 0.1}


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "articles.jsonl"
    write_corpus(path, "articles", seed=1, n_bytes=_SIZE)
    return path


@pytest.fixture(scope="module")
def texts(articles: Path) -> dict[str, str]:
    return {record["id"]: record["text"] for record in _read(articles)}


@pytest.fixture(scope="module")
def truth(articles: Path) -> list[dict[str, str]]:
    return _read(truth_path(articles))


def test_the_same_seed_gives_the_beginning_of_the_same_corpus(
    articles: Path, tmp_path: Path
) -> None:
    half = tmp_path / "half.jsonl"
    write_corpus(half, "articles", seed=1, n_bytes=_SIZE // 2)
    assert articles.read_bytes().startswith(half.read_bytes())
    assert truth_path(articles).read_bytes().startswith(truth_path(half).read_bytes())
    assert _SIZE // 2 <= half.stat().st_size < _SIZE // 2 + 20_000


def test_another_seed_gives_another_corpus(articles: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    write_corpus(other, "articles", seed=2, n_documents=50)
    assert not {r["text"] for r in _read(other)} & {r["text"] for r in _read(articles)}


def test_truth_names_documents_that_were_written(
    texts: dict[str, str], truth: list[dict[str, str]]
) -> None:
    assert {line["kind"] for line in truth} == set(CORPUS_KINDS["articles"].planted)
    order = {identity: row for row, identity in enumerate(texts)}
    assert all(order[line["left"]] < order[line["right"]] for line in truth)


def test_records_hold_every_field(articles: Path) -> None:
    for record in _read(articles):
        assert list(record) == ["id", "title", "text", "url", "date", "source"]
        assert record["source"] in record["url"]
        assert record["date"] in record["url"]


def test_exact_copies_are_exact_and_only_copies_repeat_a_text(
    texts: dict[str, str], truth: list[dict[str, str]]
) -> None:
    equal = {line["kind"] for line in truth if texts[line["left"]] == texts[line["right"]]}
    assert equal == {"exact"}
    assert all(texts[t["left"]] == texts[t["right"]] for t in truth if t["kind"] == "exact")
    copies = {line["right"] for line in truth}
    originals = [text for identity, text in texts.items() if identity not in copies]
    assert len(set(originals)) == len(originals)


def test_normalised_copies_differ_in_case_space_and_quotes_only(
    texts: dict[str, str], truth: list[dict[str, str]]
) -> None:
    for line in truth:
        if line["kind"] == "normalised":
            left, right = texts[line["left"]], texts[line["right"]]
            assert left != right
            assert _words(left.lower()) == _words(right.lower())


@pytest.mark.parametrize(("kind", "share"), _CHANGED_SHARE.items())
def test_changed_words_are_as_many_as_the_kind_says(
    kind: str, share: float, texts: dict[str, str], truth: list[dict[str, str]]
) -> None:
    pairs = [(texts[t["left"]], texts[t["right"]]) for t in truth if t["kind"] == kind]
    n_words = n_changed = 0
    for left, right in pairs:
        old, new = left.lower().split(), right.lower().split()
        assert len(old) == len(new)
        n_words += len(old)
        n_changed += sum(a != b for a, b in zip(old, new, strict=True))
    assert n_changed / n_words == pytest.approx(share, rel=0.15)


def test_copies_with_other_numbers_differ_in_numbers_only(
    texts: dict[str, str], truth: list[dict[str, str]]
) -> None:
    for line in truth:
        if line["kind"] == "numbers":
            old, new = texts[line["left"]].split(), texts[line["right"]].split()
            changed = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
            assert len(changed) >= 4
            assert all(any(c.isdigit() for c in a) for pair in changed for a in pair)


def test_trimmed_reordered_headline_and_excerpt_keep_the_words_they_should(
    texts: dict[str, str], truth: list[dict[str, str]]
) -> None:
    for line in truth:
        left, right = texts[line["left"]], texts[line["right"]]
        if line["kind"] == "trimmed":
            assert left.startswith(right)
            assert 0.3 < len(right) / len(left) < 1
        elif line["kind"] == "reordered":
            assert left != right
            assert sorted(left.split("\n\n")) == sorted(right.split("\n\n"))
        elif line["kind"] == "headline":
            assert right.endswith(left)
        elif line["kind"] == "excerpt":
            opening = left[: int(0.7 * len(left))].rsplit("\n\n", 1)[0]
            assert opening in right
            assert len(right) > 1.5 * len(left)


def test_special_corpora_share_what_they_say(tmp_path: Path) -> None:
    path = tmp_path / "special.jsonl"
    write_corpus(path, "identical", seed=1, n_documents=150)
    assert len({r["text"] for r in _read(path)}) == 1
    write_corpus(path, "boilerplate", seed=1, n_documents=150)
    bodies = [r["text"] for r in _read(path)]
    shared = bodies[0][-1000:]
    assert len(set(bodies)) == 150
    assert all(body.endswith(shared) for body in bodies)


def test_short_texts_are_short(tmp_path: Path) -> None:
    path = tmp_path / "short.jsonl"
    write_corpus(path, "short", seed=1, n_documents=1500)
    low, high = CORPUS_KINDS["short"].words
    assert {low <= len(r["text"].split()) <= high for r in _read(path)} == {True}
    assert _read(truth_path(path))


def _read(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)

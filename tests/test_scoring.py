"""Scores of given pairs of texts are those of a scan, whatever is asked and in which order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dedup import Document, Result, Settings, scan
from dedup.errors import InputError
from dedup.metadata.records import Metadata
from dedup.model import Story, Verdict
from dedup.scoring import ScoredTexts, score_texts, stories_of
from tests.corpora import article, edited, planted

SETTINGS = Settings(threads=1, repeats=False)
SCORES = ("jaccard", "cosine", "distinctive_jaccard", "number_agreement", "shorter")


@pytest.fixture(scope="module")
def records() -> list[dict[str, str]]:
    return planted(60)


@pytest.fixture(scope="module")
def scanned(records: list[dict[str, str]]) -> Result:
    return scan([dict(record) for record in records], SETTINGS)


def verdict(scored: ScoredTexts, row: int = 0) -> Verdict:
    return Verdict(int(scored.pairs.verdict[row]))


def test_pairs_of_a_scan_get_the_same_scores_under_its_model(
    records: list[dict[str, str]], scanned: Result
) -> None:
    rows = {record["id"]: row for row, record in enumerate(records)}
    table = scanned.pairs_table().to_pydict()
    pairs = np.array(
        [(rows[a], rows[b]) for a, b in zip(table["left"], table["right"], strict=True)]
    )
    assert len(pairs) > 50
    texts = [record["text"] for record in records]
    scored = score_texts(texts, pairs, SETTINGS, model=scanned.model)
    for name in ("jaccard", "containment_left", "containment_right", "cosine"):
        assert getattr(scored.pairs, name).tolist() == table[name]
    assert [Verdict(v).label for v in scored.pairs.verdict] == table["verdict"]
    assert (scored.bands_shared > 0).mean() > 0.9


def test_the_order_in_a_pair_only_turns_its_sides(records: list[dict[str, str]]) -> None:
    texts = [record["text"] for record in records]
    ways = np.array([(0, 1), (5, 2), (7, 30), (3, 3)])
    one, other = (score_texts(texts, way, SETTINGS) for way in (ways, ways[:, ::-1]))
    assert one.pairs.containment_left.tolist() == other.pairs.containment_right.tolist()
    assert one.pairs.left.tolist() == other.pairs.right.tolist() == ways[:, 0].tolist()
    for name in SCORES:
        assert getattr(one.pairs, name).tolist() == getattr(other.pairs, name).tolist()
    assert one.bands_shared.tolist() == other.bands_shared.tolist()


def test_either_side_has_its_own_share_and_its_own_words_in_either_order() -> None:
    part = article(60, "part")
    whole = f"{part}\n\n{article(40, 'end')}"
    pairs = score_texts([part, whole], np.array([(0, 1), (1, 0)]), SETTINGS).pairs
    (part_held, whole_held), (part_own, whole_own) = (
        [pairs.containment_left[0], pairs.containment_right[0]],
        [pairs.own_words_left[0], pairs.own_words_right[0]],
    )
    assert part_held == 1 > whole_held > 0.5
    assert part_own == 0 < whole_own
    assert (pairs.containment_left[1], pairs.containment_right[1]) == (whole_held, part_held)
    assert (pairs.own_words_left[1], pairs.own_words_right[1]) == (whole_own, part_own)


def test_batches_and_threads_change_nothing(records: list[dict[str, str]]) -> None:
    texts = [record["text"] for record in records]
    pairs = np.stack((np.arange(40), np.arange(40) + 13), axis=1)
    whole = score_texts(texts, pairs, SETTINGS)
    cut = score_texts(iter(texts), pairs, Settings(threads=3, batch_bytes=700))
    assert whole.pairs.cosine.tolist() == cut.pairs.cosine.tolist()
    assert whole.estimated_jaccard.tolist() == cut.estimated_jaccard.tolist()


def test_copies_are_exact_or_normalised_and_share_every_band() -> None:
    text = article(80, "ferry")
    scored = score_texts([text, text, text.upper()], np.array([[0, 1], [0, 2], [0, 0]]), SETTINGS)
    assert [verdict(scored, row).label for row in range(3)] == ["exact", "normalised", "exact"]
    assert scored.pairs.jaccard.tolist() == [1.0, 1.0, 1.0]
    assert scored.bands_shared.tolist() == [SETTINGS.bands] * 3
    assert scored.estimated_jaccard.tolist() == [1.0] * 3


def test_unrelated_texts_have_scores_and_no_verdict() -> None:
    scored = score_texts([article(80, "a"), article(80, "b")], np.array([[0, 1]]), SETTINGS)
    assert verdict(scored) is Verdict.NONE
    assert scored.pairs.jaccard[0] < 0.1
    assert scored.pairs.cosine[0] > 0


@pytest.mark.parametrize("text", ["", " \n", "— … !"])
def test_texts_without_words_are_duplicates_of_nothing(text: str) -> None:
    scored = score_texts([text, text, article(80, "a")], np.array([[0, 1], [0, 2]]), SETTINGS)
    assert scored.pairs.verdict.tolist() == [Verdict.NONE] * 2
    assert scored.pairs.jaccard.tolist() == scored.estimated_jaccard.tolist() == [0, 0]
    assert scored.bands_shared.tolist() == [0, 0]


def test_shorter_texts_than_min_tokens_share_no_band() -> None:
    text = "Nine words stand in this short line of text."
    pair = np.array([[0, 1]])
    assert score_texts([text, text.upper()], pair, SETTINGS).bands_shared[0] == SETTINGS.bands
    short = Settings(threads=1, min_tokens=10)
    assert score_texts([text, text.upper()], pair, short).bands_shared[0] == 0


def test_metadata_makes_a_changed_figure_a_correction() -> None:
    text = f"The fire took 14 houses. {article(80, 'fire')}"
    texts = [text, text.replace("14 houses", "16 houses")]
    about = [Metadata("a", url="http://n.org/1"), Metadata("b", url="https://www.n.org/1")]
    pair = np.array([[0, 1]])
    assert verdict(score_texts(texts, pair, SETTINGS)) is Verdict.TEMPLATE
    told = score_texts(texts, pair, SETTINGS, stories=stories_of(about.__getitem__))
    assert verdict(told) is Verdict.NEAR
    assert stories_of(about.__getitem__)(*pair.T).tolist() == [Story.SAME_PAGE]


def test_texts_alone_are_judged_by_their_own_statistics() -> None:
    text = article(80, "mill")
    texts = [text, edited(text, 5, 1), article(80, "other")]
    scored = score_texts(texts, np.array([[0, 1]]), SETTINGS)
    [pair] = scan([Document(t) for t in texts], SETTINGS).pairs_table().to_pylist()
    assert scored.pairs.cosine[0] == pair["cosine"]


def test_no_pairs_and_no_texts_are_no_fault() -> None:
    assert len(score_texts([], np.zeros((0, 2), np.int64), SETTINGS)) == 0
    assert len(score_texts(["A text."], np.zeros((0, 2), np.int64), SETTINGS)) == 0


@pytest.mark.parametrize(
    ("texts", "pairs", "says"),
    [
        (["A."], [[0, 0], [0, 1]], "pair 1 names row 1: rows of texts are 0 to 0"),
        (["A.", "B."], [[-1, 1]], "pair 0 names row -1: rows of texts are 0 to 1"),
        (["A.", "B."], [[0, 1], [1, 0], [2, 0]], "pair 2 names row 2: rows of texts are 0 to 1"),
        ([], [[0, 1]], "pair 0 names row 0: there are no texts"),
    ],
)
def test_a_pair_that_names_no_text_is_named(
    texts: list[str], pairs: list[list[int]], says: str
) -> None:
    with pytest.raises(InputError, match=f"^{says}$"):
        score_texts(texts, np.array(pairs), SETTINGS)


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        (np.array([[0.9, 1.9]]), r"of float64 and the shape \(1, 2\)"),
        (np.array([[0, 0, 0]]), r"of int64 and the shape \(1, 3\)"),
        (np.array([0, 1]), r"of int64 and the shape \(2,\)"),
        (np.array([[True, False]]), "of bool"),
        ([(0, 1), (1,)], r"\[\(0, 1\), \(1,\)\]"),
        ([("0", "1")], r"\[\('0', '1'\)\]"),
        (None, "None"),
    ],
)
def test_pairs_that_are_none_of_whole_numbers_are_refused(pairs: Any, says: str) -> None:
    with pytest.raises(InputError, match=f"^pairs are {says}.*: pass two rows of texts"):
        score_texts(["A.", "B."], pairs, SETTINGS)


def test_pairs_may_be_a_list_of_tuples() -> None:
    found = score_texts(["A word.", "a word.", "Rain."], [(0, 2), (1, 0)], SETTINGS)
    assert [Verdict(v) for v in found.pairs.verdict] == [Verdict.NONE, Verdict.NORMALISED]
    assert len(score_texts(["A."], [], SETTINGS)) == 0


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ("abc", "^texts is one string: pass a list of texts$"),
        (None, "^texts is None: pass a list of texts$"),
        (
            pa.table({"text": ["A."]}),
            r"^texts is a table \(Table\), .* one column as a list of texts$",
        ),
    ],
)
def test_what_is_no_list_of_texts_is_refused(texts: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        score_texts(texts, np.array([[0, 1]]), SETTINGS)


def test_a_text_that_is_no_text_is_named() -> None:
    for wrong in (None, b"Bytes."):
        texts: list[Any] = ["Fine.", wrong]
        with pytest.raises(InputError, match="text 1 is a"):
            score_texts(texts, np.array([[0, 1]]), SETTINGS)
    with pytest.raises(InputError, match="text 1 cannot be encoded"):
        score_texts(["Fine.", "\ud800"], np.array([[0, 1]]), SETTINGS)

"""Law 5: what was decided stays decided."""

from __future__ import annotations

import pytest

from dedup import CorpusModel, Result, Settings, scan
from tests.canonical import canonical, members
from tests.corpora import Record, article, planted

SETTINGS = Settings(threads=1, repeats=False)
CORPUS = planted(60)


@pytest.fixture(scope="module")
def result() -> Result:
    return scan(CORPUS, SETTINGS)


@pytest.fixture(scope="module")
def model(result: Result) -> CorpusModel:
    return result.model


def test_doubling_the_corpus_changes_no_representative(result: Result) -> None:
    copies = [{**record, "id": f"~{record['id']}"} for record in CORPUS]
    doubled = scan([*copies, *CORPUS], SETTINGS)
    before = {id: cluster[0] for cluster in members(result) for id in cluster}
    after = {id: cluster[0] for cluster in members(doubled) for id in cluster}
    for record in CORPUS:
        if record["id"].startswith("empty"):
            continue
        lead = before.get(record["id"], record["id"])
        assert after[record["id"]] == lead
        assert after[f"~{record['id']}"] == lead


def test_doubling_the_corpus_costs_no_pair(result: Result) -> None:
    doubled = scan([*CORPUS, *({**r, "id": f"~{r['id']}"} for r in CORPUS)], SETTINGS)
    for count in ("units", "candidates", "scored", "links", "empty"):
        factor = 2 if count == "empty" else 1
        assert doubled.counts[count] == factor * result.counts[count]


def survivors(corpus: list[Record], found: Result) -> list[Record]:
    """Return a corpus without what its clusters call removable."""
    removable = {id for cluster in members(found) for id in cluster[1:]}
    assert removable
    return [record for record in corpus if record["id"] not in removable]


@pytest.mark.parametrize("keep", [Settings().keep, "oldest,longest", "newest", "longest", "first"])
def test_a_scan_of_the_survivors_finds_no_cluster(keep: str) -> None:
    settings = Settings(threads=1, repeats=False, keep=keep)
    kept = survivors(CORPUS, scan(CORPUS, settings))
    assert scan(kept, settings).clusters == []


def test_nor_does_it_under_the_model_of_the_whole(result: Result, model: CorpusModel) -> None:
    kept = survivors(CORPUS, result)
    again = scan(kept, SETTINGS, model=model)
    assert again.clusters == []
    ids = {record["id"] for record in kept}
    between_survivors = [link for link in result.links if {link.left, link.right} <= ids]
    assert {(link.left, link.right, link.verdict) for link in again.links} == {
        (link.left, link.right, link.verdict) for link in between_survivors
    }


def test_under_a_frozen_model_an_unrelated_document_changes_nothing(
    result: Result, model: CorpusModel
) -> None:
    alone = canonical(scan(CORPUS, SETTINGS, model=model))
    strangers = [{"id": f"stranger-{n}", "text": article(200, f"stranger {n}")} for n in range(20)]
    joined = canonical(scan([*strangers[:10], *CORPUS, *strangers[10:]], SETTINGS, model=model))
    for part in ("clusters", "links", "repeats", "pairs"):
        assert joined[part] == alone[part]
    assert joined["counts"]["unique"] == alone["counts"]["unique"] + 20


def test_judged_by_its_own_model_a_corpus_says_what_it_says_without(
    result: Result, model: CorpusModel
) -> None:
    assert canonical(scan(CORPUS, SETTINGS, model=model)) == canonical(result)


def test_models_of_parts_add_up_to_the_model_of_the_whole(model: CorpusModel) -> None:
    stories = sorted({record["id"].rpartition("-")[0] for record in CORPUS})
    summed = CorpusModel.empty()
    for k in range(3):
        chosen = set(stories[k::3])
        part = [record for record in CORPUS if record["id"].rpartition("-")[0] in chosen]
        summed.add(scan(part, SETTINGS).model)
    assert summed.n_units == model.n_units
    assert (summed.term_counts == model.term_counts).all()
    assert (summed.shingle_counts == model.shingle_counts).all()

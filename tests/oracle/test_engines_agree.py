"""Two engines, one result: the kernels find exactly what the plain reference finds."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dedup import corpus_model, pipeline, reference, verify
from dedup.candidates import excerpts, samples
from dedup.config import Settings
from dedup.corpus_model import CorpusModel
from dedup.errors import SettingsError
from dedup.found.outcome import STAGES
from dedup.reference import alignment as plain_alignment
from dedup.reference import excerpts as plain_excerpts
from dedup.reference import own_passages as plain_passages
from dedup.reference import page as plain_page
from dedup.reference import repeat_rules as plain_repeat_rules
from dedup.reference import repeats as plain_repeats
from dedup.reference import runs as plain_runs
from dedup.reference import scores as plain_scores
from dedup.reference import units as plain_units
from dedup.reference import wrapping as plain_wrapping
from dedup.rule import Rule
from dedup.storage.spill import Spill
from dedup.text import numbers
from tests.labelled_pairs import read_pairs
from tests.oracle.constants import kernel_constant
from tests.oracle.corpora import Documents, Outcome, batches, corpora, corpus, run

FIXTURES = Path(__file__).parents[2] / "fixtures"
FILES = [
    FIXTURES / "scripts.jsonl",
    FIXTURES / "repeats" / "cases.jsonl",
    *sorted(FIXTURES.glob("demo/*.jsonl")),
    *sorted(FIXTURES.glob("regressions/*/records.jsonl")),
]
FIELDS = ("id", "text", "title", "url", "date", "source")
BASE = Settings(threads=1)
VARIANTS = [
    BASE,
    replace(BASE, batch_bytes=1),
    replace(BASE, threads=3, batch_bytes=500),
    replace(BASE, shingle_width=3, repeat_min_tokens=6, min_tokens=8),
    replace(BASE, shingle_width=1),
    replace(BASE, shingle_width=9),
    replace(BASE, seed=7, num_perm=64, bands=16, rows=4),
    replace(BASE, bands=64, rows=2, max_on_demand=1),
    replace(BASE, bands=8, rows=8, keep="newest,longest"),
    replace(BASE, keep="first", repeats=False, store_text=True),
    replace(BASE, rule=Rule(common_shingle_count=2, common_shingle_share=0.0)),
    replace(BASE, rule=Rule(common_shingle_count=0, common_shingle_share=0.0)),
]


def check_same(documents: Documents, settings: Settings, **options: Any) -> Outcome:
    """Run both engines; every part of the outcome must be equal, counts included."""
    plain = run(reference, documents, settings, **options)
    fast = run(pipeline, documents, settings, **options)
    assert fast.verdicts == plain.verdicts
    assert fast == plain
    return plain


def read(path: Path) -> list[dict[str, Any]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    records = map(json.loads, lines)
    return [{name: record[name] for name in FIELDS if name in record} for record in records]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FIXTURES)))
def test_engines_agree_on_the_fixtures(path: Path) -> None:
    outcome = check_same(read(path), BASE)
    assert outcome.pairs
    assert outcome.clusters or path.parent.name in (
        "templates",
        "short_texts",
        "repeats",
        "frames",
        "briefs",
    )


def test_engines_agree_on_all_fixtures_together() -> None:
    documents = [
        {**document, "id": f"{path.parent.name}/{path.name}/{document['id']}"}
        for path in FILES
        for document in read(path)
    ]
    outcome = check_same(documents, replace(BASE, batch_bytes=10_000, threads=2))
    assert len(outcome.clusters) > 10
    assert len(outcome.repeats) > 10


def test_engines_agree_on_the_labelled_pairs_of_every_script() -> None:
    documents = [
        {"id": f"{pair['id']}/{side}", **pair[side]}
        for pair in read_pairs().values()
        for side in ("left", "right")
    ]
    outcome = check_same(documents, BASE)
    assert len(set(outcome.verdicts.values())) == 5


@given(corpora(), st.sampled_from(VARIANTS))
@hypothesis_settings(max_examples=40, deadline=None)
def test_engines_agree_on_edited_texts(documents: Documents, settings: Settings) -> None:
    check_same(documents, settings)


@given(corpora(8), corpora(8), st.integers(0, 8), st.sampled_from(VARIANTS[:4]))
@hypothesis_settings(max_examples=15, deadline=None)
def test_engines_agree_on_one_corpus_against_another(
    scanned: Documents, against: Documents, n_shared: int, settings: Settings
) -> None:
    known = [{**d, "id": f"known-{row}"} for row, d in enumerate([*against, *scanned[:n_shared]])]
    outcome = check_same(scanned, settings, against=known)
    sides = [{id.startswith("known-") for id in cluster} for cluster in outcome.clusters]
    # what has no partner on the other side can only be joined by equal texts
    assert all(True in side or len(side) == 1 for side in sides)


@given(corpora(8), st.integers(0, 99))
@hypothesis_settings(max_examples=8, deadline=None)
def test_engines_agree_under_a_frozen_model(documents: Documents, seed: int) -> None:
    draw = np.random.default_rng(seed)
    model = CorpusModel.empty()
    model.n_units = 200
    model.term_counts[:] = draw.integers(0, 200, len(model.term_counts))
    model.shingle_counts[:] = draw.integers(0, 2, len(model.shingle_counts)) * 60
    check_same(documents, BASE, model=model)


def test_a_frozen_model_changes_what_both_engines_say() -> None:
    documents = corpus(random.Random(4), 15)
    everything_common = CorpusModel.empty()
    everything_common.n_units = 100
    everything_common.shingle_counts[:] = 100
    plain, frozen = (
        check_same(documents, BASE),
        check_same(documents, BASE, model=everything_common),
    )
    assert frozen.pairs.keys() < plain.pairs.keys()
    assert all(scores["distinctive_jaccard"] == 0 for scores in frozen.pairs.values())


def test_the_corpora_show_what_the_engines_could_disagree_on() -> None:
    outcomes = [check_same(corpus(random.Random(seed), 20), BASE) for seed in range(6)]
    verdicts = {verdict for outcome in outcomes for verdict in outcome.verdicts.values()}
    assert verdicts >= {0, 3, 4, 5, 6}
    assert sum(len(outcome.clusters) for outcome in outcomes) > 6
    assert sum(len(outcome.repeats) for outcome in outcomes) > 3


def test_engines_agree_on_pairs_scored_on_demand_and_on_their_limit() -> None:
    rule = Rule(near_scattered_jaccard=0.5)
    few_candidates = replace(BASE, bands=4, rows=5, max_on_demand=1, excerpts=False, rule=rule)
    outcomes = [check_same(corpus(random.Random(seed), 40), few_candidates) for seed in range(9)]
    *_, n_on_demand, n_capped = map(
        sum, zip(*(outcome.counts for outcome in outcomes), strict=True)
    )
    assert n_on_demand > 10
    assert n_capped > 0


@pytest.mark.parametrize(
    "texts",
    [
        [""],
        ["", " ", "..."],
        ["one text", "", ""],
        ["one text", "one text", "One  text"],
        ["a b c d e f", "a b c d e f g", "", "a b c d e f"],
    ],
)
@pytest.mark.parametrize("batch_bytes", [1, 1 << 20])
def test_engines_agree_where_a_batch_brings_nothing_new(texts: list[str], batch_bytes: int) -> None:
    documents = [{"id": str(row), "text": text} for row, text in enumerate(texts)]
    outcome = check_same(documents, replace(BASE, batch_bytes=batch_bytes))
    empty = {id for id, representative in outcome.representatives.items() if representative is None}
    assert empty == {str(row) for row, text in enumerate(texts) if not text.strip(" .")}


def test_engines_agree_on_no_documents_at_all() -> None:
    assert check_same([], BASE).pairs == {}


def test_both_engines_announce_the_same_stages() -> None:
    heard: dict[str, list[str]] = {}
    for engine in (pipeline, reference):
        stages = heard.setdefault(engine.__name__, [])
        with Spill(None) as spill:
            engine.find(batches([{"text": "a b c"}]), BASE, spill, announce=stages.append)
    assert list(heard.values()) == [list(STAGES)] * 2


def test_the_constants_of_the_reference_are_those_of_the_kernels() -> None:
    assert plain_scores.FILTER_SIGMAS == verify.FILTER_SIGMAS
    assert plain_excerpts.EXCERPT_TOKENS == excerpts.EXCERPT_TOKENS
    assert plain_excerpts.SAMPLE_SIGMAS == samples.SAMPLE_SIGMAS
    assert kernel_constant("SATURATED") == corpus_model.SATURATED
    for name in ("MAX_CHAIN", "MIN_MATCHED", "SAME_SPAN"):
        assert getattr(plain_repeats, name) == kernel_constant(name), name
    names = ["MAX_GAP", "STRETCH", "STRETCH_ALIKE", "CHANCE_WORDS", "FORM_TOKENS", "MOST_FORMS"]
    names += ["FORM_NUMBER_EVERY", "LIST_MARKS", "SENTENCE_ENDS", "APART", "WITHIN"]
    names += ["SHORT_LINE", "LONGEST_CHORUS", "REGULAR", "MANY_NUMBERS", "PART_OF_SENTENCE"]
    for name in names:
        assert getattr(plain_repeat_rules, name) == kernel_constant(name), name
    for name in ("LINK_TARGET", "BEHIND_LATIN", "BEFORE_SYMBOLS"):
        assert getattr(plain_page, name) == kernel_constant(name), name
    names = ["NARROWEST_LINE", "WIDEST_LINE", "MANY_LINES", "WIDE_LINE", "LONGEST_WORD"]
    names += ["LINES_AHEAD"]
    for name in [*names, "UNSPACED_WORD", "SMALL_LETTERS", "LETTER_WIDTH", "IDEOGRAPH_WIDTH"]:
        assert getattr(plain_wrapping, name) == kernel_constant(name), name
    assert kernel_constant("UNSPACED_SCALE") == plain_units.UNSPACED_SCALE
    names = ("WIDEST_GAP", "SHORT_TEXT", "REMEMBERED", "LONGEST_NAME", "NAME_WORDS")
    names += ("SHORTEST_PASSAGE", "MISSING_SHARE", "AMOUNT_DIGITS")
    names += ("FORM_NUMBERS", "FORM_WORDS")
    for name in names:
        assert getattr(plain_alignment, name) == kernel_constant(name), name
    for name in ("OCCURRENCES", "CHAINED"):
        assert getattr(plain_runs, name) == kernel_constant(name), name
    names = ("OWN_PASSAGE", "WIDEST_PASSAGE", "MOVED_ON", "EDITED_SHARE", "OWN_ON_BOTH")
    for name in names:
        assert getattr(plain_passages, name) == kernel_constant(name), name
    for name in ("DIGIT_BASE", "DIGIT_PRIME", "MOST_DIGITS", "DRESS_MULTIPLIER"):
        assert getattr(numbers, name) == kernel_constant(name), name


def test_the_reference_runs_without_numba() -> None:
    program = """if True:
        import sys
        sys.modules["numba"] = None  # an import of it fails
        from dedup import reference
        from dedup.config import Settings
        from dedup.corpus import read_documents
        from dedup.storage.spill import Spill
        texts = ["one and the same text of a few words"] * 2
        with Spill(None) as spill:
            batches = read_documents(texts, batch_bytes=100, quarantine=print)
            assert reference.find(batches, Settings(), spill).n_units == 1
    """
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True)


@pytest.mark.parametrize("settings", [Settings(bands=1), Settings(unit="passage")])
def test_what_the_reference_cannot_do_it_refuses(settings: Settings) -> None:
    with Spill(None) as spill, pytest.raises(SettingsError, match=r"use .*`kernels`"):
        reference.find([], settings, spill)

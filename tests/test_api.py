"""The library: what ``import dedup`` offers."""

from __future__ import annotations

import copy
import doctest
import inspect
import pickle
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import FrozenInstanceError, fields, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import datasketch
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.exceptions import SkipTestWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import check_estimator

import dedup
from dedup import (
    CorpusModel,
    Document,
    NearDuplicates,
    Reading,
    Result,
    Rule,
    Settings,
    scan,
)
from dedup.config import FORMAT_VERSION
from dedup.corpus_model import SHINGLE_COUNTER_BITS, TERM_BITS
from dedup.errors import InputError, SettingsError
from dedup.text.normalise import normalise
from dedup.text.tokens import tokens
from tests.canonical import canonical, members
from tests.conftest import FIXTURES
from tests.corpora import article, edited, planted, words

ONE_THREAD = Settings(threads=1)
STORY = article(80, "story")
COPY = edited(STORY, 2, "copy")
OTHER = article(80, "other")

# --- what may be scanned


def pairs_of(result: Result) -> list[set[str]]:
    return [set(cluster) for cluster in members(result)]


def pickled(thing: object) -> object:
    return pickle.loads(pickle.dumps(thing))


def test_a_list_of_texts_is_numbered_from_0() -> None:
    assert pairs_of(scan([STORY, OTHER, COPY], ONE_THREAD)) == [{"0", "2"}]


def test_mappings_documents_and_strings_may_be_mixed() -> None:
    mixed = [{"id": "a", "body": STORY}, Document(COPY, id="b"), STORY.upper(), {"text": OTHER}]
    assert pairs_of(scan(mixed, ONE_THREAD)) == [{"a", "b", "2"}]


def test_a_generator_is_read_as_it_comes() -> None:
    def stories() -> Iterator[str]:
        for n in range(100):
            yield f"{article(30, n % 50)}"

    result = scan(stories(), ONE_THREAD)
    assert (result.counts["read"], result.counts["clusters"]) == (100, 50)


def test_paths_may_be_strings_or_paths_one_or_many() -> None:
    demo = FIXTURES / "demo"
    expected = canonical(scan(demo, ONE_THREAD))
    for source in (str(demo), [demo], [str(demo)], [demo / "wire.jsonl", demo], f"{demo}/*"):
        assert canonical(scan(source, ONE_THREAD)) == expected


def test_a_missing_path_is_an_error_and_no_text(tmp_path: Path) -> None:
    for source in ("a text that was meant to be scanned", tmp_path / "nowhere", [Path("nowhere")]):
        with pytest.raises(InputError, match="no such file"):
            scan(source, ONE_THREAD)


@pytest.mark.parametrize(
    "text", ["[Update] " + 9 * STORY, 9 * STORY, "Is it?\nIt is.", "a/b*\n"], ids=lambda t: t[:9]
)
def test_one_text_is_refused_with_the_call_for_texts(text: str) -> None:
    with pytest.raises(InputError, match=r"no such file or folder.*dedup\.scan\(\[text\]\)"):
        scan(text, ONE_THREAD)


def test_a_mixture_of_paths_and_texts_is_refused() -> None:
    with pytest.raises(InputError, match="only paths, or only texts"):
        scan([str(FIXTURES), "some text"], ONE_THREAD)


class PolarsFrame:
    """What a frame of polars is known by: it is no dependency."""

    columns = ("id", "text")

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def to_dicts(self) -> list[dict[str, str]]:
        return ROWS


class LazyPolarsFrame(PolarsFrame):
    """One that is not read yet: it cannot be walked, and has no rows to give."""

    __iter__ = None
    to_dicts = None

    def collect_schema(self) -> dict[str, str]:
        return {}

    def collect(self) -> PolarsFrame:
        return PolarsFrame()


ROWS = [{"id": "a", "text": STORY}, {"id": "b", "text": COPY}]
TABLES = [
    (pd.DataFrame(ROWS), 'to_dict("records")'),
    (pa.Table.from_pylist(ROWS), "to_pylist()"),
    (pa.RecordBatch.from_pylist(ROWS), "to_pylist()"),
    (PolarsFrame(), "by `.to_dicts()`"),
    (LazyPolarsFrame(), "by `.collect().to_dicts()`"),
]


@pytest.mark.parametrize(("table", "call"), TABLES, ids=lambda item: type(item).__name__)
def test_a_table_is_refused_with_the_call_that_gives_its_rows(table: Any, call: str) -> None:
    with pytest.raises(InputError, match=re.escape(call)):
        scan(table, ONE_THREAD)
    with pytest.raises(InputError, match=re.escape(call)):
        scan([STORY], ONE_THREAD, against=table)
    with pytest.raises(TypeError, match="one column of texts"):
        NearDuplicates(ONE_THREAD).fit(table)


@pytest.mark.parametrize("array", [pa.array([STORY, COPY]), pa.chunked_array([[STORY], [COPY]])])
def test_an_arrow_array_is_refused_and_not_lost_in_the_quarantine(array: Any) -> None:
    with pytest.raises(InputError, match=r"scalars of Arrow: .*by `\.to_pylist\(\)`"):
        scan(array, ONE_THREAD)
    with pytest.raises(InputError, match=r"to_pylist"):
        dedup.score_texts(array, np.array([[0, 1]]), ONE_THREAD)


def test_named_tuples_are_documents_by_their_names() -> None:
    rows = pd.DataFrame(ROWS).itertuples()
    assert pairs_of(scan(rows, ONE_THREAD)) == [{"a", "b"}]


def test_the_rows_of_a_table_are_documents() -> None:
    assert pairs_of(scan(pd.DataFrame(ROWS).to_dict("records"), ONE_THREAD)) == [{"a", "b"}]


@pytest.mark.parametrize("source", [b"abc", bytearray(b"abc"), 7, None], ids=repr)
def test_what_is_neither_paths_nor_documents_is_refused(source: Any) -> None:
    with pytest.raises(InputError, match=type(source).__name__):
        scan(source, ONE_THREAD)


@pytest.mark.parametrize("settings", [{"keep": "newest"}, {}, "newest"], ids=repr)
def test_settings_that_are_none_are_refused(settings: Any) -> None:
    for run in (
        lambda: scan([STORY], settings),
        lambda: NearDuplicates(settings).fit([STORY]),
        lambda: dedup.score_texts([STORY, COPY], np.array([[0, 1]]), settings),
    ):
        with pytest.raises(SettingsError, match=r"pass dedup\.Settings"):
            run()


def test_a_model_that_is_none_is_refused() -> None:
    name: Any = "model.npz"
    with pytest.raises(InputError, match=r"CorpusModel\.load"):
        scan([STORY], ONE_THREAD, model=name)
    with pytest.raises(InputError, match=r"CorpusModel\.load"):
        dedup.score_texts([STORY, COPY], np.array([[0, 1]]), ONE_THREAD, model=name)


@pytest.mark.parametrize("source", [[], (), iter([]), ["", " "], [None, 7]])
def test_nothing_worth_comparing_gives_an_empty_result(source: Any) -> None:
    result = scan(source, ONE_THREAD)
    assert (result.clusters, result.links, result.repeats, result.passages) == ([], [], [], [])
    assert result.pairs_table().num_rows == 0


@pytest.mark.parametrize("source", [{"text": STORY}, Document(STORY)], ids=["mapping", "document"])
def test_a_single_document_is_one_document_or_an_error(source: Any) -> None:
    try:
        result = scan(source, ONE_THREAD)
    except dedup.DedupError:
        return
    assert result.found.records.facts.n_chars.tolist() == [len(STORY)]


def test_a_limit_holds_for_documents_in_memory_too() -> None:
    settings = Settings(threads=1, reading=dedup.Reading(limit=2))
    assert scan([STORY, OTHER, COPY], settings).counts["read"] == 2


def test_a_cap_that_bites_among_passages_is_counted() -> None:
    shared = "one long block of words that every page of the site has in common with the others"
    pages = [
        f"{shared} {a} {b}" for a, b in zip(STORY.split() * 3, OTHER.split() * 3, strict=False)
    ]
    settings = Settings(threads=1, unit="passage", max_bucket=2)
    alone = Settings(threads=1, max_bucket=2)
    assert scan(pages, settings).counts["full_buckets"] > scan(pages, alone).counts["full_buckets"]


def test_texts_that_look_like_no_path_may_hold_anything() -> None:
    assert scan(["a\x00b", "x" * 5000], ONE_THREAD).counts["read"] == 2


def test_documents_are_not_scanned_against_themselves() -> None:
    documents = [STORY, OTHER]
    with pytest.raises(InputError, match="both scanned and scanned against"):
        scan(documents, ONE_THREAD, against=documents)


def test_a_corpus_may_be_scanned_against_another_in_memory() -> None:
    result = scan([STORY, OTHER], ONE_THREAD, against=[{"id": "archive", "text": COPY}])
    assert members(result) == [["archive", "0"]]
    assert result.counts["against"] == 1


def test_an_error_of_the_source_comes_through() -> None:
    def broken() -> Iterator[str]:
        yield STORY
        raise LookupError

    with pytest.raises(LookupError):
        scan(broken(), ONE_THREAD)


# --- what comes back


@pytest.fixture(scope="module")
def result() -> Result:
    return scan(planted(40), ONE_THREAD)


def test_the_lists_hold_what_the_iterators_yield(result: Result) -> None:
    assert result.clusters == list(result.iter_clusters())
    assert result.links == list(result.iter_links())
    assert result.repeats == list(result.iter_repeats())
    assert [cluster.cluster for cluster in result.clusters] == list(
        range(1, len(result.clusters) + 1)
    )


def test_clusters_stand_largest_first(result: Result) -> None:
    sizes = [len(cluster.members) for cluster in result.clusters]
    assert sizes == sorted(sizes, reverse=True)


def test_links_stand_by_verdict_and_then_the_strongest_first(result: Result) -> None:
    order = ["near", "contained", "rewrite", "template"]
    keys = [(order.index(link.verdict), -link.jaccard, -link.cosine) for link in result.links]
    assert [key[:2] for key in keys] == sorted(key[:2] for key in keys)


def test_links_of_one_strength_stand_by_content_digest() -> None:
    frame, rest = " ".join(words(80, 1)), words(40, 2)
    orders = [random.Random(f"order {n}").sample(rest, len(rest)) for n in range(8)]
    result = scan([f"{frame} {' '.join(order)}" for order in orders], ONE_THREAD)
    digests = result.found.records.facts.digests.tolist()
    keys = [
        (link.verdict, -link.jaccard, -link.cosine, digests[left], digests[right])
        for link in result.links
        for left, right in [
            [int(ref.partition("#")[2]) - 1 for ref in (link.left_ref, link.right_ref)]
        ]
    ]
    assert len({key[:3] for key in keys}) < len(keys) / 2
    assert keys == sorted(keys)


def test_findings_cannot_be_changed(result: Result) -> None:
    with pytest.raises(AttributeError):
        result.clusters[0].cluster = 7  # type: ignore[misc]


def test_pairs_come_as_arrow_and_pandas(result: Result) -> None:
    table, frame = result.pairs_table(), result.pairs_frame()
    assert isinstance(frame, pd.DataFrame)
    assert table.column_names == list(frame.columns)
    assert table.num_rows == len(frame) > 0
    assert set(frame.verdict) <= {"none", "near", "contained", "rewrite", "template"}
    ids = {record["id"] for record in planted(40)}
    assert set(frame.left) | set(frame.right) <= ids
    near = {(left, right) for left, right, verdict in
            frame[["left", "right", "verdict"]].itertuples(index=False)
            if verdict == "near"}  # fmt: skip
    together = {frozenset(pair) for pair in near}
    assert together & {frozenset((c.representative, m.id)) for c in result.clusters
                       for m in c.members}  # fmt: skip


def test_the_dictionary_is_plain_values(result: Result) -> None:
    import orjson

    found = orjson.loads(orjson.dumps(result.to_dict()))
    assert found.keys() == {"counts", "clusters", "links", "repeats", "quarantine", "skipped"}
    assert found["counts"] == result.counts


def test_a_result_outlives_its_source_files(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_bytes((FIXTURES / "demo" / "page.txt").read_bytes())
    result = scan(path, ONE_THREAD)
    path.unlink()
    assert len(result.repeats) == 2


def test_progress_is_told() -> None:
    class Listener:
        def __init__(self) -> None:
            self.stages: list[str] = []
            self.reports: list[tuple[int, int]] = []

        def stage(self, name: str) -> None:
            self.stages.append(name)

        def reading(self, n_bytes: int, total: int) -> None:
            self.reports.append((n_bytes, total))

        def notice(self, message: str) -> None:
            del message

    listener = Listener()
    scan(FIXTURES / "demo" / "wire.jsonl", ONE_THREAD, progress=listener)
    assert listener.stages == ["reading", "finding candidates", "verifying", "clustering"]
    assert listener.reports
    assert all(0 <= done <= total for done, total in listener.reports)


def test_progress_is_told_of_documents_that_cannot_be_read() -> None:
    told: list[str] = []

    class Listener:
        stage = reading = staticmethod(lambda *_: None)
        notice = staticmethod(told.append)

    documents = [STORY, 7, {"headline": "Storm"}]
    result = scan(documents, ONE_THREAD, against=[b"Rain.", STORY], progress=Listener())
    assert told == [
        "1 of 2 documents of against cannot be read; the first: bytes is no document: pass a str, "
        "a mapping or a Document. result.iter_quarantine() tells of all",
        "2 of 3 documents cannot be read; the first: int is no document: pass a str, "
        "a mapping or a Document. result.iter_quarantine() tells of all",
    ]
    assert len(list(result.iter_quarantine())) == 3


# --- the estimator


def test_labels_group_copies_and_give_every_other_text_its_own() -> None:
    texts = [OTHER, STORY, COPY, STORY.upper(), article(50, "third"), OTHER]
    estimator = NearDuplicates(ONE_THREAD).fit(texts)
    labels = estimator.labels_.tolist()
    assert labels[1] == labels[2] == labels[3] == 0
    assert labels[0] == labels[5] == 1
    assert labels[4] == 2
    assert min(labels) >= 0


def test_empty_texts_have_labels_of_their_own() -> None:
    labels = NearDuplicates(ONE_THREAD).fit_predict(["", "", "…", "word", "word"])
    assert labels[3] == labels[4]
    assert len(set(labels.tolist())) == 4
    assert labels.min() == 0


def test_a_representative_stands_for_its_copies_and_for_itself() -> None:
    texts = [OTHER, COPY, STORY + " And a few words more.", OTHER]
    estimator = NearDuplicates(ONE_THREAD).fit(texts)
    assert estimator.representative_.tolist() == [0, 2, 2, 0]
    assert estimator.result_.counts["clusters"] == 2


def test_no_texts_have_no_labels() -> None:
    assert NearDuplicates(ONE_THREAD).fit_predict([]).tolist() == []


def test_fit_predict_returns_labels_and_fit_returns_itself() -> None:
    estimator = NearDuplicates(ONE_THREAD)
    assert estimator.fit([STORY, COPY], y=None) is estimator
    assert (estimator.fit_predict([STORY, COPY]) == estimator.labels_).all()


def test_arrays_and_series_are_taken() -> None:
    for texts in (np.array([STORY, COPY]), pd.Series([STORY, COPY]), (STORY, COPY)):
        assert NearDuplicates(ONE_THREAD).fit_predict(texts).tolist() == [0, 0]


def test_the_estimator_follows_the_conventions_of_scikit_learn() -> None:
    estimator = NearDuplicates(settings=ONE_THREAD)
    assert estimator.get_params() == {"settings": ONE_THREAD}
    copied = clone(estimator)
    assert copied is not estimator
    assert copied.get_params() == estimator.get_params()
    assert not hasattr(copied, "labels_")
    assert estimator.set_params(settings=None).settings is None
    assert "NearDuplicates" in repr(estimator)


def test_the_estimator_passes_the_checks_of_scikit_learn() -> None:
    estimator = NearDuplicates(ONE_THREAD)
    assert estimator.__sklearn_tags__().input_tags.string
    with pytest.warns(SkipTestWarning, match="requires input"):  # tables of numbers are no texts
        checks = check_estimator(estimator)
    assert [check["status"] for check in checks].count("failed") == 0


def test_the_estimator_works_in_a_pipeline() -> None:
    lower = FunctionTransformer(lambda texts: [text.lower() for text in texts])
    pipeline = make_pipeline(lower, NearDuplicates(ONE_THREAD))
    assert pipeline.fit_predict([STORY, STORY.upper(), OTHER]).tolist() == [0, 0, 1]


@pytest.mark.parametrize("copied", [pickled, copy.deepcopy], ids=["pickle", "deepcopy"])
def test_a_fitted_estimator_can_be_pickled_and_copied(copied: Callable[[Any], Any]) -> None:
    estimator = NearDuplicates(ONE_THREAD).fit([STORY, OTHER, COPY])
    again = copied(estimator)
    assert again.labels_.tolist() == estimator.labels_.tolist() == [0, 1, 0]
    assert again.representative_.tolist() == estimator.representative_.tolist()
    assert again.settings == ONE_THREAD
    assert not hasattr(again, "result_")
    assert estimator.result_.counts["clusters"] == 1
    assert copied(NearDuplicates(ONE_THREAD)).fit([STORY, COPY]).labels_.tolist() == [0, 0]


@pytest.mark.parametrize("copied", [pickled, copy.deepcopy], ids=["pickle", "deepcopy"])
def test_a_result_that_shall_be_pickled_says_what_to_do(
    result: Result, copied: Callable[[Any], Any]
) -> None:
    with pytest.raises(TypeError, match=r"dedup\.write_results"):
        copied(result)


@pytest.mark.parametrize(("texts", "row"), [(["a", 7], 1), ([None], 0), ([b"bytes"], 0)])
def test_what_is_no_string_is_an_error_that_names_the_place(texts: list[Any], row: int) -> None:
    with pytest.raises(TypeError, match=f"text {row} is a"):
        NearDuplicates(ONE_THREAD).fit(texts)


def test_labels_stay_with_their_texts_when_one_cannot_be_read() -> None:
    try:
        labels = NearDuplicates(ONE_THREAD).fit_predict(["lone \ud800", STORY, COPY])
    except (ValueError, dedup.DedupError):
        return
    assert labels[1] == labels[2] != labels[0]


def test_one_string_is_no_list_of_texts() -> None:
    with pytest.raises((TypeError, ValueError, InputError)):
        NearDuplicates(ONE_THREAD).fit("one string")


# --- datasketch


def shingles_of(text: str) -> list[bytes]:
    found = tokens(normalise(text))
    return [" ".join(found[n : n + 5]).encode() for n in range(len(found) - 4)]


def minhash_of(text: str, num_perm: int = 128) -> datasketch.MinHash:
    made = datasketch.MinHash(num_perm=num_perm, seed=1, hashfunc=dedup.hashfunc)
    made.update_batch(shingles_of(text))
    return made


def test_signatures_of_datasketch_and_ours_are_the_same(tmp_path: Path) -> None:
    from dedup.minhash import sign
    from dedup.text.tokens import shingle_hash, token_hash

    words = [token_hash(token) for token in tokens(normalise(STORY))]
    hashes = {shingle_hash(words[n : n + 5]) for n in range(len(words) - 4)}
    ours, _ = sign(
        np.array(sorted(hashes), np.uint64), np.array([0, len(hashes)], np.int64), ONE_THREAD
    )
    theirs = minhash_of(STORY)
    assert ours[0].tolist() == theirs.hashvalues.tolist()
    assert dedup.to_datasketch(ours[0]).jaccard(minhash_of(STORY)) == 1.0
    assert dedup.to_datasketch(ours[0]).jaccard(minhash_of(COPY)) == theirs.jaccard(
        minhash_of(COPY)
    )


def test_a_signature_handed_over_goes_on_as_datasketchs_own() -> None:
    half, whole = shingles_of(STORY)[::2], minhash_of(STORY)
    begun = datasketch.MinHash(num_perm=128, seed=1, hashfunc=dedup.hashfunc)
    begun.update_batch(half)
    handed = dedup.to_datasketch(np.array(begun.hashvalues, np.uint32))
    handed.update_batch(shingles_of(STORY)[1::2])
    assert handed.hashvalues.tolist() == whole.hashvalues.tolist()
    lsh = datasketch.MinHashLSH(threshold=0.5, num_perm=128)
    lsh.insert("story", handed)
    assert lsh.query(minhash_of(STORY)) == ["story"]


def test_the_hash_of_a_shingle_looks_at_its_tokens_only() -> None:
    assert dedup.hashfunc("It’s A  fine—day".encode()) == dedup.hashfunc(b"it's a fine day")
    assert dedup.hashfunc(b"it's a fine day") != dedup.hashfunc(b"a fine day it's")
    assert 0 <= dedup.hashfunc(b"") < 2**32


# --- the corpus model


def test_a_model_comes_back_from_disk(tmp_path: Path, result: Result) -> None:
    model = result.model
    assert model is not None
    model.save(tmp_path / "stats.npz")
    again = CorpusModel.load(tmp_path / "stats.npz")
    assert again.n_units == model.n_units == result.counts["units"]
    assert (again.term_counts == model.term_counts).all()
    assert (again.shingle_counts == model.shingle_counts).all()
    assert (again.idf() == model.idf()).all()


def test_a_model_comes_back_whether_few_counters_are_used_or_most(tmp_path: Path) -> None:
    sizes = []
    for most_used in (False, True):
        model = CorpusModel.empty()
        model.n_units = 3
        model.term_counts[7] = 2**40
        model.shingle_counts[most_used:] = np.arange(len(model.shingle_counts) - most_used) % 9
        model.shingle_counts[:: 1 if not most_used else 10] = 0
        path = tmp_path / f"{most_used}.npz"
        model.save(path)
        again = CorpusModel.load(path)
        assert again.n_units == 3
        assert (again.term_counts == model.term_counts).all()
        assert (again.shingle_counts == model.shingle_counts).all()
        sizes.append(path.stat().st_size)
    few, most = sizes
    assert few < most / 20


def test_a_model_goes_by_the_name_of_its_file_too(tmp_path: Path) -> None:
    CorpusModel.empty().save(f"{tmp_path}/stats.npz")
    assert CorpusModel.load(f"{tmp_path}/stats.npz").n_units == 0
    with pytest.raises(InputError, match="cannot read the model none"):
        CorpusModel.load("none.npz")


def test_models_add_up_whatever_the_order() -> None:
    parts = [scan([article(60, n)], ONE_THREAD).model for n in range(3)]
    sums = []
    for order in ((0, 1, 2), (2, 0, 1)):
        summed = CorpusModel.empty()
        for n in order:
            part = parts[n]
            assert part is not None
            summed.add(part)
        sums.append(summed)
    assert sums[0].n_units == sums[1].n_units == 3
    assert (sums[0].term_counts == sums[1].term_counts).all()
    assert (sums[0].shingle_counts == sums[1].shingle_counts).all()


def test_counters_saturate_and_never_wrap() -> None:
    model, more = CorpusModel.empty(), CorpusModel.empty()
    model.shingle_counts[:] = 65_000
    more.shingle_counts[:] = 1000
    model.add(more)
    assert set(model.shingle_counts.tolist()) == {65_535}


def test_copies_count_once_in_the_model() -> None:
    one, many = (scan(texts, ONE_THREAD).model for texts in ([STORY], [STORY, STORY.upper()] * 9))
    assert one is not None
    assert many is not None
    assert many.n_units == one.n_units == 1
    assert (many.term_counts == one.term_counts).all()


def test_a_shingle_is_common_from_a_number_and_a_share_on() -> None:
    model, rule = CorpusModel.empty(), Rule()
    for n_units, common in ((10, 50), (10_000, 50), (20_000, 100)):
        model.n_units = n_units
        assert model.common_above(rule) == common


BROKEN = {
    "text": b"no model",
    "empty": b"",
    "half": b"PK\x03\x04half an archive",
    "pickle": b"\x80\x04K\x01.",
}


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.usefixtures("collected")
@pytest.mark.parametrize(
    "kind",
    [
        "text",
        "empty",
        "half",
        "pickle",
    ],
)
def test_what_is_no_model_is_refused_by_name(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "stats.npz"
    path.write_bytes(BROKEN[kind])
    with pytest.raises(InputError, match=r"stats\.npz is not a corpus model") as caught:
        CorpusModel.load(path)
    told = str(caught.value)
    assert "`dedup scan CORPUS --save-model FILE` makes one" in told
    assert "pickle" not in told
    assert ".." not in told


def test_a_model_that_cannot_be_read_is_told_from_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read the model .*: No such file"):
        CorpusModel.load(tmp_path / "none.npz")
    with pytest.raises(InputError, match=r"cannot read the model .*: Is a directory"):
        CorpusModel.load(tmp_path)


WHOLE = {
    "version": FORMAT_VERSION,
    "n_units": 3,
    "term_counts": np.zeros(1 << TERM_BITS, np.int64),
    "shingle_counts": np.zeros(1 << SHINGLE_COUNTER_BITS, np.uint16),
}
OTHER_MODELS: dict[str, dict[str, Any]] = {
    "two versions": {"version": [1, 2]},
    "few counters": {"term_counts": np.zeros(3, np.int64)},
    "counters of another type": {"shingle_counts": np.zeros(1 << SHINGLE_COUNTER_BITS)},
    "fewer places": {"term_counts": np.ones(3, np.uint8), "term_counts_at": np.arange(2)},
    "places beyond": {"term_counts": np.ones(1, np.uint8), "term_counts_at": [1 << TERM_BITS]},
}


@pytest.mark.parametrize("kind", OTHER_MODELS)
def test_a_model_of_another_kind_is_refused(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "stats.npz"
    np.savez(path, **WHOLE)
    assert CorpusModel.load(path).n_units == 3
    np.savez(path, **WHOLE | OTHER_MODELS[kind])
    with pytest.raises(InputError, match=r"stats\.npz is not a corpus model"):
        CorpusModel.load(path)


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.usefixtures("collected")
def test_an_array_alone_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "stats.npz"
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(InputError, match=r"stats\.npz"):
        CorpusModel.load(path)


def test_a_model_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "stats.npz"
    empty = CorpusModel.empty()
    np.savez(
        path,
        version=np.array(99),
        n_units=np.array(0),
        term_counts=empty.term_counts,
        shingle_counts=empty.shingle_counts,
    )
    with pytest.raises(InputError, match="version 99"):
        CorpusModel.load(path)


# --- settings


@pytest.mark.parametrize(
    "wrong",
    [
        {"shingle_width": 0},
        {"num_perm": 4},
        {"seed": -1},
        {"seed": 2**32},
        {"bands": 0},
        {"rows": 0},
        {"bands": 43},
        {"min_tokens": -1},
        {"repeat_min_tokens": 4},
        {"max_bucket": 1},
        {"anchors": 0},
        {"threads": -1},
        {"batch_bytes": 0},
        {"engine": "kernal"},
        {"unit": "word"},
        {"max_on_demand": -1},
    ],
    ids=str,
)
def test_a_setting_out_of_range_is_named(wrong: dict[str, Any]) -> None:
    (name,) = wrong
    with pytest.raises(SettingsError, match=name):
        Settings(**wrong)


def test_an_unknown_survivor_policy_is_said_before_anything_is_read() -> None:
    def unread() -> Iterator[str]:
        raise AssertionError
        yield ""

    with pytest.raises(SettingsError, match="eldest"):
        scan(unread(), replace(ONE_THREAD, keep="eldest"))


def test_a_rule_below_what_is_scored_is_refused() -> None:
    for name in ("near_jaccard", "link_jaccard", "link_containment", "min_distinctive"):
        with pytest.raises(SettingsError, match=name):
            Rule(**{name: 0.01})


@pytest.mark.parametrize("constant", fields(Rule), ids=lambda constant: constant.name)
def test_every_constant_of_the_rule_has_a_range(constant: Any) -> None:
    counts = isinstance(constant.default, int) or constant.name in ("gap_words", "scattered_words")
    for wrong in (-5, float("nan"), "x", None, 10**12 if counts else 2):
        with pytest.raises(SettingsError, match=f"{constant.name} is .*; it must be"):
            Rule(**{constant.name: wrong})
    assert Rule(**{constant.name: constant.default}) == Rule()
    assert Rule(**{constant.name: 1})


def test_a_count_of_the_rule_is_a_whole_number() -> None:
    with pytest.raises(SettingsError, match=r"form_numbers is 2\.5; it must be a whole number"):
        Rule(form_numbers=2.5)  # type: ignore[arg-type]


def test_a_setting_of_another_type_is_named() -> None:
    with pytest.raises(SettingsError, match="threads is '2'"):
        Settings(threads="2")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Reading(include="*.jsonl"), r"include is '\*.jsonl'; it must be a tuple or list"),
        (lambda: Reading(exclude="*.txt"), r"exclude is .*such as \(\"drafts"),
        (
            lambda: Reading(include=(1,)),
            r"include is \(1,\); it must be a tuple or list of strings",
        ),
        (lambda: Reading(limit=-5), "limit is -5; it must be a whole number from 1"),
        (lambda: Reading(limit=0), "limit is 0"),
        (lambda: Reading(limit=True), "limit is True"),
        (lambda: Reading(limit=2.5), "limit is 2.5"),
        (lambda: Reading(max_ratio="x"), "max_ratio is 'x'; it must be from 1 up"),
        (lambda: Reading(max_record_bytes=0), "max_record_bytes is 0"),
        (lambda: Reading(encoding=None), "encoding is None; it must be a string"),
        (lambda: Reading(format=5), "format is 5; it must be a string such as .* or None"),
        (lambda: Reading(fields={"text": "body"}), r"fields is .*dedup\.Fields, such as Fields\("),
        (lambda: dedup.Fields(text=5), "text is 5; it must be a string"),
        (lambda: Settings(reading={"limit": 3}), r"reading is .*dedup\.Reading, such as"),
        (lambda: Settings(rule="strict"), r"rule is 'strict'; .*RULES\[\"strict\"\]"),
        (lambda: Settings(keep=["newest"]), "keep is .'newest'.; it must be a string such as"),
        (lambda: Settings(repeats="no"), "repeats is 'no'; it must be True or False"),
        (lambda: Settings(excerpts=0), "excerpts is 0; it must be True or False"),
        (lambda: Settings(store_text=None), "store_text is None"),
        (lambda: Settings(threads=True), "threads is True"),
        (lambda: Settings(min_tokens=2.5), "min_tokens is 2.5; it must be a whole number"),
        (lambda: Settings(tmp_dir=5), "tmp_dir is 5; it must be a string"),
        (lambda: Settings(unit=["passage"]), "unit is .'passage'.; it must be one of document"),
    ],
)
def test_a_setting_of_another_kind_is_refused_at_once(make: Any, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        make()


def test_numbers_of_numpy_and_paths_are_settings_like_plain_ones() -> None:
    given: Any = {"seed": np.int64(3), "tmp_dir": Path("/var/tmp")}
    settings = Settings(**given, rule=Rule(near_jaccard=np.float64(0.6)))
    plain = Settings(seed=3, tmp_dir="/var/tmp", rule=Rule(near_jaccard=0.6))
    assert settings == plain
    assert settings.fingerprint() == plain.fingerprint()
    assert type(settings.seed) is int


def test_results_that_are_none_are_refused_with_the_call_that_opens_them() -> None:
    folder: Any = "found"
    for call in (dedup.plan_apply, dedup.rethreshold):
        with pytest.raises(InputError, match=r"results is a str.*dedup\.open_results"):
            call(folder)
    with pytest.raises(InputError, match=r"result is a str.*dedup\.scan"):
        dedup.write_results(folder, "found")


def test_settings_never_change_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().seed = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        Settings().rule.min_cosine = 0.1  # type: ignore[misc]


HOW = {"engine": "reference", "threads": 3, "batch_bytes": 99, "tmp_dir": "/x", "store_text": True}
WHAT = {
    "reading": Reading(limit=3),
    "rule": Rule(near_jaccard=0.6),
    "shingle_width": 4,
    "num_perm": 256,
    "seed": 2,
    "bands": 41,
    "rows": 2,
    "min_tokens": 3,
    "repeats": False,
    "repeat_min_tokens": 13,
    "excerpts": False,
    "unit": "passage",
    "keep": "newest",
    "max_bucket": 33,
    "anchors": 5,
    "max_on_demand": 65,
}


def test_the_fingerprint_changes_with_what_is_found_and_with_nothing_else() -> None:
    base = Settings()
    assert {*HOW, *WHAT} == set(base.to_dict())
    assert len(base.fingerprint()) == 32
    for name, value in HOW.items():
        assert replace(base, **{name: value}).fingerprint() == base.fingerprint(), name
    others = [replace(base, **{name: value}).fingerprint() for name, value in WHAT.items()]
    assert len({base.fingerprint(), *others}) == len(WHAT) + 1


# --- the package


def test_every_public_name_is_there_and_documented() -> None:
    for name in dedup.__all__:
        found = getattr(dedup, name)
        if name != "__version__":
            assert inspect.getdoc(found), name
            assert found.__doc__ != object.__doc__


def test_a_frame_without_pandas_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    result = dedup.scan(["One text.", "Another text."])
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(dedup.DedupError, match=r"pip install 'article-dedup\[pandas\]'"):
        result.pairs_frame()


def test_a_shell_completes_public_names_before_they_are_used() -> None:
    listed = subprocess.run(
        [sys.executable, "-c", "import dedup; print(*dir(dedup))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert set(dedup.__all__) <= set(listed)


def test_public_methods_are_documented() -> None:
    for name in dedup.__all__:
        found = getattr(dedup, name)
        if inspect.isclass(found) and found.__module__.startswith("dedup"):
            for part, value in vars(found).items():
                if not part.startswith("_") and (callable(value) or isinstance(value, property)):
                    assert inspect.getdoc(value), f"{name}.{part}"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'deduplicate'"):
        _ = dedup.deduplicate


def test_types_are_shipped() -> None:
    assert files("dedup").joinpath("py.typed").is_file()


def test_the_first_example_of_the_package_runs() -> None:
    assert doctest.testmod(dedup).attempted >= 3
    assert doctest.testmod(dedup).failed == 0

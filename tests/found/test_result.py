"""What a scan gives back."""

from __future__ import annotations

import copy
import pickle
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import dedup
from dedup import Result, Settings, scan
from tests.conftest import FIXTURES
from tests.corpora import planted, words

ONE_THREAD = Settings(threads=1)


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

    documents = ["Rain.", 7, {"headline": "Storm"}]
    result = scan(documents, ONE_THREAD, against=[b"Rain.", "Snow."], progress=Listener())
    assert told == [
        "1 of 2 documents of against cannot be read; the first: bytes is no document: pass a str, "
        "a mapping or a Document. result.iter_quarantine() tells of all",
        "2 of 3 documents cannot be read; the first: int is no document: pass a str, "
        "a mapping or a Document. result.iter_quarantine() tells of all",
    ]
    assert len(list(result.iter_quarantine())) == 3


@pytest.mark.parametrize("copied", [pickle.dumps, copy.deepcopy])
def test_a_result_that_shall_be_pickled_says_what_to_do(
    result: Result, copied: Callable[[Any], Any]
) -> None:
    with pytest.raises(TypeError, match=r"dedup\.write_results"):
        copied(result)


def test_a_frame_without_pandas_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    result = dedup.scan(["One text.", "Another text."])
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(dedup.DedupError, match=r"pip install 'article-dedup\[pandas\]'"):
        result.pairs_frame()

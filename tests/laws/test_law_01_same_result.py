"""Law 1: order, batch size, threads, hash seed and engine never change the canonical result."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dedup import Settings, scan
from tests.canonical import canonical
from tests.conftest import FIXTURES, ROOT
from tests.corpora import article, planted

BASE = Settings(threads=1)
CORPUS = planted(60)


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    found = canonical(scan(CORPUS, BASE))
    assert found["clusters"]
    assert found["links"]
    assert found["repeats"]
    return found


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_records_changes_nothing(seed: int, expected: dict[str, Any]) -> None:
    shuffled = list(CORPUS)
    random.Random(seed).shuffle(shuffled)
    assert canonical(scan(shuffled, BASE)) == expected


def test_the_reverse_order_changes_nothing(expected: dict[str, Any]) -> None:
    assert canonical(scan(CORPUS[::-1], BASE)) == expected


@pytest.mark.parametrize("batch_bytes", [1, 3000, 1 << 28])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_neither_batch_size_nor_threads_change_anything(
    batch_bytes: int, threads: int, expected: dict[str, Any]
) -> None:
    settings = replace(BASE, batch_bytes=batch_bytes, threads=threads)
    assert canonical(scan(CORPUS, settings)) == expected


def test_over_full_buckets_depend_on_no_order_either() -> None:
    footer = " ".join(f"word{k}" for k in range(60))
    pages = [{"id": str(n), "text": f"{page['text'][:40]} {footer}"}
             for n, page in enumerate(planted(60))]  # fmt: skip
    settings = replace(BASE, max_bucket=4, anchors=2)
    found = scan(pages, settings)
    assert found.counts["anchored_units"] > 0
    again = scan(pages[::-1], replace(settings, threads=2, batch_bytes=500))
    assert canonical(found) == canonical(again)


def test_what_is_said_on_disk_is_what_is_said_of_memory(
    tmp_path: Path, expected: dict[str, Any]
) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in CORPUS), "utf-8")
    assert canonical(scan(path, BASE)) == expected


def test_several_files_say_what_one_file_says(tmp_path: Path, expected: dict[str, Any]) -> None:
    for n in range(4):
        lines = [json.dumps(record) + "\n" for record in CORPUS[n::4]]
        (tmp_path / f"part-{n}.jsonl").write_text("".join(lines), "utf-8")
    assert canonical(scan(tmp_path, replace(BASE, threads=2))) == expected


def test_passages_depend_on_no_order_either() -> None:
    settings = replace(BASE, unit="passage", repeats=False)
    pages = [record for record in CORPUS if record["text"].strip()]

    def found(documents: list[dict[str, str]], **changes: Any) -> list[Any]:
        passages = scan(documents, replace(settings, **changes)).passages
        return [
            (p.excerpt, p.n_documents, [(o.document, o.start, o.verdict) for o in p.occurrences])
            for p in passages
        ]

    assert len(found(pages)) > 10
    assert found(pages[::-1], threads=2, batch_bytes=2000) == found(pages)


BLOCKS = [
    *(article(18, f"block {k}").replace("\n", " ") for k in range(5)),
    "It cost 5 crowns on day 7 of the count of 12 things at 11:01 said 3 men.",
    "東京大学の学生が図書館で本を読んでいます。今日は雨です。",
    "x y z",
]
text = st.lists(st.sampled_from([*BLOCKS, BLOCKS[0].upper(), f"{BLOCKS[1]} And more."]), max_size=7)
few = st.sampled_from([None, "1", "2"])
record = st.fixed_dictionaries(
    {"text": text.map("\n\n".join), "url": few, "title": few, "source": few},
    optional={"date": st.sampled_from(["2031-01-01", "2031-01-02"])},
)
how = st.builds(
    replace,
    st.just(BASE),
    max_bucket=st.sampled_from([2, 32]),
    max_on_demand=st.sampled_from([0, 1, 64]),
    unit=st.sampled_from(["document", "passage"]),
    keep=st.sampled_from(["oldest,longest", "newest", "longest"]),
)


@hypothesis_settings(max_examples=30)
@given(st.lists(record, max_size=12), how, st.randoms(), st.sampled_from([1, 300, 10**6]))
def test_small_corpora_full_of_ties_depend_on_no_order(
    corpus: list[dict[str, Any]], chosen: Settings, chance: random.Random, batch_bytes: int
) -> None:
    named = [{**record, "id": f"{n:02}"} for n, record in enumerate(corpus)]
    expected = scan(iter(named), chosen)
    chance.shuffle(named)
    found = scan(iter(named), replace(chosen, threads=2, batch_bytes=batch_bytes))
    assert canonical(found) == canonical(expected)
    assert [
        [(place.document, place.start, place.verdict) for place in passage.occurrences]
        for passage in found.passages
    ] == [
        [(place.document, place.start, place.verdict) for place in passage.occurrences]
        for passage in expected.passages
    ]


def test_the_hash_seed_of_python_changes_no_byte() -> None:
    outputs = set()
    for seed in ("0", "4242"):
        done = subprocess.run(
            [sys.executable, "-m", "dedup", "scan", str(FIXTURES / "demo"), "--json"],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            check=True,
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1


def test_both_engines_say_the_same_of_the_demo() -> None:
    by_kernels = canonical(scan(FIXTURES / "demo", BASE))
    by_reference = canonical(scan(FIXTURES / "demo", replace(BASE, engine="reference")))
    assert by_reference == by_kernels

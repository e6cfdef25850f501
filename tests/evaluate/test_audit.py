"""An audit measures what a scan missed: by all pairs of a sample, told with intervals."""

from __future__ import annotations

import gc
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from dedup import Settings, scan, score_texts, write_results
from dedup.errors import InputError, ResultsError
from dedup.evaluate.audit import Audit, audit_results, audit_scan
from dedup.evaluate.audit_text import as_text
from dedup.results import open_results
from dedup.text.normalise import normalise
from dedup.text.tokens import tokens
from tests.cli.command import Run, inside
from tests.corpora import Record, planted, words

SETTINGS = Settings(threads=1)
RECORDS = planted(50)
BLIND = replace(SETTINGS, bands=2, rows=16, excerpts=False)
"""Bands that find next to nothing below Jaccard .7."""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("audit") / "corpus.jsonl"
    path.write_text("\n".join(map(json.dumps, RECORDS)), encoding="utf-8")
    return path


def audit_of(corpus: Path, settings: Settings, sample: int = 10**6) -> Audit:
    return audit_scan(scan(corpus, settings), sample=sample)


def pairs_above_floor(records: Sequence[Record] = RECORDS) -> list[tuple[str, str]]:
    """Return the pairs of distinct texts at Jaccard .2 or containment .5, in plain Python."""
    texts = {normalise(record["text"]): record["text"] for record in records}
    sets: list[tuple[str, set[tuple[str, ...]]]] = []
    for text, raw in texts.items():
        found = tokens(text)
        if found:
            sets.append((raw, {tuple(found[i : i + 5]) for i in range(max(1, len(found) - 4))}))
    above: list[tuple[str, str]] = []
    for (left, one), (right, other) in combinations(sets, 2):
        shared = len(one & other)
        if shared >= 0.2 * len(one | other) or shared >= 0.5 * min(len(one), len(other)):
            above.append((left, right))
    return above


def n_pairs_above_floor() -> int:
    return len(pairs_above_floor())


def test_a_sample_of_everything_is_all_pairs(corpus: Path) -> None:
    audit = audit_of(corpus, SETTINGS)
    assert audit.n_sampled == audit.n_units
    assert audit.n_pairs == n_pairs_above_floor()
    assert audit.candidates[0].of == audit.n_pairs
    assert sum(row.of for row in audit.candidates[1:]) == audit.n_pairs
    assert audit.whole[0].of == sum(row.of for row in audit.whole[1:])


def test_what_the_bands_do_not_find_is_measured_and_shown(corpus: Path) -> None:
    good, blind = audit_of(corpus, SETTINGS), audit_of(corpus, BLIND)
    assert good.whole[0].share > 0.97
    assert good.whole[0].share >= good.whole[0].low
    assert blind.candidates[0].share < 0.6
    assert blind.candidates[0].high < good.candidates[0].low
    assert len(blind.missed) == 5
    assert not any(pair.found for pair in blind.missed)
    recorded = scan(corpus, BLIND).pairs_table().to_pydict()
    known = {frozenset(ends) for ends in zip(recorded["left"], recorded["right"], strict=True)}
    assert all(frozenset((pair.left, pair.right)) not in known for pair in blind.missed)


PAGES: list[Record] = [
    {"id": str(n), "text": f"{record['text'][:60]} {' '.join(f'word{k}' for k in range(60))}"}
    for n, record in enumerate(planted(60))
]
"""Pages with one long footer: they crowd the same buckets."""
CROWDED = replace(SETTINGS, max_bucket=4, anchors=2, excerpts=False)


@pytest.mark.parametrize(
    ("records", "settings", "causes"),
    [
        (RECORDS, BLIND, {"no-bucket"}),
        (PAGES, CROWDED, {"over-full"}),
        (PAGES, replace(CROWDED, max_bucket=4096), set()),
    ],
    ids=["few bands", "small buckets", "large buckets"],
)
def test_it_says_why_pairs_were_not_compared(
    records: list[Record], settings: Settings, causes: set[str], tmp_path: Path
) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    result = scan(path, settings)
    audit = audit_scan(result, sample=10**6)
    counts = {miss.cause: miss.pairs for miss in audit.misses}
    assert {cause for cause, n in counts.items() if n} >= causes
    assert bool(causes) == any(counts.values())
    assert sum(counts.values()) == audit.candidates[0].of - audit.candidates[0].found
    assert sum(miss.related for miss in audit.misses) == audit.whole[0].of - audit.whole[0].found
    text_of = {record["id"]: record["text"] for record in records}
    table = result.pairs_table().to_pydict()
    ends = zip(table["left"], table["right"], strict=True)
    recorded = {frozenset(normalise(text_of[id]) for id in pair) for pair in ends}
    missed = [p for p in pairs_above_floor(records) if frozenset(map(normalise, p)) not in recorded]
    texts = [text for pair in missed for text in pair]
    rows = np.arange(len(texts)).reshape(-1, 2)
    shared = score_texts(texts, rows, settings).bands_shared if missed else np.zeros(0)
    assert counts["no-bucket"] == int((shared == 0).sum())
    assert ("Not proposed, because" in as_text(audit)) == bool(causes)


def test_what_only_clustering_came_upon_is_found_but_not_by_the_candidate_stage(
    tmp_path: Path,
) -> None:
    text = words(260, "chain")
    chain = [{"id": str(k), "text": " ".join(text[6 * k : 6 * k + 150])} for k in range(18)]
    path = tmp_path / "chain.jsonl"
    path.write_text("\n".join(map(json.dumps, chain)), encoding="utf-8")
    result = scan(path, BLIND)
    on_demand = result.pairs_table()["on_demand"].to_pylist()
    assert 0 < sum(on_demand) < len(on_demand)
    write_results(result, tmp_path / "found")
    for audit in (audit_scan(result), audit_results(open_results(tmp_path / "found"))):
        assert audit.candidates[0].found == len(on_demand) - sum(on_demand)
        assert audit.whole[0].found >= len(on_demand)
        assert sum(miss.pairs for miss in audit.misses) == audit.n_pairs - audit.candidates[0].found


def test_results_are_audited_like_the_scan_they_come_from(corpus: Path, tmp_path: Path) -> None:
    result = scan(corpus, BLIND)
    write_results(result, tmp_path / "found")
    assert audit_results(open_results(tmp_path / "found"), sample=60) == audit_scan(
        result, sample=60
    )


def test_the_temporary_folder_of_the_scan_may_be_gone(corpus: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    result = scan(corpus, replace(SETTINGS, tmp_dir=str(place)))
    results = open_results(write_results(result, tmp_path / "found"))
    expected = audit_results(results).to_dict()
    del result
    gc.collect()
    place.rmdir()
    assert audit_results(results).to_dict() == expected


def test_the_seed_chooses_the_sample_and_nothing_else_does(corpus: Path) -> None:
    result = scan(corpus, SETTINGS)
    threads = scan(corpus, replace(SETTINGS, threads=3, batch_bytes=2000))
    one = audit_scan(result, sample=20)
    assert one == audit_scan(threads, sample=20)
    assert one.n_sampled == 20
    assert one != audit_scan(result, sample=20, seed=2)


def test_intervals_are_those_of_wilson(corpus: Path) -> None:
    for row in audit_of(corpus, BLIND).candidates:
        if not row.of:
            continue
        z = 1.959964
        centre = (row.share + z * z / (2 * row.of)) / (1 + z * z / row.of)
        spread = z * math.sqrt(row.share * (1 - row.share) / row.of + z * z / (4 * row.of**2))
        spread /= 1 + z * z / row.of
        assert row.low == pytest.approx(max(0, centre - spread), abs=1e-4)
        assert row.high == pytest.approx(min(1, centre + spread), abs=1e-4)


def test_pairs_at_the_limit_are_shown_from_either_side(corpus: Path) -> None:
    audit = audit_of(corpus, SETTINGS)
    assert {pair.verdict for pair in audit.accepted} == {"near"}
    assert "near" not in {pair.verdict for pair in audit.rejected}
    jaccards = [pair.jaccard for pair in audit.accepted]
    assert jaccards == sorted(jaccards)
    texts = {record["id"]: record["text"] for record in RECORDS}
    for pair in (*audit.accepted, *audit.rejected):
        assert (pair.left_text, pair.right_text) == (texts[pair.left], texts[pair.right])
    ends = [id for pair in audit.accepted for id in (pair.left, pair.right)]
    assert len(ends) == len(set(ends))


def test_a_corpus_scanned_against_another_is_audited_across(corpus: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    new = [record for record in RECORDS if record["id"].endswith("-b")]
    other.write_text("\n".join(map(json.dumps, new)), encoding="utf-8")
    result = scan(other, SETTINGS, against=corpus)
    audit = audit_scan(result, sample=10**6)
    assert 0 < audit.n_pairs < n_pairs_above_floor()
    assert audit.whole[0].share > 0.95


def test_sources_that_changed_or_are_gone_are_named(corpus: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(corpus.read_bytes())
    result = scan(copy, SETTINGS)
    copy.write_bytes(corpus.read_bytes().replace(b"the", b"eht", 1))
    with pytest.raises(ResultsError, match="has changed since the scan"):
        audit_scan(result)
    copy.unlink()
    with pytest.raises(InputError, match="cannot be read a second time"):
        audit_scan(result)


def test_a_corpus_without_a_text_has_nothing_to_measure(tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.write_text("…", encoding="utf-8")
    audit = audit_of(path, SETTINGS)
    assert (audit.n_units, audit.n_pairs) == (0, 0)
    assert "Audit: 0 of 0" in as_text(audit)


def test_the_commands_print_the_same_audit(
    corpus: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    dedup: Run = inside(monkeypatch, capsys)
    scanned = dedup("scan", corpus, "--audit", "--out", "found", "--threads", "1")
    audited = dedup("audit", "found")
    assert (scanned.code, audited.code) == (0, 0)
    assert audited.out in scanned.out
    for phrase in ("95 % interval", "Accepted as near", "candidate stage", "by verdict"):
        assert phrase in audited.out
    found = dedup("audit", "found", "--json", "--sample", "30").json
    assert found["n_sampled"] == 30
    assert found["interval"] == "Wilson"
    both = dedup("scan", corpus, "--audit", "--json").json
    assert both["audit"]["n_pairs"] == int(np.sum(both["audit"]["candidates"][0]["of"]))

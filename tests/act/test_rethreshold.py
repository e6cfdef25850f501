"""Other thresholds and survivors without another scan: the same as a scan would give."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from itertools import product
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from msgspec import structs

from dedup import (
    Cluster,
    Result,
    Results,
    Rule,
    Settings,
    open_results,
    scan,
    scoring,
    verify,
    write_results,
)
from dedup.act.threshold import (
    Thresholds,
    check_floor,
    rarely_compared,
    rethreshold,
    write_rethresholded,
)
from dedup.errors import OutputError, ResultsError, SettingsError
from tests.corpora import article, filler, planted

SETTINGS = Settings(threads=1)


def chain(name: str, n: int, step: int) -> list[dict[str, str]]:
    """Return windows over one long text: neighbours overlap, the ends may not.

    Those that lie 20 words apart, or more, have moved on from each other.
    """
    words = article(150 + n * step, name).split(" ")
    dates = [f"2031-01-{(7 * k) % 27 + 1:02}" for k in range(n)]
    return [
        {
            "id": f"{name}-{k}",
            "text": " ".join(words[k * step : k * step + 150]),
            "date": dates[k],
            "source": "AB"[k % 2],
        }
        for k in range(n)
    ]


CORPUS = [*planted(40), *filler(40), *(r for k in range(9) for r in chain(f"c{k}", 7, 3 + 2 * k))]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "corpus.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in CORPUS), "utf-8")
    return path


@pytest.fixture(scope="module")
def folder(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_results(scan(corpus, SETTINGS), tmp_path_factory.mktemp("results") / "out")


def said(clusters: list[Cluster]) -> list[str]:
    return [repr(structs.replace(cluster, cluster=0)) for cluster in clusters]


def assert_same(found: Result, expected: Result) -> None:
    assert said(found.clusters) == said(expected.clusters)
    assert found.links == expected.links
    names = ("read", "unique", "members", "empty", "clusters", "removable", "links", "near_links")
    names += ("scored", "scored_on_demand")
    assert {n: found.counts[n] for n in names} == {n: expected.counts[n] for n in names}


CASES = [
    (Thresholds(), None),
    (Thresholds(min_jaccard=0.8), None),
    (Thresholds(min_jaccard=0.95), None),
    (Thresholds(min_jaccard=0.35), None),
    (Thresholds(min_jaccard=0.2), None),
    (Thresholds(min_cosine=0.9), None),
    (Thresholds(min_cosine=0.99), None),
    (Thresholds(min_cosine=0.2), None),
    (Thresholds(min_containment=0.9), None),
    (Thresholds(min_jaccard=0.3, min_cosine=0.6), "newest"),
    (Thresholds(), "newest"),
    (Thresholds(), "longest"),
    (Thresholds(), "first"),
    (Thresholds(), "source:B>A,most-complete"),
    (Thresholds(min_jaccard=0.6), "longest"),
]


@pytest.mark.parametrize(("thresholds", "keep"), CASES, ids=str)
def test_it_gives_what_a_scan_with_that_rule_gives(
    thresholds: Thresholds, keep: str | None, corpus: Path, folder: Path
) -> None:
    rule = thresholds.applied_to(Rule())
    found = rethreshold(open_results(folder), rule=rule, keep=keep)
    expected = scan(corpus, replace(SETTINGS, rule=rule, keep=keep or SETTINGS.keep))
    assert expected.clusters
    assert_same(found, expected)


def test_the_thresholds_do_change_something(folder: Path) -> None:
    results = open_results(folder)
    counts = {
        str(case): rethreshold(results, rule=case.applied_to(Rule())).counts["members"]
        for case, _ in CASES[:8]
    }
    assert len(set(counts.values())) >= 6
    newest = rethreshold(results, keep="newest").clusters
    assert said(newest) != said(rethreshold(results).clusters)


def test_missing_pairs_are_scored_from_the_texts(folder: Path) -> None:
    lower = Thresholds(min_jaccard=0.2).applied_to(Rule())
    found = rethreshold(open_results(folder), rule=lower, keep="newest")
    assert found.counts["scored_on_demand"] > 0


def test_no_text_is_read_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "long.jsonl").write_text(
        "".join(json.dumps(record) + "\n" for record in [*chain("long", 40, 9), *filler(40)])
    )
    folder = write_results(scan(tmp_path / "long.jsonl", SETTINGS), tmp_path / "out")
    reads: list[list[int]] = []
    texts = Results.texts

    def watched(results: Results, records: Iterable[int]) -> Iterator[tuple[int, str]]:
        reads.append(list(records))
        return texts(results, reads[-1])

    monkeypatch.setattr(Results, "texts", watched)
    found = rethreshold(open_results(folder), keep="newest")
    expected = scan(tmp_path / "long.jsonl", replace(SETTINGS, keep="newest"))
    assert_same(found, expected)
    assert len(reads) > 2
    assert set(Counter(number for numbers in reads for number in numbers).values()) == {1}


def test_every_member_meets_the_threshold(folder: Path) -> None:
    rule = Thresholds(min_cosine=0.97, min_jaccard=0.7).applied_to(Rule())
    for cluster in rethreshold(open_results(folder), rule=rule).clusters:
        for member in cluster.members:
            assert member.cosine >= 0.97
            assert member.jaccard >= 0.7


def test_from_the_containment_asked_for_a_link_is_contained(tmp_path: Path) -> None:
    story = article(200, "held").split(" ")
    texts = {
        "whole": " ".join(story),
        "verbatim": " ".join(story[:90]),
        "with-an-end": " ".join([*story[:80], article(12, "end")]),
    }
    records = [{"id": id, "text": text} for id, text in texts.items()]
    folder = write_results(scan([*records, *filler(40)], SETTINGS), tmp_path / "out")
    results = open_results(folder)

    def contained(least: float) -> set[str]:
        rule = Thresholds(min_containment=least).applied_to(Rule())
        links = rethreshold(results, rule=rule).links
        return {link.right for link in links if link.verdict == "contained"}

    assert contained(0.8) == {"verbatim", "with-an-end"}
    assert contained(0.95) == {"verbatim"}


def test_pairs_that_the_estimate_ruled_out_are_not_counted_as_scored(folder: Path) -> None:
    results = open_results(folder)
    before = results.counts["scored"]
    for name in ("candidates", "filtered"):
        results.counts[name] += 7
    assert rethreshold(results).counts["scored"] == before


def test_what_is_written_is_results_again(corpus: Path, folder: Path, tmp_path: Path) -> None:
    results = open_results(folder)
    rule = Thresholds(min_jaccard=0.8).applied_to(Rule())
    out = write_rethresholded(rethreshold(results, rule=rule), tmp_path / "out")
    again = open_results(out)
    expected = scan(corpus, replace(SETTINGS, rule=rule))
    assert list(again.clusters()) == expected.clusters
    assert list(again.links()) == expected.links
    assert list(again.repeats()) == list(results.repeats())
    assert again.settings.rule == rule
    assert again.manifest["scan"]["fingerprint"] == results.manifest["fingerprint"]
    numbers = again.documents(["record"])["record"].to_pylist()
    assert sorted(numbers) == sorted(results.documents(["record"])["record"].to_pylist())
    assert len(dict(again.texts(numbers))) == len(numbers)
    removable = sum(row["n_removable"] for row in again.sources().to_pylist())
    assert removable == expected.counts["removable"]


def test_there_and_back_again_is_where_it_began(folder: Path, tmp_path: Path) -> None:
    results = open_results(folder)
    strict = rethreshold(results, rule=Rule(near_jaccard=0.9), keep="newest")
    out = write_rethresholded(strict, tmp_path / "out")
    back = rethreshold(open_results(out), rule=Rule(), keep=SETTINGS.keep)
    assert said(back.clusters) == said(list(results.clusters()))
    assert back.links == list(results.links())


def test_stored_texts_serve_where_sources_are_gone(corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "gone.jsonl"
    path.write_bytes(corpus.read_bytes())
    folders = {
        store: write_results(scan(path, replace(SETTINGS, store_text=store)), tmp_path / str(store))
        for store in (False, True)
    }
    path.unlink()
    lower = Thresholds(min_jaccard=0.2).applied_to(Rule())
    assert rethreshold(open_results(folders[True]), rule=lower, keep="newest").clusters
    with pytest.raises(ResultsError, match=r"gone\.jsonl: the file is gone"):
        rethreshold(open_results(folders[False]), rule=lower, keep="newest")


def test_what_the_scan_could_not_read_is_still_told(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "a.jsonl").write_text('{"id": 1}\n{"text": "rain"}\n', "utf-8")
    (tmp_path / "c" / "b.jsonl").symlink_to("gone")
    found = scan(tmp_path / "c", SETTINGS)
    results = open_results(write_results(found, tmp_path / "out"))
    again = rethreshold(results, keep="longest")
    for name in ("quarantine", "skipped"):
        assert len(found.to_dict()[name]) == 1
        assert again.to_dict()[name] == found.to_dict()[name]
    assert again.counts["unread_files"] == 1
    written = open_results(write_rethresholded(again, tmp_path / "new"))
    assert written.skipped == list(found.inputs.skipped)


def test_against_another_corpus_its_records_still_represent(tmp_path: Path) -> None:
    path, other = tmp_path / "new.jsonl", tmp_path / "archive.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in CORPUS[::2]), "utf-8")
    other.write_text("".join(json.dumps(record) + "\n" for record in CORPUS[1::2]), "utf-8")
    folder = write_results(scan(path, SETTINGS, against=other), tmp_path / "out")
    rule = Thresholds(min_jaccard=0.7).applied_to(Rule())
    expected = scan(path, replace(SETTINGS, rule=rule), against=other)
    assert_same(rethreshold(open_results(folder), rule=rule), expected)
    assert expected.clusters


def test_below_the_floor_it_is_refused_with_a_command(folder: Path) -> None:
    results = open_results(folder)
    with pytest.raises(SettingsError, match=r"below 0\.2, the floor.*--similarity 0\.2"):
        check_floor(results, Thresholds(min_jaccard=0.1))
    with pytest.raises(
        SettingsError, match=r"below 0\.5, the floor.* No scan scores such pairs\.$"
    ):
        check_floor(results, Thresholds(min_containment=0.4))
    check_floor(results, Thresholds(min_jaccard=0.2, min_cosine=0.0))


def test_where_few_pairs_were_compared_it_says_so(folder: Path) -> None:
    results = open_results(folder)
    assert "probability 0.29" in (rarely_compared(results, Thresholds(min_jaccard=0.2)) or "")
    assert rarely_compared(results, Thresholds(min_jaccard=0.49)) is None
    assert rarely_compared(results, Thresholds(min_jaccard=0.9)) is None


def test_what_scores_were_computed_with_cannot_change(folder: Path) -> None:
    with pytest.raises(SettingsError, match="common_shingle_count is part of the recorded scores"):
        rethreshold(open_results(folder), rule=Rule(common_shingle_count=7))


class WatchedRule(Rule):
    """A rule that notes which of its constants are asked for."""

    read: ClassVar[set[str]] = set()

    def __getattribute__(self, name: str) -> Any:
        WatchedRule.read.add(name)
        return super().__getattribute__(name)


def constants_in_scores(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the constants that are read for scores, and not only for verdicts on them."""
    for module, name in product((verify, scoring), ("judge", "forgive_corrections")):
        if hasattr(module, name):
            judge = getattr(module, name)
            monkeypatch.setattr(module, name, lambda *a, judge=judge: judge(*a[:-1], Rule()))
    settings = replace(SETTINGS, rule=WatchedRule())
    WatchedRule.read.clear()
    scoring.score_texts([r["text"] for r in CORPUS[:2]], np.array([[0, 1]]), settings)
    return {field.name for field in fields(Rule)} & WatchedRule.read


def test_no_constant_that_scores_were_computed_with_can_change(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, names = open_results(folder), constants_in_scores(monkeypatch)
    assert names
    for name in names:
        other: dict[str, Any] = {name: getattr(Rule(), name) * 2}
        with pytest.raises(SettingsError, match=f"{name} is part of the recorded scores"):
            rethreshold(results, rule=Rule(**other))


def test_the_scan_itself_is_not_written_over_unasked(folder: Path) -> None:
    with pytest.raises(OutputError, match="--force"):
        write_rethresholded(rethreshold(open_results(folder)), folder)

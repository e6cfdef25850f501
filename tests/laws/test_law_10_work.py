"""Law 10: work is counted, and grows with the corpus and not with its square."""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dedup import DedupError, Document, Settings, scan
from dedup.corpus import CorpusReader
from tests.corpora import article, planted, words
from tests.program import run_program

ONE_THREAD = Settings(threads=1)


def with_boilerplate(n: int) -> Iterator[Document]:
    """Yield pages of forty words each under one boilerplate of two hundred."""
    boilerplate = article(200, "boilerplate")
    for k in range(n):
        yield Document(f"{' '.join(words(40, k))}\n\n{boilerplate}", str(k))


def test_candidates_grow_in_line_with_pages_that_share_a_boilerplate() -> None:
    small, large = (scan(with_boilerplate(n), ONE_THREAD).counts for n in (1000, 2000))
    assert small["clusters"] == large["clusters"] == 0
    assert small["anchored_units"] > 0
    per_page = ONE_THREAD.bands * ONE_THREAD.anchors + ONE_THREAD.max_bucket
    for counts in (small, large):
        proposed = counts["candidates"] + counts["excerpt_candidates"]
        assert counts["scored"] <= proposed <= per_page * counts["units"]
    for count in ("candidates", "scored"):
        assert large[count] <= 2.2 * small[count]


def test_without_shared_text_there_is_next_to_nothing_to_score() -> None:
    corpus = (Document(article(80, f"lone {n}")) for n in range(500))
    assert scan(corpus, ONE_THREAD).counts["scored"] < 50


def test_twenty_thousand_copies_are_one_unit_and_no_pair() -> None:
    text = article(60, "copied")
    counts = scan((Document(text, str(n)) for n in range(20_000)), ONE_THREAD).counts
    assert (counts["units"], counts["candidates"], counts["scored"]) == (1, 0, 0)
    assert (counts["clusters"], counts["members"]) == (1, 20_000)


def test_copies_of_a_near_copy_are_scored_once() -> None:
    text = article(60, "copied")
    other = f"{text} And more."
    counts = scan((Document((text, other)[n % 2], str(n)) for n in range(5000)), ONE_THREAD).counts
    assert (counts["units"], counts["scored"], counts["clusters"]) == (2, 1, 1)


def test_a_clique_of_near_copies_is_paired_within_bounds() -> None:
    def variants(n: int) -> Iterator[Document]:
        text = article(300, "story").split(" ")
        for k in range(n):
            yield Document(" ".join([*text, *words(6, f"variant {k}")]), str(k))

    small, large = (scan(variants(n), ONE_THREAD).counts for n in (500, 1000))
    assert (small["clusters"], small["members"]) == (1, 500)
    assert (large["clusters"], large["members"]) == (1, 1000)
    assert large["scored"] <= 2.2 * small["scored"]


def test_one_word_a_hundred_thousand_times_is_one_unit_without_repeats() -> None:
    text = "buffalo " * 100_000
    result = scan([Document(text, "a"), Document(text + "buffalo", "b")], ONE_THREAD)
    assert result.counts["units"] == 2
    assert result.counts["repeats"] == 0
    assert [member.jaccard for member in result.clusters[0].members] == [1.0, 1.0]


def test_a_long_text_of_few_lines_is_one_repeat_of_all_of_them() -> None:
    lines = [article(30, n) for n in range(40)]
    text = "\n".join(lines[n % 40].replace("\n", " ") for n in range(4000))
    (repeat,) = scan([Document(text)], ONE_THREAD).repeats
    spans = [(place.first_line, place.last_line) for place in repeat.occurrences]
    assert spans == [(n + 1, n + 40) for n in range(0, 4000, 40)]


def test_fifty_thousand_empty_documents_are_empty_and_in_no_cluster() -> None:
    kinds = ("", " ", "\n", "...", "\u200b", "—")
    counts = scan((Document(kinds[n % 6], str(n)) for n in range(50_000)), ONE_THREAD).counts
    assert counts["empty"] == counts["read"] == 50_000
    assert (counts["clusters"], counts["units"], counts["scored"]) == (0, 0, 0)


def test_every_record_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    corpus = planted(20)
    path.write_text("".join(json.dumps(record) + "\n" for record in corpus), "utf-8")
    reader = CorpusReader([str(path)], ONE_THREAD.reading, batch_bytes=2000, quarantine=print)
    read = Counter(id for batch in reader for id in batch.ids.strings())
    assert read == Counter(record["id"] for record in corpus)
    assert reader.bytes_read == reader.total_bytes == path.stat().st_size


def test_temporary_bytes_per_unit_are_flat(tmp_path: Path) -> None:
    settings = replace(ONE_THREAD, tmp_dir=str(tmp_path), repeats=False)
    sizes = [
        scan((Document(article(80, f"flat {k}")) for k in range(n)), settings).found.spilled / n
        for n in (100, 400)
    ]
    assert sizes[1] <= 1.1 * sizes[0]


# --- the temporary folder


def entries(folder: Path) -> list[str]:
    gc.collect()
    return sorted(path.name for path in folder.iterdir())


def test_the_temporary_folder_lives_as_long_as_the_result(tmp_path: Path) -> None:
    result = scan(planted(5), replace(ONE_THREAD, tmp_dir=str(tmp_path)))
    assert len(entries(tmp_path)) == 1
    assert result.clusters
    del result
    assert entries(tmp_path) == []


def test_the_temporary_folder_goes_after_an_error(tmp_path: Path) -> None:
    def broken() -> Iterator[str]:
        yield "some words"
        raise KeyError

    with pytest.raises(KeyError):
        scan(broken(), replace(ONE_THREAD, tmp_dir=str(tmp_path)))
    assert entries(tmp_path) == []


def test_the_temporary_folder_goes_when_a_path_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DedupError, match=r"nowhere\.jsonl"):
        scan(tmp_path / "nowhere.jsonl", replace(ONE_THREAD, tmp_dir=str(tmp_path)))
    assert entries(tmp_path) == []


UNCLOSED = """
import gc, dedup
try:
    dedup.scan("nowhere.jsonl", dedup.Settings(threads=1))
except dedup.DedupError:
    pass
gc.collect()
"""


def test_a_scan_that_fails_leaves_no_file_open() -> None:
    done = run_program(UNCLOSED, "-W", "always::ResourceWarning")
    assert "unclosed file" not in done.stderr

"""HTML pages: what is read of them, and what is said of two with one main text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest

import dedup
from dedup import Settings
from dedup.results.named import named_documents
from tests.conftest import FIXTURES
from tests.corpus.reading import read

PAGES = FIXTURES / "pages"
QUAY = (PAGES / "quay.html").read_text("utf-8")


def with_other_footer(page: str) -> str:
    return page.replace("© 2019", "© 2020")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a page, a copy of it, and the page with another footer."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "a.html").write_text(QUAY, "utf-8")
    (site / "b.html").write_text(QUAY, "utf-8")
    (site / "c.html").write_text(with_other_footer(QUAY), "utf-8")
    return site


@pytest.mark.parametrize("engine", ["kernels", "reference"])
def test_only_pages_of_the_same_bytes_are_exact(
    folder: Path, engine: Literal["kernels", "reference"]
) -> None:
    found = dedup.scan(folder, Settings(engine=engine))
    (cluster,) = found.clusters
    lead, *others = cluster.members
    verdicts = {Path(member.id).name: member.verdict for member in others}
    if Path(lead.id).name == "c.html":
        assert verdicts == {"a.html": "normalised", "b.html": "normalised"}
    else:
        assert sorted(verdicts.values()) == ["exact", "normalised"]
        assert verdicts["c.html"] == "normalised"


def test_a_page_and_a_record_of_its_main_text_are_not_exact(folder: Path, tmp_path: Path) -> None:
    text = read(folder / "a.html").texts[0]
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": text}) + "\n", "utf-8")
    found = dedup.scan([folder / "a.html", tmp_path / "a.jsonl"])
    assert [member.verdict for member in found.clusters[0].members[1:]] == ["normalised"]


def test_pages_and_texts_in_one_batch_keep_the_digests_of_each(folder: Path) -> None:
    (folder / "d.txt").write_text("Rain is on its way to the skerries, the pilots say.", "utf-8")
    (folder / "e.txt").write_text("Rain is on its way to the skerries, the pilots say.", "utf-8")
    found = dedup.scan(folder)
    digests = {
        Path(found.found.records.id_of(row)).name: tuple(digest)
        for row, digest in enumerate(found.found.records.facts.digests.tolist())
    }
    assert digests["a.html"] == digests["b.html"] != digests["c.html"]
    assert digests["d.txt"] == digests["e.txt"]


def test_a_folder_of_pages_given_twice_keeps_its_representative(
    folder: Path, tmp_path: Path
) -> None:
    once = dedup.scan(folder).clusters[0].representative
    (tmp_path / "twice").mkdir()
    for path in folder.iterdir():
        (tmp_path / "twice" / path.name).write_bytes(path.read_bytes())
    twice = dedup.scan([folder, tmp_path / "twice"])
    assert twice.clusters[0].representative == once


def test_results_read_the_text_of_a_page_again(folder: Path, tmp_path: Path) -> None:
    results = dedup.open_results(dedup.write_results(dedup.scan(folder), tmp_path / "found"))
    (one,) = named_documents(results, [str(folder / "a.html")])
    assert "slid into the basin" in one.document.text


def test_results_notice_a_page_that_changed_outside_of_its_main_text(
    folder: Path, tmp_path: Path
) -> None:
    results = dedup.open_results(dedup.write_results(dedup.scan(folder), tmp_path / "found"))
    (folder / "a.html").write_text(with_other_footer(QUAY), "utf-8")
    with pytest.raises(dedup.DedupError, match=r"a\.html has changed since the scan"):
        named_documents(results, [str(folder / "a.html")])


def test_results_cluster_pages_again_with_the_same_verdicts(folder: Path, tmp_path: Path) -> None:
    scanned = dedup.scan(folder)
    results = dedup.open_results(dedup.write_results(scanned, tmp_path / "found"))
    again = dedup.rethreshold(results, keep="oldest")
    assert [member.verdict for member in again.clusters[0].members] == [
        member.verdict for member in scanned.clusters[0].members
    ]

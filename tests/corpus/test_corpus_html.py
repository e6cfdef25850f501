"""HTML pages: what is read of them, and what is said of two with one main text."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Literal

import pytest
from trafilatura import bare_extraction, load_html
from trafilatura.settings import Document

import dedup
from dedup import Settings
from dedup.corpus.html_story import story_of
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


# --- pages of which the story is not what was extracted


def main_text(page: str) -> str:
    found = bare_extraction(page)
    assert found is not None
    assert isinstance(found, Document)
    return found.text or ""


@pytest.mark.parametrize(
    "name", ["quay", "blog", "brief", "tables", "scattered", "gallery", "overlay-1", "overlay-2"]
)
def test_the_main_text_of_an_ordinary_page_is_taken_as_it_is(name: str) -> None:
    path = PAGES / f"{name}.html"
    assert read(path).texts == [main_text(path.read_text("utf-8"))]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "banner-1",
            "Ferry times change\nThe ferry leaves Skerry at ten past every hour from May.",
        ),
        ("banner-2", "Swan rescued\nA swan with a hook in its wing was pulled from the canal."),
    ],
)
def test_the_story_beside_a_banner_is_read_where_the_banner_was_extracted(
    name: str, text: str
) -> None:
    path = PAGES / f"{name}.html"
    assert "Your privacy matters" in main_text(path.read_text("utf-8"))
    assert read(path).texts == [text]


def test_the_story_beside_a_notice_that_no_markup_tells_is_read() -> None:
    page = (PAGES / "overlay-2.html").read_text("utf-8")
    notice = "Your privacy matters to us. We and our 612 partners store information."
    story = story_of(load_html(page), notice)
    assert story.startswith("Swan rescued\nA swan with a hook in its wing")


def test_a_story_under_the_headline_of_its_article_needs_no_word_of_the_title() -> None:
    page = load_html(
        (PAGES / "brief.html").read_text("utf-8").replace("lamp on Corran", "light on")
    )
    story = " ".join(page.find(".//article/p").text_content().split())
    assert story.startswith("The light on Rock burns again")
    assert story_of(page, story) == story


def test_comments_are_no_story() -> None:
    page = (PAGES / "blog.html").read_text("utf-8")
    page = load_html(page.replace("my bread", "my loaf").replace("miller", "loaf"))
    story = story_of(page, "Please switch JavaScript on to read what stands here.")
    assert "I changed the water" in story
    assert "thermometer" not in story


def test_a_story_that_is_marked_by_its_topics_is_no_banner(tmp_path: Path) -> None:
    page = (PAGES / "blog.html").read_text("utf-8")
    marked = page.replace('class="post"', 'class="post tag-gdpr tag-cookies tag-privacy-policy"')
    marked = marked.replace("<h1", "<h2").replace("</h1", "</h2").replace("my bread", "a loaf")
    (tmp_path / "page.html").write_text(marked, "utf-8")
    assert read(tmp_path).texts == [main_text(marked)]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("wall", "stands in a banner, or where it is not shown"),
        ("refused", "shares no word with its"),
    ],
)
def test_a_page_that_holds_only_a_notice_is_quarantined(name: str, why: str) -> None:
    outcome = read(PAGES / f"{name}-1.html", PAGES / f"{name}-2.html")
    assert outcome.records == []
    assert all(
        why in reason and "no story stands beside it" in reason for reason in outcome.reasons
    )
    assert len(outcome.reasons) == 2


def test_a_notice_whose_title_is_its_own_is_a_text_like_others(tmp_path: Path) -> None:
    page = (PAGES / "refused-1.html").read_text("utf-8")
    page = page.replace("Storm closes the port of Orrick", "Please solve the puzzle")
    (tmp_path / "page.html").write_text(page, "utf-8")
    assert len(read(tmp_path).records) == 1


def test_where_most_of_the_running_text_is_missing_all_of_it_is_taken() -> None:
    page = load_html(QUAY)
    first = main_text(QUAY).split("\n")[1]
    story = story_of(page, first)
    assert all(line in story for line in main_text(QUAY).split("\n"))
    for around in ("Pilot boat has a new engine", "© 2019", "Sport"):
        assert around not in story


def test_what_a_page_does_not_show_is_no_running_text() -> None:
    hidden = "<p hidden>The crane was insured, and the lorries were not, said the two owners.</p>"
    unseen = hidden.replace("hidden", 'style="display: none"') + hidden + f"<!-- {hidden} -->"
    page = load_html(QUAY.replace("</article>", f"{unseen}</article>"))
    story = story_of(page, main_text(QUAY).split("\n")[1])
    assert "Ferries to the outer islands" in story
    assert "insured" not in story


def test_pages_that_hold_only_a_notice_all_stay_when_results_are_applied(tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(PAGES, site)
    shutil.copy(PAGES / "quay.html", site / "quay-again.html")
    results = dedup.open_results(dedup.write_results(dedup.scan(site), tmp_path / "found"))
    clean = Path(dedup.plan_apply(results).write(tmp_path / "clean"))
    gone = {path.name for path in site.iterdir()} - {
        path.name for path in clean.glob("corpus/**/*")
    }
    assert len(gone) == 1
    assert gone < {"quay.html", "quay-again.html"}

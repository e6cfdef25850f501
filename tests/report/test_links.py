"""Which links a report shows: some of each verdict, and how many there are of each."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

import dedup
from dedup.found.result import Result
from dedup.report.markdown import markdown_lines
from dedup.report.one_file import html_file
from dedup.report.pages import write_pages
from dedup.report.plain import text_lines
from dedup.report.reasons import REASON_WORDS
from dedup.report.terminal import MAX_LINKS, summary
from dedup.results import Results, open_results
from tests.conftest import FIXTURES
from tests.corpora import article


@pytest.fixture(scope="module")
def result() -> Result:
    """Return a result with many links of one verdict, and few of the others."""
    return dedup.scan(
        [FIXTURES / "regressions" / name / "records.jsonl" for name in ("chain", "templates")]
    )


@pytest.fixture(scope="module")
def results(result: Result, tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("links") / "found"
    dedup.write_results(result, folder)
    return open_results(folder)


def told(lines: list[str]) -> dict[str, int]:
    """Return the numbers of links by verdict that the lines tell."""
    heads = (
        re.match(r"(?:  |- )([\d,]+) `?(near|contained|rewrite|template)`?: ", line)
        for line in lines
    )
    return {head[2]: int(head[1].replace(",", "")) for head in heads if head}


def test_a_few_links_of_each_verdict_are_the_strongest_of_it(result: Result) -> None:
    of_verdict = Counter(link.verdict for link in result.links)
    assert of_verdict["template"] > 100
    few = list(result.iter_links(2))
    counts = {verdict: min(n, 2) for verdict, n in of_verdict.items()}
    assert Counter(link.verdict for link in few) == counts
    for verdict in of_verdict:
        all_of_it = [link for link in result.links if link.verdict == verdict]
        assert [link for link in few if link.verdict == verdict] == all_of_it[:2]


def test_the_summary_shows_links_of_each_verdict_and_counts_the_rest(result: Result) -> None:
    lines = summary(result).splitlines()
    assert told(lines) == Counter(link.verdict for link in result.links)
    shown = Counter(re.findall(r"^    (near|contained|rewrite|template)  ", "\n".join(lines), re.M))
    assert set(shown) == {"near", "contained", "rewrite", "template"}
    n_template = told(lines)["template"]
    n_shown = MAX_LINKS - shown["rewrite"] - shown["near"] - shown["contained"]
    assert f"    … and {n_template - n_shown} more" in lines


def test_a_verdict_without_room_is_counted_in_the_summary(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.report.terminal.MAX_LINKS", 2)
    lines = summary(result).splitlines()
    n_template = told(lines)["template"]
    assert f"    … {n_template} not shown" in lines


def test_a_page_with_little_room_shows_links_of_each_verdict(results: Results) -> None:
    page = html_file(results, most=380_000)
    shown = Counter(
        re.findall(r'"chips"><span class="chip (near|contained|rewrite|template)"', page)
    )
    n_template = sum(link.verdict == "template" for link in results.links())
    assert min(shown["near"], shown["rewrite"], shown["template"]) > 0
    assert shown["template"] < n_template
    heads = dict(re.findall(r'id="links-(\w+)"><span[^>]*>\w+</span> ([\d,]+) ', page))
    assert heads["template"] == f"{n_template:,}"
    assert f"the strongest {shown['template']} shown" in page


@pytest.mark.parametrize("lines_of", [markdown_lines, text_lines])
def test_other_reports_count_links_by_verdict(results: Results, lines_of: object) -> None:
    assert callable(lines_of)
    assert told(list(lines_of(results))) == Counter(link.verdict for link in results.links())


def test_links_of_a_page_stand_by_verdict(results: Results) -> None:
    page = html_file(results)
    order = re.findall(r'"chips"><span class="chip (near|contained|rewrite|template)"', page)
    assert order == sorted(order, key=["near", "contained", "rewrite", "template"].index)


def test_links_are_told_with_titles_where_there_are_any(demo: Results, tmp_path: Path) -> None:
    link = next(link for link in demo.links() if link.verdict == "template")
    documents = demo.documents(["id", "title"]).to_pylist()
    titles = [next(row["title"] for row in documents if row["id"] == id)
              for id in (link.left, link.right)]  # fmt: skip
    assert all(titles)
    assert link.left not in titles
    write_pages(demo, tmp_path / "pages")
    for page in (html_file(demo), (tmp_path / "pages" / "links-0001.html").read_text("utf-8")):
        heads = re.findall(r"<summary>\s*<h3.*?</h3>", page, re.S)
        (head,) = [head for head in heads if f">{link.left}<" in head]
        assert [title in head for title in titles] == [True, True]
        assert f">{link.right}<" in head


def named_lines(lines: list[str]) -> list[str]:
    """Return the lines that stand below the lines of links."""
    return [
        below.strip()
        for line, below in pairwise(lines)
        if re.match(r"    (near|contained|rewrite|template)  ", line) and below.startswith(" " * 21)
    ]


def test_lines_tell_the_titles_of_links_below_their_ids(demo: Results) -> None:
    expected = [
        "“The last pears of Anholm” ~ “Island pear trees find a…”",  # the one that holds the other
        "“Library book comes home a…” ~ “He borrowed it at nine an…”",
        "“…Tuesday 4 November” ~ “…Saturday 15 November”",
    ]
    printed = summary(dedup.scan(FIXTURES / "demo")).splitlines()
    assert named_lines(printed) == expected
    assert named_lines(list(text_lines(demo))) == expected
    assert max(len(line) for line in printed if " ~ " in line) <= 80
    table = [line for line in markdown_lines(demo) if line.startswith("| template |")]
    assert len(table) == 1
    assert "Tuesday 4 November (weather-tuesday) | " in table[0]


@pytest.mark.parametrize("stored", [True, False])
def test_links_of_records_without_titles_are_told_by_how_texts_begin(
    stored: bool, tmp_path: Path
) -> None:
    lines = (FIXTURES / "regressions" / "templates" / "records.jsonl").read_text().splitlines()
    records = [{name: json.loads(line)[name] for name in ("id", "text")} for line in lines]
    source = tmp_path / "untitled.jsonl"
    source.write_text("\n".join(map(json.dumps, records)))
    result = dedup.scan(source, dedup.Settings(threads=1, store_text=stored))
    dedup.write_results(result, tmp_path / "found")
    results = open_results(tmp_path / "found")
    told_by_scan = named_lines(summary(result).splitlines())
    assert len(told_by_scan) == (MAX_LINKS if stored else 0)
    told_later = named_lines(list(text_lines(results)))
    assert told_by_scan == told_later[: len(told_by_scan)]
    assert len(told_later) == 20
    source.unlink()
    assert len(named_lines(list(text_lines(results)))) == (20 if stored else 0)


def test_links_without_titles_are_told_by_id(tmp_path: Path) -> None:
    lines = (FIXTURES / "regressions" / "templates" / "records.jsonl").read_text().splitlines()
    records = [{name: json.loads(line)[name] for name in ("id", "text")} for line in lines]
    dedup.write_results(dedup.scan(records), tmp_path / "found")
    results = open_results(tmp_path / "found")
    link = next(results.links())
    head = rf"<h3[^>]*><span[^>]*>{link.left}</span> and <span[^>]*>{link.right}</span></h3>"
    assert re.search(head, html_file(results))


def test_a_folded_rewrite_says_what_keeps_it_from_being_a_copy(tmp_path: Path) -> None:
    story = article(80, "story")
    numbers = [f"{story} The board paid {n} crowns for the pier." for n in (4100, 5200)]
    dedup.write_results(dedup.scan(numbers), tmp_path / "found")
    results = open_results(tmp_path / "found")
    (link,) = results.links()
    (about,) = re.findall(r'<span class="about">(.*?) Jaccard', html_file(results))
    assert about.rstrip(".").lower() == REASON_WORDS[link.reason].lower()
    assert "number" in about

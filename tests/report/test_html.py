"""The HTML report: whole, within its size, and deaf to what data says."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import dedup
from dedup.errors import OutputError
from dedup.report.files import check_file, write_file
from dedup.report.gather import Limits, gather
from dedup.report.one_file import html_file
from dedup.report.pages import write_pages
from dedup.report.terminal import summary
from dedup.results import Results, open_results
from tests.conftest import FIXTURES
from tests.report.conftest import name, parse


def test_the_report_names_every_record_of_every_cluster(demo: Results) -> None:
    page = html_file(demo)
    for cluster in demo.clusters():
        for member in cluster.members:
            assert member.id in page
    assert "30 read = 21 unique + 9 members" in page
    assert "Kept: it has the earliest date, 2031-10-20 21:40." in page


def test_where_buckets_were_over_full_it_is_said_beside_the_curve(
    demo: Results, tmp_path: Path
) -> None:
    told = (
        r"This holds outside of [\d,]+ over-full buckets \(more than 4 texts, setting max_bucket\)"
    )
    templates = FIXTURES / "regressions" / "templates" / "records.jsonl"
    settings = dedup.Settings(threads=1, max_bucket=4, num_perm=128, bands=32, rows=4)
    result = dedup.scan(templates, settings)
    assert result.counts["full_buckets"] > 1
    assert re.search(told, " ".join(summary(result).split()))
    dedup.write_results(result, tmp_path / "found")
    page = html_file(open_results(tmp_path / "found"))
    curve = page.partition("How surely a pair is compared</h3>")[2].partition("</p>")[0]
    assert re.search(told, curve)
    assert demo.counts["full_buckets"] == 0
    assert "over-full" not in html_file(demo)


def test_the_page_asks_for_nothing(demo: Results) -> None:
    page = html_file(demo)
    policy = next(meta for meta in parse(page, "meta") if meta.get("http-equiv"))["content"] or ""
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        inline = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.S)
        assert len(inline) == 1
        digest = base64.b64encode(hashlib.sha256(inline[0].encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    for tag in ("img", "iframe", "object", "embed", "link", "audio", "video", "base", "form"):
        assert tag == "form" or not parse(page, tag)
    assert not re.search(r"\b(src|srcset|action|style|on\w+)=", re.sub(r">[^<]*<", "><", page))


def test_the_script_is_small(demo: Results) -> None:
    script = re.findall(r"<script>(.*?)</script>", html_file(demo), re.S)[0]
    assert len(script.encode()) < 15_000


def test_hostile_data_stays_data(hostile: Results) -> None:
    page = html_file(hostile)
    assert len(parse(page, "script")) == 1
    assert not parse(page, "img")
    assert not [tag for tag in parse(page, "svg") if "onload" in tag]
    for link in parse(page, "a"):
        assert re.match(r"(#|https?://)", link["href"] or "")
        assert set(link) <= {"href", "rel", "class"}
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)
    assert r"\u202e" in page
    assert "{{ 7 * 7 }}" in page


def test_what_has_no_room_is_told(many: Results) -> None:
    page = html_file(many, most=330_000)
    assert len(page.encode()) <= 330_000
    shown = page.count('id="cluster-')
    assert 0 < shown < 120
    assert f"The {shown} largest of 120 clusters are shown" in page
    assert "has no room for this comparison" in page
    assert "--full" in page


def test_the_figures_are_over_all_clusters_even_those_not_shown(many: Results) -> None:
    report = gather(many, Limits(clusters=3))
    assert len(report.clusters) == 3
    assert report.statistics.sizes == {2: 120}
    assert sum(bar.values[0] for bar in report.statistics.size_bars()) == 120
    assert sum(bar.values[0] for bar in report.statistics.score_bars()) == 120


def test_pages_hold_every_cluster_once_and_lead_to_each_other(
    many: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.report.pages.PAGE_BYTES", 60_000)
    index = write_pages(many, tmp_path / "pages")
    names = sorted(path.name for path in index.parent.glob("*.html"))
    assert len(names) > 3
    numbers: list[str] = []
    for path in sorted(index.parent.glob("*.html")):
        page = path.read_text("utf-8")
        numbers += re.findall(r'id="cluster-(\d+)"', page)
        for link in parse(page, "a"):
            target = link["href"] or ""
            assert target.startswith("#") or (index.parent / target).exists()
    assert numbers == [str(n) for n in range(1, 121)]
    linked = {link["href"] for link in parse(index.read_text("utf-8"), "a")}
    assert set(names) - {"index.html"} <= linked


def test_pages_replace_only_earlier_pages(demo: Results, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    write_pages(demo, folder)
    with pytest.raises(OutputError, match="--force"):
        write_pages(demo, folder)
    write_pages(demo, folder, force=True)
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"mine\.txt"):
        write_pages(demo, folder, force=True)


def test_without_the_sources_the_report_says_why_it_compares_nothing(tmp_path: Path) -> None:
    source = tmp_path / "wire.jsonl"
    shutil.copy(FIXTURES / "demo" / "wire.jsonl", source)
    dedup.write_results(dedup.scan(source), tmp_path / "found")
    source.unlink()
    page = html_file(open_results(tmp_path / "found"))
    assert "Texts cannot be compared here." in page
    assert "the file is gone since the scan" in page
    assert "viaduct-edited" in page
    assert "<del>" not in page


def test_an_earlier_report_may_be_replaced_and_other_files_may_not(
    demo: Results, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    write_file(path, html_file(demo))
    check_file(path, force=False)
    path.write_text("notes")
    with pytest.raises(OutputError, match="--force"):
        check_file(path, force=False)
    check_file(path, force=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]


def test_a_report_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("old")

    def lines():
        yield "new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_file(path, lines())
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.csv"]


def test_a_link_to_a_report_stays_one(demo: Results, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    path, real = tmp_path / "report.html", tmp_path / "elsewhere" / "found.html"
    path.symlink_to(real)
    for _ in range(2):
        check_file(path, force=False)
        write_file(path, html_file(demo), beside=demo.folder)
        assert path.is_symlink()
        assert real.read_text("utf-8").startswith("<!doctype html>")
    assert [entry.name for entry in real.parent.iterdir()] == ["found.html"]


def test_texts_of_other_sources_are_compared_when_one_is_gone(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "demo", tmp_path / "demo")
    dedup.write_results(dedup.scan(tmp_path / "demo"), tmp_path / "found")
    (tmp_path / "demo" / "wire.jsonl").unlink()
    page = html_file(open_results(tmp_path / "found"))
    assert "Some texts cannot be compared here." in page
    assert "<mark>" in page  # the repeats stand in another file
    assert "<del>" not in page


def test_pages_say_nothing_of_room_where_texts_fit(demo: Results, tmp_path: Path) -> None:
    write_pages(demo, tmp_path / "pages")
    whole = "".join(path.read_text("utf-8") for path in (tmp_path / "pages").glob("*.html"))
    assert "no room" not in whole
    assert whole.count('<details class="diff">') == 4
    assert whole.count('class="sides link"') == demo.counts["links"]


def test_a_killed_report_stands_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One text that stands alone.")
    folder = tmp_path / "found"
    dedup.write_results(dedup.scan(tmp_path / "a.txt"), folder)
    before = sorted(path.name for path in folder.iterdir())
    program = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from dedup.report.files import write_file\n"
        "def lines():\n    yield 'half'\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        "folder = Path(sys.argv[1])\n"
        "write_file(folder / 'report.html', lines(), beside=folder)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, folder], check=False)
    assert done.returncode == -signal.SIGKILL
    assert sorted(path.name for path in folder.iterdir()) == before
    dedup.write_results(dedup.scan(tmp_path / "a.txt"), folder, force=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "found"]


def folded(page: str, number: int) -> str:
    """Return what a reader sees of a cluster before unfolding it."""
    start = page.index(f'<article class="item" id="cluster-{number}"')
    shown = page[page.index("<summary>", start) : page.index("</summary>", start)]
    return " ".join(re.sub(r"<[^>]*>", " ", shown).split())


def test_a_folded_cluster_shows_flags_and_other_titles(demo: Results) -> None:
    page = html_file(demo)
    first, second, third = (folded(page, number) for number in (1, 2, 3))
    assert first.count("also “") == 2
    for member in next(demo.clusters()).members:
        assert (member.title or "").lower() in first.lower()
    assert "other title" in first
    assert "Jaccard from 0.66" in first
    assert "other title" not in second
    assert "also" not in second
    assert "Jaccard" not in second
    assert "revision" in third


def test_a_folded_cluster_counts_the_titles_that_it_does_not_show(tmp_path: Path) -> None:
    records = [{"text": "The same story of a few words.", "title": f"Title {n}"} for n in range(9)]
    dedup.write_results(dedup.scan(records), tmp_path / "found")
    shown = folded(html_file(open_results(tmp_path / "found")), 1)
    assert shown.count("also “") == 2
    assert "and 6 more titles" in shown


def test_the_least_alike_clusters_are_shown_besides_the_largest(tmp_path: Path) -> None:
    def copy(story: int, n_changed: int) -> str:
        words = [name(story * 80 + place) for place in range(80)]
        return " ".join([*words[:40], *["changed"] * n_changed, *words[40 + n_changed :]])

    # the smallest of ninety clusters, and so the last one, is the least alike
    texts = [copy(story, n) for story in range(89) for n in (0, 0, 1)] + [copy(89, 0), copy(89, 5)]
    dedup.write_results(dedup.scan(texts), tmp_path / "found")
    results = open_results(tmp_path / "found")
    page = html_file(results, most=270_000)
    shown = re.findall(r'id="cluster-(\d+)"', page)
    assert 1 < len(shown) < 90
    assert shown[-1] == "90"
    assert shown == sorted(shown, key=int)
    (told,) = re.findall(r"The (\d+) largest of 90 clusters are shown, and the (\d+) least", page)
    assert sum(map(int, told)) == len(shown)
    first = gather(results, Limits(clusters=1, least_alike=1))
    assert [cluster.cluster for cluster in first.least_alike] == [90]


def test_words_that_a_newcomer_cannot_know_are_explained(demo: Results) -> None:
    page = html_file(demo)
    assert page.count('href="#words"') == 2
    words = page[page.index('id="words"') :].partition("</dl>")[0]
    for word in ("representative", "Members", "Template", "Jaccard", "Cosine", "Bucket", "anchors"):
        assert word in words
    assert "all runs of 5 words" in words

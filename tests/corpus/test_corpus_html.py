"""HTML pages: what is read of them, and what is said of two with one main text."""

from __future__ import annotations

import codecs
import json
import re
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


# --- the encoding that a page declares


WORDS = (
    "Der Fährmann von Größe wollte über den Fluß, doch das Boot lag fest im Schlick der Mündung."
)


def in_encoding(head: str, encoding: str, words: str = WORDS, start: str = "") -> bytes:
    page = f"{start}<!doctype html><html><head>{head}<title>Fähre</title></head><body>"
    page += f"<article><h1>Fähre</h1><p>{words}</p><p>{words}</p></article></body></html>"
    return page.encode(encoding)


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="windows-1252">', "cp1252"),
        ("<META CHARSET=ISO-8859-1>", "latin-1"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-15">', "iso8859-15"),
        ("<meta content='text/html;charset=\"latin1\"' http-equiv=content-type>", "latin-1"),
        ('<!-- <meta charset="koi8-r"> --><meta charset="windows-1252">', "cp1252"),
        ("<script>'<meta charset=koi8-r>'</script><meta charset='windows-1252'>", "cp1252"),
        ("<!--" + "x" * 3000 + '--><meta charset="windows-1252">', "cp1252"),
        ('<meta name="x" content="charset=koi8-r"><meta charset="windows-1250">', "cp1250"),
        ('<meta charset="windows-1252"><meta charset="koi8-r">', "cp1252"),
        ('<meta charset="windows-1252">', "utf-8"),
    ],
)
def test_a_page_is_read_in_the_encoding_that_it_declares(
    tmp_path: Path, head: str, encoding: str
) -> None:
    (tmp_path / "page.html").write_bytes(in_encoding(head, encoding))
    (record,) = read(tmp_path).records
    assert WORDS in record.text
    assert record.title == "Fähre"
    assert record.byte_offset == 0


def test_an_xml_declaration_tells_the_encoding_of_a_page(tmp_path: Path) -> None:
    start = '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
    (tmp_path / "page.xhtml").write_bytes(in_encoding("", "latin-1", start=start))
    assert WORDS in read(tmp_path).texts[0]


@pytest.mark.parametrize("label", ["iso-8859-1", "latin1", "us-ascii", "windows-1252", "x-cp1252"])
def test_the_labels_of_latin_1_and_ascii_mean_windows_1252(tmp_path: Path, label: str) -> None:
    words = WORDS.replace("Fluß", "„Fluß“").replace("Der", "Der\u0081")
    page = in_encoding(f'<meta charset="{label}">', "utf-8", words).decode()
    (tmp_path / "page.html").write_bytes(
        b"".join(b"\x81" if char == "\x81" else char.encode("cp1252") for char in page)
    )
    assert "„Fluß“" in read(tmp_path).texts[0]


@pytest.mark.parametrize(
    ("label", "encoding", "words"),
    [
        (
            "gb2312",
            "gb18030",
            "渡船停在河口的泥里,船夫说今天不能过河,要等到明天早上涨潮的时候再走。镕",
        ),
        (
            "shift_jis",
            "cp932",
            "渡し船は河口の泥に乗り上げて動けず、船頭は明日の満潮まで待つと話した。髙",
        ),
        (
            "x-sjis",
            "cp932",
            "渡し船は河口の泥に乗り上げて動けず、船頭は明日の満潮まで待つと話した。髙",
        ),
        (
            "euc-kr",
            "cp949",
            "나룻배가 강어귀의 진흙에 걸려 움직이지 못했고 사공은 내일을 기다린다. 똠",
        ),
        ("koi8-r", "koi8-r", "Паром застрял в иле у самого устья реки, и паромщик ждёт прилива."),
    ],
)
def test_labels_mean_what_browsers_read_in_them(
    tmp_path: Path, label: str, encoding: str, words: str
) -> None:
    page = in_encoding(f'<meta charset="{label}">', "utf-8", words).decode()
    (tmp_path / "page.html").write_bytes(page.replace("ä", "a").encode(encoding))
    assert words in read(tmp_path).texts[0]


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("", r"not valid UTF-8 at byte \d+ of the record \(0xe4\); --encoding names another"),
        ('<meta charset="utf-8">', "utf-8, which the page declares, is no encoding to read it in"),
        ('<meta charset="utf-16">', "utf-16, which the page declares, is no encoding"),
        ('<meta charset="klingon">', "klingon, which the page declares, is no encoding"),
        ('<meta charset="utf-7">', "utf-7, which the page declares, is no encoding"),
        ('<meta charset="unicode_escape">', "unicode_escape, which the page declares, is no"),
        ('<meta charset="euc-jp">', r"nor euc-jp, which the page declares, at byte \d+; --enc"),
    ],
)
def test_a_page_that_declares_nothing_it_can_be_read_as_is_quarantined(
    tmp_path: Path, head: str, says: str
) -> None:
    page = in_encoding(head, "cp1252")
    (tmp_path / "page.html").write_bytes(page)
    (entry,) = read(tmp_path).quarantined
    assert re.search(says, entry.reason)
    assert entry.raw == page


def test_a_byte_order_mark_comes_before_what_a_page_declares(tmp_path: Path) -> None:
    page = codecs.BOM_UTF8 + in_encoding('<meta charset="windows-1252">', "utf-8")
    (tmp_path / "good.html").write_bytes(page)
    (tmp_path / "torn.html").write_bytes(page.replace("ß".encode(), b"\xdf"))
    outcome = read(tmp_path)
    (record,) = outcome.records
    assert WORDS in record.text
    assert outcome.reasons[0].startswith("not valid UTF-8 at byte ")


def test_an_encoding_that_the_user_names_comes_before_what_a_page_declares(tmp_path: Path) -> None:
    page = in_encoding('<meta charset="iso-8859-2">', "cp1252", WORDS.replace("Fluß", "Flußñ"))
    (tmp_path / "page.html").write_bytes(page)
    assert "Flußñ" in read(tmp_path, encoding="cp1252").texts[0]
    assert "cannot be decoded as ascii" in read(tmp_path, encoding="ascii").reasons[0]


def test_pages_in_other_encodings_are_copied_as_they_are_when_results_are_applied(
    tmp_path: Path,
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    page = in_encoding('<meta charset="windows-1252">', "cp1252")
    others = {f"{n}.html": page.replace(b"Der ", b"Drei%d " % n) for n in (1, 2)}
    for name, data in {"a.html": page, "b.html": page, **others}.items():
        (site / name).write_bytes(data)
    results = dedup.open_results(dedup.write_results(dedup.scan(site), tmp_path / "found"))
    application = dedup.plan_apply(results, dedup.ApplyOptions(max_loss=1.0))
    clean = Path(application.write(tmp_path / "clean"))
    written = {path.name: path.read_bytes() for path in clean.glob("corpus/**/*.html")}
    assert application.counts["removed"] == 4 - len(written) > 0
    assert all(data == (site / name).read_bytes() for name, data in written.items())


# --- dates


UNDATED = re.sub(r'<meta property="article:\w+_time"[^>]*>\n', "", QUAY)


def dated(in_head: str = "", in_header: str = "", in_body: str = "") -> str:
    """Return the page with markup in its head, behind its headline, and at its end."""
    page = UNDATED.replace("</head>", f"{in_head}\n</head>")
    page = page.replace("</h1>", f"</h1>{in_header}", 1)
    return page.replace("</article>", f"</article>{in_body}", 1)


def ld_json(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


def date_in(tmp_path: Path, page: str) -> str | None:
    (tmp_path / "page.html").write_text(page, "utf-8")
    (record,) = read(tmp_path / "page.html").records
    return record.date


NOON = "2031-03-04T12:00:00+01:00"
LATER = "2031-03-09T08:00:00+01:00"


@pytest.mark.parametrize(
    "page",
    [
        dated(f'<meta property="article:published_time" content="{NOON}">'),
        dated(f'<meta name="article:published_time" content="{NOON}">'),
        dated(f'<meta property="og:published_time" content="{NOON}">'),
        dated(f'<meta name="date" content="{NOON}">'),
        dated(f'<meta name="DC.date" content="{NOON}">'),
        dated(f'<meta name="DC.date.issued" content="{NOON}">'),
        dated(f'<meta name="dcterms.date" content="{NOON}">'),
        dated(f'<meta name="pubdate" content="{NOON}">'),
        dated(f'<meta name="publish-date" content="{NOON}">'),
        dated(f'<meta name="parsely-pub-date" content="{NOON}">'),
        dated(ld_json(f'{{"@type": "NewsArticle", "datePublished": "{NOON}"}}')),
        dated(ld_json(f'[{{"@type": ["Article", "X"], "datePublished": "{NOON}"}}]')),
        dated(
            ld_json(
                f'{{"@graph": [{{"@type": "WebPage", "datePublished": "{LATER}"}},'
                f'{{"@type": "http://schema.org/BlogPosting", "datePublished": "{NOON}"}}]}}'
            )
        ),
        dated(ld_json(f'//<![CDATA[\n{{"@type": "Report", "datePublished": "{NOON}"}}\n//]]>')),
        dated(ld_json(f'{{"@type": "WebPage", "datePublished": "{NOON}"}}')),
        dated(f'<meta itemprop="datePublished" content="{NOON}">'),
        dated(in_header=f'<time itemprop="datePublished" datetime="{NOON}">today</time>'),
        dated(in_header=f'<time pubdate datetime="{NOON}">Tuesday</time>'),
        dated(in_body=f'<p>Published <time pubdate datetime="{NOON}">Tuesday</time></p>'),
        dated(in_header=f'<div><time datetime="{NOON}">Tuesday</time></div>'),
        UNDATED.replace("<h1>", f'<header><time datetime="{NOON}">Tuesday</time><h1>', 1).replace(
            "</h1>", "</h1></header>", 1
        ),
    ],
)
def test_the_date_that_a_page_declares_is_kept_with_time_and_zone(
    tmp_path: Path, page: str
) -> None:
    assert date_in(tmp_path, page) == NOON


@pytest.mark.parametrize(
    "page",
    [
        UNDATED,  # with a footer of 2019
        dated(
            in_body="<footer>Copyright 2014, The Sound Courier, last printed 3 May 2014</footer>"
        ),
        UNDATED.replace("great herring run", "great herring run, on 12 May 1998"),
        UNDATED.replace("harbour/quay-wall", "2018/05/06/quay-wall"),
        dated('<meta property="article:modified_time" content="2031-03-05T09:00:00Z">'),
        dated('<meta name="last-modified" content="2031-03-05">'),
        dated('<meta http-equiv="last-modified" content="2031-03-05">'),
        dated('<meta property="article:published_time" content="">'),
        dated('<meta property="article:published_time" content="1970-01-01T00:00:00Z">'),
        dated('<meta property="article:published_time" content="0001-01-01T00:00:00">'),
        dated('<meta name="date" content="last Tuesday">'),
        dated(ld_json('{"@type": "NewsArticle", "dateModified": "2031-03-05"}')),
        dated(ld_json('{"@type": "NewsArticle", "datePublished": "2031-03-05"')),
        dated(ld_json('{"@type": "Organization", "foundingDate": "1903-03-05"}')),
        dated(ld_json("[" * 20_000)),
        dated(
            ld_json(
                '{"@type": "WebSite", "hasPart": [{"@type": "Article", "datePublished": '
                '"2031-01-01"}], "comment": {"@type": "Review", "datePublished": "2030-01-01"}}'
            )
        ),
        dated(
            ld_json(
                '[{"@type": "NewsArticle", "datePublished": "2031-01-01"}, '
                '{"@type": "NewsArticle", "datePublished": "2031-01-05"}]'
            )
        ),
        dated(in_body='<footer><time datetime="2031-05-05">today</time></footer>'),
        dated(
            in_body='<aside><p>Seals: <time pubdate datetime="2031-05-05">May</time></p></aside>'
        ),
        dated(in_body='<article><h2>Seals</h2><time datetime="2031-05-05">May</time></article>'),
        dated(in_body='<p>Come on <time datetime="2031-05-05">Monday</time>.</p>'),
        dated(in_header='<p class="updated"><time datetime="2031-05-05">May</time></p>'),
        dated(in_header='<time itemprop="dateModified" datetime="2031-05-05">May</time>'),
        dated(in_header="<p>4 March 2031</p>"),
        UNDATED.replace("<nav>", '<time datetime="2031-05-05">today</time><nav>'),
    ],
)
def test_no_date_is_guessed(tmp_path: Path, page: str) -> None:
    assert date_in(tmp_path, page) is None


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        ("2031-03-04", "2031-03-04"),
        ("2031/03/04 06:30", "2031-03-04 06:30"),
        ("2031-03-04 06:30 UTC", "2031-03-04 06:30+00:00"),
        ("Tue, 04 Mar 2031 06:30:00 +0100", "Tue, 04 Mar 2031 06:30:00 +0100"),
        ("March 4, 2031", "2031-03-04"),
        ("4 Mar 2031", "2031-03-04"),
        ("03/04/2031", None),
    ],
)
def test_a_date_is_kept_as_it_is_written_or_in_a_form_that_can_be_compared(
    tmp_path: Path, content: str, kept: str | None
) -> None:
    page = dated(f'<meta property="article:published_time" content="{content}">')
    assert date_in(tmp_path, page) == kept


def test_published_is_taken_before_modified_and_before_a_mere_date(tmp_path: Path) -> None:
    page = dated(
        f'<meta name="date" content="{LATER}">'
        f'<meta property="article:modified_time" content="{LATER}">'
        + ld_json(f'{{"@type": "Article", "dateModified": "{LATER}", "datePublished": "{NOON}"}}')
    )
    assert date_in(tmp_path, page) == NOON
    header = f'<time datetime="{LATER}">now</time> <time datetime="{NOON}">first</time>'
    assert date_in(tmp_path, dated(in_header=header)) == NOON


def test_the_page_that_states_no_date_is_not_the_oldest(tmp_path: Path) -> None:
    copied = UNDATED.replace("© 2019", "© 1998").replace("the great herring run", "1887")
    (tmp_path / "copied.html").write_text(copied, "utf-8")
    (tmp_path / "first.html").write_text(QUAY.replace("the great herring run", "1887"), "utf-8")
    (cluster,) = dedup.scan(tmp_path).clusters
    assert Path(cluster.representative).name == "first.html"


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

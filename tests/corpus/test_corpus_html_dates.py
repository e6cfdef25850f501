"""The dates of HTML pages: what they state, and nothing that could be guessed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dedup
from tests.conftest import FIXTURES
from tests.corpus.reading import read

QUAY = (FIXTURES / "pages" / "quay.html").read_text("utf-8")
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

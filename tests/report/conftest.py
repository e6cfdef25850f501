"""Results folders that the tests of reports read."""

from __future__ import annotations

import json

import pytest

import dedup
from dedup.results import Results, open_results
from tests.conftest import FIXTURES

SCRIPT = (
    "</script><script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
)
BIDI = "\u202etxt.exe\u2066"
ESCAPE = "\x1b[2J\x07"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Return the results of scanning the demo folder."""
    folder = tmp_path_factory.mktemp("demo") / "found"
    dedup.write_results(dedup.scan(FIXTURES / "demo"), folder)
    return open_results(folder)


def hostile_records() -> list[dict[str, str]]:
    """Return records whose every field tries to be something else than data."""
    story = (
        f"The harbour board {SCRIPT} will meet on Tuesday evening in the old customs house to "
        f"vote on the new ferry line {BIDI} to the outer islands, which {{{{ 7 * 7 }}}} fishermen "
        f"have fought for years and {ESCAPE} which the town can hardly pay for.\n\n"
        "| a | *table* | `code` |\n# not a heading\n"
    )
    twice = (
        "A caption of more than a dozen words that stands twice on the page by mistake <b>here</b>."
    )
    return [
        {
            "id": f"=HYPERLINK(1) {SCRIPT}{BIDI}",
            "text": story + twice + "\n" + twice,
            "title": f"Title {SCRIPT} {BIDI}{ESCAPE}",
            "url": "javascript:document.title='run'",
            "date": "2031-01-01",
            "source": f"@source\t{SCRIPT}",
        },
        {
            "id": "-2+3\t'\"><svg/onload=document.title='run'>",
            "text": story.replace("hardly", "barely") + twice + "\n" + twice,
            "title": "=1+1",
            "url": "https://example.org/\"onmouseover=\"document.title='run'",
            "date": "2031-01-02",
            "source": "+source",
        },
        {
            "id": "copy",
            "text": story.replace("hardly", "barely") + twice + "\n" + twice,
            "title": "<!--",
            "url": "data:text/html,<script>document.title='run'</script>",
            "date": "<i>soon</i>",
            "source": "",
        },
    ]


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Return the results of scanning records that attack their reader."""
    folder = tmp_path_factory.mktemp("hostile")
    lines = [json.dumps(record) for record in hostile_records()]
    (folder / "<b>attack.jsonl").write_text("\n".join(lines) + "\n{broken <script>\n", "utf-8")
    dedup.write_results(dedup.scan(folder), folder / "found")
    return open_results(folder / "found")


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Return results with more clusters than a small report has room for."""
    folder = tmp_path_factory.mktemp("many")
    with (folder / "many.jsonl").open("w", encoding="utf-8") as file:
        for story in range(120):
            words = [name(story * 80 + place) for place in range(80)]
            for copy in range(2):
                text = " ".join([*words[: 40 + copy], "changed", *words[41 + copy :]])
                record = {"id": f"{story}-{copy}", "text": text, "source": f"s{story % 7}"}
                file.write(json.dumps(record) + "\n")
    dedup.write_results(dedup.scan(folder / "many.jsonl"), folder / "found")
    return open_results(folder / "found")


def name(number: int) -> str:
    """Return a word of letters: digits would make the texts reports from one form."""
    return "".join(chr(ord("a") + number // 26**place % 26) for place in range(4))


def parse(html: str, wanted: str) -> list[dict[str, str | None]]:
    """Return the attributes of every element of one name, read as a browser would."""
    from html.parser import HTMLParser

    found: list[dict[str, str | None]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == wanted:
                found.append(dict(attrs))

    Reader().feed(html)
    return found

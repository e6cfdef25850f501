"""What is read of real pages: ``python -m benchmarks.quality.pages FOLDER``.

FOLDER holds pages of HTML, as they were scraped, also gzipped: the folder ``html`` of
scrapinghub's article-extraction-benchmark, say. Counted are pages whose main text is short, those
of which :mod:`dedup.corpus.html_story` makes something else than the main text that was found, and
those that state a date, beside those of which trafilatura tells one. At last, walls of
``fixtures/pages`` are put under the titles of the pages: how many are seen to be none of their
stories.
"""

from __future__ import annotations

import argparse
import gzip
import html
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from trafilatura import bare_extraction

from dedup.corpus.html_charset import decode_page
from dedup.corpus.html_pages import read_page
from dedup.corpus.html_story import SHORT_MAIN
from dedup.corpus.json_records import BadRecord
from dedup.text.normalise import normalise
from dedup.text.tokens import tokens

FIXTURES = Path(__file__).parents[2] / "fixtures" / "pages"
WALLS = ("wall-1", "refused-1")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.I | re.S)


def read_pages(folder: Path) -> Iterator[str]:
    """Yield the pages of a folder."""
    for path in sorted(folder.iterdir()):
        raw = path.read_bytes()
        page = gzip.decompress(raw) if path.suffix == ".gz" else raw
        yield decode_page(page, has_mark=False)


def look_at(page: str) -> Iterator[str]:
    """Yield what is to be counted of a page."""
    yield "pages"
    plain = bare_extraction(page, with_metadata=True)
    if not (plain and plain.text):
        yield "without a main text"
        return
    if plain.date:
        yield "trafilatura tells a date"
    if len(tokens(normalise(plain.text))) < SHORT_MAIN:
        yield f"a main text of fewer than {SHORT_MAIN} tokens"
    try:
        found = read_page(page)
    except BadRecord:
        yield "taken for a notice"
        return
    if found.text != plain.text:
        yield "another text is taken"
    if found.date:
        yield "states a date"


def is_set_aside(wall: str, title: str) -> bool:
    """Whether a wall under the title of a page is taken for a notice."""
    try:
        read_page(_TITLE.sub(lambda _: f"<title>{html.escape(title)}</title>", wall, count=1))
    except BadRecord:
        return True
    return False


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.pages")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    pages = list(read_pages(parser.parse_args().folder))
    counts = Counter(what for page in pages for what in look_at(page))
    titles = [html.unescape(found[1]) for page in pages if (found := _TITLE.search(page))]
    for name in WALLS:
        wall = (FIXTURES / f"{name}.html").read_text("utf-8")
        counts[f"{name} set aside, of {len(titles)} titles"] = sum(
            is_set_aside(wall, title) for title in titles
        )
    print("| | pages |\n|---|--:|")
    for what, n in counts.items():
        print(f"| {what} | {n} |")


if __name__ == "__main__":
    main()

"""An ellipsis says that something is left out, and stands after whole words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dedup
from dedup.report.excerpts import shorten_excerpt
from dedup.report.markdown import markdown_lines
from dedup.report.one_file import html_file
from dedup.report.terminal import summary
from dedup.results import open_results
from tests.corpora import article

WHOLE = "The bridge over the strait is closed from noon until late on Friday."
LONG = (
    "Wardens of the outer marshes walk along the dykes with long poles every spring and look for "
    "holes of voles, which have cost the province two harvests since the flood of last autumn."
)


@pytest.mark.parametrize(
    ("excerpt", "most", "is_whole", "shown"),
    [
        ("A bridge is closed.", 19, True, "A bridge is closed."),
        ("A bridge is closed.", 18, True, "A bridge is…"),
        ("A bridge is closed", 40, False, "A bridge is…"),
        ("A bridge, a road", 10, True, "A bridge…"),
        ("A  bridge\nis closed", 40, True, "A bridge is closed"),
        ("港務局將於星期二投票決定", 6, True, "港務局將於…"),
        ("a" + "b" * 50, 10, True, "abbbbbbbb…"),
        ("", 10, True, ""),
    ],
)
def test_an_excerpt_ends_in_a_whole_word(
    excerpt: str, most: int, is_whole: bool, shown: str
) -> None:
    assert shorten_excerpt(excerpt, most, is_whole=is_whole) == shown


def test_only_what_is_cut_has_an_ellipsis(tmp_path: Path) -> None:
    pages = [
        "\n\n".join(
            text for n, passage in enumerate((WHOLE, LONG) * 2)
            for text in (passage, article(30, f"{page} {n}"))
        )
        for page in range(2)
    ]  # fmt: skip
    result = dedup.scan(pages, dedup.Settings(unit="passage"))
    dedup.write_results(result, tmp_path / "found")
    results = open_results(tmp_path / "found")
    told = summary(result)
    markdown = "\n".join(markdown_lines(results))
    passages = html_file(results).partition('id="passages"')[2]
    for text, quoted in (
        (told, "“{}”"),
        (markdown, "| {} |"),
        (passages, '<h3 dir="auto">{}</h3>'),
    ):
        assert quoted.format(WHOLE) in text
        begin, end = map(re.escape, quoted.split("{}"))
        (shown,) = {found[1] for found in re.finditer(f"{begin}(Wardens[^\n<|]*…){end}", text)}
        assert f"{shown[:-1]} " in LONG

"""Titles of the records that results name: links hold ids and references only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from dedup.found.findings import Link
from dedup.report.texts import AT_ONCE, Texts, named_rows
from dedup.results import Results

if TYPE_CHECKING:
    import pyarrow as pa


_BEGINNING = 300
"""Characters of a text: what two texts of one form begin with alike is left out of a line."""
_MOST_READ = 4_000_000
"""Characters of texts read for want of titles."""


def link_names(results: Results, links: Sequence[Link]) -> dict[str, str]:
    """Return how the ends of a few links are called, by reference.

    That is the title of a record, or how its text begins, if it can be read.
    """
    names = Titles(results).of_links(links)
    groups = ([link.left_ref, link.right_ref] for link in links)
    missing = [[ref for ref in group if ref not in names] for group in groups]
    texts = Texts(results).read(filter(None, missing), _MOST_READ)
    return names | {ref: text[:_BEGINNING] for ref, text in texts.items() if text.strip()}


class Titles:
    """Titles by reference; nothing is read before the first is asked for."""

    def __init__(self, results: Results) -> None:
        self._results = results

    def of_links(self, links: Sequence[Link]) -> dict[str, str]:
        """Return the titles of the ends of links, by reference, where there are any."""
        refs = {ref for link in links for ref in (link.left_ref, link.right_ref)}
        rows = named_rows(self._titled, refs)
        return {ref: row["title"] for ref, row in rows if row["title"]}

    def beside(self, links: Iterable[Link]) -> Iterator[tuple[Link, dict[str, str]]]:
        """Yield links with the titles of their ends; many are looked up at once."""
        waiting = iter(links)
        while batch := list(islice(waiting, AT_ONCE)):
            titles = self.of_links(batch)
            for link in batch:
                yield link, titles

    @cached_property
    def _titled(self) -> pa.Table:
        table = self._results.documents(["file", "line", "title"])
        return table.filter(table["title"].is_valid())

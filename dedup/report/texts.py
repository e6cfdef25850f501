"""The raw texts behind the references of a report, as many as a limit allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from dedup.errors import InputError, MissingExtraError, ResultsError
from dedup.results import Results

if TYPE_CHECKING:
    import pyarrow as pa

AT_ONCE = 2048
"""Clusters, links or documents that are looked up together."""
T = TypeVar("T")


class Texts:
    """The raw texts behind references, as many as a limit allows.

    Attributes
    ----------
    trouble : str
        Why there are no texts, in words; empty where there are.
    """

    def __init__(self, results: Results) -> None:
        self._results = results
        self.trouble = ""

    def read(self, refs: Iterable[Sequence[str]], most: int) -> dict[str, str]:
        """Return texts by reference, group by group until there are enough.

        Parameters
        ----------
        refs : iterable of sequences of str
            Groups that are useful together only, the most important ones first.
        most : int
            Characters to read; a group that would exceed this is left out.

        Returns
        -------
        dict of str to str
            Without those of sources that cannot be read; ``trouble`` says why.
        """
        groups = [list(dict.fromkeys(group)) for group in refs]
        known = self._known({ref for group in groups for ref in group})
        chosen: dict[int, str] = {}
        for group in groups:
            rows = [known[ref] for ref in group if ref in known]
            size = sum(n_chars for record, n_chars in rows if record not in chosen)
            if size > most:
                continue
            most -= size
            chosen |= {known[ref][0]: ref for ref in group if ref in known}
        if not chosen:
            return {}
        found: dict[str, str] = {}
        try:
            for record, text in self._results.texts(chosen):
                found[chosen[record]] = text
        except (ResultsError, InputError, MissingExtraError) as error:
            some = "Some texts" if found else "Texts"
            self.trouble = f"{some} cannot be compared here. {error}"
        return found

    def in_batches(
        self, items: Iterable[T], refs_of: Callable[[T], list[str]], most: int
    ) -> Iterator[tuple[T, dict[str, str]]]:
        """Yield items with the texts they need.

        Many are read at once: each time, files have to be opened, and compressed ones
        read from their start.

        Parameters
        ----------
        items : iterable
        refs_of : function
            Returns the references that an item needs.
        most : int
            Characters held at once; an item that needs more comes without texts.
        """
        waiting = iter(items)
        while batch := list(islice(waiting, AT_ONCE)):
            groups = [refs_of(item) for item in batch]
            known = self._known({ref for group in groups for ref in group})
            start, held = 0, 0
            for place, group in enumerate(groups):
                size = sum(known[ref][1] for ref in group if ref in known)
                if held + size > most and place > start:
                    yield from self._with_texts(batch[start:place], groups[start:place], most)
                    start, held = place, 0
                held += size
            yield from self._with_texts(batch[start:], groups[start:], most)

    def _with_texts(
        self, items: list[T], groups: list[list[str]], most: int
    ) -> Iterator[tuple[T, dict[str, str]]]:
        texts = self.read(filter(None, groups), most)
        for item in items:
            yield item, texts

    @cached_property
    def _documents(self) -> pa.Table:
        return self._results.documents(["record", "file", "line", "n_chars"])

    def _known(self, refs: set[str]) -> dict[str, tuple[int, int]]:
        """Return the record and the length of the text of each reference."""
        rows = named_rows(self._documents, refs)
        return {ref: (row["record"], row["n_chars"]) for ref, row in rows}


def named_rows(table: pa.Table, refs: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rows of ``documents.parquet`` that references name, with their references.

    Parameters
    ----------
    table : pa.Table
        With the columns ``file`` and ``line``.
    refs : set of str
    """
    numbers = {int(line) for ref in refs if (line := ref.rpartition("#")[2]).isdigit()}
    lines = np.fromiter(numbers, np.int64, len(numbers))
    for row in table.filter(np.isin(table["line"].to_numpy(), lines)).to_pylist():
        ref = f"{row['file']}#{row['line']}"
        if ref in refs:
            yield ref, row

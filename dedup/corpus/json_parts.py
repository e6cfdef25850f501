"""Under which names JSON records have an id, a title, an address, a date and a source.

The field of the text is chosen once for a file, and so is which of these parts it has. Under which
name a record has them is chosen for each record, as it is for documents in memory: a scraper that
renames ``date`` in the middle of a file must not cost dates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final

import numpy as np

from dedup.corpus.fields import Names, is_missing
from dedup.corpus.presets import METADATA_PARTS, Candidates, Part
from dedup.model import Ragged

Column = Ragged | Sequence[object]
"""One field of some records: texts, or values; what is missing is empty, or None."""

ColumnOf = Callable[[str], Column | None]
"""Returns the column of a field by its name; None where no record has the field."""

_PARTS: Final[tuple[Part, ...]] = ("id", *METADATA_PARTS)
_NEVER_MISSING: Final = {bool, int, list, dict}


class PartNames:
    """The names of each part but the text, and how many of them are worth asking for.

    A record has a part under the first of its names that has something in it. Only the names up
    to the one that the first records have it under are asked for, until a record lacks it, and
    none of a part that none of them has: to look for all names in all records takes longer.

    Parameters
    ----------
    candidates : mapping of part to tuple of str
        Names to try for each part.
    """

    def __init__(self, candidates: Candidates) -> None:
        self._candidates = candidates
        self._spellings: dict[str, dict[str, None]] = {}
        self._names: dict[Part, list[str]] = {}
        self._n_asked: dict[Part, int] = {}

    def learn(self, records: Iterable[Mapping[str, Any]], chosen: Names) -> None:
        """Take from the first records how names are spelt, and under which they have parts."""
        for key in dict.fromkeys(key for record in records for key in record):
            self._spellings.setdefault(key.lower(), {})[key] = None
        for part in _PARTS:
            if part in chosen:
                self._names[part] = self._spelt(part)
                self._n_asked[part] = self._names[part].index(chosen[part]) + 1

    def all_of(self, part: Part) -> list[str]:
        """Return every name of a part, the best first."""
        return self._names.get(part, [])

    @property
    def asked(self) -> set[str]:
        """The names to ask for."""
        return {name for part in self._names for name in self._asked_of(part)}

    def columns(self, column_of: ColumnOf, *, every: bool = False) -> dict[Part, Column]:
        """Return the parts that any of some records has, by the names asked for or by all."""
        found: dict[Part, Column] = {}
        for part, names in self._names.items():
            column = _first_filled(map(column_of, names if every else self._asked_of(part)))
            if column is not None:
                found[part] = column
        return found

    def ask_more(self, columns: Mapping[Part, Column]) -> bool:
        """Ask for all names of the parts that a record lacks; return whether that is more."""
        is_more = False
        for part, names in self._names.items():
            if self._n_asked[part] < len(names):
                if part in columns and _is_full(columns[part]):
                    continue
                self._n_asked[part] = len(names)
                is_more = True
        return is_more

    def _spelt(self, part: Part) -> list[str]:
        """Return the names of a part, each followed by how else the first records spell it."""
        names = self._candidates.get(part, ())
        spelt = ((name, *self._spellings.get(name.lower(), ())) for name in names)
        return list(dict.fromkeys(chain.from_iterable(spelt)))

    def _asked_of(self, part: Part) -> list[str]:
        return self._names[part][: self._n_asked[part]]


def _first_filled(columns: Iterable[Column | None]) -> Column | None:
    """Return what each record has in the first column in which it has something."""
    found: Column | None = None
    for column in columns:
        if found is None:
            found = column
        elif column is not None and not _is_full(found):
            both = zip(_values(found), _values(column), strict=True)
            found = [later if is_missing(value) else value for value, later in both]
    return found


def _values(column: Column) -> Sequence[object]:
    return column.strings() if isinstance(column, Ragged) else column


def _is_full(column: Column) -> bool:
    """Return whether each record has something in a column."""
    if isinstance(column, Ragged):
        return bool(np.diff(column.offsets).all())
    return _NEVER_MISSING.issuperset(map(type, column)) or not any(map(is_missing, column))

"""The account of what was read: files, what was left out of them, and what could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dedup.model import Quarantined, SourceFile


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or folder that was found but not read, and why.

    Attributes
    ----------
    path, reason : str
    unread : bool
        Whether it may hold text that is missing from the result: it could not be read, rather
        than that it is none of the corpus (an image, results of earlier scans).
    against : bool
        Whether it belongs to the corpus that is scanned against.
    """

    path: str
    reason: str
    unread: bool = False
    against: bool = False


def first_of(skipped: Sequence[Skipped]) -> str:
    """Return the first of what was not read, why, and how many more there are.

    Examples
    --------
    >>> first_of([Skipped("a.txt", "cannot be opened"), Skipped("b.txt", "not text")])
    'a.txt (cannot be opened) and 1 more'
    """
    more = f" and {len(skipped) - 1:,} more" if len(skipped) > 1 else ""
    return f"{skipped[0].path} ({skipped[0].reason}){more}"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was read, and what could not be."""

    files: Sequence[SourceFile]
    skipped: Sequence[Skipped]
    quarantine: Sequence[Quarantined]
    put_aside: Sequence[Quarantined] = ()
    """Records of the corpus scanned against that could not be read."""

    @property
    def unread(self) -> list[Skipped]:
        """Files and folders that could not be read, of both corpora."""
        return [skip for skip in self.skipped if skip.unread]

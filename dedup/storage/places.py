"""Short names of files: from the current folder, or from the one that holds them all."""

from __future__ import annotations

import os.path
from collections.abc import Iterable


class Places:
    """How files, and records as ``path#line``, are named to people.

    Attributes
    ----------
    folder : str
        Where the files are that names leave out, with a slash at its end; empty unless all lie
        in one folder outside the current one. Whoever uses short names has to tell it.

    Examples
    --------
    >>> places = Places(["/data/wire/a.jsonl", "/data/wire/more/b.jsonl"], "/home/me")
    >>> places.folder, places.short("/data/wire/more/b.jsonl#3")
    ('/data/wire/', 'more/b.jsonl#3')
    >>> places.whole("more/b.jsonl#3")
    '/data/wire/more/b.jsonl#3'
    >>> Places(["/home/me/a.txt", "/data/b.txt"], "/home/me").short("/home/me/a.txt")
    'a.txt'
    """

    def __init__(self, paths: Iterable[str] = (), here: str = "") -> None:
        self._paths = frozenset(paths)
        self._here = os.path.join(here, "") if here else ""  # noqa: PTH118 - paths are texts here
        self.folder = self._shared_folder()

    @classmethod
    def from_here(cls, paths: Iterable[str]) -> Places:
        """Return how files are named from the current folder."""
        return cls(paths, os.getcwd())  # noqa: PTH109 - paths are texts here

    def _shared_folder(self) -> str:
        if not self._paths or not all(path.startswith("/") for path in self._paths):
            return ""
        if self._here and any(path.startswith(self._here) for path in self._paths):
            return ""
        shared = os.path.commonpath([os.path.dirname(path) for path in self._paths])  # noqa: PTH120
        return "" if shared == "/" else f"{shared}/"

    def short(self, place: str) -> str:
        """Return a path or reference without the folder that need not be told."""
        for folder in (self.folder, self._here):
            if folder and place.startswith(folder):
                return place.removeprefix(folder)
        return place

    def whole(self, name: str) -> str:
        """Return the reference or path that a short name stands for; others come back as is."""
        for folder in ("", self.folder, self._here):
            place = f"{folder}{name}"
            if place in self._paths or place.rpartition("#")[0] in self._paths:
                return place
        return name

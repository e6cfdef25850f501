"""The whole report as a folder of HTML pages, written a page at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dedup.found.findings import Cluster, Link, Repeat
from dedup.report.differences import NO_ROOM, Room, cluster_refs, compare_cluster, compare_link
from dedup.report.excerpts import beginning
from dedup.report.gather import Limits, Report, gather, repeats_by_page
from dedup.report.html import MAX_PASSAGE_PLACES, Pages
from dedup.report.kept import kept_because
from dedup.report.texts import Texts
from dedup.report.titles import Titles
from dedup.report.view import PageView, cluster_view, link_view, repeat_view
from dedup.report.words import KnownWords
from dedup.results import Results
from dedup.results.folders import FolderKind, check_free, write_folder, write_marker
from dedup.storage.own_folders import REPORT_PAGES
from dedup.version import __version__

PAGE_BYTES = 2_000_000
"""Size at which a page ends and the next begins."""
MAX_TEXT = 48_000_000
"""Characters of text held at once."""
MAX_COPIES = 1000
"""Copies of one cluster on a page; those beyond are counted, and stand in clusters.jsonl."""
MAX_PLACES = 1000
ROOM = Room(200_000, 40_000)


def report_folder(folder: Path) -> FolderKind:
    """Return the kind of folder that a paged report is, for :mod:`dedup.results.folders`."""
    pages: Any = (REPORT_PAGES.read(folder) or {}).get("pages")
    names = [page for page in pages if isinstance(page, str)] if isinstance(pages, list) else []
    return FolderKind("report pages", REPORT_PAGES, frozenset({REPORT_PAGES.name, *names}))


def write_pages(results: Results, folder: Path, *, force: bool = False) -> Path:
    """Write every cluster, link, repeat and passage of a results folder as HTML pages.

    Parameters
    ----------
    results : Results
    folder : Path
        Made new; ``index.html`` is where to start.
    force : bool
        Whether an earlier paged report may be replaced.

    Returns
    -------
    Path
        The first page.

    Raises
    ------
    InputError
        If ``results`` are none, such as the path of their folder.
    OutputError
        If the folder cannot be written, or something else stands there.
    """
    kind = report_folder(folder)
    check_free(folder, kind, force=force)
    report = gather(results, Limits(clusters=0, least_alike=0, links=0, pages=0, passages=0))
    write_folder(
        folder, kind, lambda partial: _Writer(results, report, partial).write(), force=force
    )
    return folder / "index.html"


@dataclass(slots=True)
class _Run:
    """Pages of one kind, of which one is being filled."""

    kind: str
    heading: str
    names: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    items: list[str] = field(default_factory=list[str])
    n_bytes: int = 0
    n_items: int = 0


class _Writer:
    """Writes the pages of a report into a folder."""

    def __init__(self, results: Results, report: Report, folder: Path) -> None:
        self._results = results
        self._report = report
        self._folder = folder
        self._pages = Pages(report, "The JSON lines of the results folder hold it whole.")
        self._texts = Texts(results)
        self._policy = str(results.manifest["settings"].get("keep", ""))

    def write(self) -> None:
        """Write all pages, the index with what was learned on the way, and the marker."""
        runs = [
            self._write_run("clusters", "Clusters of duplicates", self._clusters()),
            self._write_run("repeats", "Repeats inside documents", self._repeats()),
            self._write_run("links", "Related, and kept", self._links()),
            self._write_run("passages", "Passages shared by documents", self._passages()),
        ]
        if self._texts.trouble:
            self._report.notes.append(self._texts.trouble)
        contents = [(run.heading, run.names) for run in runs if run.names]
        nav = [("#summary", "Summary", None), ("#contents", "Pages", None), ("#run", "Run", None)]
        parts = [
            self._pages.render("head", title=self._report.headline),
            self._pages.summary(self._report, nav),
            self._pages.render("contents", contents=contents),
            self._pages.run(self._report),
            self._pages.render("foot", closing=self._closing()),
        ]
        (self._folder / "index.html").write_text("".join(parts), "utf-8")
        names = ["index.html", *(name for run in runs for name, _ in run.names)]
        marker = {REPORT_PAGES.key: __version__, "pages": names}
        write_marker(self._folder / REPORT_PAGES.name, json.dumps(marker).encode())

    def _closing(self) -> str:
        return (
            f"Made from the results folder {self._results.folder}. "
            "These pages load nothing and send nothing."
        )

    def _write_run(self, kind: str, heading: str, items: Iterator[str]) -> _Run:
        """Write pages of one kind; a page is finished when it is known whether one follows."""
        run = _Run(kind, heading)
        for item in items:
            if run.items and run.n_bytes + len(item.encode()) > PAGE_BYTES:
                self._write_page(run, following=True)
            run.items.append(item)
            run.n_bytes += len(item.encode())
        if run.items:
            self._write_page(run, following=False)
        return run

    def _write_page(self, run: _Run, *, following: bool) -> None:
        number, first = len(run.names) + 1, run.n_items + 1
        run.n_items += len(run.items)
        about = f"{run.heading}, {first:,} to {run.n_items:,}"
        steps = self._pages.render(
            "steps",
            label="Pages",
            before=_name(run.kind, number - 1) if number > 1 else "",
            following=_name(run.kind, number + 1) if following else "",
        )
        is_list = run.kind == "clusters"
        body = "".join(run.items)
        parts = [
            self._pages.render("head", title=about),
            self._pages.render("pagehead", heading=about),
            steps,
            self._pages.tools(self._report, None) if is_list else "",
            f'<div id="list">{body}</div>' if is_list else body,
            steps,
            self._pages.render("foot", closing=self._closing()),
        ]
        name = _name(run.kind, number)
        (self._folder / name).write_text("".join(parts), "utf-8")
        run.names.append((name, f"{first:,} to {run.n_items:,}"))
        run.items, run.n_bytes = [], 0

    def _clusters(self) -> Iterator[str]:
        many = len(self._report.statistics.sources) > 1

        def refs_of(cluster: Cluster) -> list[str]:
            return cluster_refs(cluster, MAX_COPIES)

        for cluster, texts in self._texts.in_batches(self._results.clusters(), refs_of, MAX_TEXT):
            why = "" if self._texts.trouble else NO_ROOM
            compared = compare_cluster(cluster, texts, why, ROOM)
            reason = kept_because(cluster, self._policy)
            heading = beginning(texts.get(cluster.members[0].ref, ""))
            view = cluster_view(cluster, reason, compared, MAX_COPIES, heading)
            yield self._pages.render("cluster", c=view, many_sources=many)

    def _links(self) -> Iterator[str]:
        def refs_of(titled: tuple[Link, dict[str, str]]) -> list[str]:
            link, _ = titled
            return [link.left_ref, link.right_ref]

        known = KnownWords()
        titled = Titles(self._results).beside(self._results.links())
        for (link, titles), texts in self._texts.in_batches(titled, refs_of, MAX_TEXT):
            diff = compare_link(link, texts, ROOM, known)
            why = "" if diff or self._texts.trouble else NO_ROOM
            view = link_view(link, titles, diff, why)
            yield self._pages.render("link", l=view)

    def _repeats(self) -> Iterator[str]:
        def refs_of(page: list[Repeat]) -> list[str]:
            return [page[0].ref]

        pages = repeats_by_page(self._results.repeats())
        for page, texts in self._texts.in_batches(pages, refs_of, MAX_TEXT):
            text = texts.get(page[0].ref)
            repeats = tuple(repeat_view(repeat, text, MAX_PLACES) for repeat in page)
            view = PageView(page[0].document, page[0].ref, repeats)
            yield self._pages.render("repeats", p=view, opened=False)

    def _passages(self) -> Iterator[str]:
        for passage in self._results.passages():
            yield self._pages.render("passage", p=passage, most=MAX_PASSAGE_PLACES)


def _name(kind: str, number: int) -> str:
    return f"{kind}-{number:04}.html"

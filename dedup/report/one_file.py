"""One HTML file of bounded size, whatever the size of the results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dedup.found.findings import Cluster, Link
from dedup.report.amounts import number
from dedup.report.differences import NO_ROOM, Room, cluster_refs, compare_cluster, compare_link
from dedup.report.excerpts import beginning
from dedup.report.gather import Limits, Report, gather
from dedup.report.html import MAX_PASSAGE_PLACES, Pages
from dedup.report.kept import kept_because
from dedup.report.links import MEANINGS, in_turn
from dedup.report.statistics import member_source
from dedup.report.texts import Texts
from dedup.report.titles import Titles
from dedup.report.view import PageView, cluster_view, link_view, repeat_view
from dedup.report.words import KnownWords
from dedup.results import Results

MAX_BYTES = 5_000_000
ROOM = Room(9_000, 320)
_KEPT_FREE = {"pages": (0.1, 20_000), "links": (0.1, 12_000), "passages": (0.04, 3_000)}
"""What clusters leave to other sections: a part of the file, but no more bytes an item."""
_COMPARED = 0.85
"""Part of the clusters' room for clusters with comparisons; the rest lists more without."""
_LARGEST = 0.88
"""Part of the clusters' room for the largest; the rest is for those least alike."""
_FIXED = 200_000
"""Bytes kept for heading, plots, run and footer."""


def html_file(results: Results, limits: Limits | None = None, most: int = MAX_BYTES) -> str:
    """Return the report as one HTML page that needs nothing else.

    Parameters
    ----------
    results : Results
    limits : Limits, optional
    most : int
        Bytes of the page. What has no room is counted and told in words.

    Returns
    -------
    str
        The page. It loads nothing, and its policy forbids every request.
    """
    limits = limits or Limits()
    report = gather(results, limits)
    return _OneFile(results, report, limits, most).render()


@dataclass(slots=True)
class _Shown:
    """The rendered items of a section."""

    items: list[str] = field(default_factory=list[str])
    n_bytes: int = 0

    def add(self, item: str, most: int) -> bool:
        """Take an item if it has room."""
        size = len(item.encode())
        if self.n_bytes + size > most:
            return False
        self.items.append(item)
        self.n_bytes += size
        return True


class _OneFile:
    """Renders the sections in turn, each within its room."""

    def __init__(self, results: Results, report: Report, limits: Limits, most: int) -> None:
        self._report = report
        self._limits = limits
        self._room = max(most - _FIXED, 0)
        self._policy = str(results.manifest["settings"].get("keep", ""))
        self._whole = f"“dedup report {results.folder} --full” shows it whole."
        self._folder = str(results.folder)
        self._pages = Pages(report, self._whole)
        self._texts = Texts(results)
        self._titles = Titles(results)
        self._known = KnownWords()
        self._at_hand: dict[str, str] = {}

    def render(self) -> str:
        """Return the page."""
        report = self._report
        self._at_hand = self._texts.read(self._wanted(), self._limits.text)
        if self._texts.trouble:
            report.notes.append(self._texts.trouble)
        free = self._kept_free()
        clusters = self._cluster_items(self._room - sum(free.values()))
        left = self._room - sum(len(item.encode()) for item in clusters.values())
        pages = self._fill(self._page_items(), left - free["links"] - free["passages"])
        left -= pages.n_bytes
        links_in_turn = in_turn(report.links)
        links = self._fill(self._link_items(links_in_turn), left - free["passages"])
        passages = self._fill(self._passage_items(), left - links.n_bytes)
        nav = self._navigation()
        parts = [
            self._pages.render("head", title=report.headline),
            self._pages.summary(report, nav),
            self._clusters_section(clusters),
            self._repeats_section(pages),
            self._links_section(links, links_in_turn),
            self._passages_section(passages),
            self._pages.run(report),
            self._pages.render("foot", closing=self._closing()),
        ]
        return "".join(parts)

    def _wanted(self) -> Iterator[list[str]]:
        """Yield the references whose texts are needed together."""
        limits, report = self._limits, self._report
        yield from ([page[0].ref] for page in report.pages)
        yield from ([link.left_ref, link.right_ref] for link in in_turn(report.links))
        for cluster in (*report.least_alike, *report.clusters):
            if refs := cluster_refs(cluster, limits.copies):
                yield refs

    def _kept_free(self) -> dict[str, int]:
        """Return the bytes that clusters leave to each other section."""
        return {
            name: min(int(self._room * share), size * len(getattr(self._report, name)))
            for name, (share, size) in _KEPT_FREE.items()
        }

    def _fill(self, items: Iterable[Callable[[], str]], most: int) -> _Shown:
        shown = _Shown()
        for item in items:
            if not shown.add(item(), most):
                break
        return shown

    def _page_items(self) -> Iterator[Callable[[], str]]:
        for order, page in enumerate(self._report.pages):
            text = self._at_hand.get(page[0].ref)
            repeats = tuple(repeat_view(repeat, text, self._limits.places) for repeat in page)
            view = PageView(page[0].document, page[0].ref, repeats)
            opened = order == 0 and len(self._report.pages) == 1
            yield lambda view=view, opened=opened: self._pages.render(
                "repeats", p=view, opened=opened
            )

    def _link_items(self, links: Sequence[Link]) -> Iterator[Callable[[], str]]:
        titles = self._titles.of_links(links)
        for link in links:
            diff = compare_link(link, self._at_hand, ROOM, self._known)
            why = "" if diff or self._texts.trouble else NO_ROOM
            view = link_view(link, titles, diff, why)
            yield lambda view=view: self._pages.render("link", l=view)

    def _passage_items(self) -> Iterator[Callable[[], str]]:
        for passage in self._report.passages:
            yield lambda passage=passage: self._pages.render(
                "passage", p=passage, most=MAX_PASSAGE_PLACES
            )

    def _cluster_items(self, most: int) -> dict[int, str]:
        """Return rendered clusters by number: the largest, and those least alike of the rest."""
        found: dict[int, str] = {}
        compared = int(most * _COMPARED)
        free = self._add_clusters(found, self._report.clusters, int(most * _LARGEST), compared)
        free += most - int(most * _LARGEST)
        free = self._add_clusters(found, self._report.least_alike, free, free)
        self._add_clusters(found, self._report.clusters, free, 0)
        return dict(sorted(found.items()))

    def _add_clusters(
        self, found: dict[int, str], clusters: Iterable[Cluster], most: int, compared: int
    ) -> int:
        """Render clusters that are not found yet while there is room, and return what is left.

        Parameters
        ----------
        found : dict of int to str
        clusters : iterable of Cluster
        most : int
            Bytes for all of them.
        compared : int
            Bytes for those with comparisons; what follows is listed without.
        """
        shown = _Shown()
        for cluster in clusters:
            if cluster.cluster in found:
                continue
            forms = (True, False) if shown.n_bytes < compared else (False,)
            items = (self._cluster_item(cluster, compared=form) for form in forms)
            if not any(shown.add(item, most) for item in items):
                break
            found[cluster.cluster] = shown.items[-1]
        return most - shown.n_bytes

    def _cluster_item(self, cluster: Cluster, *, compared: bool) -> str:
        why = "" if self._texts.trouble else NO_ROOM
        texts = self._at_hand if compared else {}
        comparisons = compare_cluster(cluster, texts, why, ROOM)
        reason = kept_because(cluster, self._policy)
        heading = beginning(self._at_hand.get(cluster.members[0].ref, ""))
        view = cluster_view(cluster, reason, comparisons, self._limits.copies, heading)
        many = len(self._report.statistics.sources) > 1
        return self._pages.render("cluster", c=view, many_sources=many)

    def _navigation(self) -> Iterator[tuple[str, str, int | None]]:
        counts = self._report.counts
        yield "#summary", "Summary", None
        if counts["clusters"]:
            yield "#clusters", "Clusters", counts["clusters"]
        if counts["repeats"]:
            yield "#repeats", "Repeats", counts["repeats"]
        if counts["links"]:
            yield "#links", "Links", counts["links"]
        if self._report.n_passages:
            yield "#passages", "Passages", self._report.n_passages
        yield "#run", "How this was found", None

    def _clusters_section(self, shown: Mapping[int, str]) -> str:
        report, n = self._report, self._report.counts["clusters"]
        if not n:
            return self._section("clusters", "No duplicate documents", "", "")
        lead = (
            "Records of a cluster are copies of the one that is kept, each compared with it by "
            "exact scores. Largest clusters first; the order “least alike first” brings those up "
            "that need a look most."
        )
        note = ""
        if len(shown) < n:
            n_largest = sum(number == place for place, number in enumerate(shown, 1))
            also = len(shown) - n_largest
            others = f", and the {also:,} least alike of the others" if also else ""
            note = (
                f"The {n_largest:,} largest of {n:,} clusters are shown{others}, to keep this file "
                f"small. All are in clusters.jsonl of {self._folder}; {self._whole}"
            )
        sources = {
            member_source(member)
            for cluster in (*report.clusters, *report.least_alike)
            if cluster.cluster in shown
            for member in cluster.members[: self._limits.copies]
        }
        head = self._section("clusters", "Clusters of duplicates", lead, note, close=False)
        items = "".join(shown.values())
        return f'{head}{self._pages.tools(report, sources)}<div id="list">{items}</div></section>\n'

    def _repeats_section(self, shown: _Shown) -> str:
        counts = self._report.counts
        if not counts["repeats"]:
            return ""
        lead = "Passages that stand more than once inside one document, in the text around them."
        n_pages = counts["documents_with_repeats"]
        note = self._less(len(shown.items), n_pages, "document", "repeats.jsonl")
        head = self._section("repeats", "Repeats inside documents", lead, note, close=False)
        return f"{head}{''.join(shown.items)}</section>\n"

    def _links_section(self, shown: _Shown, links: Sequence[Link]) -> str:
        """Return the links verdict by verdict; those with room are the first of ``links``."""
        counts = self._report.link_counts
        if not counts:
            return ""
        lead = "Related texts that are no removable copies: they are kept."
        note = self._less(len(shown.items), counts.total(), "link", "links.jsonl")
        parts = [self._section("links", "Related, and kept", lead, note, close=False)]
        items: dict[str, list[str]] = {verdict: [] for verdict in MEANINGS if counts[verdict]}
        for link, item in zip(links, shown.items, strict=False):
            items[link.verdict].append(item)
        for verdict, group in items.items():
            n, meaning = counts[verdict], MEANINGS[verdict]
            about = {"verdict": verdict, "n": n, "n_shown": len(group), "meaning": meaning}
            parts += [self._pages.render("kind", **about), *group]
        return f"{''.join(parts)}</section>\n"

    def _passages_section(self, shown: _Shown) -> str:
        n = self._report.n_passages
        if not n:
            return ""
        lead = "Paragraphs and lines that stand in several documents; boilerplate comes last."
        note = self._less(len(shown.items), n, "passage", "passages.jsonl")
        head = self._section("passages", "Passages shared by documents", lead, note, close=False)
        return f"{head}{''.join(shown.items)}</section>\n"

    def _less(self, n_shown: int, n: int, noun: str, file: str) -> str:
        if n_shown >= n:
            return ""
        return (
            f"{n_shown:,} of {number(n, noun)} are shown, to keep this file small. All are in "
            f"{file} of {self._folder}; {self._whole}"
        )

    def _section(
        self, anchor: str, heading: str, lead: str, note: str, *, close: bool = True
    ) -> str:
        head = self._pages.render("section", anchor=anchor, heading=heading, lead=lead, note=note)
        return head + ("</section>\n" if close else "")

    def _closing(self) -> str:
        return (
            f"Made from the results folder {self._folder}, which holds everything as JSON lines "
            "and Parquet. This page loads nothing and sends nothing."
        )

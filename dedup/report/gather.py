"""From a results folder to what a report shows: figures over all of it, details of a part."""

from __future__ import annotations

import heapq
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePath
from typing import Any

from dedup.found.findings import Cluster, Link, Repeat, SharedPassage
from dedup.report.accounts import Account, accounts
from dedup.report.amounts import copies, number, percent, size_of
from dedup.report.caps import caps
from dedup.report.statistics import Statistics
from dedup.report.view import RunView
from dedup.results import Results, check_opened


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of the results is looked at in detail. Figures are always over all of them."""

    clusters: int = 4000
    """The largest."""
    least_alike: int = 200
    """Clusters with the lowest Jaccard of a copy and its kept record, besides."""
    copies: int = 20
    """Copies shown of a cluster."""
    links: int = 200
    """Links shown of each verdict."""
    pages: int = 400
    """Documents with repeats: those in which most characters are repeated."""
    places: int = 8
    passages: int = 200
    troubles: int = 50
    text: int = 16_000_000
    """Characters of text read; what follows is listed without a comparison."""


@dataclass(slots=True)
class Report:
    """What a report shows of a results folder.

    Attributes
    ----------
    counts : dict of str to int
        As in the manifest.
    created : str
        When the scan was made, for people.
    headline : str
        What came of the scan, in one line.
    inputs_line : str
        What was read: the first files, and the size of all.
    sum_line : str
        The accounts as a sum.
    accounts : list of Account
        Parts that add up to the records read.
    run : RunView
    statistics : Statistics
        Over all clusters.
    clusters, least_alike, links, pages, passages
        Those that are shown; the least alike clusters may stand among the largest, too.
    link_counts : dict of str to int
        Over all links, by verdict.
    n_passages : int
        All of them, shown or not.
    notes : list of str
        What a reader must know, such as why there are no comparisons.
    """

    counts: Mapping[str, int]
    created: str
    headline: str
    inputs_line: str
    sum_line: str
    accounts: list[Account]
    run: RunView
    statistics: Statistics
    clusters: list[Cluster] = field(default_factory=list[Cluster])
    least_alike: list[Cluster] = field(default_factory=list[Cluster])
    links: list[Link] = field(default_factory=list[Link])
    link_counts: Counter[str] = field(default_factory=Counter[str])
    pages: list[list[Repeat]] = field(default_factory=list[list[Repeat]])
    passages: list[SharedPassage] = field(default_factory=list[SharedPassage])
    n_passages: int = 0
    notes: list[str] = field(default_factory=list[str])


def gather(results: Results, limits: Limits | None = None) -> Report:
    """Read a results folder once, a line at a time.

    Parameters
    ----------
    results : Results
    limits : Limits, optional

    Returns
    -------
    Report
        Its size is bounded by ``limits``, whatever the size of the results.

    Raises
    ------
    InputError
        If ``results`` are none, such as the path of their folder.
    """
    check_opened(results)
    limits = limits or Limits()
    statistics, clusters = Statistics(), list[Cluster]()
    doubtful: list[tuple[float, int, Cluster]] = []
    for cluster in results.clusters():
        statistics.add(cluster)
        if any(member.verdict == "near" for member in cluster.members):
            least = min(member.jaccard for member in cluster.members)
            heapq.heappush(doubtful, (-least, -cluster.cluster, cluster))
            if len(doubtful) > limits.least_alike:
                heapq.heappop(doubtful)
        if len(clusters) < limits.clusters:
            clusters.append(cluster)
    report = overview(results, limits, statistics)
    report.clusters = clusters
    report.least_alike = [cluster for _, _, cluster in sorted(doubtful, reverse=True)]
    for link in results.links():
        report.link_counts[link.verdict] += 1
        if report.link_counts[link.verdict] <= limits.links:
            report.links.append(link)
    report.pages = _most_repeated(results.repeats(), limits.pages)
    for passage in results.passages():
        report.n_passages += 1
        if report.n_passages <= limits.passages:
            report.passages.append(passage)
    return report


def overview(results: Results, limits: Limits, statistics: Statistics) -> Report:
    """Return a report on the run as a whole, without clusters, links and repeats.

    Parameters
    ----------
    results : Results
    limits : Limits
    statistics : Statistics
        Over all clusters.
    """
    manifest, counts = results.manifest, results.counts
    created = str(manifest["created"]).replace("T", " ").removesuffix("+00:00") + " UTC"
    run = RunView(
        created=created,
        version=str(manifest["dedup"]),
        command=_command(manifest["command"]),
        settings=manifest["settings"],
        curve=manifest["candidate_probability"],
        inputs=manifest["inputs"],
        unread=[skip for skip in results.skipped if skip.unread],
        skipped=[skip for skip in results.skipped if not skip.unread],
        quarantined=list(islice(results.quarantine(), limits.troubles)),
        n_quarantined=counts["quarantined"] + counts["against_quarantined"],
        caps=list(caps(counts)),
    )
    parts = list(accounts(counts, statistics.verdicts))
    summands = " + ".join(f"{part.n:,} {part.name}" for part in parts)
    return Report(
        counts=counts,
        created=created,
        headline=headline(counts, statistics.verdicts),
        inputs_line=_inputs_line(manifest["inputs"]),
        sum_line=f"{counts['read']:,} read = {summands}{_members(counts)}.",
        accounts=parts,
        run=run,
        statistics=statistics,
    )


def headline(counts: Mapping[str, int], verdicts: Mapping[str, int]) -> str:
    """Say in one line what came of a scan.

    Parameters
    ----------
    counts : mapping of str to int
    verdicts : mapping of str to int
        How many copies are of which verdict: whether they go is for people to decide.
    """
    read, removable = counts["read"], counts["removable"]
    if removable:
        some = f"{removable:,} of {number(read, 'record')} ({percent(removable / read)})"
        return f"{some} could go: {copies(verdicts)}"
    if counts["repeats"]:
        pages = counts["documents_with_repeats"]
        return f"{number(counts['repeats'], 'passage')} repeated inside {number(pages, 'document')}"
    return f"No duplicates in {number(read, 'record')}"


def _members(counts: Mapping[str, int]) -> str:
    kept = counts["members"] - counts["removable"]
    if not counts["members"]:
        return ""
    return f", of which {kept:,} kept + {counts['removable']:,} that could go"


def _inputs_line(inputs: Sequence[Mapping[str, Any]]) -> str:
    paths = [str(file["path"]) for file in inputs[:3]]
    names = ["standard input" if path == "-" else PurePath(path).name for path in paths]
    more = f" and {number(len(inputs) - 3, 'more file')}" if len(inputs) > 3 else ""
    size = size_of(sum(int(file["bytes"]) for file in inputs))
    return f"From {', '.join(names) or 'nothing'}{more} ({size})"


def _command(words: Sequence[str]) -> str:
    """Return the command line as a person would type it into a shell."""
    name, *rest = words or ["dedup"]
    typed = "dedup" if PurePath(name).name in ("__main__.py", "dedup") else PurePath(name).name
    return shlex.join([typed, *rest])


def _most_repeated(repeats: Iterable[Repeat], most: int) -> list[list[Repeat]]:
    """Return the repeats of the documents in which most characters are repeated.

    Repeats stand in reading order, those of one document together; documents come back
    with the most repeated first.
    """
    kept: list[tuple[int, int, list[Repeat]]] = []
    for order, page in enumerate(repeats_by_page(repeats)):
        weight = sum(place.end - place.start for repeat in page for place in repeat.occurrences[1:])
        heapq.heappush(kept, (weight, -order, page))
        if len(kept) > most:
            heapq.heappop(kept)
    return [page for _, _, page in sorted(kept, key=lambda entry: (-entry[0], -entry[1]))]


def repeats_by_page(repeats: Iterable[Repeat]) -> Iterator[list[Repeat]]:
    """Yield the repeats of each document together, in reading order."""
    page: list[Repeat] = []
    for repeat in repeats:
        if page and page[0].ref != repeat.ref:
            yield page
            page = []
        page.append(repeat)
    if page:
        yield page

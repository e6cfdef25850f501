"""The report as plain text, for a terminal or a mail."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec.structs import replace

from dedup.found.findings import Cluster
from dedup.model import Verdict
from dedup.report.amounts import files_or_folders, number
from dedup.report.gather import Limits, Report, gather
from dedup.report.kept import kept_because
from dedup.report.lines import safe
from dedup.report.links import link_lines
from dedup.report.terminal import (
    MAX_TROUBLES,
    cluster_lines,
    jaccard_told,
    page_line,
    repeat_lines,
)
from dedup.report.titles import link_names
from dedup.report.troubles import short_reason
from dedup.results import Results
from dedup.storage.places import Places
from dedup.units import SHORT_WORDS

LIMITS = Limits(clusters=100, copies=20, links=20, pages=50)


def text_lines(results: Results, limits: Limits = LIMITS) -> Iterator[str]:
    """Yield the report line by line."""
    report = gather(results, limits)
    yield report.headline
    yield f"{safe(report.inputs_line)}. Scanned {report.created}."
    yield ""
    yield f"{report.counts['read']:>12,}  read, of these"
    for part in report.accounts:
        yield f"{part.n:>12,}  {part.name:<12} {part.note}"
    for cap in report.run.caps:
        yield f"A limit was met: {cap}"
    places = Places.from_here(file.path for file in results.inputs)
    if places.folder:
        yield f"Files below lie in {safe(places.folder)}"
    yield from _clusters(report, limits, places, some_short=_has_short_copies(results))
    yield from _links(results, report)
    yield from _repeats(report, places)
    if report.run.n_quarantined:
        yield ""
        yield f"Quarantined: {number(report.run.n_quarantined, 'record')}"
        for bad in report.run.quarantined:
            reason = safe(short_reason(str(bad["reason"])))
            yield f"  {safe(str(bad['file']))}:{bad['line']}: {reason}"
    yield from _unread(report)


def _unread(report: Report) -> Iterator[str]:
    unread = report.run.unread
    if unread:
        yield ""
        yield f"Could not be read: {files_or_folders(len(unread))}"
        for skip in unread[:MAX_TROUBLES]:
            yield f"  {safe(skip.path)}: {safe(skip.reason)}"
        if len(unread) > MAX_TROUBLES:
            yield f"  … and {len(unread) - MAX_TROUBLES:,} more: manifest.json lists all"


def _has_short_copies(results: Results) -> bool:
    table = results.pairs(["verdict", "shorter"])
    short = np.flatnonzero(table["shorter"].to_numpy() < SHORT_WORDS)
    return Verdict.NEAR.label in table["verdict"].take(short).to_pylist()


def _clusters(report: Report, limits: Limits, places: Places, *, some_short: bool) -> Iterator[str]:
    n, shown = report.counts["clusters"], report.clusters
    policy = str(report.run.settings.get("keep", ""))
    yield ""
    if not n:
        yield "No duplicate documents."
        return
    more = f"; the {len(shown):,} largest" if n > len(shown) else ""
    yield f"Duplicate documents: {number(n, 'cluster')}{more}"
    if report.statistics.verdicts["near"]:
        width = int(report.run.settings["shingle_width"])
        yield from jaccard_told(width, some_short=some_short)
    for cluster in shown:
        first = cluster.members[: limits.copies + 1]
        part: Cluster = replace(cluster, members=first)
        lines = list(cluster_lines(part, len(cluster.members), places))
        yield from lines[:2]
        yield f"     {kept_because(cluster, policy)}"
        yield from lines[2:]


def _links(results: Results, report: Report) -> Iterator[str]:
    if not report.link_counts:
        return
    n = report.link_counts.total()
    more = "; links.jsonl has them all" if n > len(report.links) else ""
    yield ""
    yield f"Related and kept: {number(n, 'link')}{more}"
    names = link_names(results, report.links)
    yield from link_lines(report.link_counts, report.links, names)


def _repeats(report: Report, places: Places) -> Iterator[str]:
    counts = report.counts
    if not counts["repeats"]:
        return
    pages = number(counts["documents_with_repeats"], "document")
    yield ""
    yield f"Repeats inside documents: {counts['repeats']:,} in {pages}, most repeated first"
    for page in report.pages:
        yield f"  {page_line(page[0], places)}"
        for repeat in page:
            yield from repeat_lines(repeat)
    if counts["documents_with_repeats"] > len(report.pages):
        left = counts["documents_with_repeats"] - len(report.pages)
        yield f"  … and {number(left, 'more document')} in repeats.jsonl"

"""The report as Markdown, for a wiki page or a pull request."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from dedup.found.findings import Cluster, Member
from dedup.inputs import first_of
from dedup.report.amounts import files_or_folders, number
from dedup.report.diff import Diff, Kind
from dedup.report.differences import Room, cluster_refs, compare_cluster
from dedup.report.escapes import visible
from dedup.report.excerpts import begins
from dedup.report.gather import Limits, Report, gather
from dedup.report.html import is_web_address
from dedup.report.kept import kept_because
from dedup.report.lines import one_line
from dedup.report.links import MEANINGS
from dedup.report.notes import notes
from dedup.report.terminal import lines_held_by
from dedup.report.texts import Texts
from dedup.report.titles import link_names
from dedup.report.view import link_sentence
from dedup.results import Results

LIMITS = Limits(clusters=50, copies=10, links=10, pages=20, text=4_000_000)
ROOM = Room(4_000, 120)
MAX_CHANGES = 12
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>!|~&])")


def escaped(text: str, most: int = 200) -> str:
    r"""Return one line in which nothing is Markdown or HTML.

    Examples
    --------
    >>> escaped("a *b*\n<script>")
    'a \\*b\\* \\<script\\>'
    """
    return _SPECIAL.sub(r"\\\1", visible(one_line(text, most)))


def markdown_lines(results: Results, limits: Limits = LIMITS) -> Iterator[str]:
    """Yield the report line by line."""
    report, texts = gather(results, limits), Texts(results)
    groups = (cluster_refs(cluster, limits.copies) for cluster in report.clusters)
    at_hand = texts.read((group for group in groups if group), limits.text)
    yield f"# {report.headline}"
    yield ""
    yield f"{escaped(report.inputs_line)}. Scanned {report.created} by dedup {report.run.version}."
    if unread := report.run.unread:
        told = escaped(first_of(unread))
        yield ""
        yield f"**Could not be read:** {files_or_folders(len(unread))}: {told}."
    yield ""
    yield "| records | | |"
    yield "|--:|---|---|"
    for part in report.accounts:
        yield f"| {part.n:,} | {part.name} | {part.note} |"
    yield f"| **{report.counts['read']:,}** | **read** | |"
    if texts.trouble:
        yield from ("", escaped(texts.trouble, 1000))
    yield from _clusters(report, at_hand, limits)
    yield from _links(report, link_names(results, report.links))
    yield from _repeats(report)


def _clusters(report: Report, texts: Mapping[str, str], limits: Limits) -> Iterator[str]:
    n, policy = report.counts["clusters"], str(report.run.settings.get("keep", ""))
    yield from ("", "## Clusters of duplicates", "")
    if n > len(report.clusters):
        yield f"The {len(report.clusters):,} largest of {number(n, 'cluster')}."
    elif not n:
        yield "None."
    for cluster in report.clusters:
        yield from _cluster(cluster, kept_because(cluster, policy), texts, limits)


def _cluster(
    cluster: Cluster, reason: str, texts: Mapping[str, str], limits: Limits
) -> Iterator[str]:
    lead, *copies = cluster.members
    title = escaped(lead.title or lead.id)
    yield from ("", f"### {cluster.cluster}. {title}", "")
    yield f"{number(len(cluster.members), 'record')}. {escaped(reason, 400)}"
    yield from ("", "| | id | Jaccard | date | source | title |", "|---|---|--:|---|---|---|")
    yield _member("**kept**", lead)
    for member in copies[: limits.copies]:
        yield _member(member.verdict, member)
    if len(copies) > limits.copies:
        yield f"| | and {len(copies) - limits.copies:,} more | | | | |"
    compared = compare_cluster(cluster, texts, "", ROOM)
    for member in copies[: limits.copies]:
        diff = compared.get(member.ref)
        if isinstance(diff, Diff):
            yield from _changes(member, diff)


def _member(role: str, member: Member) -> str:
    noted = "".join(f", {note}" for note in notes(member))
    title = escaped(member.title or "")
    if title and is_web_address(member.url):
        title = f"[{title}](<{visible(member.url or '')}>)"
    score = f"{member.jaccard:.2f}" if member.verdict == "near" else ""
    cells = (escaped(member.id), score, escaped(member.date or ""), escaped(member.source or ""))
    return f"| {role}{noted} | {' | '.join(cells)} | {title} |"


def _changes(member: Member, diff: Diff) -> Iterator[str]:
    changes = [step for row in diff.rows for step in row.steps if step.kind is Kind.GONE]
    if not changes:
        return
    yield from ("", f"How {escaped(member.id)} differs:", "")
    for step in changes[:MAX_CHANGES]:
        gone = f"~~{escaped(step.left)}~~ " if step.left.strip() else ""
        new = f"**{escaped(step.right)}**" if step.right.strip() else ""
        yield f"- {gone}{new}"
    hidden = len(changes) - MAX_CHANGES
    if hidden > 0 or diff.hidden:
        yield "- and more: `dedup show` tells all"


def _links(report: Report, names: Mapping[str, str]) -> Iterator[str]:
    if not report.link_counts:
        return
    yield from ("", "## Related, and kept", "")
    for verdict, n in report.link_counts.items():
        yield f"- {n:,} `{verdict}`: {MEANINGS[verdict]}"
    yield from ("", "| verdict | left | right | Jaccard | |")
    yield "|---|---|---|--:|---|"
    for link in report.links:
        named = ((link.left, link.left_ref), (link.right, link.right_ref))
        ends = " | ".join(_end(id, names.get(ref, "")) for id, ref in named)
        yield f"| {link.verdict} | {ends} | {link.jaccard:.2f} | {link_sentence(link)} |"
    shown = Counter(link.verdict for link in report.links)
    left = {verdict: n - shown[verdict] for verdict, n in report.link_counts.items()}
    if more := ", ".join(f"{n:,} {verdict}" for verdict, n in left.items() if n):
        yield from ("", f"And {sum(left.values()):,} more ({more}) in links.jsonl.")


def _end(id: str, name: str) -> str:
    return f"{escaped(name, 80)} ({escaped(id)})" if name else escaped(id)


def _repeats(report: Report) -> Iterator[str]:
    if not report.pages:
        return
    yield from ("", "## Repeats inside documents", "", "| document | verdict | where | text |")
    yield "|---|---|---|---|"
    for page in report.pages:
        for repeat in page:
            where = lines_held_by(repeat.occurrences[:8])
            about = f"{escaped(repeat.document)} | {repeat.verdict} | {where}"
            yield f"| {about} | {escaped(begins(repeat, 120))} |"
    left = report.counts["documents_with_repeats"] - len(report.pages)
    if left > 0:
        yield from ("", f"And {number(left, 'more document')} in repeats.jsonl.")

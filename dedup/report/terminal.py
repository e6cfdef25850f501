"""The summary that a scan prints: what was found, where, and that it adds up."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from dedup.candidates.bands import candidate_probability
from dedup.config import Settings
from dedup.found.findings import Cluster, Member, Occurrence, Repeat, SharedPassage
from dedup.found.result import Result
from dedup.inputs import Skipped
from dedup.metadata.dates import day_of
from dedup.model import Verdict
from dedup.report.accounts import accounts
from dedup.report.amounts import files_or_folders, line_range, number, size_of
from dedup.report.caps import below_the_curve, caps
from dedup.report.excerpts import begins
from dedup.report.lines import safe, shorten, shorten_place
from dedup.report.links import MEANINGS, in_turn, link_lines
from dedup.report.notes import notes
from dedup.report.troubles import short_reason
from dedup.storage.places import Places
from dedup.units import SHORT_WIDTH, SHORT_WORDS

MAX_CLUSTERS = 10
MAX_MEMBERS = 8
MAX_FIELDS = 3
MAX_LINKS = 10
MAX_REPEATS = 10
MAX_TROUBLES = 10
MAX_PASSAGES = 10
MAX_PLACES = 4
_WIDTH = 100
_SPILL_WORTH_SAYING = 10**8
_WHERE_ALL = {False: "--out DIR writes them all", True: "the results folder has them all"}
_LINK_COUNTS = {"near": "near_links"}


def summary(result: Result, seconds: float | None = None, *, written: bool = False) -> str:
    """Return the summary of a result as lines of text.

    Parameters
    ----------
    result : Result
    seconds : float, optional
        What the scan took.
    written : bool
        Whether a results folder holds what the summary leaves out.
    """
    places = Places.from_here(file.path for file in result.inputs.files)
    parts = (
        _head(result, seconds, written, places),
        _counts(result),
        _clusters(result, places),
        _links(result, written),
        _repeats(result, written, places),
        _passages(result, written, places),
        _troubles(result, written),
    )
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part))) + "\n"


def _head(result: Result, seconds: float | None, written: bool, places: Places) -> Iterator[str]:
    files = [file for file in result.inputs.files if not file.against]
    size = sum(file.bytes for file in files)
    took = f" in {seconds:.1f} s" if seconds is not None else ""
    what = f"{number(result.counts['read'], 'record')} from {number(len(files), 'file')}"
    yield f"dedup read {what}{f' ({size_of(size)})' if size else ''}{took}"
    if result.found.spilled > _SPILL_WORTH_SAYING:
        yield f"  temporary files took {size_of(result.found.spilled)}"
    if places.folder:
        yield f"  files below lie in {safe(places.folder)}"
    with_fields = [file for file in files if file.fields]
    for file in with_fields[:MAX_FIELDS]:
        named = ", ".join(f"{part} = {safe(name)}" for part, name in file.fields.items())
        yield f"  fields of {safe(places.short(file.path))}: {named}"
    if len(with_fields) > MAX_FIELDS:
        more = number(len(with_fields) - MAX_FIELDS, "more file")
        where = "the manifest has them" if written else "--out DIR writes them into its manifest"
        yield f"  … and of {more}: {where}"
    yield from _curve(result.settings, result.counts)


def _curve(settings: Settings, counts: Mapping[str, int]) -> Iterator[str]:
    """Say what is found with which probability, if that was chosen."""
    usual = Settings()
    if (settings.bands, settings.rows) != (usual.bands, usual.rows):
        shares = (
            f"{candidate_probability(tenth / 10, settings.bands, settings.rows):.3f} at .{tenth}"
            for tenth in (3, 5, 7, 9)
        )
        yield f"  {settings.bands} bands of {settings.rows}: a pair is looked at with probability"
        yield f"  {', '.join(shares)} (by exact Jaccard)"
        yield from _wrapped(below_the_curve(counts, settings.max_bucket))


def _counts(result: Result) -> Iterator[str]:
    counts = result.counts
    yield f"{counts['read']:>12,}  read, of these"
    for part in accounts(counts, result.columns.copies_by_verdict()):
        more = "; see below" if part.name == "quarantined" else ""
        yield f"{part.n:>12,}  {part.name:<12} {part.note}{more}"
    if counts["against"]:
        apart = "copies among the others were not looked for"
        yield f"{counts['against']:>12,}  in the corpus scanned against; {apart}"
    if counts["duplicate_ids"]:
        yield f"{counts['duplicate_ids']:>12,}  bear an id that an earlier record bears"
    if n_unread := len(result.inputs.unread):
        n, _, what = files_or_folders(n_unread).partition(" ")
        yield f"{n:>12}  {what} could not be read; see below"


def _clusters(result: Result, places: Places) -> Iterator[str]:
    n = result.counts["clusters"]
    if not n:
        yield "No duplicate documents."
        return
    shown = list(islice(result.iter_clusters(MAX_MEMBERS + 1), MAX_CLUSTERS))
    more = f"; the {len(shown)} largest" if n > len(shown) else ""
    yield f"Duplicate documents: {number(n, 'cluster')}{more}"
    yield "  keep stays; the others of a cluster are copies of it, and could go"
    if any(member.verdict == "near" for cluster in shown for member in cluster.members):
        pairs = result.found.pairs
        short = (pairs.verdict == Verdict.NEAR) & (pairs.shorter < SHORT_WORDS)
        yield from jaccard_told(result.settings.shingle_width, some_short=bool(short.any()))
    for cluster in shown:
        size = len(result.cluster_records(cluster.cluster))
        yield from cluster_lines(cluster, size, places)


def jaccard_told(width: int, *, some_short: bool) -> Iterator[str]:
    """Yield the lines that say what the number beside a copy is.

    Parameters
    ----------
    width : int
        Words of a shingle.
    some_short : bool
        Whether copies may be short: these are compared by narrower shingles.
    """
    what = f"the part of all {width}-word runs in both texts"
    yield f"  the number of a near copy is its Jaccard: {what}"
    if some_short and width > SHORT_WIDTH:
        yield f"  (of all {SHORT_WIDTH}-word runs where both have fewer than {SHORT_WORDS} words)"


def cluster_lines(cluster: Cluster, size: int, places: Places) -> Iterator[str]:
    """Yield the lines that list a cluster of ``size`` records."""
    lead, *members = cluster.members
    title = f"  “{shorten(lead.title, 60)}”" if lead.title else ""
    yield ""
    yield f"  {cluster.cluster}. {number(size, 'record')}{title}"
    yield f"     keep  {_about(lead, places)}"
    for member in members:
        score = f"{member.jaccard:.2f}" if member.verdict == "near" else "    "
        noted = "".join(f"  [{note}]" for note in notes(member))
        yield f"     {member.verdict:<10} {score}  {_about(member, places)}{noted}"
    if size > 1 + len(members):
        yield f"     … and {size - 1 - len(members):,} more"


def _about(member: Member, places: Places) -> str:
    is_place = member.id in (member.ref, member.ref.rpartition("#")[0])
    more = [] if is_place else [shorten_place(places.short(member.ref), 60)]
    if member.date:
        more.append(shorten(day_of(member.date), 20))
    name = shorten_place(places.short(member.id), 80) if is_place else shorten(member.id, 50)
    return f"{name}  ({', '.join(more)})" if more else name


def _links(result: Result, written: bool) -> Iterator[str]:
    counts = result.counts
    if not counts["links"]:
        return
    n_links = {verdict: counts[_LINK_COUNTS.get(verdict, verdict)] for verdict in MEANINGS}
    links, names = result.rows.link_names(MAX_LINKS)
    shown = in_turn(links)[:MAX_LINKS]
    more = f"; {_WHERE_ALL[written]}" if counts["links"] > len(shown) else ""
    yield f"Related and kept: {number(counts['links'], 'link')}{more}"
    yield from link_lines(n_links, shown, names)


def _repeats(result: Result, written: bool, places: Places) -> Iterator[str]:
    counts = result.counts
    if not result.settings.repeats:
        return
    if not counts["repeats"]:
        yield "No passage stands twice inside one document."
        return
    where = number(counts["documents_with_repeats"], "document")
    yield f"Repeats inside documents: {counts['repeats']:,} in {where}"
    before = ""
    for repeat in islice(result.iter_repeats(), MAX_REPEATS):
        if repeat.ref != before:
            yield f"  {page_line(repeat, places)}"
            before = repeat.ref
        yield from repeat_lines(repeat)
    if counts["repeats"] > MAX_REPEATS:
        yield f"  … and {counts['repeats'] - MAX_REPEATS:,} more: {_WHERE_ALL[written]}"


def page_line(repeat: Repeat, places: Places) -> str:
    """Return the line that names the document of a repeat."""
    if repeat.document in (repeat.ref, repeat.ref.rpartition("#")[0]):
        return shorten_place(places.short(repeat.document), 90)
    return f"{shorten(repeat.document, 50)} ({shorten_place(places.short(repeat.ref), 60)})"


def repeat_lines(repeat: Repeat) -> Iterator[str]:
    """Yield the lines that tell a repeat."""
    places = lines_held_by(repeat.occurrences[:MAX_MEMBERS])
    more = len(repeat.occurrences) - MAX_MEMBERS
    lines = {(place.first_line, place.last_line) for place in repeat.occurrences}
    if len(lines) == 1:  # the line alone does not lead there
        *starts, last = (f"{place.start:,}" for place in repeat.occurrences[:MAX_MEMBERS])
        places += f", from characters {', '.join(starts)} and {last} on"
    yield f"    {repeat.verdict:<10} {places}{f' and {more} more' if more > 0 else ''}"
    yield f"               “{safe(begins(repeat, 72))}”"


def lines_held_by(occurrences: Sequence[Occurrence]) -> str:
    """Return where occurrences stand, several in the same lines as one place."""
    counts = Counter(line_range(place.first_line, place.last_line) for place in occurrences)
    times = {lines: "twice" if n == 2 else f"{n} times" for lines, n in counts.items()}
    if len(counts) == 1:
        return "".join(f"{times[lines]} in {lines}" for lines in counts)
    places = (lines if n == 1 else f"{lines} ({times[lines]})" for lines, n in counts.items())
    return " = ".join(places)


def _passages(result: Result, written: bool, places: Places) -> Iterator[str]:
    if result.found.passages is None:
        return
    passages = result.passages
    if not passages:
        yield "No passage stands in two documents."
        return
    boilerplate = [passage for passage in passages if passage.boilerplate_of]
    others = passages[: len(passages) - len(boilerplate)]
    yield f"Passages shared by documents: {len(others):,}"
    for passage in others[:MAX_PASSAGES]:
        yield from _passage(passage, places)
    if len(others) > MAX_PASSAGES:
        yield f"  … and {len(others) - MAX_PASSAGES:,} more: {_WHERE_ALL[written]}"
    if boilerplate:
        yield f"Boilerplate, on most pages of its source: {len(boilerplate):,}"
        for passage in boilerplate[:MAX_PASSAGES]:
            source = shorten(passage.boilerplate_of or "", 40)
            where = f"{number(passage.n_documents, 'page')} of {source}"
            yield f"  {where}  “{safe(begins(passage, 50))}”"


def _passage(passage: SharedPassage, places: Places) -> Iterator[str]:
    where = number(passage.n_documents, "document")
    yield f"  {where}  “{safe(begins(passage, 72))}”"
    for place in passage.occurrences[:MAX_PLACES]:
        lines = line_range(place.first_line, place.last_line)
        score = f"{place.jaccard:.2f}" if place.verdict == "near" else "    "
        document = shorten(places.short(place.document), 60)
        yield f"    {place.verdict:<10} {score}  {document}, {lines}"
    if len(passage.occurrences) > MAX_PLACES:
        yield f"    … and {len(passage.occurrences) - MAX_PLACES:,} more"


def _troubles(result: Result, written: bool) -> Iterator[str]:
    """Tell what was not read, and every cap that bit."""
    quarantine, skipped = result.quarantine, result.inputs.skipped
    unread = result.inputs.unread
    if quarantine:
        yield f"Quarantined: {number(len(quarantine), 'record')}"
        for bad in quarantine[:MAX_TROUBLES]:
            yield from _wrapped(f"{safe(bad.file)}:{bad.line}: {safe(short_reason(bad.reason))}")
        if len(quarantine) > MAX_TROUBLES:
            yield f"  … and {len(quarantine) - MAX_TROUBLES:,} more: {_WHERE_ALL[written]}"
    others = [skip for skip in skipped if not skip.unread]
    yield from _not_read(f"Could not be read: {files_or_folders(len(unread))}", unread)
    yield from _not_read(f"Skipped: {number(len(others), 'file')}", others)
    for cap in caps(result.counts):
        yield from _wrapped(cap)


def _not_read(what: str, skipped: Sequence[Skipped]) -> Iterator[str]:
    if skipped:
        yield what
        for skip in skipped[:MAX_TROUBLES]:
            yield from _wrapped(f"{safe(skip.path)}: {safe(skip.reason)}")
        if len(skipped) > MAX_TROUBLES:
            yield f"  … and {len(skipped) - MAX_TROUBLES:,} more"


def _wrapped(text: str) -> Iterable[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,  # paths and addresses stay whole, to be copied
        break_on_hyphens=False,
    )

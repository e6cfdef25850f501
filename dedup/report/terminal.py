"""The summary that a scan prints: what was found, where, and that it adds up."""

from __future__ import annotations

import textwrap
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from dedup.bands import candidate_probability
from dedup.config import Settings
from dedup.dates import day_of
from dedup.findings import Cluster, Link, Member, Occurrence, Repeat, SharedPassage
from dedup.report.amounts import copies, number, percent, size_of
from dedup.report.excerpts import begins
from dedup.report.links import MEANINGS, by_verdict, in_turn
from dedup.result import Result

MAX_CLUSTERS = 10
MAX_MEMBERS = 8
MAX_LINKS = 10
MAX_REPEATS = 10
MAX_TROUBLES = 10
MAX_PASSAGES = 10
MAX_PLACES = 4
_WIDTH = 100
_SPILL_WORTH_SAYING = 10**8
_WHERE_ALL = {False: "--out DIR writes them all", True: "the results folder has them all"}
_LINK_COUNTS = {"near": "near_links"}
_FLAG_WORDS = {"other-title": "other title", "revision": "revision"}


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
    parts = (
        _head(result, seconds),
        _counts(result),
        _clusters(result),
        _links(result, written),
        _repeats(result, written),
        _passages(result, written),
        _troubles(result, written),
    )
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part))) + "\n"


def safe(text: str) -> str:
    r"""Return text without what could move the cursor or reorder the line.

    Control, bidirectional-control and other invisible characters are shown as escapes.

    Examples
    --------
    >>> safe("a\x1b[2J\u202eb")
    'a\\x1b[2J\\u202eb'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char.encode("unicode_escape").decode()
        if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn")
        else char
        for char in text
    )


def shorten(text: str, width: int) -> str:
    """Return one safe line of at most ``width`` characters."""
    line = safe(" ".join(text.split()))
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def shorten_place(place: str, width: int) -> str:
    """Return one safe line of a path or reference; its end tells most, and stays.

    Examples
    --------
    >>> shorten_place("corpora/2031/march/wire.jsonl#27", 16)
    '…h/wire.jsonl#27'
    """
    line = safe(place)
    return line if len(line) <= width else "…" + line[1 - width :]


def _head(result: Result, seconds: float | None) -> Iterator[str]:
    files = [file for file in result.inputs.files if not file.against]
    size = sum(file.bytes for file in files)
    took = f" in {seconds:.1f} s" if seconds is not None else ""
    what = f"{number(result.counts['read'], 'record')} from {number(len(files), 'file')}"
    yield f"dedup read {what}{f' ({size_of(size)})' if size else ''}{took}"
    if result.found.spilled > _SPILL_WORTH_SAYING:
        yield f"  temporary files took {size_of(result.found.spilled)}"
    for file in files[:3]:
        if file.fields:
            named = ", ".join(f"{part} = {safe(name)}" for part, name in file.fields.items())
            yield f"  fields of {safe(file.path)}: {named}"
    yield from _curve(result.settings)


def _curve(settings: Settings) -> Iterator[str]:
    """Say what is found with which probability, if that was chosen."""
    usual = Settings()
    if (settings.bands, settings.rows) != (usual.bands, usual.rows):
        shares = (
            f"{candidate_probability(tenth / 10, settings.bands, settings.rows):.3f} at .{tenth}"
            for tenth in (3, 5, 7, 9)
        )
        yield f"  {settings.bands} bands of {settings.rows}: a pair is looked at with probability"
        yield f"  {', '.join(shares)} (by exact Jaccard)"


def _counts(result: Result) -> Iterator[str]:
    counts = result.counts
    in_clusters = f"in {number(counts['clusters'], 'cluster')}: {counts['removable']:,} could go"
    if told := copies(result.columns.copies_by_verdict()):
        in_clusters += f" ({told})"
    notes = {
        "unique": "in no cluster",
        "members": in_clusters,
        "empty": "without a word",
        "quarantined": "could not be read; see below",
    }
    yield f"{counts['read']:>12,}  read, of these"
    for name, note in notes.items():
        if counts[name] or name in ("unique", "members"):
            yield f"{counts[name]:>12,}  {name:<12} {note}"
    if counts["against"]:
        yield f"{counts['against']:>12,}  in the corpus scanned against"
    if counts["duplicate_ids"]:
        yield f"{counts['duplicate_ids']:>12,}  records bear an id that another one bears too"


def _clusters(result: Result) -> Iterator[str]:
    n = result.counts["clusters"]
    if not n:
        yield "No duplicate documents."
        return
    shown = list(islice(result.iter_clusters(MAX_MEMBERS + 1), MAX_CLUSTERS))
    more = f"; the {len(shown)} largest" if n > len(shown) else ""
    yield f"Duplicate documents: {number(n, 'cluster')}{more}"
    for cluster in shown:
        yield from cluster_lines(cluster, len(result.cluster_records(cluster.cluster)))


def cluster_lines(cluster: Cluster, size: int) -> Iterator[str]:
    """Yield the lines that list a cluster of ``size`` records."""
    lead, *members = cluster.members
    title = f"  “{shorten(lead.title, 60)}”" if lead.title else ""
    yield ""
    yield f"  {cluster.cluster}. {number(size, 'record')}{title}"
    yield f"     keep  {_about(lead)}"
    for member in members:
        score = f"{member.jaccard:.2f}" if member.verdict == "near" else "    "
        flags = "".join(f"  [{_FLAG_WORDS[flag]}]" for flag in member.flags)
        yield f"     {member.verdict:<10} {score}  {_about(member)}{flags}"
    if size > 1 + len(members):
        yield f"     … and {size - 1 - len(members):,} more"


def _about(member: Member) -> str:
    is_place = member.id in (member.ref, member.ref.rpartition("#")[0])
    more = [] if is_place else [shorten_place(member.ref, 60)]
    if member.date:
        more.append(shorten(day_of(member.date), 20))
    name = shorten_place(member.id, 80) if is_place else shorten(member.id, 50)
    return f"{name}  ({', '.join(more)})" if more else name


def _links(result: Result, written: bool) -> Iterator[str]:
    counts = result.counts
    if not counts["links"]:
        return
    n_links = {verdict: counts[_LINK_COUNTS.get(verdict, verdict)] for verdict in MEANINGS}
    shown = in_turn(result.iter_links(MAX_LINKS))[:MAX_LINKS]
    more = f"; {_WHERE_ALL[written]}" if counts["links"] > len(shown) else ""
    yield f"Related and kept: {number(counts['links'], 'link')}{more}"
    yield from link_lines(n_links, shown)


def link_lines(counts: Mapping[str, int], shown: Iterable[Link]) -> Iterator[str]:
    """Yield the lines that tell links verdict by verdict.

    Parameters
    ----------
    counts : mapping of str to int
        How many links there are of each verdict.
    shown : iterable of Link
        Those to be told; the rest is counted.
    """
    groups = by_verdict(shown)
    for verdict, meaning in MEANINGS.items():
        if n := counts[verdict]:
            links = groups[verdict]
            yield f"  {n:,} {verdict}: {meaning}"
            yield from (f"  {link_line(link)}" for link in links)
            if n > len(links):
                left = f"{n - len(links):,}"
                yield f"    … and {left} more" if links else f"    … {left} not shown"


def link_line(link: Link) -> str:
    """Return the line that tells a link."""
    left, right = shorten(link.left, 36), shorten(link.right, 36)
    if link.verdict == "contained":
        if link.containment_left > link.containment_right:
            left, right = right, left
        share = max(link.containment_left, link.containment_right)
        return f"  contained  {left} holds {percent(share)} of {right}"
    return f"  {link.verdict:<10} {link.jaccard:.2f}  {left} ~ {right}"


def _repeats(result: Result, written: bool) -> Iterator[str]:
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
            yield f"  {_page(repeat)}"
            before = repeat.ref
        yield from repeat_lines(repeat)
    if counts["repeats"] > MAX_REPEATS:
        yield f"  … and {counts['repeats'] - MAX_REPEATS:,} more: {_WHERE_ALL[written]}"


def _page(repeat: Repeat) -> str:
    if repeat.document in (repeat.ref, repeat.ref.rpartition("#")[0]):
        return shorten_place(repeat.document, 90)
    return f"{shorten(repeat.document, 50)} ({shorten_place(repeat.ref, 60)})"


def repeat_lines(repeat: Repeat) -> Iterator[str]:
    """Yield the lines that tell a repeat."""
    places = places_of(repeat.occurrences[:MAX_MEMBERS])
    more = len(repeat.occurrences) - MAX_MEMBERS
    yield f"    {repeat.verdict:<10} {places}{f' and {more} more' if more > 0 else ''}"
    yield f"               “{safe(begins(repeat, 72))}”"


def places_of(occurrences: Sequence[Occurrence]) -> str:
    """Return where occurrences stand, several in the same lines as one place."""
    counts = Counter(map(_lines, occurrences))
    times = {lines: "twice" if n == 2 else f"{n} times" for lines, n in counts.items()}
    if len(counts) == 1:
        return "".join(f"{times[lines]} in {lines}" for lines in counts)
    places = (lines if n == 1 else f"{lines} ({times[lines]})" for lines, n in counts.items())
    return " = ".join(places)


def _lines(place: Occurrence) -> str:
    if place.first_line == place.last_line:
        return f"line {place.first_line}"
    return f"lines {place.first_line}–{place.last_line}"


def _passages(result: Result, written: bool) -> Iterator[str]:
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
        yield from _passage(passage)
    if len(others) > MAX_PASSAGES:
        yield f"  … and {len(others) - MAX_PASSAGES:,} more: {_WHERE_ALL[written]}"
    if boilerplate:
        yield f"Boilerplate, on most pages of its source: {len(boilerplate):,}"
        for passage in boilerplate[:MAX_PASSAGES]:
            source = shorten(passage.boilerplate_of or "", 40)
            where = f"{number(passage.n_documents, 'page')} of {source}"
            yield f"  {where}  “{safe(begins(passage, 50))}”"


def _passage(passage: SharedPassage) -> Iterator[str]:
    where = number(passage.n_documents, "document")
    yield f"  {where}  “{safe(begins(passage, 72))}”"
    for place in passage.occurrences[:MAX_PLACES]:
        lines = _lines(Occurrence(place.start, place.end, place.first_line, place.last_line))
        score = f"{place.jaccard:.2f}" if place.verdict == "near" else "    "
        yield f"    {place.verdict:<10} {score}  {shorten(place.document, 60)}, {lines}"
    if len(passage.occurrences) > MAX_PLACES:
        yield f"    … and {len(passage.occurrences) - MAX_PLACES:,} more"


def _troubles(result: Result, written: bool) -> Iterator[str]:
    """Tell what was not read, and every cap that bit."""
    counts = result.counts
    quarantine, skipped = result.quarantine, result.inputs.skipped
    if quarantine:
        yield f"Quarantined: {number(len(quarantine), 'record')}"
        for bad in quarantine[:MAX_TROUBLES]:
            yield from _wrapped(f"{safe(bad.file)}:{bad.line}: {safe(bad.reason)}")
        if len(quarantine) > MAX_TROUBLES:
            yield f"  … and {len(quarantine) - MAX_TROUBLES:,} more: {_WHERE_ALL[written]}"
    if skipped:
        yield f"Skipped: {number(len(skipped), 'file')}"
        for path, reason in skipped[:MAX_TROUBLES]:
            yield from _wrapped(f"{safe(path)}: {safe(reason)}")
        if len(skipped) > MAX_TROUBLES:
            yield f"  … and {len(skipped) - MAX_TROUBLES:,} more"
    if counts["anchored_units"]:
        yield from _wrapped(
            f"{counts['anchored_units']:,} times a text stood in a bucket too full to compare all "
            "pairs and was compared with the bucket's anchors only; see max_bucket and anchors"
        )
    if counts["capped_units"]:
        yield from _wrapped(
            f"{number(counts['capped_units'], 'text')} met the limit of representatives to be "
            "compared with on demand; see max_on_demand"
        )


def _wrapped(text: str) -> Iterable[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,  # paths and addresses stay whole, to be copied
        break_on_hyphens=False,
    )

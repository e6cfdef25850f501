"""One cluster on the terminal: its members, and how each differs from the kept text."""

from __future__ import annotations

import shlex
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from dedup.errors import SettingsError
from dedup.found.findings import Cluster, Link
from dedup.report.amounts import number
from dedup.report.diff import Diff, Kind, Row
from dedup.report.differences import Room, cluster_refs, compare_cluster, told
from dedup.report.kept import kept_because
from dedup.report.lines import safe, shorten
from dedup.report.links import in_turn, link_lines
from dedup.report.terminal import cluster_lines
from dedup.report.texts import Texts
from dedup.report.titles import link_names
from dedup.results import Results
from dedup.storage.places import Places

ROOM = Room(400_000, 400_000)
MAX_TEXT = 64_000_000
MAX_LINKS = 40
_INDENT = "     "
_COLOURS = {Kind.GONE: "\x1b[31;9m", Kind.NEW: "\x1b[32;1m", Kind.FORM: "\x1b[33m"}
_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"
_MARKS = {Kind.GONE: ("[-", "-]"), Kind.NEW: ("{+", "+}"), Kind.FORM: ("", ""), Kind.SAME: ("", "")}


def show(
    results: Results, wanted: str, *, colour: bool, width: int = 100, folded: bool = True
) -> Iterator[str]:
    """Yield the lines that show a cluster, or what a record in none is linked to.

    Parameters
    ----------
    results : Results
    wanted : str
        The number of a cluster, or the id or reference of a record.
    colour, width, folded
        As :func:`show_cluster` takes them.

    Raises
    ------
    SettingsError
        If results know no such cluster or record, saying what there is.
    """
    cluster = find_cluster(results, wanted)
    if cluster is not None:
        yield from show_cluster(results, cluster, colour=colour, width=width, folded=folded)
    elif links := links_of(results, wanted):
        yield from show_links(results, wanted, links)
    else:
        raise SettingsError(_what_there_is(results, wanted))


def find_cluster(results: Results, wanted: str) -> Cluster | None:
    """Return a cluster by its number, else by the id or reference of one of its records."""
    n, place = results.counts["clusters"], _places(results).whole(wanted)
    by_number = wanted.isdecimal() and 1 <= int(wanted) <= n
    for cluster in results.clusters():
        if by_number:
            if cluster.cluster == int(wanted):
                return cluster
        elif any({wanted, place} & {member.id, member.ref} for member in cluster.members):
            return cluster
    return None


def _places(results: Results) -> Places:
    return Places.from_here(file.path for file in results.inputs)


def _what_there_is(results: Results, wanted: str) -> str:
    n = results.counts["clusters"]
    if not n:
        return f"{results.folder} holds no clusters, so that there is none to show"
    return (
        f"{results.folder} has clusters 1 to {n:,}, and no record of a cluster or link has the id "
        f"{wanted!r}; `dedup report {results.folder} --format text` lists them"
    )


def links_of(results: Results, wanted: str) -> list[Link]:
    """Return the links of a record, given its id or reference, in the order of results."""
    names = {wanted, _places(results).whole(wanted)}
    return [
        link
        for link in results.links()
        if names & {link.left, link.left_ref, link.right, link.right_ref}
    ]


def show_links(results: Results, wanted: str, links: Sequence[Link]) -> Iterator[str]:
    """Yield the lines that tell the links of a record that is in no cluster."""
    n = number(len(links), "link")
    yield f"  {shorten(wanted, 80)} is in no cluster, and stays. It has {n}:"
    shown = in_turn(links)[:MAX_LINKS]
    names = link_names(results, shown)
    yield from link_lines(Counter(link.verdict for link in links), shown, names)
    yield ""
    yield "  to see one of them word by word:"
    first = shown[0]
    names = (_name(first.left, first.left_ref), _name(first.right, first.right_ref))
    command = shlex.join(("dedup", "compare", *names, "--in", str(results.folder)))
    yield f"  {safe(command)}"


def _name(id: str, ref: str) -> str:
    # an id that looks like an option, or that no shell prints as it is, is no name to copy
    return ref if id.startswith("-") or not id.isprintable() else id


def show_cluster(
    results: Results, cluster: Cluster, *, colour: bool, width: int = 100, folded: bool = True
) -> Iterator[str]:
    """Yield the lines that show a cluster.

    Parameters
    ----------
    results : Results
    cluster : Cluster
    colour : bool
        Whether to colour what differs; else it stands in ``[-gone-]`` and ``{+new+}``.
    width : int
        Columns of the terminal.
    folded : bool
        Whether long equal runs are folded away.
    """
    policy = str(results.manifest["settings"].get("keep", ""))
    size = len(cluster.members)
    places = _places(results)
    yield from list(cluster_lines(cluster, size, places))[1:]
    if places.folder:
        yield f"     files lie in {safe(places.folder)}"
    yield ""
    yield f"  {kept_because(cluster, policy)}"
    texts = Texts(results)
    at_hand = texts.read([cluster_refs(cluster, size)], MAX_TEXT)
    if texts.trouble:
        yield f"  {safe(texts.trouble)}"
    lead = cluster.members[0]
    compared = compare_cluster(cluster, at_hand, "too long to compare here", ROOM)
    for member in cluster.members[1:]:
        diff = compared.get(member.ref)
        if isinstance(diff, Diff):
            yield ""
            yield f"  {safe(lead.id)} → {safe(member.id)}  ({told(diff)})"
            yield from _diff(diff, colour=colour, width=width, folded=folded)
        elif diff and not texts.trouble:
            yield from ("", f"  {safe(member.id)}: {diff}")


def _diff(diff: Diff, *, colour: bool, width: int, folded: bool) -> Iterator[str]:
    for row in diff.rows:
        yield ""
        if row.equal and folded:
            note = f"… {number(row.n_words, 'word')} the same …"
            yield f"{_INDENT}{_DIM}{note}{_PLAIN}" if colour else f"{_INDENT}{note}"
            continue
        yield from _wrapped(_parts(row), colour=colour, width=width - len(_INDENT))
    if diff.left_out:
        yield f"{_INDENT}{number(diff.left_out, 'word')} at the ends were not compared"


def _parts(row: Row) -> Iterator[tuple[Kind, str]]:
    """Yield the texts of both sides in one line, what is gone before what is new."""
    for step in row.steps:
        if step.kind is Kind.GONE:
            yield Kind.GONE, step.left
            yield Kind.NEW, step.right
        else:
            yield step.kind, step.right


def _wrapped(parts: Iterable[tuple[Kind, str]], *, colour: bool, width: int) -> Iterator[str]:
    """Yield lines of words, each part marked from its first word to its last."""
    line, used, apart = "", 0, True
    for kind, text in parts:
        words = safe(" ".join(text.split())).split(" ") if text.strip() else []
        apart = apart or text[:1].isspace()
        for place, word in enumerate(words):
            space = " " if used and (apart or place) else ""  # scripts without spaces have none
            before = _MARKS[kind][0] if place == 0 and not colour else ""
            after = _MARKS[kind][1] if place == len(words) - 1 and not colour else ""
            shown = f"{before}{word}{after}"
            size = _columns(shown)
            if used and used + len(space) + size > width:
                yield f"{_INDENT}{line}"
                line, used, space = "", 0, ""
            painted = f"{_COLOURS[kind]}{shown}{_PLAIN}" if colour and kind in _COLOURS else shown
            line, used = f"{line}{space}{painted}", used + len(space) + size
        if text:
            apart = text[-1:].isspace()
    if used:
        yield f"{_INDENT}{line}"


def _columns(text: str) -> int:
    """Return how many columns a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )

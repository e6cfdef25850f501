"""Compare what a report shows: members with their representative, ends of links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dedup.found.findings import Cluster, Link
from dedup.report.diff import Diff, clip, compare
from dedup.report.words import KnownWords, words_of

NO_ROOM = "The report has no room for this comparison; “dedup show” makes it."


class Room(NamedTuple):
    """The room that a comparison has."""

    characters: int
    of_equal_row: int
    """Characters of a row of equal text."""


def cluster_refs(cluster: Cluster, most: int) -> list[str]:
    """Return the references whose texts the comparisons of a cluster need."""
    lead, *copies = cluster.members
    needed = [member.ref for member in copies[:most] if member.verdict != "exact"]
    return [lead.ref, *needed] if needed else []


def compare_cluster(
    cluster: Cluster, texts: Mapping[str, str], why_not: str, room: Room
) -> dict[str, Diff | str]:
    """Compare the copies of a cluster with its representative.

    Parameters
    ----------
    cluster : Cluster
    texts : mapping of str to str
        By reference; a copy without text gets ``why_not`` instead of a comparison.
    why_not : str
    room : Room

    Returns
    -------
    dict of str to Diff or str
        By reference. Exact copies need no comparison and have none.
    """
    lead, *copies = cluster.members
    copies = [member for member in copies if member.verdict != "exact"]
    found: dict[str, Diff | str] = {
        member.ref: why_not for member in copies if why_not and member.ref not in texts
    }
    if lead.ref not in texts:
        return dict.fromkeys((member.ref for member in copies), why_not) if why_not else {}
    at_hand = [member.ref for member in copies if member.ref in texts]
    first, *others = words_of([texts[ref] for ref in [lead.ref, *at_hand]])
    for ref, other in zip(at_hand, others, strict=True):
        found[ref] = clip(compare(first, other), room.characters, room.of_equal_row)
    return found


def compare_link(
    link: Link, texts: Mapping[str, str], room: Room, known: KnownWords
) -> Diff | None:
    """Compare the ends of a link, if their texts are at hand."""
    if link.left_ref not in texts or link.right_ref not in texts:
        return None
    return clip(
        compare(*known.of(texts[link.left_ref], texts[link.right_ref])),
        room.characters,
        room.of_equal_row,
    )


def told(diff: Diff) -> str:
    """Return the counts of a comparison in words."""
    parts = {
        "gone": diff.n_gone,
        "new": diff.n_new,
        "with other signs": diff.n_signs,
        "in another form": diff.n_form,
        "the same": diff.n_same,
    }
    counts: Sequence[str] = [f"{n:,} {name}" for name, n in parts.items() if n]
    return f"words: {', '.join(counts)}" if counts else "no words"

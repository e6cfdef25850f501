"""What a scan finds, with ids: plain values for reports, files and library users.

Lines of JSON hold their fields in the order given here. They are structs of msgspec, which
are made, and turned into JSON, in a fraction of the time that data classes take.
"""

from __future__ import annotations

from msgspec import Struct


class Member(Struct, frozen=True, gc=False):
    """One record of a cluster and its scores against the representative.

    ``containment`` is the share of the member's shingles that the representative
    holds, ``own_words`` are the member's words in passages that the representative lacks.
    The representative itself stands among the members as its own exact copy.
    ``reason`` is a label of :class:`dedup.model.Reason`.
    """

    id: str
    ref: str
    verdict: str
    reason: str
    jaccard: float
    containment: float
    cosine: float
    own_words: int = 0
    flags: tuple[str, ...] = ()
    title: str | None = None
    url: str | None = None
    date: str | None = None
    source: str | None = None


class Cluster(Struct, frozen=True, gc=False):
    """Records that are removable duplicates of their representative.

    ``cluster`` numbers from 1, largest first; the representative is the first member.
    ``kept_by`` is the rule of the survivor policy that put it before the second one.
    """

    cluster: int
    representative: str
    kept_by: str
    merged: Merged
    members: tuple[Member, ...]


class Merged(Struct, frozen=True, gc=False):
    """What the members of a cluster say together, for the one that survives.

    ``urls`` and ``sources`` are without repetition, in the order of members; dates are as
    written in the records that have the first and the last one.
    """

    n_records: int
    urls: tuple[str, ...]
    sources: tuple[str, ...]
    first_date: str | None
    last_date: str | None


class Link(Struct, frozen=True, gc=False):
    """Two related records that are no removable duplicates.

    ``containment_left`` is the share of the left text's shingles that the right holds.
    """

    left: str
    right: str
    verdict: str
    reason: str
    jaccard: float
    containment_left: float
    containment_right: float
    cosine: float
    left_ref: str
    right_ref: str
    flags: tuple[str, ...] = ()


class Occurrence(Struct, frozen=True, gc=False):
    """One place of a repeated passage.

    ``start`` and ``end`` count characters of the raw text from 0, end exclusive; lines
    count from 1.
    """

    start: int
    end: int
    first_line: int
    last_line: int


class Repeat(Struct, frozen=True, gc=False):
    """A passage that stands more than once in one document; ``excerpt`` is how it begins."""

    document: str
    verdict: str
    jaccard: float
    occurrences: tuple[Occurrence, ...]
    ref: str
    excerpt: str


class PassagePlace(Struct, frozen=True, gc=False):
    """One place of a shared passage, and its scores against the first place."""

    document: str
    ref: str
    verdict: str
    jaccard: float
    start: int
    end: int
    first_line: int
    last_line: int


class SharedPassage(Struct, frozen=True, gc=False):
    """A passage that stands in several documents.

    ``boilerplate_of`` names the source more than half of whose pages hold it, where
    the source has ten pages and more. ``n_documents`` counts different documents.
    """

    passage: int
    excerpt: str
    n_documents: int
    boilerplate_of: str | None
    occurrences: tuple[PassagePlace, ...]

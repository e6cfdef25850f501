"""What a report shows, computed once: HTML, Markdown and text only set it in their own form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dedup.found.findings import Cluster, Link, Member, Occurrence, Repeat
from dedup.inputs import Skipped
from dedup.metadata.stories import same_title
from dedup.report.amounts import line_range, number, percent
from dedup.report.diff import Diff
from dedup.report.excerpts import begins
from dedup.report.notes import FLAG_WORDS, notes
from dedup.report.reasons import REASON_WORDS
from dedup.report.statistics import member_source, moment, published

AROUND = 160
"""Characters shown before and after a repeated passage."""
LONGEST_PLACE = 900
"""Characters of a repeated passage that are shown; the middle of a longer one is left out."""


@dataclass(frozen=True, slots=True)
class MemberView:
    """A record of a cluster, and how it differs from the representative.

    ``compared`` says in words why there is no comparison, where there is none.
    """

    about: Member
    source: str
    when: str
    diff: Diff | None = None
    compared: str = ""

    @property
    def why(self) -> str:
        """What decided the verdict, in words."""
        return REASON_WORDS.get(self.about.reason, "")

    @property
    def notes(self) -> list[str]:
        """What is to be noted of it."""
        return notes(self.about)


@dataclass(frozen=True, slots=True)
class Moment:
    """A step of a cluster's timeline."""

    when: str
    source: str
    id: str
    lag: str
    kept: bool


@dataclass(frozen=True, slots=True)
class ClusterView:
    """A cluster as it is shown: some members may be counted only.

    ``flags`` are in words; ``other_titles`` those of copies that say something else than the
    kept record's.
    """

    number: int
    title: str
    size: int
    reason: str
    lead: MemberView
    copies: tuple[MemberView, ...]
    hidden: int
    verdicts: tuple[str, ...]
    flags: tuple[str, ...]
    other_titles: tuple[str, ...]
    lowest: float
    sources: tuple[str, ...]
    timeline: tuple[Moment, ...]
    span: str


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link as it is shown."""

    about: Link
    sentence: str
    left_title: str
    right_title: str
    diff: Diff | None = None
    compared: str = ""

    @property
    def why(self) -> str:
        """What decided the verdict, in words."""
        return REASON_WORDS.get(self.about.reason, "")

    @property
    def about_line(self) -> str:
        """What decided, where it tells more than the verdict does; else what the link means."""
        if self.why and self.about.verdict in ("rewrite", "template"):
            return f"{self.why[0].upper()}{self.why[1:]}."
        return self.sentence


@dataclass(frozen=True, slots=True)
class PlaceView:
    """One place of a repeated passage, in the text that stands around it."""

    where: str
    before: str
    text: str
    after: str


@dataclass(frozen=True, slots=True)
class RepeatView:
    """A repeated passage where it stands."""

    about: Repeat
    places: tuple[PlaceView, ...]
    hidden: int


@dataclass(frozen=True, slots=True)
class PageView:
    """A document with repeats, and its repeats."""

    document: str
    ref: str
    repeats: tuple[RepeatView, ...]


@dataclass(slots=True)
class RunView:
    """How the results came about: what the last section of a report tells."""

    created: str
    version: str
    command: str
    settings: Mapping[str, Any]
    curve: Mapping[str, float]
    inputs: Sequence[Mapping[str, Any]]
    unread: Sequence[Skipped]
    skipped: Sequence[Skipped]
    quarantined: Sequence[Mapping[str, Any]]
    n_quarantined: int
    caps: Sequence[str] = field(default_factory=tuple)


def cluster_view(
    cluster: Cluster,
    reason: str,
    comparisons: Mapping[str, Diff | str],
    most: int,
    beginning: str = "",
) -> ClusterView:
    """Return a cluster as it is shown.

    Parameters
    ----------
    cluster : Cluster
    reason : str
        Why the representative was kept.
    comparisons : mapping of str to Diff or str
        By reference of the member: the comparison, or why there is none.
    most : int
        Copies shown.
    beginning : str
        How the text of the representative begins: the heading where no record has a title.
    """
    lead, *copies = cluster.members
    dated = published(cluster.members)
    verdicts = {member.verdict for member in copies}
    flags = {flag for member in copies for flag in member.flags}
    sources = list(dict.fromkeys(member_source(member) for member in cluster.members))
    return ClusterView(
        number=cluster.cluster,
        title=lead.title
        or next((m.title for m in copies if m.title), None)
        or beginning
        or lead.id,
        size=len(cluster.members),
        reason=reason,
        lead=_member_view(lead, {}),
        copies=tuple(_member_view(member, comparisons) for member in copies[:most]),
        hidden=max(len(copies) - most, 0),
        verdicts=tuple(name for name in ("exact", "normalised", "near") if name in verdicts),
        flags=tuple(words for name, words in FLAG_WORDS.items() if name in flags),
        other_titles=tuple(_other_titles(lead.title, copies)),
        lowest=min((member.jaccard for member in copies), default=1.0),
        sources=tuple(sources),
        timeline=tuple(_timeline(dated, lead, most)),
        span=_span(dated),
    )


def _other_titles(title: str | None, copies: Sequence[Member]) -> list[str]:
    """Return the titles of copies that say something else, each once."""
    if not title:
        return []
    given = dict.fromkeys(member.title for member in copies if member.title)
    return [other for other in given if not same_title(title, other)]


def _member_view(member: Member, comparisons: Mapping[str, Diff | str]) -> MemberView:
    compared = comparisons.get(member.ref, "")
    when = moment(member)
    return MemberView(
        member,
        member_source(member),
        day(when) if when else (member.date or ""),
        compared if isinstance(compared, Diff) else None,
        compared if isinstance(compared, str) else "",
    )


def _timeline(dated: list[tuple[datetime, Member]], lead: Member, most: int) -> Iterator[Moment]:
    if len(dated) < 2:
        return
    start = dated[0][0]
    for date, member in dated[: most + 1]:
        lag = "first" if member is dated[0][1] else after(date - start)
        if date == start and not (date.hour or date.minute) and lag != "first":
            lag = "the same day"
        kept = member.ref == lead.ref
        yield Moment(day(date), member_source(member), member.id, lag, kept)


def _span(dated: list[tuple[datetime, Member]]) -> str:
    if not dated:
        return ""
    first, last = (dated[at][0].date().isoformat() for at in (0, -1))
    return first if first == last else f"{first} – {last}"


def day(date: datetime) -> str:
    """Return a date, with its time where it has one."""
    return date.isoformat(" ", "minutes")[: 16 if date.hour or date.minute else 10]


def after(lag: timedelta) -> str:
    """Return how much later something came, in words.

    Examples
    --------
    >>> from datetime import timedelta
    >>> after(timedelta(0)), after(timedelta(minutes=90)), after(timedelta(days=40))
    ('at the same time', '1 hour later', '40 days later')
    """
    minutes = int(lag.total_seconds()) // 60
    if minutes < 1:
        return "at the same time"
    for size, name in ((60 * 24, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            return f"{number(minutes // size, name)} later"
    return ""


def link_view(link: Link, titles: Mapping[str, str], diff: Diff | None, compared: str) -> LinkView:
    """Return a link as it is shown.

    Parameters
    ----------
    link : Link
    titles : mapping of str to str
        By reference; an end without one is known by its id.
    diff : Diff, optional
    compared : str
        Why there is no comparison, where there is none.
    """
    left, right = titles.get(link.left_ref, ""), titles.get(link.right_ref, "")
    return LinkView(link, link_sentence(link), left, right, diff, compared)


def link_sentence(link: Link) -> str:
    """Say what a link means, in one sentence."""
    if link.verdict == "contained":
        share = max(link.containment_left, link.containment_right)
        inside = link.containment_left > link.containment_right
        outer, inner = ("right", "left") if inside else ("left", "right")
        return f"The {outer} text holds {percent(share)} of the {inner} one."
    if link.verdict == "rewrite":
        return "They share much, and much is changed."
    if link.verdict == "template":
        return "Reports from one form: they differ in their numbers, or in numbers and names."
    return "Close copies, each of another representative."


def repeat_view(repeat: Repeat, text: str | None, most: int) -> RepeatView:
    """Return a repeat with its places in the text around them."""
    shown = repeat.occurrences[:most]
    if text is None:
        excerpt = begins(repeat, LONGEST_PLACE)
        places = [PlaceView(_lines(place), "", excerpt, "") for place in shown[:1]]
        places += [PlaceView(_lines(place), "", "", "") for place in shown[1:]]
    else:
        places = [_place_view(place, text) for place in shown]
    return RepeatView(repeat, tuple(places), len(repeat.occurrences) - len(shown))


def _lines(place: Occurrence) -> str:
    return line_range(place.first_line, place.last_line)


def _place_view(place: Occurrence, text: str) -> PlaceView:
    start, end = place.start, place.end
    before = text[max(start - AROUND, 0) : start]
    if start > AROUND:
        before = "…" + before.partition(" ")[2]
    following = text[end : end + AROUND]
    if end + AROUND < len(text):
        following = following.rpartition(" ")[0] + "…"
    passage = text[start:end]
    if len(passage) > LONGEST_PLACE:
        half = LONGEST_PLACE // 2
        left_out = len(passage) - 2 * half
        passage = f"{passage[:half]} … [{left_out:,} characters] … {passage[-half:]}"
    return PlaceView(_lines(place), before, passage, following)

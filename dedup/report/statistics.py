"""Figures over all clusters, taken one cluster at a time: memory does not grow with them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from dedup.found.findings import Cluster, Member
from dedup.found.shared_passages import source_of
from dedup.metadata.dates import parse_date
from dedup.metadata.records import Metadata
from dedup.model import NO_DATE

N_SCORE_BINS = 20
MAX_SOURCES = 50_000
"""Pairs of sources that are counted apart; beyond, the rarest are dropped, and that is told."""
_MAX_STEPS = 36
"""Bars over time."""
_SIZES = ((2, 2), (3, 3), (4, 4), (5, 5), (6, 10), (11, 20), (21, 50), (51, 100), (101, 1000))
_LAGS = (
    ("same day", timedelta(days=1)),
    ("in a week", timedelta(days=7)),
    ("in a month", timedelta(days=31)),
    ("later", timedelta.max),
)


class Bar(NamedTuple):
    """One bar: what it stands for, and how long it is in each series."""

    label: str
    values: tuple[int, ...]


class FirstSource(NamedTuple):
    """How often a source had a story first, and what became of it elsewhere."""

    source: str
    first: int
    """Dated clusters in which it stands first."""
    copied: int
    """Copies of these that other sources published later."""
    copies: int
    """Copies it published itself of what another had first."""


@dataclass(slots=True)
class Statistics:
    """What the plots and tables of a report show; filled by :meth:`add`."""

    sizes: Counter[int] = field(default_factory=Counter[int])
    verdicts: Counter[str] = field(default_factory=Counter[str])
    scores: list[int] = field(default_factory=lambda: [0] * N_SCORE_BINS)
    flags: Counter[str] = field(default_factory=Counter[str])
    kept_days: Counter[str] = field(default_factory=Counter[str])
    copied_days: Counter[str] = field(default_factory=Counter[str])
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    sources: Counter[str] = field(default_factory=Counter[str])
    lags: Counter[str] = field(default_factory=Counter[str])
    first: Counter[str] = field(default_factory=Counter[str])
    copied: Counter[str] = field(default_factory=Counter[str])
    copies: Counter[str] = field(default_factory=Counter[str])
    sources_dropped: bool = False

    def add(self, cluster: Cluster) -> None:
        """Count one cluster."""
        lead, *others = cluster.members
        lead_source = member_source(lead)
        self.sizes[len(cluster.members)] += 1
        self.sources[lead_source] += 1
        for member in others:
            source = member_source(member)
            self.sources[source] += 1
            self.pairs[lead_source, source] += 1
            self.verdicts[member.verdict] += 1
            self.flags.update(member.flags)
            if member.verdict == "near":
                self.scores[min(int(member.jaccard * N_SCORE_BINS), N_SCORE_BINS - 1)] += 1
            if (when := moment(member)) is not None:
                self.copied_days[when.date().isoformat()] += 1
        if (when := moment(lead)) is not None:
            self.kept_days[when.date().isoformat()] += 1
        self._add_order(cluster)
        if len(self.pairs) > MAX_SOURCES or len(self.sources) > MAX_SOURCES:
            self._drop_rare()

    def _add_order(self, cluster: Cluster) -> None:
        """Count who was first; a cluster counts when two of its records have a date."""
        dated = published(cluster.members)
        if len(dated) < 2:
            return
        (start, leader), *later = dated
        source = member_source(leader)
        self.first[source] += 1
        for when, member in later:
            lag = when - start
            self.lags[next(name for name, most in _LAGS if lag <= most)] += 1
            if (other := member_source(member)) != source:
                self.copied[source] += 1
                self.copies[other] += 1

    def _drop_rare(self) -> None:
        self.sources_dropped = True
        for name in ("pairs", "sources", "first", "copied", "copies"):
            counter = getattr(self, name)
            setattr(self, name, Counter(dict(counter.most_common(MAX_SOURCES // 2))))

    def size_bars(self) -> list[Bar]:
        """Return how many clusters have which size."""
        bars: list[Bar] = []
        for low, high in _SIZES:
            n = sum(count for size, count in self.sizes.items() if low <= size <= high)
            bars.append(Bar(str(low) if low == high else f"{low}–{high}", (n,)))
        over = sum(count for size, count in self.sizes.items() if size > _SIZES[-1][1])
        bars.append(Bar(f"over {_SIZES[-1][1]:,}", (over,)))
        while len(bars) > 4 and not any(bars[-1].values):
            bars.pop()
        return bars

    def score_bars(self) -> list[Bar]:
        """Return how many near copies have which Jaccard; empty bins at the low end are cut."""
        first = next((at for at, n in enumerate(self.scores) if n), N_SCORE_BINS)
        first = min(first, N_SCORE_BINS // 2)
        return [
            Bar(f"{at / N_SCORE_BINS:.2f}", (self.scores[at],)) for at in range(first, N_SCORE_BINS)
        ]

    def time_bars(self) -> list[Bar]:
        """Return kept records and copies over time, by day, month or year as fits."""
        days = sorted({*self.kept_days, *self.copied_days})
        if not days:
            return []
        for width in (10, 7, 4):
            steps = _steps(days[0][:width], days[-1][:width])
            if len(steps) <= _MAX_STEPS:
                break
        else:
            width, steps = 3, sorted({day[:3] for day in days})[-_MAX_STEPS:]
        kept, copied = Counter[str](), Counter[str]()
        for counter, source in ((kept, self.kept_days), (copied, self.copied_days)):
            for day, n in source.items():
                counter[day[:width]] += n
        return [
            Bar(f"{step}0s" if width == 3 else step, (kept[step], copied[step])) for step in steps
        ]

    def lag_bars(self) -> list[Bar]:
        """Return how long after the first record the copies followed."""
        return [Bar(name, (self.lags[name],)) for name, _ in _LAGS] if self.lags else []

    def top_sources(self, most: int) -> list[str]:
        """Return the sources with most records in clusters."""
        order = sorted(self.sources.items(), key=lambda item: (-item[1], item[0]))
        return [name for name, _ in order[:most]]

    def first_sources(self, most: int) -> list[FirstSource]:
        """Return who published first, those who did so most often first."""
        names = sorted(self.first, key=lambda name: (-self.first[name], name))
        return [
            FirstSource(name, self.first[name], self.copied[name], self.copies[name])
            for name in names[:most]
        ]


def _steps(first: str, last: str) -> list[str]:
    """Return every day, month or year from one to another; empty if there are very many."""
    if len(first) == 4:
        return [f"{year:04}" for year in range(int(first), int(last) + 1)][:1000]
    if len(first) == 7:
        start, end = (int(text[:4]) * 12 + int(text[5:]) - 1 for text in (first, last))
        span = range(start, min(end, start + 1000) + 1)
        return [f"{month // 12:04}-{month % 12 + 1:02}" for month in span]
    start, end = (date.fromisoformat(text) for text in (first, last))
    span = range(min((end - start).days, 1000) + 1)
    return [(start + timedelta(days=n)).isoformat() for n in span]


def member_source(member: Member) -> str:
    """Return the source of a record, as everywhere: field, host, folder or file."""
    about = Metadata(member.id, url=member.url, source=member.source)
    return source_of(about, member.ref.rpartition("#")[0])


def moment(member: Member) -> datetime | None:
    """Return when a record was published, if it says so."""
    stamp = parse_date(member.date)
    if stamp == NO_DATE:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=stamp)


def published(members: tuple[Member, ...]) -> list[tuple[datetime, Member]]:
    """Return the dated records, the earliest first."""
    dated = [(when, member) for member in members if (when := moment(member)) is not None]
    return sorted(dated, key=lambda item: (item[0], item[1].id, item[1].ref))

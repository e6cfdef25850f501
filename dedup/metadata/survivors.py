"""Survivor policies: which record of a cluster is its representative, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.choices import SURVIVOR_RULES
from dedup.errors import SettingsError
from dedup.metadata.addresses import host_of
from dedup.metadata.ordering import order_by
from dedup.model import NO_DATE, Floats, Int64s, UInt64s

_TITLE, _URL, _SOURCE = 1, 2, 4
"""Places in the metadata of a record: id, title, url, date, source."""

FULLEST = "fullest"
"""The rule that looks at near copies: the one that leaves passages out gives way."""
AGAINST = "against"
"""Why a record of the corpus scanned against represents: it always does."""
LAST_RULES = ("digest", "id")
"""What decides when the named rules do not: the lower content digest, then the lower id."""

MetadataOf = Callable[[Int64s], Iterator[Sequence[str | None]]]
FieldNumbers = Callable[[str, Int64s], Floats]


def _nothing_known(rows: Int64s) -> Iterator[Sequence[str | None]]:
    return (("", None, None, None, None) for _ in range(len(rows)))


def _no_numbers(name: str, rows: Int64s) -> Floats:
    del name
    return np.full(len(rows), np.nan)


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What the policies look at, a row per record.

    Attributes
    ----------
    dates : int64 array
        Microseconds since 1970 (UTC); ``NO_DATE`` where a record has none.
    n_chars : int64 array
        Length of the text in code points.
    digests : uint64 array, shape (n, 2)
        Content digest of the raw text.
    against : bool array
        Records of the corpus that is scanned against: they always survive.
    metadata : function
        Yields id, title, url, date and source of some rows; only rules that look at
        them ask.
    numbers : function
        Returns the numbers that a field of the source holds in some rows, nan where it
        holds none; asked only for fields that the policy names.
    """

    dates: Int64s
    n_chars: Int64s
    digests: UInt64s
    against: NDArray[np.bool_]
    metadata: MetadataOf = _nothing_known
    numbers: FieldNumbers = _no_numbers


Key = Callable[[RecordFacts, Int64s], Int64s]
"""From facts and rows to a number for each row: the lowest survives."""


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One rule of a policy: its name as the user wrote it, and what it orders by."""

    name: str
    key: Key


def fullest(facts: RecordFacts, rows: Int64s) -> Int64s:
    """Prefer none by itself: pairs tell which copy is fuller (:mod:`dedup.metadata.fullest`)."""
    del facts
    return np.zeros(len(rows), np.int64)


def oldest(facts: RecordFacts, rows: Int64s) -> Int64s:
    """Prefer the earliest date; records without a date come last."""
    return facts.dates[rows]


def newest(facts: RecordFacts, rows: Int64s) -> Int64s:
    """Prefer the latest date; records without a date come last."""
    dates = facts.dates[rows]
    return np.where(dates == NO_DATE, NO_DATE, -dates)


def longest(facts: RecordFacts, rows: Int64s) -> Int64s:
    """Prefer the longest text."""
    return -facts.n_chars[rows]


def most_complete(facts: RecordFacts, rows: Int64s) -> Int64s:
    """Prefer the record with most of title, url, date and source."""
    filled = (sum(map(bool, known[_TITLE:])) for known in facts.metadata(rows))
    return -np.fromiter(filled, np.int64, len(rows))


def first(facts: RecordFacts, rows: Int64s) -> Int64s:
    """Prefer the record that was read first (depends on reading order)."""
    del facts
    return rows


def by_source(argument: str) -> Key:
    """Prefer sources in the order given, others last: ``source:reuters.com>apnews.com``."""
    places = {name.strip().lower(): at for at, name in enumerate(argument.split(">"))}
    if "" in places:
        message = f"survivor policy 'source:{argument}': name sources, as in source:a.org>b.org"
        raise SettingsError(message)

    def key(facts: RecordFacts, rows: Int64s) -> Int64s:
        found = (_place(places, known) for known in facts.metadata(rows))
        return np.fromiter(found, np.int64, len(rows))

    return key


def by_field(argument: str) -> Key:
    """Prefer the highest, or lowest, number in a field: ``field:score:max``; others last."""
    name, _, direction = argument.rpartition(":")
    if not name or direction not in ("max", "min"):
        message = (
            f"survivor policy 'field:{argument}': name a field and max or min, as in "
            "field:score:max"
        )
        raise SettingsError(message)

    def key(facts: RecordFacts, rows: Int64s) -> Int64s:
        numbers = facts.numbers(name, rows)
        ordered = -numbers if direction == "max" else numbers
        return np.unique(ordered, return_inverse=True)[1].astype(np.int64)  # nan comes last

    return key


def as_numbers(values: Iterable[str | None]) -> Floats:
    """Return values of a field as numbers; nan where they are none.

    Examples
    --------
    >>> as_numbers(["7", "2.50", "many", None]).tolist()
    [7.0, 2.5, nan, nan]
    """
    return np.array([_number(value) for value in values], np.float64)


def _number(value: str | None) -> float:
    """Return a value as a number; nan where it is none."""
    try:
        number = float(value) if value else np.nan
    except ValueError:
        return np.nan
    return number if np.isfinite(number) else np.nan


def _place(places: dict[str, int], known: Sequence[str | None]) -> int:
    """Return the place of a record's source: its field, or the host of its url."""
    source, url = known[_SOURCE], known[_URL]
    names = (source.lower() if source else None, host_of(url) if url else None)
    return min(places.get(name, len(places)) if name else len(places) for name in names)


POLICIES: dict[str, Key] = {
    FULLEST: fullest,
    "oldest": oldest,
    "newest": newest,
    "longest": longest,
    "most-complete": most_complete,
    "first": first,
}
"""Rules that are a word."""

ARGUED_POLICIES: dict[str, Callable[[str], Key]] = {"source": by_source, "field": by_field}
"""Rules that take an argument after a colon."""


def parse_policy(text: str) -> list[PolicyRule]:
    """Return the rules that a comma-separated policy names.

    Raises
    ------
    SettingsError
        For an unknown name, listing the known ones; or if ``fullest`` is not the first.
    """
    rules: list[PolicyRule] = []
    for name in [name.strip() for name in text.split(",") if name.strip()]:
        word, colon, argument = name.partition(":")
        if name in POLICIES:
            rules.append(PolicyRule(name, POLICIES[name]))
        elif colon and word in ARGUED_POLICIES:
            rules.append(PolicyRule(name, ARGUED_POLICIES[word](argument)))
        else:
            raise SettingsError(_unknown(name))
    if not rules:
        raise SettingsError(_unknown(text))
    if FULLEST in [rule.name for rule in rules[1:]]:
        message = (
            f"survivor policy {text!r}: {FULLEST} compares copies with each other and can only "
            f"come first, as in {FULLEST},oldest"
        )
        raise SettingsError(message)
    return rules


def policy_fields(text: str) -> list[str]:
    """Return the fields of the source that a policy looks at, each once.

    Raises
    ------
    SettingsError
        For an unknown name.

    Examples
    --------
    >>> policy_fields("field:score:max,oldest,field:meta.rank:min"), policy_fields("longest")
    (['score', 'meta.rank'], [])
    """
    arguments = [rule.name.partition(":") for rule in parse_policy(text)]
    named = [argument.rpartition(":")[0] for word, _, argument in arguments if word == "field"]
    return list(dict.fromkeys(named))


def _unknown(name: str) -> str:
    known = ", ".join(SURVIVOR_RULES)
    return f"unknown survivor policy {name!r}: choose from {known} (several with commas)"


def rank_records(facts: RecordFacts, policy: str, id_of: Callable[[int], str]) -> Int64s:
    """Return each record's place in the order in which records become representative.

    The named rules decide in their order; then the content digest, then the id.

    Parameters
    ----------
    facts : RecordFacts
    policy : str
        Names of rules, separated by commas.
    id_of : function
        Returns the id of a record; asked only for records that tie in all else.

    Returns
    -------
    int64 array, shape (n,)
        0 for the record that survives before all others.

    Raises
    ------
    SettingsError
        If the policy names a field in which no record has a number.
    """
    _check_fields(facts, policy)
    keys = (key for _, key in _keys(facts, policy, np.arange(len(facts.dates))))
    order, tied = order_by(keys, len(facts.dates))
    bounds = np.flatnonzero(np.diff(np.concatenate(([False], tied, [False])).astype(np.int8)))
    for start, last in bounds.reshape(-1, 2).tolist():
        rows = np.sort(order[start : last + 1]).tolist()
        order[start : last + 1] = sorted(rows, key=id_of)
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    return ranks


def _check_fields(facts: RecordFacts, policy: str) -> None:
    """Raise if a field that the policy names is nowhere: it would decide nothing, unsaid."""
    rows = np.arange(len(facts.dates))
    for name in policy_fields(policy):
        if len(rows) and np.isnan(facts.numbers(name, rows)).all():
            message = (
                f"survivor policy {policy!r}: none of the {len(rows):,} records has a number in "
                f"a field {name!r}. Names must match exactly; a dot looks into nested objects, "
                "as in field:metadata.score:max"
            )
            raise SettingsError(message)


def deciding_rules(facts: RecordFacts, policy: str, kept: Int64s, next_best: Int64s) -> list[str]:
    """Return which rule put each record of ``kept`` before the one of ``next_best``.

    Returns
    -------
    list of str
        Names of rules as the policy has them, ``against``, ``digest`` or ``id``.
    """
    found = np.full(len(kept), LAST_RULES[1], np.object_)
    tied = np.ones(len(kept), np.bool_)
    both = np.concatenate((kept, next_best))
    for name, key in _keys(facts, policy, both):
        differs = tied & (key[: len(kept)] != key[len(kept) :])
        found[differs] = name
        tied &= ~differs
    return found.tolist()


def _keys(
    facts: RecordFacts, policy: str, rows: Int64s
) -> Iterator[tuple[str, NDArray[np.generic]]]:
    """Yield what orders records, first decides: names of rules and numbers of the rows."""
    yield AGAINST, (~facts.against[rows]).astype(np.int64)
    for rule in parse_policy(policy):
        yield rule.name, rule.key(facts, rows)
    for half in (0, 1):
        yield LAST_RULES[0], facts.digests[rows, half]


def lead_units(units: Int64s, record_ranks: Int64s) -> Int64s:
    """Return the record of each unit that the survivor policy puts first.

    Parameters
    ----------
    units : int64 array, shape (n_records,)
        The unit of each record, -1 for none; every unit has a record.
    record_ranks : int64 array, shape (n_records,)

    Returns
    -------
    int64 array, shape (n_units,)
    """
    order = np.empty_like(record_ranks)
    order[len(order) - 1 - record_ranks] = np.arange(len(order))  # by rank, the last first
    order = order[units[order] >= 0]
    leading = np.empty(int(units.max(initial=-1)) + 1, np.int64)
    leading[units[order]] = order  # the last one written ranks first
    return leading

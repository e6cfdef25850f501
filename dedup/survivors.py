"""Survivor policies: which record of a cluster is its representative."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dedup.errors import SettingsError
from dedup.model import NO_DATE, Int64s, UInt64s


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
    """

    dates: Int64s
    n_chars: Int64s
    digests: UInt64s
    against: np.ndarray[tuple[int], np.dtype[np.bool_]]


def oldest(facts: RecordFacts) -> Int64s:
    """Prefer the earliest date; records without a date come last."""
    return facts.dates


def newest(facts: RecordFacts) -> Int64s:
    """Prefer the latest date; records without a date come last."""
    return np.where(facts.dates == NO_DATE, NO_DATE, -facts.dates)


def longest(facts: RecordFacts) -> Int64s:
    """Prefer the longest text."""
    return -facts.n_chars


def first(facts: RecordFacts) -> Int64s:
    """Prefer the record that was read first (depends on reading order)."""
    return np.arange(len(facts.dates))


POLICIES: dict[str, Callable[[RecordFacts], Int64s]] = {
    "oldest": oldest,
    "newest": newest,
    "longest": longest,
    "first": first,
}


def parse_policy(text: str) -> list[Callable[[RecordFacts], Int64s]]:
    """Return the rules that a comma-separated policy names.

    Raises
    ------
    SettingsError
        For an unknown name, listing the known ones.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in POLICIES]
    if unknown or not names:
        message = f"unknown survivor policy {unknown or text!r}: choose from {', '.join(POLICIES)}"
        raise SettingsError(message)
    return [POLICIES[name] for name in names]


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
    """
    keys = [facts.digests[:, 1], facts.digests[:, 0]]
    keys += [rule(facts) for rule in reversed(parse_policy(policy))]
    keys.append((~facts.against).astype(np.int64))
    order = np.lexsort(keys)
    tied = np.ones(max(len(order) - 1, 0), np.bool_)
    for key in keys:
        tied &= key[order[1:]] == key[order[:-1]]
    inside = np.concatenate((tied, [False])) | np.concatenate(([False], tied))
    starts = np.flatnonzero(inside & ~np.concatenate(([False], tied)))
    ends = np.flatnonzero(inside & ~np.concatenate((tied, [False]))) + 1
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        order[start:end] = sorted(order[start:end].tolist(), key=id_of)
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    return ranks


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
    order = np.argsort(record_ranks)[::-1]
    order = order[units[order] >= 0]
    leading = np.empty(int(units.max(initial=-1)) + 1, np.int64)
    leading[units[order]] = order  # the last one written ranks first
    return leading

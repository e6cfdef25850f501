"""What the records read are: parts that add up to all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dedup.report.amounts import copies, number


@dataclass(frozen=True, slots=True)
class Account:
    """One line of the sum that every record is part of."""

    name: str
    n: int
    note: str


def accounts(counts: Mapping[str, int], verdicts: Mapping[str, int]) -> Iterator[Account]:
    """Yield the parts that the records read divide into; they add up to ``read``.

    Parameters
    ----------
    counts : mapping of str to int
    verdicts : mapping of str to int
        How many copies are of which verdict.
    """
    in_clusters = f"in {number(counts['clusters'], 'cluster')}: {counts['removable']:,} could go"
    if told := copies(verdicts):
        in_clusters += f" ({told})"
    notes = {
        "unique": "in no cluster",
        "members": in_clusters,
        "empty": "without a word",
        "quarantined": "could not be read",
    }
    for name, note in notes.items():
        if counts[name] or name in ("unique", "members"):
            yield Account(name, counts[name], note)

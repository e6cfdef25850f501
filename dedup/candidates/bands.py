"""The curve of locality-sensitive hashing, and bands and rows chosen by it."""

from __future__ import annotations

from dedup.errors import SettingsError


def candidate_probability(jaccard: float, bands: int, rows: int) -> float:
    """Return the probability that a pair shares at least one bucket.

    Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, section 3.4.2.

    Examples
    --------
    >>> round(candidate_probability(0.47, 42, 3), 2)
    0.99
    """
    return 1.0 - (1.0 - jaccard**rows) ** bands


def choose_bands(jaccard: float, num_perm: int, probability: float = 0.99) -> tuple[int, int]:
    """Return the bands and rows that find pairs at ``jaccard`` with ``probability``.

    Of all that do, the one with the most rows: the fewest false candidates.

    Examples
    --------
    >>> choose_bands(0.48, 128)
    (42, 3)
    >>> choose_bands(0.8, 128)
    (21, 6)
    """
    for rows in range(num_perm, 0, -1):
        bands = num_perm // rows
        if candidate_probability(jaccard, bands, rows) >= probability:
            return bands, rows
    message = (
        f"{num_perm} signature values cannot find pairs at Jaccard {jaccard} with probability "
        f"{probability}: ask for more values or a higher similarity"
    )
    raise SettingsError(message)

"""Limits that were met, in words that need no other page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dedup.report.amounts import number


def below_the_curve(counts: Mapping[str, int], max_bucket: int) -> str:
    """Say where pairs are proposed less surely than the curve of bands tells; nothing if nowhere.

    Parameters
    ----------
    counts : mapping of str to int
    max_bucket : int
        Texts from which on a bucket is divided, and its pairs have to share more.
    """
    full = counts.get("full_buckets", 0)
    if not full:
        return ""
    return (
        f"This holds outside of {number(full, 'over-full bucket')} (more than {max_bucket:,} "
        "texts, setting max_bucket): pairs in these, often reports of one form, are proposed "
        "less surely. `dedup audit` measures how many were missed."
    )


def caps(counts: Mapping[str, int]) -> Iterator[str]:
    """Tell every limit that was met."""
    if n := counts.get("anchored_units", 0):
        yield (
            f"{n:,} times a text stood in a bucket too full to compare all pairs (texts in one "
            "bucket may be alike) and was compared with its anchors only, a few of its texts "
            "(settings max_bucket and anchors)"
        )
    if n := counts.get("capped_units", 0):
        yield (
            f"{number(n, 'text')} met the limit of representatives, the records that are kept, to "
            "be compared with on demand (setting max_on_demand)"
        )

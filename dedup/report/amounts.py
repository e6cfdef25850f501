"""Amounts in words: numbers of things, sizes, shares."""

from __future__ import annotations

from collections.abc import Mapping


def number(n: int, noun: str) -> str:
    """Return a number of things in words.

    Examples
    --------
    >>> number(1, "day"), number(1200, "record")
    ('1 day', '1,200 records')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def files_or_folders(n: int) -> str:
    """Return a number of paths in words.

    Examples
    --------
    >>> files_or_folders(1), files_or_folders(1200)
    ('1 file or folder', '1,200 files or folders')
    """
    return "1 file or folder" if n == 1 else f"{n:,} files or folders"


def copies(verdicts: Mapping[str, int]) -> str:
    """Return how many copies are of which verdict, in words.

    Examples
    --------
    >>> copies({"near": 1694, "exact": 66})
    '66 exact, 1,694 near'
    """
    names = ("exact", "normalised", "near")
    return ", ".join(f"{verdicts[name]:,} {name}" for name in names if verdicts.get(name))


def line_range(first: int, last: int) -> str:
    """Return a range of lines in words.

    Examples
    --------
    >>> line_range(3, 3), line_range(3, 5)
    ('line 3', 'lines 3–5')
    """
    return f"line {first}" if first == last else f"lines {first}–{last}"


def size_of(n_bytes: float) -> str:
    """Return a size in words.

    Examples
    --------
    >>> size_of(37_000), size_of(5_000_000)
    ('37 kB', '5.0 MB')
    """
    for unit in ("bytes", "kB", "MB", "GB"):
        if n_bytes < 1000 or unit == "GB":
            shown = f"{n_bytes:.0f}" if unit in ("bytes", "kB") else f"{n_bytes:.1f}"
            return f"{shown} {unit}"
        n_bytes /= 1000
    return ""


def percent(share: float) -> str:
    """Return a share in words: 0% is none of it, and 100% all of it.

    Examples
    --------
    >>> percent(0), percent(0.001), percent(0.2), percent(0.999), percent(1)
    ('0%', 'under 1%', '20%', 'over 99%', '100%')
    """
    shown = f"{share:.0%}"
    if shown == "0%" and share > 0:
        return "under 1%"
    if shown == "100%" and share < 1:
        return "over 99%"
    return shown

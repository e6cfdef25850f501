"""The runs of tokens that two texts share, and those of them in one order: the plain specification.

``kernels/runs.py`` computes the same over arrays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

# The same as in kernels/runs.py and kernels/shingle_index.py, which need numba; a test holds
# them together.
OCCURRENCES = 16
CHAINED = 32

Run = tuple[int, int, int]
"""Where it begins on the left and on the right, and how many tokens it has."""


def follow_runs(left: list[int], right: list[int], width: int) -> list[Run]:
    """Return the runs that two texts share, in the order of the right one.

    A run goes on where the one before it would, if the left text has it there; else at the first
    of ``OCCURRENCES`` places behind the run before; else at its first place.

    Parameters
    ----------
    left, right : list of int
        Token hashes.
    width : int
        Tokens of the shortest run.
    """
    places: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for place in range(len(left) - width + 1):
        places[tuple(left[place : place + width])].append(place)
    runs: list[Run] = []
    start = 0
    while start <= len(right) - width:
        words = right[start : start + width]
        at = start + runs[-1][0] - runs[-1][1] if runs else -1
        if at < 0 or left[at : at + width] != words:
            found = places.get(tuple(words))
            if not found:
                start += 1
                continue
            end = runs[-1][0] + runs[-1][2] if runs else 0
            at = next((place for place in found[:OCCURRENCES] if place >= end), found[0])
        length = _length_of_run(left, at, right, start)
        runs.append((at, start, length))
        start += length - width + 1
    return runs


def _length_of_run(left: list[int], at: int, right: list[int], start: int) -> int:
    """Count the tokens that are the same on the left and on the right from two places on."""
    most = min(len(left) - at, len(right) - start)
    differ = (length for length in range(most) if left[at + length] != right[start + length])
    return next(differ, most)


def chain(runs: list[Run]) -> list[Run]:
    """Return the runs that are in order in both texts, as many tokens as can be.

    Each goes on from one of ``CHAINED`` runs before it, or from the best chain so far.

    Parameters
    ----------
    runs : list of Run
        In the order of the right text.
    """
    tokens: list[int] = []
    before: list[int] = []
    best = 0
    for number, (at, _, length) in enumerate(runs):
        choices = [*range(number - 1, max(number - CHAINED, 0) - 1, -1), best]
        in_order = [
            choice
            for choice in choices
            if choice < number
            and runs[choice][0] < at
            and runs[choice][0] + runs[choice][2] < at + length
        ]
        chosen = max(in_order, key=tokens.__getitem__, default=-1)
        before.append(chosen)
        tokens.append(length + (tokens[chosen] if in_order else 0))
        best = max(best, number, key=tokens.__getitem__)
    kept: list[Run] = []
    number = best if runs else -1
    while number >= 0:
        kept.append(runs[number])
        number = before[number]
    return kept[::-1]


def around(left: list[int], right: list[int], runs: list[Run]) -> Iterator[tuple[slice, slice]]:
    """Yield what stands before, between and after runs on the left and on the right.

    Where a run begins before the end of the one before it, a slice ends before its start.

    Parameters
    ----------
    left, right : list of int
        Token hashes.
    runs : list of Run
    """
    ends = (0, 0)
    for at, start, length in [*runs, (len(left), len(right), 0)]:
        yield slice(ends[0], at), slice(ends[1], start)
        ends = at + length, start + length

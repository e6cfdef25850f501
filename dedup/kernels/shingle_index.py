"""The shingles of one text in a table, to find the runs that another text shares with it."""

from __future__ import annotations

import numpy as np
from numba import njit

from dedup.kernels import part
from dedup.kernels.shingles import is_common, leaving_factor, open_state, roll
from dedup.kernels.words import finish

U = np.uintp
UPPER_HALF = np.uint64(0xFFFFFFFF00000000)
OCCURRENCES = 16
"""Places of one shingle that are tried, to find one behind the last run."""


@part
def index_shingles(tokens, width, common, slots, mask, places):
    """Put the positions of each shingle of the base into a table.

    A slot holds the upper half of the shingle and one more than its first position; 0 is
    free. ``places`` is ``(following, leader, last, met, distinctive)``, a row a position:
    the next place of the same shingle (-1 after the last), the first one; and for first
    places the last one so far, the last stamp that met the shingle, and 1 unless the
    shingle is common.
    """
    following, leader, last, met, distinctive = places
    for slot in range(mask + U(1)):
        slots[slot] = 0
    if len(tokens) < width:
        return
    factor = leaving_factor(width)
    state = open_state(tokens, U(0), width)
    for i in range(U(len(tokens) - width + 1)):
        if i > 0:
            state = roll(state, tokens[i - U(1)], tokens[i + U(width - 1)], factor)
        key = finish(state)
        slot = U(key) & mask
        entry = slots[slot]
        while entry != 0 and not _is_shingle(entry, key, tokens, tokens, np.int64(i), width):
            slot = (slot + U(1)) & mask
            entry = slots[slot]
        following[i] = -1
        if entry == 0:
            slots[slot] = (key & UPPER_HALF) | np.uint64(i + U(1))
            leader[i], last[i], met[i] = i, i, 0
            distinctive[i] = not is_common(key, common)
        else:
            lead = U(entry & ~UPPER_HALF) - U(1)
            leader[i] = lead
            following[U(last[lead])] = i
            last[lead] = i


@njit(inline="always")
def _is_shingle(entry, key, base, tokens, at, width):
    """Whether a slot holds the shingle with this key, which stands in a text at ``at``."""
    if (entry ^ key) & UPPER_HALF != 0:
        return False
    return equal(base, np.int64(entry & ~UPPER_HALF) - 1, tokens, at, width)


@njit(inline="always")
def _find(key, texts, r, width, index, end):
    """Return where a shingle of the other text stands in the base, or -1.

    From ``end`` on if it can be, else its first place.
    """
    base, right = texts
    slots, mask, following = index
    slot = U(key) & mask
    entry = slots[slot]
    while entry != 0 and not _is_shingle(entry, key, base, right, r, width):
        slot = (slot + U(1)) & mask
        entry = slots[slot]
    first = np.int64(entry & ~UPPER_HALF) - 1
    if not 0 <= first < end:
        return first
    at = np.int64(following[U(first)])
    tried = 2
    while 0 <= at < end and tried < OCCURRENCES:
        at = np.int64(following[U(at)])
        tried += 1
    return at if at >= end else first


@part
def next_run(texts, r, shift, width, index, end):
    """Return the next shingle of the other text from ``r`` on that the base holds.

    ``shift`` is how far ahead the run before stood in the base: its own continuation
    comes before other places. One call covers a whole gap: passing the arrays costs
    more than looking up a shingle.

    Returns
    -------
    int, int
        Its places in the other text and in the base; -1 in the base if there is none.
    """
    left, right = texts
    n_left, n_right = len(left), len(right)
    if r + width > n_right:
        return r, np.int64(-1)
    factor = leaving_factor(width)
    state = open_state(right, U(r), width)
    streak = 0  # tokens up to here that agree with the base at this shift
    for k in range(r, r + width - 1):
        agrees = 0 <= k + shift < n_left and left[U(k + shift)] == right[U(k)]
        streak = streak + 1 if agrees else 0
    while True:
        ahead = r + width - 1
        if 0 <= ahead + shift < n_left and left[U(ahead + shift)] == right[U(ahead)]:
            streak += 1
            if streak >= width:
                return r, r + shift
        else:
            streak = 0
        at = _find(finish(state), texts, r, width, index, end)
        if at >= 0:
            return r, at
        if r + width >= n_right:
            return r, np.int64(-1)
        state = roll(state, right[U(r)], right[U(r + width)], factor)
        r += 1


@njit(inline="always")
def equal(left, at, right, r, width):
    """Whether ``width`` tokens agree."""
    for k in range(width):
        if left[U(at + k)] != right[U(r + k)]:
            return False
    return True


@part
def meet(places, at, n, stamp):
    """Count the shingles at ``n`` positions of the base that this stamp has not met yet.

    Returns their number, and that of those that are not common.
    """
    leader, met, is_distinctive = places[1], places[3], places[4]
    every, distinctive = 0, 0
    for i in range(U(at), U(at + n)):
        lead = U(leader[i])
        if met[lead] != stamp:
            met[lead] = stamp
            every += 1
            distinctive += is_distinctive[lead]
    return every, distinctive

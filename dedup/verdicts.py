"""The one function from scores to verdict, and how scores are rounded."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.config import (
    FLOOR_CERTAIN,
    FLOOR_CONTAINMENT,
    FLOOR_DISTINCTIVE,
    FLOOR_JACCARD,
    Rule,
)
from dedup.model import Bytes, Floats, Verdict
from dedup.pairs import ScoredPairs

SCORE_DIGITS = 6
"""Scores are rounded to these decimals before any threshold is applied."""


def ratio(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    """Return part / whole rounded as every score is, 0 where the whole is 0.

    Examples
    --------
    >>> ratio(np.array([1, 0]), np.array([3, 0])).tolist()
    [0.333333, 0.0]
    """
    safe = np.where(whole == 0, 1, whole)
    shares: Floats = np.where(whole == 0, 0.0, part / safe)
    return np.round(shares, SCORE_DIGITS)


def above_floor(
    jaccard: Floats, containment: Floats, distinctive_containment: Floats
) -> NDArray[np.bool_]:
    """Return which pairs are scored in full and recorded.

    Pairs that share next to nothing but common shingles are left out below
    ``FLOOR_CERTAIN``: no verdict can come of them, and fifty thousand pages with one
    long boilerplate make hundreds of thousands of them.
    """
    related = (jaccard >= FLOOR_JACCARD) | (containment >= FLOOR_CONTAINMENT)
    distinctive = distinctive_containment >= FLOOR_DISTINCTIVE
    return related & (distinctive | (jaccard >= FLOOR_CERTAIN))


def judge(pairs: ScoredPairs, rule: Rule) -> Bytes:
    """Return the verdict of each pair from its scores alone.

    The rule, first match decides (docs/algorithm.md, step 9, has the reasons):

    1. Every differing token holds a digit: ``template``, if the overlap would make
       the pair ``near`` or a link.
    2. Jaccard from ``near_certain_jaccard``: ``near``; but ``template`` for tables
       whose numbers differ.
    3. Otherwise the cosine must reach ``min_cosine``, and either Jaccard
       ``link_jaccard`` or containment ``link_containment``, each with
       ``min_distinctive`` left over once common shingles are left out.
    4. Of those, pairs whose numbers disagree are ``template``.
    5. What remains is ``near`` from ``near_jaccard``, else ``contained`` if one text
       holds most of the other, else ``rewrite``.

    Parameters
    ----------
    pairs : ScoredPairs
        The field ``verdict`` is not read.
    rule : Rule

    Returns
    -------
    uint8 array
        Values of :class:`dedup.model.Verdict`; ``NONE`` where the texts are unrelated.
    """
    containment = np.maximum(pairs.containment_left, pairs.containment_right)
    certain = pairs.jaccard >= rule.near_certain_jaccard
    alike = (pairs.jaccard >= rule.link_jaccard) & (
        pairs.distinctive_jaccard >= rule.min_distinctive
    )
    held = (
        (containment >= rule.link_containment)
        & (pairs.distinctive_containment >= rule.min_distinctive)
        & (pairs.shorter >= rule.contained_min_tokens)
    )
    related = certain | ((pairs.cosine >= rule.min_cosine) & (alike | held))
    long_text = (pairs.shorter >= rule.long_text_tokens) & (pairs.jaccard >= rule.long_text_jaccard)
    agree = (pairs.number_agreement >= rule.min_number_agreement) | certain | long_text
    agree = np.where(pairs.table, pairs.numbers_equal, agree)
    strength = np.where(
        containment >= rule.contained_from, int(Verdict.CONTAINED), int(Verdict.REWRITE)
    )
    strength = np.where(pairs.jaccard < rule.link_jaccard, int(Verdict.CONTAINED), strength)
    strength = np.where(pairs.jaccard >= rule.near_jaccard, int(Verdict.NEAR), strength)
    template = pairs.only_numbers_differ | ~agree
    verdicts = np.where(template, int(Verdict.TEMPLATE), strength)
    return np.where(related, verdicts, int(Verdict.NONE)).astype(np.uint8)

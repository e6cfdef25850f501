"""The one function from scores to verdict, and how scores are rounded."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.model import Bytes, Floats, Reason, Stories, Story, Verdict
from dedup.pairs import ScoredPairs
from dedup.rule import FLOOR_CERTAIN, FLOOR_CONTAINMENT, FLOOR_DISTINCTIVE, FLOOR_JACCARD, Rule

SCORE_DIGITS = 6
"""Scores are rounded to these decimals before any threshold is applied."""
_VERDICTS = np.array([reason.verdict for reason in Reason], np.uint8)
_Row = tuple[Reason, NDArray[np.bool_]]


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


def judge(pairs: ScoredPairs, stories: Stories, rule: Rule) -> None:
    """Fill in the reason and the verdict of each pair, from its scores and what metadata says.

    Parameters
    ----------
    pairs : ScoredPairs
        The fields ``verdict`` and ``reason`` are not read, but filled.
    stories : Stories
        Asked for pairs that only what is replaced keeps from being ``near``.
    rule : Rule
    """
    pairs.reason = reasons(pairs, rule)
    pairs.verdict = verdicts_of(pairs.reason)
    forgive_corrections(pairs, stories, rule)


def verdicts_of(reasons: Bytes) -> Bytes:
    """Return the verdict that each reason gives.

    Examples
    --------
    >>> verdicts_of(np.array([Reason.MOST_SHARED], np.uint8)).tolist() == [Verdict.NEAR]
    True
    """
    return _VERDICTS[reasons]


def reasons(pairs: ScoredPairs, rule: Rule) -> Bytes:
    """Return what decides each pair, from its scores alone.

    The first row of the rule that a pair meets decides (docs/algorithm.md, step 9).

    Parameters
    ----------
    pairs : ScoredPairs
        The fields ``verdict`` and ``reason`` are not read.
    rule : Rule

    Returns
    -------
    uint8 array
        Values of :class:`dedup.model.Reason`.
    """
    containment = np.maximum(pairs.containment_left, pairs.containment_right)
    close = _is_close(pairs, rule)
    held = (containment >= rule.contained_from) | (pairs.jaccard < rule.link_jaccard)
    held &= pairs.numbers_replaced == 0
    rows = (
        *_unrelated(pairs, rule),
        *_forms(pairs, rule),
        (Reason.NUMBER_IN_DOUBT, close & (pairs.number_agreement < rule.near_number_agreement)),
        (Reason.NAME_IN_DOUBT, close & _renames(pairs, rule)),
        (Reason.PASSAGE_REPLACED, close & _has_own_passages(pairs, rule)),
        (Reason.NEARLY_ALL_SHARED, close & (pairs.jaccard >= rule.near_certain_jaccard)),
        (Reason.MOST_SHARED, close & (pairs.jaccard >= rule.near_scattered_jaccard)),
        (Reason.SCATTERED_EDITS, close & _is_scattered(pairs, rule)),
        (Reason.MOST_HELD, held),
    )
    found = np.select(
        [meets for _, meets in rows], [int(reason) for reason, _ in rows], int(Reason.PARTLY_SHARED)
    )
    return found.astype(np.uint8)


def is_guarded(pairs: ScoredPairs, rule: Rule) -> NDArray[np.bool_]:
    """Return which judged pairs only what is replaced keeps from being ``near``."""
    judged = (pairs.verdict != Verdict.NONE) & (pairs.verdict != Verdict.NEAR)
    return judged & _is_close(pairs, rule)


def correct(pairs: ScoredPairs, stories: Bytes, rule: Rule) -> Bytes:
    """Return the reasons of guarded pairs, given what metadata says of them.

    Versions of one story become ``near``: what is replaced is corrected. The same page
    may change as it likes, unless most numbers are replaced: it may hold a new report
    every day. The same source and title are not enough where several
    numbers, a number and a word, a name or a passage are replaced: a weekly report has
    them in every issue, and so has a column of obituaries.

    Parameters
    ----------
    pairs : ScoredPairs
        Pairs that :func:`is_guarded` points out.
    stories : uint8 array
        Values of :class:`dedup.model.Story`.
    rule : Rule
    """
    slight = (pairs.numbers_replaced < rule.form_numbers) & ~_renames(pairs, rule)
    slight &= (pairs.numbers_replaced == 0) | (pairs.words_replaced == 0)
    slight &= ~_has_own_passages(pairs, rule)
    slight &= (pairs.jaccard >= rule.near_scattered_jaccard) | _is_scattered(pairs, rule)
    same_title = (stories == Story.SAME_TITLE) & slight
    other_issue = pairs.numbers_replaced >= rule.form_numbers
    other_issue &= pairs.number_agreement < rule.page_number_agreement
    same_page = (stories == Story.SAME_PAGE) & ~other_issue
    reasons = np.where(same_title, int(Reason.SAME_TITLE), pairs.reason)
    reasons = np.where(same_page, int(Reason.SAME_PAGE), reasons)
    return reasons.astype(np.uint8)


def forgive_corrections(pairs: ScoredPairs, stories: Stories, rule: Rule) -> None:
    """Make guarded pairs of one story's versions ``near``, in place.

    Parameters
    ----------
    pairs : ScoredPairs
        Judged.
    stories : Stories
        Asked for guarded pairs only.
    rule : Rule
    """
    rows = np.flatnonzero(is_guarded(pairs, rule))
    told = stories(pairs.left[rows], pairs.right[rows])
    pairs.reason[rows] = correct(pairs.take(rows), told, rule)
    pairs.verdict[rows] = verdicts_of(pairs.reason[rows])


def _is_close(pairs: ScoredPairs, rule: Rule) -> NDArray[np.bool_]:
    """Whether the overlap is high enough for ``near``, all else granted."""
    return (pairs.jaccard >= rule.near_jaccard) & (pairs.cosine >= rule.near_cosine)


def _is_scattered(pairs: ScoredPairs, rule: Rule) -> NDArray[np.bool_]:
    """Whether what differs is a word here and there, and no passage at any place."""
    lost = (1 - np.minimum(pairs.containment_left, pairs.containment_right)) * pairs.shorter
    cheap = lost <= rule.gap_words * pairs.gaps
    replaced = pairs.words_replaced
    edits = (lost <= rule.scattered_words * replaced) & (replaced >= rule.scattered_places)
    return (cheap | edits) & (pairs.shorter >= rule.short_text_tokens)


def _renames(pairs: ScoredPairs, rule: Rule) -> NDArray[np.bool_]:
    """Whether names are replaced, or one throughout."""
    share = rule.form_name_share * pairs.words_replaced
    return (pairs.names_replaced >= rule.form_names) & (pairs.names_replaced >= share)


def _has_own_passages(pairs: ScoredPairs, rule: Rule) -> NDArray[np.bool_]:
    """Whether each text has a passage where the other has another."""
    least = rule.passage_share * pairs.shorter
    return (pairs.passage_words > 0) & (pairs.passage_words >= least)


def _unrelated(pairs: ScoredPairs, rule: Rule) -> list[_Row]:
    """Return what pairs lack that are not related at all."""
    containment = np.maximum(pairs.containment_left, pairs.containment_right)
    open_ = pairs.jaccard < rule.near_certain_jaccard
    alike = pairs.jaccard >= rule.link_jaccard
    held = containment >= rule.link_containment
    overlaps = alike | held
    alike &= pairs.distinctive_jaccard >= rule.min_distinctive
    held &= pairs.distinctive_containment >= rule.min_distinctive
    distinctive = alike | held
    held &= pairs.shorter >= rule.contained_min_tokens
    excerpt = held & (pairs.distinctive_containment >= rule.excerpt_distinctive)
    excerpt &= (pairs.jaccard < rule.near_jaccard) & (pairs.shorter >= rule.excerpt_min_tokens)
    return [
        (Reason.LOW_OVERLAP, open_ & ~overlaps),
        (Reason.LITTLE_DISTINCTIVE, open_ & ~distinctive),
        (Reason.TOO_SHORT_TO_CONTAIN, open_ & ~(alike | held)),
        (Reason.LOW_COSINE, open_ & ~excerpt & (pairs.cosine < rule.min_cosine)),
    ]


def _forms(pairs: ScoredPairs, rule: Rule) -> list[_Row]:
    """Return which pairs look filled in from one form: reports, not copies.

    Any of these: every differing token holds a digit; one is a table with other numbers;
    numbers disagree, several of them or in a short text, and the overlap leaves room for
    that; a name is replaced throughout, and a number with it; several names are replaced and
    hardly anything else; what makes the overlap high is common to many texts.
    """
    common = pairs.distinctive_jaccard < rule.near_distinctive
    alike = (pairs.jaccard >= rule.near_jaccard) & (pairs.jaccard < rule.near_certain_jaccard)
    several = pairs.numbers_replaced >= rule.form_numbers
    several &= pairs.numbers_replaced * rule.form_number_every >= pairs.shorter
    several |= pairs.shorter < rule.short_text_tokens
    several &= pairs.jaccard < rule.near_certain_jaccard
    several &= pairs.number_agreement < rule.min_number_agreement
    replaced = (pairs.numbers_replaced > 0) | (pairs.jaccard < rule.near_jaccard)
    named = pairs.names_replaced >= rule.template_names
    named &= pairs.names_replaced >= rule.template_name_share * pairs.words_replaced
    return [
        (Reason.ONLY_NUMBERS_DIFFER, pairs.only_numbers_differ),
        (Reason.OTHER_TABLE, pairs.table & ~pairs.numbers_equal & replaced),
        (Reason.NUMBERS_REPLACED, several),
        (Reason.NAME_AND_NUMBER_REPLACED, _renames(pairs, rule) & (pairs.numbers_replaced > 0)),
        (Reason.NAMES_REPLACED, named),
        (Reason.COMMON_WORDING, common & alike),
    ]

"""Pairs of press releases by who sent them and when: labels of a kind for a set without labels.

``python -m benchmarks.quality.releases RELEASES.jsonl`` scans releases whose ids tell sender and
day (``Clinton/5May2006Clinton535``) and counts removable pairs under each rule. Two senders with
one text within three days are a joint release; one sender with nearly one text more than a week
apart is, nearly always, another announcement in the same words. Neither is certain, both are
independent of every score.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.scores import gap_costs, quartiles
from dedup import Result, Settings, scan
from dedup.model import Verdict
from dedup.pairs import ScoredPairs
from dedup.rule import RULES, Rule
from dedup.scoring import stories_of
from dedup.verdicts import judge

FIRST = Rule(
    near_scattered_jaccard=0.5,
    near_number_agreement=0.75,
    form_number_every=1_000_000,
    page_number_agreement=0.0,
    contained_min_tokens=30,
    rare_word_share=0.0,
    template_names=1_000_000,
    passage_share=1.0,
)
"""The rule that the tuning began with; scores are others too where no word is rare."""
BANDS = (0.5, 0.6, 0.7, 0.8, 0.9)
GROUPS = ("joint", "one sender, a week apart", "one sender, one week", "other")
_find_day = re.compile(r"(\d{1,2})([A-Za-z]{3})[a-z]*?(\d{4})").match


def group_of(left: str, right: str) -> str:
    """Return what two ids say of a pair.

    Examples
    --------
    >>> group_of("Craig/17Oct2007Craig85", "Crapo/17Oct2007Crapo63")
    'joint'
    >>> group_of("Craig/17Oct2007Craig85", "Craig/1May2004Craig7")
    'one sender, a week apart'
    """
    (sender, one), (other_sender, other) = map(read_id, (left, right))
    if one is None or other is None:
        return "other"
    gap = abs((one - other).days)
    if sender == other_sender:
        return GROUPS[1] if gap > 7 else GROUPS[2]
    return GROUPS[0] if gap <= 3 else "other"


def read_id(id: str) -> tuple[str, date | None]:
    """Return the sender and the day that an id tells.

    Examples
    --------
    >>> read_id("Craig/17Oct2007Craig85")
    ('Craig', datetime.date(2007, 10, 17))
    """
    sender, _, rest = id.partition("/")
    found = _find_day(rest)
    try:
        day = datetime.strptime(" ".join(found.groups()), "%d %b %Y").date() if found else None
    except ValueError:
        day = None
    return sender, day


def count(result: Result, rule: Rule) -> Counter[tuple[str, float]]:
    """Count removable pairs by group and band of Jaccard."""
    pairs = result.found.pairs
    leads = result.found.order.leads
    stories = stories_of(result.found.records.metadata)
    judge(pairs, lambda left, right: stories(leads[left], leads[right]), rule)
    near = np.flatnonzero(pairs.verdict == Verdict.NEAR)
    groups = _groups(result, pairs.take(near)).tolist()
    bands = [max(edge for edge in BANDS if edge <= jaccard) for jaccard in pairs.jaccard[near]]
    return Counter(zip(groups, bands, strict=True))


def _groups(result: Result, pairs: ScoredPairs) -> NDArray[np.str_]:
    """Return the group of each pair."""
    leads = result.found.order.leads
    ids = [result.columns.ids(leads[ends]) for ends in (pairs.left, pairs.right)]
    return np.array([group_of(*pair) for pair in zip(*ids, strict=True)], np.str_)


def lines(at_first: Result, result: Result) -> Iterator[str]:
    """Yield a Markdown table of two scans, by the first rule and by ours."""
    yield "| rule | pairs | " + " | ".join(f"from {band}" for band in BANDS) + " | all |"
    yield "|---|---" + "|--:" * (len(BANDS) + 1) + "|"
    for name, rule in {"at first": FIRST, **RULES}.items():
        counts = count(at_first if rule == FIRST else result, rule)
        for group in GROUPS:
            cells = [counts[group, band] for band in BANDS]
            shown = " | ".join(map(str, (*cells, sum(cells))))
            yield f"| {name} | {group} | {shown} |"


def number_lines(result: Result) -> Iterator[str]:
    """Yield how many pairs that are near by the first rule replace no number, by group."""
    count(result, FIRST)
    near = result.found.pairs.take(result.found.pairs.verdict == Verdict.NEAR)
    groups = _groups(result, near)
    yield "| near at first | pairs | replace no number | share |"
    yield "|---|--:|--:|--:|"
    for group in GROUPS:
        kept = near.numbers_replaced[groups == group] == 0
        if len(kept):
            yield f"| {group} | {len(kept)} | {int(kept.sum())} | {kept.mean():.2f} |"


def cost_lines(result: Result) -> Iterator[str]:
    """Yield what a gap costs in pairs of Jaccard .5 to .7, near by the first rule."""
    count(result, FIRST)
    pairs = result.found.pairs
    pairs = pairs.take((pairs.verdict == Verdict.NEAR) & (pairs.jaccard < 0.7))
    groups = _groups(result, pairs)
    yield (
        "| pairs from 0.5 to 0.7 | number | words for a gap: a quarter below | median"
        " | three quarters below |"
    )
    yield "|---|--:|--:|--:|--:|"
    for group in GROUPS:
        costs = gap_costs(pairs.take(groups == group))
        if len(costs):
            yield f"| {group} | {len(costs)} | {quartiles(costs)} |"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.releases")
    parser.add_argument("corpus", metavar="RELEASES.jsonl")
    corpus = parser.parse_args().corpus
    settings = Settings(repeats=False)
    at_first, result = scan(corpus, replace(settings, rule=FIRST)), scan(corpus, settings)
    print("\n".join(lines(at_first, result)))
    print("\n" + "\n".join(number_lines(at_first)))
    print("\n" + "\n".join(cost_lines(at_first)))


if __name__ == "__main__":
    main()

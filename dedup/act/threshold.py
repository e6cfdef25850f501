"""Other thresholds or survivors for recorded pairs: new clusters without another scan."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from dedup.act.rescore import Rescorer, Workers
from dedup.act.restore import Restored, restore
from dedup.candidates.bands import candidate_probability
from dedup.cluster import Anchoring, CorpusSides, cluster
from dedup.config import Settings
from dedup.errors import SettingsError
from dedup.found.outcome import CandidateCounts, Found, FoundRepeats, Resolved
from dedup.found.result import Result, count_links
from dedup.inputs import Inputs
from dedup.metadata.survivor_order import SurvivorOrder
from dedup.metadata.survivors import parse_policy
from dedup.model import UInt64s
from dedup.pairs import ScoredPairs, join_pairs
from dedup.parallel import count_threads, open_executor
from dedup.results import Results, check_opened
from dedup.results.writer import write_again
from dedup.rule import FLOOR_JACCARD, Rule
from dedup.storage.spill import Spill
from dedup.verdicts import judge

_IN_SCORES = (
    "common_shingle_count",
    "common_shingle_share",
    "rare_word_share",
    "table_number_share",
)
"""Constants of the rule that recorded scores were computed with."""
_RARELY_FOUND = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What clusters shall need; None leaves a threshold as the scan had it.

    Attributes
    ----------
    min_jaccard, min_cosine : float, optional
        What ``near``, and so a cluster, needs.
    min_containment : float, optional
        From here up a link is ``contained``.
    """

    min_jaccard: float | None = None
    min_cosine: float | None = None
    min_containment: float | None = None

    def applied_to(self, rule: Rule) -> Rule:
        """Return the rule with these thresholds; what lies below makes way.

        Examples
        --------
        >>> Thresholds(min_jaccard=0.95).applied_to(Rule()).near_certain_jaccard
        0.95
        >>> Thresholds(min_cosine=0.3).applied_to(Rule()).min_cosine
        0.3
        """
        if self.min_jaccard is not None:
            rule = rule.near_from(self.min_jaccard)
        changes: dict[str, float] = {}
        if (cosine := self.min_cosine) is not None:
            changes["near_cosine"] = cosine
            changes["min_cosine"] = min(rule.min_cosine, cosine)
        if (containment := self.min_containment) is not None:
            changes["contained_from"] = containment
            changes["link_containment"] = containment
        return replace(rule, **changes)


def check_floor(results: Results, thresholds: Thresholds) -> None:
    """Raise if a threshold lies below the floor from which the scan recorded pairs.

    Raises
    ------
    SettingsError
        Naming the floor, and the command to run instead where there is one.
    """
    floor = results.manifest["floor"]
    asked = (
        ("--min-jaccard", thresholds.min_jaccard, floor["jaccard"]),
        ("--min-containment", thresholds.min_containment, floor["containment"]),
    )
    for flag, value, lowest in asked:
        if value is None or value >= lowest:
            continue
        instead = _instead(results, flag, lowest)
        message = (
            f"{flag} {value:g} is below {lowest:g}, the floor from which {results.folder} "
            f"records pairs. Use {lowest:g} or more.{instead}"
        )
        raise SettingsError(message)


def _instead(results: Results, flag: str, lowest: float) -> str:
    """Return the scan that finds more than a floor allows, if there is one.

    Bands choose pairs by their Jaccard: no option of a scan is about containment.
    """
    if flag != "--min-jaccard":
        return " No scan scores such pairs."
    scan = _scan_again(results)
    if lowest > FLOOR_JACCARD:
        return f" To go lower, scan again with this version: {scan}"
    return (
        f" No scan scores such pairs; to find more pairs near {lowest:g}: "
        f"{scan} --similarity {lowest:g}"
    )


def rarely_compared(results: Results, thresholds: Thresholds) -> str | None:
    """Return a warning where the scan compared too few pairs of the asked similarity."""
    settings, jaccard = results.settings, thresholds.min_jaccard
    if jaccard is None or jaccard >= settings.rule.near_jaccard:
        return None
    share = candidate_probability(jaccard, settings.bands, settings.rows)
    if share >= _RARELY_FOUND:
        return None
    scan = _scan_again(results)
    return (
        f"the scan compared pairs at Jaccard {jaccard:g} with probability {share:.2f}; to find "
        f"more of them: {scan} --similarity {jaccard:g}"
    )


def _scan_again(results: Results) -> str:
    """Return the command of the scan, writing to a folder that does not exist yet."""
    words: list[str] = results.manifest["command"][1:]
    again = ["dedup"]
    for before, word in pairwise(["", *words]):
        if before == "--out":
            again.append(_free_name(word, results.manifest["directory"]))
        elif word.startswith("--out="):
            free = _free_name(word.removeprefix("--out="), results.manifest["directory"])
            again.append(f"--out={free}")
        elif word != "--force":  # it could replace the very results that are asked about
            again.append(word)
    return shlex.join(again)


def _free_name(folder: str, directory: str) -> str:
    """Return the name of a folder, with a number where it is taken.

    It is looked up here and in the directory of the scan, where its inputs are found too.
    """
    name = folder.rstrip("/") or folder
    names = (name if n == 1 else f"{name}-{n}" for n in count(1))
    return next(n for n in names if not any(Path(at, n).exists() for at in (".", directory)))


def rethreshold(
    results: Results, *, rule: Rule | None = None, keep: str | None = None
) -> RethresholdedResult:
    """Cluster the recorded pairs of a scan again, under another rule or survivor policy.

    The result is the one that a scan with that rule and policy gives, as far as its
    candidates are the recorded ones. Pairs that were never scored are scored from the
    texts: stored ones, else from the source files.

    Parameters
    ----------
    results : Results
    rule : Rule, optional
        None leaves the rule of the scan.
    keep : str, optional
        Survivor policy; None leaves that of the scan.

    Returns
    -------
    Result
        To be looked at, or written by :func:`write_rethresholded`. Repeats and passages
        are not in it: they do not change.

    Raises
    ------
    InputError
        If ``results`` are none, such as the path of their folder.
    SettingsError
        If the rule is none, or changes what scores were computed with, or a policy is unknown.
    ResultsError
        If the results are damaged, or texts are needed that are gone.
    """
    check_opened(results)
    old = results.settings
    settings = replace(old, rule=rule or old.rule, keep=keep or old.keep)
    changed = [n for n in _IN_SCORES if getattr(settings.rule, n) != getattr(old.rule, n)]
    if changed:
        message = f"{changed[0]} is part of the recorded scores: scan again to change it"
        raise SettingsError(message)
    parse_policy(settings.keep)
    restored = restore(results)
    spill = Spill(results.tmp_dir)
    with open_executor(count_threads(settings.threads)) as executor:
        found = _cluster(results, restored, settings, Workers(spill, executor))
    return RethresholdedResult(results, found, settings, spill, restored.kept_fields)


def write_rethresholded(
    result: RethresholdedResult, folder: str | Path, *, force: bool = False
) -> Path:
    """Write a results folder; repeats, passages and quarantine are those of the scan.

    Raises
    ------
    OutputError
        If the folder cannot be written, or something else stands there.
    """
    return write_again(result, result.earlier, folder, force=force)


class RethresholdedResult(Result):
    """A result whose clusters were chosen anew.

    Attributes
    ----------
    earlier : Results
        The scan behind it.
    """

    def __init__(
        self,
        earlier: Results,
        found: Found,
        settings: Settings,
        spill: Spill,
        kept_before: Sequence[str] = (),
    ) -> None:
        self.earlier = earlier
        self._kept_before = kept_before
        super().__init__(found, settings, Inputs(earlier.inputs, earlier.skipped, ()), spill)

    @property
    def kept_fields(self) -> list[str]:
        """Those of the policy, and those that the results of the scan keep."""
        return list(dict.fromkeys([*super().kept_fields, *self._kept_before]))

    def iter_quarantine(self) -> Iterator[dict[str, Any]]:
        """Yield the records that the scan could not read, without their bytes."""
        for row in self.earlier.quarantine():
            yield {name: value for name, value in row.items() if name != "raw"}

    def _count(self) -> dict[str, int]:
        """Return the counts of the scan, with what depends on clusters counted anew."""
        before, found = self.earlier.counts, self.found
        scanned = ~np.asarray(found.records.facts.against)
        n_members = int(scanned[self.columns.members].sum())
        leads = self.columns.members[self.columns.bounds[:-1]]
        proposed = before["candidates"] - before["filtered"]
        # results of early versions lack these
        proposed += before.get("excerpt_candidates", 0) + before.get("short_candidates", 0)
        return {
            **before,
            "unique": before["read"] - before["empty"] - before["quarantined"] - n_members,
            "members": n_members,
            "clusters": len(leads),
            "removable": n_members - int(scanned[leads].sum()),
            **count_links(found),
            "scored": proposed + found.resolved.n_on_demand,
            "scored_on_demand": found.resolved.n_on_demand,
            "capped_units": found.resolved.n_capped,
        }


def _cluster(results: Results, restored: Restored, settings: Settings, workers: Workers) -> Found:
    """Judge the recorded pairs, and cluster as the pipeline does."""
    records = restored.records
    order = SurvivorOrder.of(records, settings.keep)
    stories = order.stories(records)
    for part in (restored.candidates, restored.on_demand):
        judge(part, stories, settings.rule)
    rescorer = Rescorer(results, records, order.leads, settings, stories, workers)
    on_demand = _OnDemand(restored.on_demand, rescorer)
    sides = CorpusSides(records.units, records.facts.against)
    anchoring = Anchoring(
        order=order.units,
        score=on_demand,
        allowed=sides.may_take,
        max_on_demand=settings.max_on_demand,
    )
    clusters = cluster(restored.candidates, anchoring)
    rescorer.close()
    model = results.model()
    pairs, while_clustering = join_pairs(restored.candidates, clusters.extra)
    return Found(
        records=records,
        order=order,
        resolved=Resolved(
            pairs=pairs,
            on_demand=while_clustering,
            representative=clusters.representative,
            candidates=CandidateCounts(),
            n_scored=on_demand.n_scored,
            n_on_demand=on_demand.n_scored,
            n_capped=clusters.n_capped,
        ),
        repeats=_keep_named(len(records)),
        model=model,
        judged_by=model,
    )


class _OnDemand:
    """Scores pairs on demand: by the record where they stand in it, else from the texts."""

    def __init__(self, recorded: ScoredPairs, rescore: Rescorer) -> None:
        self._recorded = recorded
        self._rescore = rescore
        self._n_known = 0

    @property
    def n_scored(self) -> int:
        """Pairs that a scan scores while clustering."""
        return self._n_known + self._rescore.n_scored

    def __call__(self, missing: UInt64s) -> ScoredPairs:
        codes = self._recorded.codes
        known = self._recorded.take(np.isin(codes, missing))
        self._n_known += len(known)
        unknown = missing[~np.isin(missing, codes)]
        if len(unknown) == 0:
            return known
        found = ScoredPairs.concatenate([known, self._rescore(unknown)])
        return found.take(np.argsort(found.codes))


def _keep_named(n_records: int) -> FoundRepeats:
    """Return repeats that name every record: what was named by results stays named."""
    return replace(FoundRepeats.concatenate([]), documents=np.arange(n_records))

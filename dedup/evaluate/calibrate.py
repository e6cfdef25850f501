"""Calibration: a person judges pairs near the limit, and settings follow from the answers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from dedup.act.threshold import Thresholds
from dedup.choices import ASKED_PAIRS
from dedup.errors import InputError, OutputError
from dedup.evaluate.labels import Pair, ordered, read_labels
from dedup.model import Reason, Verdict
from dedup.pairs import ScoredPairs, read_scores
from dedup.results import Results
from dedup.rule import RULES, Rule
from dedup.verdicts import reasons, verdicts_of

JACCARDS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
"""Thresholds that are tried."""
LEAST_ANSWERS = 10
"""Fewer answers support no proposal."""
_CORRECTIONS = frozenset((Reason.SAME_PAGE.label, Reason.SAME_TITLE.label))


@dataclass(frozen=True, slots=True)
class BorderlinePair:
    """A pair to judge; ``left`` and ``right`` are ids, records numbers in the results."""

    left: str
    right: str
    left_record: int
    right_record: int
    verdict: str
    reason: str
    jaccard: float
    containment: float
    cosine: float

    @property
    def key(self) -> Pair:
        """The two ids in ascending order."""
        return ordered(self.left, self.right)


class Proposal(NamedTuple):
    """A rule, and what it would remove of the pairs that were judged.

    ``jaccard`` is the threshold, None for a rule by name.
    """

    name: str
    jaccard: float | None
    right: int
    removed: int
    copies: int

    @property
    def precision(self) -> float:
        """Share of the removed pairs that a person calls copies; 1 where none is removed."""
        return self.right / self.removed if self.removed else 1.0

    @property
    def recall(self) -> float:
        """Share of the copies that would be removed."""
        return self.right / self.copies if self.copies else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.right / (self.removed + self.copies) if self.copies else 0.0


class _Recorded(NamedTuple):
    """Pairs of results that a person can be asked about."""

    pairs: ScoredPairs
    """With records in place of units."""
    ids: tuple[list[str], list[str]]
    reasons: list[str]


def choose_pairs(
    results: Results, answered: Mapping[Pair, object], *, count: int = ASKED_PAIRS, seed: int = 1
) -> list[BorderlinePair]:
    """Choose the pairs a person learns most from, without those that are answered.

    From each of ten classes of Jaccard from .25 to 1, and from pairs that are removed and
    pairs that are not, as many as there are of the rarest, at random and no text twice;
    then those nearest to the limit first. ``template`` pairs stand among those that are not
    removed.

    Parameters
    ----------
    results : Results
    answered : mapping with pairs of ids as keys
    count : int
    seed : int
        Chooses among equals.
    """
    recorded = _read(results)
    pairs = recorded.pairs
    near = pairs.verdict == Verdict.NEAR
    classes = 2 * np.minimum((10 * pairs.jaccard).astype(np.int64), 9) + near
    open_ = pairs.jaccard >= min(results.settings.rule.link_jaccard, 0.25)
    order = np.random.default_rng(seed).permutation(len(pairs))
    seen: set[int] = set()
    queues: dict[int, list[int]] = {}
    for row in order[open_[order]].tolist():
        ends = {int(pairs.left[row]), int(pairs.right[row])}
        key = ordered(recorded.ids[0][row], recorded.ids[1][row])
        if key not in answered and not seen & ends:
            seen |= ends
            queues.setdefault(int(classes[row]), []).append(row)
    chosen: list[int] = []
    for place in range(max(map(len, queues.values()), default=0)):
        chosen += [queue[place] for _, queue in sorted(queues.items()) if place < len(queue)]
    limit = results.settings.rule.near_jaccard
    taken = sorted(chosen[:count], key=lambda row: abs(float(pairs.jaccard[row]) - limit))
    return [_pair(recorded, row) for row in taken]


def _pair(recorded: _Recorded, row: int) -> BorderlinePair:
    pairs = recorded.pairs
    return BorderlinePair(
        left=recorded.ids[0][row],
        right=recorded.ids[1][row],
        left_record=int(pairs.left[row]),
        right_record=int(pairs.right[row]),
        verdict=Verdict(int(pairs.verdict[row])).label,
        reason=recorded.reasons[row],
        jaccard=float(pairs.jaccard[row]),
        containment=float(max(pairs.containment_left[row], pairs.containment_right[row])),
        cosine=float(pairs.cosine[row]),
    )


def _read(results: Results) -> _Recorded:
    """Return the recorded pairs as scores with records in place of units."""
    table = results.pairs()
    by_label = {verdict.label: int(verdict) for verdict in Verdict}
    given = read_scores(table)
    for side in ("left", "right"):
        given[side] = table[f"{side}_record"].to_numpy()
    verdicts = [by_label[word] for word in table["verdict"].to_pylist()]
    given["verdict"] = np.array(verdicts, np.uint8)
    given["reason"] = np.zeros(len(verdicts), np.uint8)
    ids = table["left"].to_pylist(), table["right"].to_pylist()
    return _Recorded(ScoredPairs(**given), ids, table["reason"].to_pylist())


def read_answers(path: Path) -> dict[Pair, bool]:
    """Return the answers in a file of labelled pairs; none where there is no file yet."""
    if not path.exists() or path.stat().st_size == 0:
        return {}
    return {pair: label.duplicate for pair, label in read_labels(path).pairs.items()}


def append_answer(path: Path, pair: BorderlinePair, *, duplicate: bool) -> None:
    """Add an answer to a file of labelled pairs, as ``dedup evaluate --labels`` reads it.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    row = {
        "left": pair.left,
        "right": pair.right,
        "label": "yes" if duplicate else "no",
        "kind": pair.verdict,
        "jaccard": pair.jaccard,
        "reason": pair.reason,
    }
    try:
        with path.open("ab") as file:
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
    except OSError as error:
        message = f"cannot write answers to {path}: {error.strerror}. Choose another --labels."
        raise OutputError(message) from error


def propose(results: Results, answers: Mapping[Pair, bool]) -> list[Proposal]:
    """Return what rules would remove of the judged pairs: the scan's, named ones, thresholds.

    Answers on pairs that results did not record are left out: no rule removes those.

    Raises
    ------
    InputError
        If no answer is about a recorded pair.
    """
    recorded = _read(results)
    keys = [ordered(one, other) for one, other in zip(*recorded.ids, strict=True)]
    rows = np.array([row for row, key in enumerate(keys) if key in answers], np.int64)
    if not len(rows):
        message = f"{results.folder} has recorded none of the pairs that were answered"
        raise InputError(message)
    truth = np.array([answers[keys[row]] for row in rows.tolist()])
    # what metadata decided stays so under any rule
    forgiven = np.array([recorded.reasons[row] in _CORRECTIONS for row in rows.tolist()])
    return list(_proposals(recorded.pairs.take(rows), truth, forgiven, results.settings.rule))


def _proposals(
    pairs: ScoredPairs, truth: NDArray[np.bool_], forgiven: NDArray[np.bool_], rule: Rule
) -> Iterator[Proposal]:
    rules: list[tuple[str, float | None, Rule]] = [("as scanned", None, rule)]
    rules += [(f"--rule {name}", None, named) for name, named in RULES.items()]
    rules += [
        (f"--min-jaccard {t:g}", t, Thresholds(min_jaccard=t).applied_to(rule)) for t in JACCARDS
    ]
    for name, jaccard, tried in rules:
        enough = pairs.jaccard >= (jaccard or 0)
        near = (verdicts_of(reasons(pairs, tried)) == Verdict.NEAR) | (forgiven & enough)
        right = int((near & truth).sum())
        yield Proposal(name, jaccard, right, int(near.sum()), int(truth.sum()))


def best(proposals: list[Proposal]) -> Proposal | None:
    """Return the proposal of the highest F1, of equals the one of the highest precision.

    None where no answer calls a pair copies.
    """
    if not proposals or not proposals[0].copies:
        return None
    return max(proposals, key=lambda found: (round(found.f1, 6), found.precision, _caution(found)))


def _caution(found: Proposal) -> float:
    """Prefer what changes least: the scan's own rule, rules by name, the higher threshold."""
    return math.inf if found.name == "as scanned" else found.jaccard or 2.0

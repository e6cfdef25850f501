"""The pairs of an audit that a person looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.found.columns import LABELS, REASONS
from dedup.metadata.records import Records
from dedup.model import Int64s
from dedup.pairs import ScoredPairs

SHOWN = 5


@dataclass(frozen=True, slots=True)
class AuditedPair:
    """A pair that brute force came upon; texts are raw."""

    left: str
    right: str
    verdict: str
    reason: str
    jaccard: float
    containment: float
    cosine: float
    found: bool
    left_text: str
    right_text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Makes the pairs that a person looks at."""

    truth: ScoredPairs
    found: NDArray[np.bool_]
    records: Records
    leads: Int64s

    def first(self, wanted: NDArray[np.bool_], order: NDArray[Any]) -> tuple[AuditedPair, ...]:
        """Return the first pairs of a kind, no text twice: one cluster may have hundreds."""
        rows = np.flatnonzero(wanted)
        shown: list[AuditedPair] = []
        seen: set[int] = set()
        for row in rows[np.argsort(order[rows], kind="stable")].tolist():
            ends = {int(self.truth.left[row]), int(self.truth.right[row])}
            if seen & ends:
                continue
            seen |= ends
            shown.append(self._pair(row))
            if len(shown) == SHOWN:
                break
        return tuple(shown)

    def _pair(self, row: int) -> AuditedPair:
        truth = self.truth
        left, right = (int(self.leads[side[row]]) for side in (truth.left, truth.right))
        return AuditedPair(
            left=self.records.id_of(left),
            right=self.records.id_of(right),
            verdict=LABELS[truth.verdict[row]],
            reason=REASONS[truth.reason[row]],
            jaccard=float(truth.jaccard[row]),
            containment=float(max(truth.containment_left[row], truth.containment_right[row])),
            cosine=float(truth.cosine[row]),
            found=bool(self.found[row]),
            left_text=self._text(left),
            right_text=self._text(right),
        )

    def _text(self, record: int) -> str:
        texts = self.records.texts
        return texts[record].decode() if texts is not None else ""

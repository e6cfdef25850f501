"""Two documents compared: every score, the verdict and why, and what differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dedup.arguments import check_made
from dedup.candidates.bands import candidate_probability
from dedup.config import Settings, chosen_settings
from dedup.corpus_model import CorpusModel
from dedup.found.flags import FLAGS, flags_between
from dedup.metadata.records import Metadata, MetadataColumns
from dedup.model import Document, Reason, Verdict
from dedup.pairs import SCORE_NAMES
from dedup.report.diff import Diff, Piece, compare
from dedup.report.reasons import WHY
from dedup.report.stretches import Stretch, longest_own
from dedup.report.words import words_of
from dedup.scoring import score_texts, stories_of


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two documents and what they are to each other.

    Attributes
    ----------
    left, right : Document
    verdict : Verdict
    reason : Reason
    scores : dict
        As in ``pairs.parquet`` (docs/results.md).
    flags : tuple of str
        ``other-title`` and ``revision``, as a scan gives them.
    estimated_jaccard : float
    bands_shared, n_bands : int
        A scan compares the pair when at least one band is shared, or when samples are.
    candidate_probability : float
        Of sharing a band, at this Jaccard.
    model_units : int
        Units that the corpus model has counted; 0 for the statistics of the two alone.
    diff : Diff
    longest_own : (Stretch, Stretch)
        The longest stretch of words that the left, and the right, text has for itself.
    """

    left: Document
    right: Document
    verdict: Verdict
    reason: Reason
    scores: dict[str, float | int | bool]
    flags: tuple[str, ...]
    estimated_jaccard: float
    bands_shared: int
    n_bands: int
    candidate_probability: float
    model_units: int
    diff: Diff
    longest_own: tuple[Stretch, Stretch]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as ``dedup compare --json`` prints them."""

        def about(document: Document) -> dict[str, Any]:
            known = asdict(document)
            return {**known, "text": None, "n_chars": len(document.text)}

        diff = self.diff
        rows = [
            {"equal": row.equal, "left": _plain(row.left), "right": _plain(row.right)}
            for row in diff.rows
        ]
        names = ("n_same", "n_form", "n_signs", "n_gone", "n_new")
        counts = {name: getattr(diff, name) for name in names}
        return {
            "left": about(self.left),
            "right": about(self.right),
            "verdict": self.verdict.label,
            "reason": self.reason.label,
            "why": WHY[self.reason],
            **self.scores,
            "flags": list(self.flags),
            "estimated_jaccard": self.estimated_jaccard,
            "bands_shared": self.bands_shared,
            "bands": self.n_bands,
            "candidate_probability": self.candidate_probability,
            "model_units": self.model_units,
            "longest_own_left": self.longest_own[0]._asdict(),
            "longest_own_right": self.longest_own[1]._asdict(),
            "diff": {**counts, "left_out": diff.left_out, "rows": rows},
        }


def compare_documents(
    left: Document,
    right: Document,
    settings: Settings | None = None,
    *,
    model: CorpusModel | None = None,
    same_bytes: bool | None = None,
) -> Comparison:
    """Compare two documents as a scan does, and show what differs.

    Parameters
    ----------
    left, right : Document
    settings : Settings, optional
    model : CorpusModel, optional
        The statistics to judge by; those of the two texts alone when None, under which
        nothing is common.
    same_bytes : bool, optional
        Whether both are the same byte for byte, where their texts do not tell: pages of HTML
        with one main text may differ. None believes the texts.

    Raises
    ------
    InputError
        If a side is no Document.
    SettingsError
        If settings are something else.

    Examples
    --------
    >>> one = Document("The ferry to the outer islands sails again from Monday, it was said.")
    >>> other = Document("The ferry to the outer isles sails again from Monday, it was said.")
    >>> found = compare_documents(one, other)
    >>> found.verdict.label, found.diff.n_gone, found.bands_shared > 0
    ('near', 1, True)
    """
    settings = chosen_settings(settings)
    for side, document in (("left", left), ("right", right)):
        check_made(side, document, Document, "pass dedup.Document(text)")
    about = [_metadata(document) for document in (left, right)]
    scored = score_texts(
        [left.text, right.text],
        np.array([[0, 1]]),
        settings,
        model=model,
        stories=stories_of(about.__getitem__),
    )
    scores = {name: getattr(scored.pairs, name)[0].item() for name in SCORE_NAMES}
    reason = Reason(int(scored.pairs.reason[0]))
    if reason is Reason.SAME_BYTES and same_bytes is False:
        reason = Reason.SAME_TEXT
    verdict = reason.verdict
    words = words_of([left.text, right.text])
    probability = candidate_probability(scores["jaccard"], settings.bands, settings.rows)
    return Comparison(
        left=left,
        right=right,
        verdict=verdict,
        reason=reason,
        scores=scores,
        flags=_flags(about, verdict),
        estimated_jaccard=round(float(scored.estimated_jaccard[0]), 6),
        bands_shared=int(scored.bands_shared[0]),
        n_bands=settings.bands,
        candidate_probability=round(probability, 6),
        model_units=model.n_units if model else 0,
        diff=compare(*words),
        longest_own=longest_own(*words),
    )


def _metadata(document: Document) -> Metadata:
    known = (document.title, document.url, document.date, document.source)
    return Metadata(document.id or "", *known)


def _flags(about: Sequence[Metadata], verdict: Verdict) -> tuple[str, ...]:
    """Return the flags of two documents, decided as those of a scan; of unrelated ones none."""
    if verdict is Verdict.NONE:
        return ()
    left, right = (MetadataColumns._make([known] for known in one) for one in about)
    return FLAGS[flags_between(left, right, np.array([verdict is Verdict.EXACT]))[0]]


def _plain(pieces: Sequence[Piece]) -> list[dict[str, str]]:
    return [{"kind": piece.kind.value, "text": piece.text} for piece in pieces]

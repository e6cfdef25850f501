"""Two documents side by side: every score, the verdict and why, and what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dedup.bands import candidate_probability
from dedup.config import Settings
from dedup.corpus_model import CorpusModel
from dedup.model import Document, Reason, Verdict
from dedup.pairs import SCORE_NAMES
from dedup.records import Metadata, same_title
from dedup.report.diff import Diff, Kind, Piece, compare
from dedup.report.lines import safe, shorten
from dedup.report.stretches import Stretch, longest_own
from dedup.report.words import words_of
from dedup.scoring import score_texts, stories_of

_WIDTH = 100
_MAX_LINES = 80
_MORE = " more lines"
_STRETCH = 8
"""Words from which on a stretch is named; shorter ones are edits, and are shown as such."""
WHY = {
    Reason.LOW_OVERLAP: "too few shingles are shared",
    Reason.LITTLE_DISTINCTIVE: "what is shared is common to many texts",
    Reason.TOO_SHORT_TO_CONTAIN: "the shorter text is too short to call it contained",
    Reason.LOW_COSINE: "the words that weigh most differ",
    Reason.SAME_BYTES: "the records are the same byte for byte",
    Reason.SAME_TEXT: "the texts are the same, or differ in case, quotes, white space and the like",
    Reason.NEARLY_ALL_SHARED: "nearly everything is shared",
    Reason.MOST_SHARED: "most is shared",
    Reason.SCATTERED_EDITS: "changes in several places, none of them long",
    Reason.SAME_PAGE: "versions at one address: what is replaced is taken for a correction",
    Reason.SAME_TITLE: "same source and title: what little is replaced is taken for a correction",
    Reason.ONLY_NUMBERS_DIFFER: "only numbers differ: two reports of one form",
    Reason.OTHER_TABLE: "there are many numbers, as in a table, and they differ",
    Reason.NUMBERS_REPLACED: "numbers stand in the place of others: two reports of one form",
    Reason.NAME_AND_NUMBER_REPLACED: "a name and a number stand in the place of others",
    Reason.NAMES_REPLACED: "several names stand in the place of others: two reports of one form",
    Reason.COMMON_WORDING: "most of what is shared is common to many texts",
    Reason.NUMBER_IN_DOUBT: "close, but a number, a day or a month is replaced",
    Reason.NAME_IN_DOUBT: "close, but names are replaced, or one throughout",
    Reason.PASSAGE_REPLACED: "close, but a passage stands in the place of another",
    Reason.MOST_HELD: "one text holds most of the other",
    Reason.PARTLY_SHARED: "much is shared, and much has changed",
}
"""Every reason as a sentence."""


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
        ``other-title``.
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

    Examples
    --------
    >>> one = Document("The ferry to the outer islands sails again from Monday, it was said.")
    >>> other = Document("The ferry to the outer isles sails again from Monday, it was said.")
    >>> found = compare_documents(one, other)
    >>> found.verdict.label, found.diff.n_gone, found.bands_shared > 0
    ('near', 1, True)
    """
    settings = settings or Settings()
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
    differ = verdict is not Verdict.NONE and not same_title(left.title, right.title)
    words = words_of([left.text, right.text])
    probability = candidate_probability(scores["jaccard"], settings.bands, settings.rows)
    return Comparison(
        left=left,
        right=right,
        verdict=verdict,
        reason=reason,
        scores=scores,
        flags=("other-title",) if differ else (),
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


def _plain(pieces: Sequence[Piece]) -> list[dict[str, str]]:
    return [{"kind": piece.kind.value, "text": piece.text} for piece in pieces]


def as_text(comparison: Comparison) -> str:
    """Return a comparison as lines for the terminal."""
    parts = (_head(comparison), _scores(comparison), _changes(comparison.diff))
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _head(found: Comparison) -> Iterator[str]:
    for side, document in (("left", found.left), ("right", found.right)):
        title = f"  “{shorten(document.title, 50)}”" if document.title else ""
        date = f", {safe(document.date[:10])}" if document.date else ""
        name = shorten(document.id or side, 60)
        yield f"{side:<6} {name}{title}{date}  ({len(document.text):,} characters)"
    flags = "".join(f"  [{flag.replace('-', ' ')}]" for flag in found.flags)
    yield ""
    if found.verdict is Verdict.NONE:
        yield f"unrelated: {WHY[found.reason]} ({found.reason.label})"
    else:
        yield f"{found.verdict.label}: {WHY[found.reason]} ({found.reason.label}){flags}"


def _scores(found: Comparison) -> Iterator[str]:
    s = found.scores
    yield f"  Jaccard               {s['jaccard']:.3f} of all short runs of words stand in both"
    yield f"  containment           {s['containment_left']:.3f} of left stands in right"
    yield f"                        {s['containment_right']:.3f} of right stands in left"
    yield f"  cosine                {s['cosine']:.3f} by words, rare ones weighing more"
    yield (
        f"  without common text   {s['distinctive_jaccard']:.3f} Jaccard, "
        f"{s['distinctive_containment']:.3f} containment"
    )
    table = ", a table" if s["table"] else ""
    numbers = f"{s['numbers_kept']} kept, {s['numbers_replaced']} replaced"
    yield f"  numbers               {numbers}{table}"
    again = f", {s['names_replaced']} of them names, it seems" if s["names_replaced"] else ""
    yield f"  words replaced        {s['words_replaced']}{again}"
    yield f"  passages replaced     {s['passage_words']} words, as the rule counts them"
    own = f"{s['own_words_left']} words on the left, {s['own_words_right']} on the right"
    yield f"  passages of its own   {own}"
    yield from _stretches(found.longest_own)
    yield f"  shorter text          {s['shorter']:,.0f} words"
    yield (
        f"  bands shared          {found.bands_shared} of {found.n_bands} "
        f"(at this Jaccard a pair shares one with probability {found.candidate_probability:.2f})"
    )
    units = f"{found.model_units:,} texts" if found.model_units else "these two texts alone"
    yield f"  judged by             the statistics of {units}"


def _stretches(longest: tuple[Stretch, Stretch]) -> Iterator[str]:
    """Name what either text has for itself: the rule may count less of it, or nothing."""
    label = "longest of its own"
    for side, stretch in zip(("left", "right"), longest, strict=True):
        if stretch.n_words >= _STRETCH:
            about = f"{stretch.n_words:,} words on the {side}:"
            room = _WIDTH - 24 - len(about) - 3
            yield f"  {label:<22}{about} “{shorten(stretch.text, room)}”"
            label = ""


def _changes(diff: Diff) -> Iterator[str]:
    lines = list(changes(diff))
    yield from lines
    if lines and lines[-1].endswith(_MORE):
        yield "    (--json has all of it)"


def changes(diff: Diff, most: int = _MAX_LINES) -> Iterator[str]:
    """Yield what differs as lines, ``most`` of them and how many are left out."""
    lines = list(_rows(diff))
    yield from lines[:most]
    if len(lines) > most:
        yield f"  … and {len(lines) - most:,}{_MORE}"


def _rows(diff: Diff) -> Iterator[str]:
    """Show what differs, long equal runs folded."""
    form = f", {diff.n_form:,} in another form" if diff.n_form else ""
    form += f", {diff.n_signs:,} with other signs" if diff.n_signs else ""
    yield f"Words: {diff.n_same:,} the same{form}, {diff.n_gone:,} gone, {diff.n_new:,} new"
    if diff.left_out:
        yield f"  ({diff.left_out:,} words at the ends were not compared)"
    for row in diff.rows:
        if row.equal:
            yield f"    … {row.n_words:,} words the same …"
        elif not any(piece.kind in (Kind.GONE, Kind.NEW) for piece in (*row.left, *row.right)):
            yield f"    {shorten(''.join(piece.text for piece in row.left), _WIDTH)}"
        else:
            yield from (f"  {sign} {line}" for sign, line in (("-", row.left), ("+", row.right))
                        for line in _wrapped(line))  # fmt: skip


def _wrapped(pieces: Sequence[Piece]) -> Iterator[str]:
    """Mark what changed by brackets, and break lines between words."""
    marks = {Kind.GONE: "[-{}-]", Kind.NEW: "{{+{}+}}"}
    text = ""
    for piece in pieces:
        words = safe(" ".join(piece.text.split()))
        text += marks.get(piece.kind, "{}").format(words) + " " if words else ""
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > _WIDTH:
            yield line
            line = ""
        line = f"{line} {word}" if line else word
    if line:
        yield line

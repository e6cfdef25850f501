"""An audit as lines for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from dedup.evaluate.audit import Audit, Recall
from dedup.evaluate.audited_pairs import AuditedPair
from dedup.evaluate.misses import Cause
from dedup.report.diff import Kind, Piece, compare
from dedup.report.lines import safe, shorten
from dedup.report.reasons import REASON_WORDS
from dedup.report.words import words_of

_WIDTH = 96
_CHANGES = 3
_CAUSES = {
    Cause.OVER_FULL.label: "their bucket was over-full (max_bucket)",
    Cause.ESTIMATE.label: "the estimated Jaccard ruled them out",
    Cause.NO_BUCKET.label: "they share no bucket (bands)",
}


def as_text(audit: Audit) -> str:
    """Return an audit as text: recall with intervals, and pairs to judge by eye."""
    parts = (
        _head(audit),
        _table("Proposed by the candidate stage", audit.candidates),
        _causes(audit),
        _table("Found by the scan as a whole, by verdict", audit.whole),
        _pairs("Missed: related, and found by brute force only", audit.missed),
        _pairs("Accepted as near with the least overlap: are these copies?", audit.accepted),
        _pairs("Not accepted as near with the most overlap: are these none?", audit.rejected),
    )
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part))) + "\n"


def _head(audit: Audit) -> Iterator[str]:
    yield (
        f"Audit: {audit.n_sampled:,} of {audit.n_units:,} distinct texts, each compared with all "
        f"others by brute force (seed {audit.seed})"
    )
    yield (
        f"  {audit.n_pairs:,} pairs stand above the recorded floor (Jaccard .2, or containment .5)"
    )


def _table(title: str, rows: Sequence[Recall]) -> Iterator[str]:
    yield f"{title:<44} {'found':>8} {'of':>8}  recall  95 % interval (Wilson)"
    for row in rows:
        if row.of:
            share = f"{row.share:6.3f}  {row.low:.3f} to {row.high:.3f}"
            yield f"  {row.kind:<42} {row.found:>8,} {row.of:>8,}  {share}"
        else:
            yield f"  {row.kind:<42} {'–':>8} {'0':>8}"


def _causes(audit: Audit) -> Iterator[str]:
    if not any(miss.pairs for miss in audit.misses):
        return
    yield f"{'Not proposed, because':<44} {'pairs':>8} {'related':>8}"
    for miss in audit.misses:
        yield f"  {_CAUSES[miss.cause]:<42} {miss.pairs:>8,} {miss.related:>8,}"


def _pairs(title: str, pairs: Sequence[AuditedPair]) -> Iterator[str]:
    if not pairs:
        return
    yield title
    for number, pair in enumerate(pairs, 1):
        scores = (
            f"Jaccard {pair.jaccard:.3f}, containment {pair.containment:.3f}, "
            f"cosine {pair.cosine:.3f}"
        )
        yield f"  {number}. {shorten(pair.left, 44)} ~ {shorten(pair.right, 44)}"
        yield f"     {scores}; {pair.verdict}: {REASON_WORDS[pair.reason]}"
        yield from _changes(pair)


def _changes(pair: AuditedPair) -> Iterator[str]:
    """Show the first places where two texts differ."""
    diff = compare(*words_of([pair.left_text, pair.right_text]))
    changed = [row for row in diff.rows if not row.equal and _differs(row.left, row.right)]
    for row in changed[:_CHANGES]:
        for sign, pieces in (("-", row.left), ("+", row.right)):
            marked = "".join(
                f"[{' '.join(piece.text.split())}] "
                if piece.kind in (Kind.GONE, Kind.NEW)
                else piece.text
                for piece in pieces
            )
            line = textwrap.shorten(safe(" ".join(marked.split())), 2 * _WIDTH, placeholder=" …")
            for part in textwrap.wrap(line, _WIDTH):
                yield f"       {sign} {part}"
    if len(changed) > _CHANGES:
        yield f"       … and {len(changed) - _CHANGES} more places"


def _differs(left: Sequence[Piece], right: Sequence[Piece]) -> bool:
    return any(piece.kind in (Kind.GONE, Kind.NEW) for piece in (*left, *right))

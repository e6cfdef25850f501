"""Two documents side by side, as lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dedup.model import Verdict
from dedup.report.comparison import Comparison
from dedup.report.diff import Diff, Kind, Piece
from dedup.report.lines import safe, shorten
from dedup.report.reasons import WHY
from dedup.report.stretches import Stretch

_WIDTH = 100
_MAX_LINES = 80
_MORE = " more lines"
_STRETCH = 8
"""Words from which on a stretch is named; shorter ones are edits, and are shown as such."""


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
    yield f"  places that differ    {s['gaps']}"
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

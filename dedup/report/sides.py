"""The rows of a comparison as rows of a table.

They are written here and not by a template: a report that holds everything has millions of
pieces, and spent a third of its time on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from markupsafe import Markup, escape

from dedup.report.amounts import number
from dedup.report.diff import FOLDED_FROM, Diff, Kind, Piece
from dedup.report.escapes import level, visible

_TAGS = {
    Kind.GONE: ("<del>", "</del>"),
    Kind.NEW: ("<ins>", "</ins>"),
    Kind.FORM: ('<span class="form">', "</span>"),
}


def sides(diff: Diff) -> Markup:
    """Return both texts of a comparison side by side.

    Examples
    --------
    >>> from dedup.report.diff import compare
    >>> from dedup.report.words import words_of
    >>> print(sides(compare(*words_of(["1 < 2 is old", "1 < 2 is new"]))).strip())
    <tr><td>1 &lt; 2 is <del>old</del></td><td>1 &lt; 2 is <ins>new</ins></td></tr>
    """
    return Markup("".join(_rows(diff)))  # every piece is escaped below


def _rows(diff: Diff) -> Iterator[str]:
    for row in diff.rows:
        if not row.equal:
            yield f"<tr><td>{_pieces(row.left)}</td><td>{_pieces(row.right)}</td></tr>\n"
            continue
        text = _escaped(row.text)
        if row.n_words >= FOLDED_FROM:
            head = f"<summary>{number(row.n_words, 'word')} the same</summary>"
            text = f'<details class="fold">{head}{text}</details>'
        yield f'<tr class="eq"><td colspan="2">{text}</td></tr>\n'


def _pieces(pieces: Iterable[Piece]) -> str:
    """Return the pieces of one text; white space behind a change is not marked."""
    parts: list[str] = []
    for piece in pieces:
        tags = _TAGS.get(piece.kind)
        if tags is None:
            parts.append(_escaped(piece.text))
            continue
        core = piece.text.rstrip()
        parts += (tags[0], _escaped(core), tags[1], _escaped(piece.text[len(core) :]))
    return "".join(parts) or '<span class="none">nothing here</span>'


def _escaped(text: str) -> str:
    return str(escape(visible(level(text))))

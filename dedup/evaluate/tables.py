"""A scorecard as text for a terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dedup.evaluate.metrics import BAND_EDGES, Counts
from dedup.evaluate.scorecard import Band, Scorecard
from dedup.report.lines import safe

_COUNTS = ("precision", "recall", "F1", "right", "said", "meant")


@dataclass(frozen=True, slots=True)
class _Table:
    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def as_text(card: Scorecard) -> str:
    """Return a scorecard as aligned columns."""
    return "\n".join("\n".join(_aligned(table)) + "\n" for table in _tables(card)) + _note(card)


def as_markdown(card: Scorecard) -> str:
    """Return a scorecard as Markdown tables."""
    return "\n".join("\n".join(_piped(table)) + "\n" for table in _tables(card)) + _note(card)


def _tables(card: Scorecard) -> Iterator[_Table]:
    rows = [(name, *_shares(counts)) for name, counts in card.pairs.items()]
    if rows:
        yield _Table("Pairs", ("", *_COUNTS), rows)
    kinds = [
        (kind, name, *_shares(counts))
        for kind, both in card.kinds.items()
        for name, counts in both.items()
    ]
    if kinds:
        yield _Table("Pairs by kind", ("kind", "", *_COUNTS), kinds)
    if card.bands:
        head = ("exact Jaccard", "pairs", "found", "recall", "removable", "recall")
        yield _Table("Recall by exact Jaccard", head, [_band(band) for band in card.bands])
    whole = list(_whole(card))
    if whole:
        yield _Table("Clusters and negatives", ("", "value", "counted"), whole)
    for title, counts in (("Records", card.records), ("Spans, in characters", card.spans)):
        if counts:
            yield _Table(title, ("", *_COUNTS), [("found", *_shares(counts))])


def _whole(card: Scorecard) -> Iterator[tuple[str, ...]]:
    for name, value in (card.adjusted_rand or {}).items():
        yield f"adjusted Rand index, {name}", f"{value:.4f}", ""
    for name, counted in (("clusters", card.exact_sets), ("documents", card.exact_spans)):
        if counted:
            right, whole = counted
            what = "found member for member" if name == "clusters" else "with exactly these spans"
            yield f"{name} {what}", _number(right / whole if whole else None), f"{right} of {whole}"
    if card.negatives:
        found = card.negatives
        yield "false-positive rate", f"{found.rate:.4f}", f"{found.n_found} of {found.n_pairs}"
        share = found.n_removable / found.n_pairs
        yield "... removable", f"{share:.4f}", f"{found.n_removable} of {found.n_pairs}"


def _band(band: Band) -> tuple[str, ...]:
    if band.low is None:
        name = "not in the table"
    else:
        last = band.low == BAND_EDGES[-1]
        name = f"{band.low:.1f} to {'1' if last else f'below {band.low + 0.1:.1f}'}"
    recalls = (band.n_found / band.n_pairs, band.n_removable / band.n_pairs)
    found, removable = (f"{recall:.4f}" for recall in recalls)
    return name, f"{band.n_pairs}", f"{band.n_found}", found, f"{band.n_removable}", removable


def _shares(counts: Counts) -> tuple[str, ...]:
    shares = (counts.precision, counts.recall, counts.f1)
    return (*map(_number, shares), *map(str, (counts.right, counts.said, counts.meant)))


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _note(card: Scorecard) -> str:
    if not card.n_unlisted:
        return ""
    return f"\nRecords of the output that the labels do not name: {card.n_unlisted}\n"


def _aligned(table: _Table) -> Iterator[str]:
    yield table.title
    rows = [table.head, *(tuple(map(safe, row)) for row in table.rows)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(table.head))]
    first_number = table.head.index("pairs") if "pairs" in table.head else 1
    for row in rows:
        cells = (
            cell.rjust(width) if at >= first_number else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  " + "  ".join(cells).rstrip()


def _piped(table: _Table) -> Iterator[str]:
    yield f"### {table.title}\n"
    yield "| " + " | ".join(table.head) + " |"
    yield "|" + "|".join("---" if at == 0 else "--:" for at in range(len(table.head))) + "|"
    for row in table.rows:
        yield "| " + " | ".join(safe(cell).replace("|", r"\|") for cell in row) + " |"

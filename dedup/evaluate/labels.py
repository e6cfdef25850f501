"""Labels: what people say the documents of a corpus are to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from dedup.errors import InputError
from dedup.evaluate.rows import Row, read_rows

_FORMS = "rows of id,cluster, of left,right,label, of id,label, or of document,spans"
_YES = frozenset(
    "1 1.0 true yes y duplicate dup same exact normalised near contained rewrite has_duplicate"
    " not_unique".split()
)
_NO = frozenset("0 0.0 -1 false no n different unique other template none".split())
Span = tuple[int, int]
Pair = tuple[str, str]


class PairLabel(NamedTuple):
    """What a labelled pair is."""

    duplicate: bool
    kind: str
    """A group of pairs that is scored apart; "" where the labels have none."""


@dataclass(slots=True)
class Labels:
    """Labels of one corpus; a file holds one of the four kinds.

    Attributes
    ----------
    clusters : dict of id to str
        The story, family or document of each labelled record.
    pairs : dict of (id, id), ascending, to PairLabel
    records : dict of id to bool
        Whether a record has a duplicate in the corpus.
    spans : dict of id to list of (start, end)
        The repeated passages of a document, without the first occurrence of each.
    """

    clusters: dict[str, str] = field(default_factory=dict[str, str])
    pairs: dict[Pair, PairLabel] = field(default_factory=dict[Pair, PairLabel])
    records: dict[str, bool] = field(default_factory=dict[str, bool])
    spans: dict[str, list[Span]] = field(default_factory=dict[str, list[Span]])


def read_labels(path: str | Path) -> Labels:
    r"""Read labels: clusters, pairs, records or spans, told apart by their fields.

    - clusters: rows of ``id`` and ``cluster``, or ``members``; or JSON ``{id: cluster}``,
      ``[[id, ...]]``
    - pairs: rows of ``left``, ``right``, ``label`` (and ``kind``), or ``id1``, ``id2``, ``label``
    - records: rows of ``id`` and ``label``
    - spans: rows of ``document`` and ``spans``; or JSON ``{id: [[start, end], ...]}``

    Labels are yes or no: 1, true, yes, duplicate, has_duplicate, or a verdict that relates
    the texts (all but template and none) against 0, false, no, different, unique, template,
    none. ``skip`` and an empty label leave the row out.

    Raises
    ------
    InputError
        If the file cannot be read, or a row is none of these.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "pairs.csv")
    ...     _ = path.write_text("id1,id2,label\nb,a,1\n")
    ...     read_labels(path).pairs
    {('a', 'b'): PairLabel(duplicate=True, kind='')}
    """
    path = Path(path)
    labels = Labels()
    for number, row in enumerate(read_rows(path)):
        _take(row, number, labels)
    if not any((labels.clusters, labels.pairs, labels.records, labels.spans)):
        message = f"{path} holds no labels: give {_FORMS}"
        raise InputError(message)
    return labels


def ordered(left: str, right: str) -> Pair:
    """Return two ids in ascending order."""
    return (left, right) if left <= right else (right, left)


def said_by(row: Row) -> bool | None:
    """Return whether the label of a row says yes; None where it is empty or ``skip``.

    A row without a label says yes.

    Raises
    ------
    InputError
        If the label is another word.

    Examples
    --------
    >>> [said_by(Row({"label": word}, "line 1")) for word in ("Same", "different", "skip")]
    [True, False, None]
    """
    word = str(row.values.get("label", "1")).strip().lower()
    if word in ("", "skip"):
        return None
    if word in _YES or word in _NO:
        return word in _YES
    message = f"{row.place}: the label is {word!r}: write 1 or 0, yes or no, or a verdict"
    raise InputError(message)


def span_of(value: Any, place: str) -> Span:  # noqa: ANN401
    """Return start and end of a span written as a list or an object."""
    start, end = (
        (value.get("start"), value.get("end")) if isinstance(value, dict) else tuple(value)[:2]
    )
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start <= end):
        message = f"{place}: a span needs a start and an end in characters, not {value!r}"
        raise InputError(message)
    return start, end


def _take(row: Row, number: int, labels: Labels) -> None:
    pair = row.pair()
    if pair is not None:
        _take_pair(row, pair, labels)
    elif "members" in row.values:
        for member in row.values["members"]:
            _put(row, labels.clusters, row.id(member), str(row.values.get("cluster", number)))
    elif isinstance(row.named("value"), list):
        _take_list(row, labels)
    elif "key" in row.values and not isinstance(row.values["value"], dict):
        _put(row, labels.clusters, row.values["key"], str(row.values["value"]))
    elif row.named("spans", "occurrences") is not None and "document" in row.values:
        spans = [span_of(span, row.place) for span in row.named("spans", "occurrences")]
        labels.spans.setdefault(row.id(row.values["document"]), []).extend(spans)
    elif "id" in row.values and "cluster" in row.values:
        _put(row, labels.clusters, row.id(row.values["id"]), str(row.values["cluster"]))
    elif "id" in row.values and "label" in row.values:
        said = said_by(row)
        if said is not None:
            labels.records[row.id(row.values["id"])] = said
    else:
        has = ", ".join(map(str, row.values))
        message = f"{row.place}: no label, but the fields {has}: give {_FORMS}"
        raise InputError(message)


def _take_pair(row: Row, pair: Pair, labels: Labels) -> None:
    said = said_by(row)
    if said is None:
        return
    if pair[0] == pair[1]:
        message = f"{row.place}: both sides of the pair are {pair[0]!r}"
        raise InputError(message)
    label = PairLabel(said, str(row.values.get("kind") or ""))
    if labels.pairs.setdefault(ordered(*pair), label).duplicate != said:
        message = f"{row.place}: the pair {pair[0]!r}, {pair[1]!r} is labelled yes and no"
        raise InputError(message)


def _take_list(row: Row, labels: Labels) -> None:
    """Take ``{name: [id, ...]}`` as a cluster, ``{id: [[start, end], ...]}`` as spans."""
    held = row.values["value"]
    key = row.values["key"]
    if all(isinstance(item, (list, dict)) for item in held):
        labels.spans[key] = [span_of(span, row.place) for span in held]
    else:
        for member in held:
            _put(row, labels.clusters, row.id(member), key)


def _put(row: Row, clusters: dict[str, str], member: str, cluster: str) -> None:
    known = clusters.setdefault(member, cluster)
    if known != cluster:
        message = f"{row.place}: {member!r} is in two clusters, {known!r} and {cluster!r}"
        raise InputError(message)

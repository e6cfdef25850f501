"""What a detector said: clusters, related pairs and repeated spans, ours or anyone's."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from dedup.errors import InputError
from dedup.evaluate.labels import Pair, Span, ordered, said_by, span_of
from dedup.evaluate.rows import Row, read_rows
from dedup.results import open_results
from dedup.results.schema import MANIFEST

APART = frozenset(("template", "none"))
"""Verdicts of pairs that are reported and not related as copies."""
_DOCUMENTS = "documents.parquet"
SAME_TEXT = frozenset(("exact", "normalised"))


@dataclass(slots=True)
class Output:
    """The output of a detector.

    Attributes
    ----------
    cluster_of : dict of id to str
        Records in one cluster are removable duplicates.
    block_of : dict of id to str
        Records of one text, where the output tells: a link of one is a link of all.
    links : set of (id, id), ascending
        Related pairs, those with the verdict ``template`` left out.
    spans : dict of id to list of (start, end)
        Passages that stood before, in the document or in another: all places but the first.
    """

    cluster_of: dict[str, str] = field(default_factory=dict[str, str])
    block_of: dict[str, str] = field(default_factory=dict[str, str])
    links: set[Pair] = field(default_factory=set[Pair])
    spans: dict[str, list[Span]] = field(default_factory=dict[str, list[Span]])


def read_output(path: str | Path) -> Output:
    """Read a results folder, or clusters or pairs of any detector (JSON, JSON lines, CSV).

    A cluster is a row with ``members`` (ids, or objects with an ``id``), or rows with ``id``
    and ``cluster``. A pair is a row with ``left`` and ``right``, or ``id1`` and ``id2``; one
    with the verdict ``template`` or ``none``, or a label that says no or nothing, is left out.

    Raises
    ------
    InputError
        If the path cannot be read or holds none of these, or a record is in two clusters, or
        a label is no word that :func:`~dedup.evaluate.labels.said_by` knows.
    ResultsError
        If it is a results folder whose files were damaged or changed.
    """
    path = Path(path)
    if (path / MANIFEST).is_file():
        open_results(path)  # for what it refuses
    output = Output()
    for file in _files(path):
        for row in read_rows(file):
            _take(row, output)
    if (path / _DOCUMENTS).is_file():
        _join_copies(path / _DOCUMENTS, output)
    return output


def _join_copies(path: Path, output: Output) -> None:
    """Put records of one normalised text into one block: a link names only one of them."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - needed for results folders only

    columns = pq.read_table(path, columns=["id", "unit"]).to_pydict()
    for record, unit in zip(columns["id"], columns["unit"], strict=True):
        if unit >= 0:
            output.block_of[record] = f"unit {unit}"


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    names = ("clusters.jsonl", "links.jsonl", "repeats.jsonl", "passages.jsonl")
    files = [path / name for name in names]
    found = [file for file in files if file.is_file()]
    if not found:
        message = f"{path} is no results folder: it has no {files[0].name}"
        raise InputError(message)
    return found


def _take(row: Row, output: Output) -> None:
    pair = row.pair()
    if pair is not None:
        apart = str(row.values.get("verdict", "")) in APART
        if not apart and said_by(row):
            output.links.add(ordered(*pair))
    elif "members" in row.values:
        _take_cluster(row, output)
    elif "passage" in row.values:
        for place in row.values["occurrences"][1:]:
            spans = output.spans.setdefault(row.id(place["document"]), [])
            spans.append(span_of(place, row.place))
    elif "document" in row.values and row.named("spans", "occurrences") is not None:
        later = row.values["spans"] if "spans" in row.values else row.values["occurrences"][1:]
        spans = [span_of(span, row.place) for span in later]
        output.spans.setdefault(row.id(row.values["document"]), []).extend(spans)
    elif "id" in row.values and "cluster" in row.values:
        _put(row, output, row.id(row.values["id"]), f"={row.values['cluster']}")
    elif "key" in row.values and isinstance(row.values["value"], (str, int)):
        _put(row, output, row.values["key"], f"={row.values['value']}")
    else:
        message = (
            f"{row.place}: neither a cluster nor a pair, but the fields "
            f"{', '.join(map(str, row.values))}: give rows of id,cluster, of left,right, or with "
            "members, a list of ids"
        )
        raise InputError(message)


def _take_cluster(row: Row, output: Output) -> None:
    members = row.values["members"]
    name = f"#{len(output.cluster_of)}"
    for member in members:
        id = row.id(member)
        _put(row, output, id, name)
        if isinstance(member, dict) and member.get("verdict") in SAME_TEXT:
            output.block_of[id] = name


def _put(row: Row, output: Output, member: str, cluster: str) -> None:
    if output.cluster_of.setdefault(member, cluster) != cluster:
        message = f"{row.place}: {member!r} is in two clusters; ids must be unique"
        raise InputError(message)

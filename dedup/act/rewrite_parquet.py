"""Parquet files written anew, row group by row group."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from dedup.act.marks import Marks, mark_of, without
from dedup.act.plan import Plan
from dedup.corpus.streams import RawFile
from dedup.errors import ResultsError
from dedup.results.texts import changed

if TYPE_CHECKING:
    from dedup.act.rewrite import Job

_TYPES = {
    "cluster": pa.int64(),
    "representative": pa.string(),
    "survives": pa.bool_(),
    "verdict": pa.string(),
    "jaccard": pa.float64(),
    "containment": pa.float64(),
    "cosine": pa.float64(),
    "own_words": pa.int64(),
    "n_records": pa.int64(),
    "urls": pa.list_(pa.string()),
    "sources": pa.list_(pa.string()),
    "first_date": pa.string(),
    "last_date": pa.string(),
}


def rewrite_parquet(job: Job, plan: Plan, marks: Marks) -> None:
    """Write a Parquet file without its removed rows, and with what is added to the others.

    Schema, metadata, row groups and the compression of each column stay.
    """
    raw = RawFile(job.path)
    try:
        if raw.digest() != job.source.digest:
            raise changed(job.source, "its digest is another")
    finally:
        raw.close()
    rows = {line: row for (line, _), row in job.rows.items()}
    with pq.ParquetFile(job.path) as file:
        schema = file.schema_arrow
        for name, field in zip(marks.columns, marks.fields, strict=True):
            if name in schema.names:
                message = f"{job.source.path} has a column {name!r} already: use --field"
                raise ResultsError(message)
            schema = schema.append(pa.field(name, _TYPES[field]))
        with (
            pq.ParquetWriter(job.target, schema, compression=_compression(file)) as writer,
            _removed_writer(job, plan, file) as removed,
        ):
            first = 1
            for group in range(file.num_row_groups):
                table = file.read_row_group(group, use_threads=False)
                here = [rows.get(line) for line in range(first, first + table.num_rows)]
                first += table.num_rows
                gone = _gone(here, plan, marks)
                if removed is not None and gone.any():
                    removed.write_table(_rows(table, gone), row_group_size=table.num_rows)
                table = _changed(job, table, here, plan, marks)
                if gone.any():
                    table = _rows(table, ~gone)
                if table.num_rows:
                    writer.write_table(table.cast(schema), row_group_size=table.num_rows)


def _removed_writer(
    job: Job, plan: Plan, file: pq.ParquetFile
) -> AbstractContextManager[pq.ParquetWriter | None]:
    """Open the file of the removed rows; None if there are none, or nobody wants them."""
    if job.removed is None or not any(plan.removed[row] for row in job.rows.values()):
        return nullcontext()
    job.removed.parent.mkdir(parents=True, exist_ok=True)
    return pq.ParquetWriter(job.removed, file.schema_arrow, compression=_compression(file))


def _compression(file: pq.ParquetFile) -> Any:  # noqa: ANN401 - a name, or one for each column
    """Return the compression of each column, as its first chunk has it."""
    if not file.num_row_groups:
        return "snappy"
    group = file.metadata.row_group(0)
    chunks = [group.column(at) for at in range(group.num_columns)]
    names = {"UNCOMPRESSED": "NONE"}
    return {c.path_in_schema: names.get(c.compression, c.compression) for c in chunks}


def _changed(
    job: Job, table: pa.Table, here: list[int | None], plan: Plan, marks: Marks
) -> pa.Table:
    fixed = {at: row for at, row in enumerate(here) if row is not None and row in marks.spans}
    if fixed:
        table = _fix(job, table, {at: marks.spans[row] for at, row in fixed.items()})
    said = [mark_of(plan, marks, row) for row in here] if marks.fields else []
    for name, field in zip(marks.columns, marks.fields, strict=True):
        column = pa.array([mark[field] for mark in said], _TYPES[field])
        table = table.append_column(name, column)
    return table


def _gone(here: list[int | None], plan: Plan, marks: Marks) -> NDArray[np.bool_]:
    """Return which rows of a table go."""
    gone = [row is not None and bool(plan.removed[row]) for row in here]
    return np.array(gone, np.bool_) & (not marks.annotates)


def _rows(table: pa.Table, wanted: NDArray[np.bool_]) -> pa.Table:
    """Return some rows of a table."""
    try:
        return table.filter(wanted)
    except pa.ArrowNotImplementedError:  # string views, alone or nested
        pass
    ends = np.flatnonzero(np.diff(wanted, prepend=False, append=False))
    runs = [table.slice(start, stop - start) for start, stop in ends.reshape(-1, 2).tolist()]
    return pa.concat_tables(runs)


def _fix(job: Job, table: pa.Table, spans: dict[int, list[tuple[int, int]]]) -> pa.Table:
    name = job.source.fields["text"]
    if name not in table.schema.names:
        message = f"{job.source.path}: repeats inside the nested column {name!r} cannot be fixed"
        raise ResultsError(message)
    at = table.schema.get_field_index(name)
    texts = table.column(at).to_pylist()
    for row, places in spans.items():
        text = texts[row]
        is_text = isinstance(text, str)  # else a binary column: places count characters too
        fixed = without(text if is_text else text.decode(), places)
        texts[row] = fixed if is_text else fixed.encode()
    return table.set_column(
        at, table.schema.field(at), pa.array(texts, table.schema.field(at).type)
    )

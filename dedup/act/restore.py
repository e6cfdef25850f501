"""From a results folder back to the arrays that clustering works on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.errors import ResultsError
from dedup.metadata.records import Metadata, MetadataTexts, Records
from dedup.metadata.survivors import RecordFacts, as_numbers
from dedup.model import NO_DATE, Floats, Int64s, Ragged, Reason, Verdict
from dedup.pairs import ScoredPairs, read_scores
from dedup.results import Results
from dedup.results.schema import field_column, fields_of_columns
from dedup.results.texts import read_field

if TYPE_CHECKING:
    import pyarrow as pa

_VERDICTS = {verdict.label: int(verdict) for verdict in Verdict}
_REASONS = {reason.label: int(reason) for reason in Reason}


@dataclass(frozen=True, slots=True)
class Restored:
    """What a results folder keeps of a run.

    Attributes
    ----------
    records : Records
        The named records, by number; units are numbered anew in the same order.
    candidates, on_demand : ScoredPairs
        The recorded pairs, ascending, with the verdicts of the run: those that share a
        bucket, and those that were scored while clustering.
    kept_fields : list of str
        Fields of the source whose numbers the results keep.
    """

    records: Records
    candidates: ScoredPairs
    on_demand: ScoredPairs
    kept_fields: list[str]


def restore(results: Results) -> Restored:
    """Read the records and pairs of a run.

    Raises
    ------
    ResultsError
        If the files contradict each other, or lack what this version needs.
    """
    documents = results.documents().sort_by("record")
    records = _restore_records(results, documents)
    table = results.pairs()
    on_demand = table["on_demand"].to_numpy().astype(np.bool_)
    return Restored(
        records,
        candidates=_restore_pairs(results, records, table.filter(~on_demand)),
        on_demand=_restore_pairs(results, records, table.filter(on_demand)),
        kept_fields=fields_of_columns(documents.schema.names),
    )


def _restore_records(results: Results, table: pa.Table) -> Records:
    column = {name: table[name] for name in table.schema.names}

    def numbers(name: str) -> Int64s:
        return column[name].to_numpy().astype(np.int64)

    units = numbers("unit")
    named = np.unique(units[units >= 0])
    about = MetadataTexts(*(Ragged.from_strings(column[n].to_pylist()) for n in Metadata._fields))
    published = column["published"].cast("int64").fill_null(NO_DATE)
    digests = bytes.fromhex("".join(column["digest"].to_pylist()))
    facts = RecordFacts(
        dates=published.to_numpy(),
        n_chars=numbers("n_chars"),
        digests=np.frombuffer(digests, ">u8").astype(np.uint64).reshape(-1, 2),
        against=column["against"].to_numpy().astype(np.bool_),
        metadata=about.several,
        numbers=_FieldReader(results, table),
    )
    places = {(file.path, file.against): row for row, file in enumerate(results.inputs)}
    keys = zip(column["file"].to_pylist(), facts.against.tolist(), strict=True)
    texts = column["text"].to_pylist() if "text" in column else None
    return Records(
        units=np.where(units >= 0, np.searchsorted(named, units), -1),
        facts=facts,
        files=np.array([places[key] for key in keys], np.int32),
        lines=numbers("line"),
        byte_offsets=numbers("byte_offset"),
        id_keys=np.zeros(0, np.uint64),
        about=about,
        texts=None if texts is None else Ragged.from_strings(texts),
        numbers=numbers("record"),
    )


class _FieldReader:
    """Reads a field of all named records, once: from results that keep it, or the sources."""

    def __init__(self, results: Results, documents: pa.Table) -> None:
        self._results = results
        self._documents = documents
        self._found: dict[str, Floats] = {}

    def __call__(self, name: str, rows: Int64s) -> Floats:
        if name not in self._found:
            self._found[name] = self._read(name)
        return self._found[name][rows]

    def _read(self, name: str) -> Floats:
        if field_column(name) in self._documents.schema.names:
            return self._documents[field_column(name)].to_numpy()
        numbers = self._documents["record"].to_pylist()
        values = read_field(self._results, numbers, name)
        return as_numbers(values[number] for number in numbers)


def _restore_pairs(results: Results, records: Records, table: pa.Table) -> ScoredPairs:
    sides = [_units_of(results, records, table[f"{side}_record"]) for side in ("left", "right")]
    given: dict[str, Any] = {
        "verdict": np.array([_VERDICTS[word] for word in table["verdict"].to_pylist()], np.uint8),
        "reason": np.array([_REASONS[word] for word in table["reason"].to_pylist()], np.uint8),
        "left": sides[0],
        "right": sides[1],
        **read_scores(table),
    }
    pairs = ScoredPairs(**given)
    if len(pairs) and not (pairs.left < pairs.right).all():
        message = f"{results.folder / 'pairs.parquet'}: damaged: a pair stands the wrong way round"
        raise ResultsError(message)
    return pairs.take(np.argsort(pairs.codes))


def _units_of(results: Results, records: Records, column: Any) -> Int64s:  # noqa: ANN401 - Arrow
    """Return the units of the records that a column of pairs names."""
    wanted, known = column.to_numpy().astype(np.int64), records.numbers
    if known is None or len(wanted) == 0:
        return np.zeros(0, np.int64)
    rows = np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
    if not len(known) or (known[rows] != wanted).any() or (records.units[rows] < 0).any():
        message = f"{results.folder}: documents.parquet and pairs.parquet do not belong together"
        raise ResultsError(message)
    return records.units[rows]

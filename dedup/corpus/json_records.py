"""JSON objects to records: the part that lines and array elements share."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import repeat
from typing import Any, Final, NamedTuple, cast

import msgspec
import numpy as np
import orjson

from dedup.corpus.batches import Piece
from dedup.corpus.fields import MISSING, Names, choose_fields, column_of, missing_text, value_of
from dedup.corpus.intake import Intake
from dedup.corpus.json_decoder import Decoded, FieldDecoder
from dedup.corpus.json_parts import Column, ColumnOf, PartNames
from dedup.corpus.lines import Block, Lines, admit, is_blank
from dedup.corpus.presets import Candidates, Part
from dedup.corpus.values import (
    BadRecord,
    exact_id,
    further_columns,
    id_text,
    metadata_column,
    utf8_fault,
)
from dedup.model import Int64s, Ragged

Record = Mapping[str, Any]

_LONG_INTEGER: Final = 4000
_NOT_JSON_NUMBERS: Final = re.compile(rb"\b(?:NaN|Infinity)\b")
_KINDS: Final[Mapping[type, str]] = {
    type(None): "null",
    bool: "a truth value",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "an object",
}


class _Records(NamedTuple):
    """Some records: their texts and further fields, and the columns of their other parts."""

    decoded: Decoded
    parts: dict[Part, Column]


class JsonRecords:
    """Reads the JSON objects of one file.

    The first block is read record by record, and the field of the text is chosen by it: its
    size is fixed, so that the choice never depends on the size of a batch. Later blocks are
    read in one go; only where that fails record by record, to find what is wrong with which.
    The field of each other part that the first block has is chosen for each record.

    Parameters
    ----------
    intake : Intake
        The account of the file.
    candidates : mapping of part to tuple of str
        Names to try for each part.
    """

    def __init__(self, intake: Intake, candidates: Candidates) -> None:
        self._intake = intake
        self._candidates = candidates
        self._names: Names = {}
        self._parts = PartNames(candidates)
        self._decoder: FieldDecoder | None = None

    def read(self, block: Block) -> Piece | None:
        """Return the records of a block; None when it has none that can be read."""
        if self._decoder and self._decoder.available:
            ends = np.cumsum(np.fromiter(map(len, block.raws), np.int64, len(block)))
            records = self._decode(self._decoder, b"".join(block.raws), ends)
            if records is not None:
                return self._build(records, block.lines, block.byte_offsets, lambda: block.raws)
        return self._one_by_one(block)

    def read_lines(self, lines: Lines) -> Piece | None:
        """Return the records of some lines; None when there are none that can be read."""
        if self._decoder and self._decoder.available:
            lines.ends = self._decoder.line_ends(lines.data)
            lengths, numbers, offsets = lines.places(lines.ends)
            fitting = lengths.max() <= self._intake.reading.max_record_bytes
            if fitting and len(lines) <= self._intake.room:
                records = self._decode(self._decoder, lines.data, lines.ends)
                if records is not None:
                    return self._build(records, numbers, offsets, lambda: lines.split().raws)
        block = admit(lines.split(), self._intake)
        return self._one_by_one(block) if len(block) else None

    def _one_by_one(self, block: Block) -> Piece | None:
        raws = [raw.removesuffix(b"\n") for raw in block.raws]
        parsed = [self._parsed(raw) for raw in raws]
        if "text" not in self._names:
            self._choose([record for record in parsed if isinstance(record, Mapping)])
        rows: list[int] = []
        records: list[Record] = []
        texts: list[bytes] = []
        for row, record in enumerate(parsed):
            if record is None:
                continue
            try:
                texts.append(self._text_of(record))
            except BadRecord as bad:
                line, byte_offset = int(block.lines[row]), int(block.byte_offsets[row])
                self._intake.reject(line, byte_offset, str(bad), raws[row])
                continue
            rows.append(row)
            records.append(cast("Record", record))
        if not rows:
            return None
        decoded = Decoded(Ragged.from_bytes(texts), _columns_of(records))
        parsed_records = _Records(decoded, self._parts.columns(decoded.column, every=True))
        readable = block.take(rows)
        return self._build(
            parsed_records, readable.lines, readable.byte_offsets, lambda: readable.raws
        )

    def _decode(self, decoder: FieldDecoder, data: bytes, ends: Int64s) -> _Records | None:
        """Return some records in one go; None where anything may be wrong with any."""
        decoded = decoder.decode(data, ends)
        if decoded is None:
            return None
        parts = self._parts.columns(decoded.column)
        if not self._parts.ask_more(parts):
            return _Records(decoded, parts)
        self._decoder = self._new_decoder()
        return None if self._decoder is None else self._decode(self._decoder, data, ends)

    def _parsed(self, raw: bytes) -> Record | BadRecord | None:
        """Return the record, what is wrong with it, or None for a blank line."""
        if is_blank(raw):
            return None
        try:
            return parse_record(raw, self._intake.reading.encoding)
        except BadRecord as bad:
            return bad

    def _text_of(self, record: Record | BadRecord) -> bytes:
        if isinstance(record, BadRecord):
            raise record
        name = self._names.get("text")
        text = MISSING if name is None else value_of(record, name)
        if text is MISSING:
            raise BadRecord(missing_text(self._names, self._candidates, record, "the record"))
        return encode_text(text, f"the text field {name!r}")

    def _choose(self, records: Sequence[Record]) -> None:
        names = choose_fields(self._candidates, records)
        self._names = {**names, **self._names}
        self._intake.source.fields.update(self._names)
        self._parts.learn(records, self._names)
        self._decoder = self._new_decoder()

    def _new_decoder(self) -> FieldDecoder | None:
        """Return a decoder of the fields that are asked for, if they are for one to decode."""
        text = self._names.get("text", "")
        others = self._parts.asked.union(self._intake.further)
        if text and "." not in text and text not in others:
            with suppress(UnicodeEncodeError):  # a name that is in no valid record
                return FieldDecoder(text, others)
        return None

    def _build(
        self,
        records: _Records,
        lines: Int64s,
        byte_offsets: Int64s,
        raws: Callable[[], Sequence[bytes]],
    ) -> Piece:
        """Return records, given where they stand and how to get at their bytes."""
        decoded, parts = records
        self._intake.accept(len(lines))
        return Piece(
            self._intake.row,
            decoded.texts,
            self._ids(parts.get("id"), lines, raws),
            lines,
            byte_offsets,
            titles=metadata_column(parts.get("title")),
            urls=metadata_column(parts.get("url")),
            dates=metadata_column(parts.get("date")),
            sources=metadata_column(parts.get("source")),
            further=further_columns(self._intake.further, decoded.column),
        )

    def _ids(
        self, values: Column | None, lines: Int64s, raws: Callable[[], Sequence[bytes]]
    ) -> Ragged:
        path = self._intake.source.path
        if values is None:
            return Ragged.from_strings([f"{path}#{line}" for line in lines.tolist()])
        if isinstance(values, Ragged):
            if np.diff(values.offsets).all():
                return values
            values = values.strings()
        names = self._parts.all_of("id")
        ids: list[str] = []
        written = raws() if float in map(type, values) else repeat(b"", len(values))
        for value, raw, line in zip(values, written, lines.tolist(), strict=True):
            text = exact_id(raw, names) if type(value) is float else id_text(value)
            ids.append(f"{path}#{line}" if text is None else text)
        return Ragged.from_strings(ids)


def _columns_of(records: Sequence[Record]) -> ColumnOf:
    """Return what gives the fields of parsed records."""
    keys = {key for record in records for key in record}

    def column(name: str) -> Column | None:
        if name not in keys and name.split(".", 1)[0] not in keys:
            return None
        values = column_of(records, name)
        return None if all(value is None for value in values) else values

    return column


def parse_record(raw: bytes, encoding: str = "utf-8") -> Record:
    """Return the JSON object that some bytes are.

    ``NaN`` and ``Infinity`` are no JSON but common in what Python writes, and harmless
    in fields that nobody reads, as are numbers too large for a float: they are let through.

    Raises
    ------
    BadRecord
        With the reason why it is none.

    Examples
    --------
    >>> parse_record(b'{"text": "A storm.", "score": NaN}')["text"]
    'A storm.'
    """
    try:
        value: object = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        value = _parse_again(raw, encoding)
    if isinstance(value, dict):
        return cast("Record", value)
    reason = f"{_KINDS[type(value)]} where a JSON object should be"
    raise BadRecord(reason)


def encode_text(text: object, what: str) -> bytes:
    """Return a text as UTF-8.

    Raises
    ------
    BadRecord
        When it is no string, or one that has no UTF-8 form.
    """
    if not isinstance(text, str):
        reason = f"{what} is {_KINDS.get(type(text), type(text).__name__)}, not a string"
        raise BadRecord(reason)
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        reason = f"{what} has a lone surrogate at character {error.start}: no valid text"
        raise BadRecord(reason) from error


def _parse_again(raw: bytes, encoding: str) -> object:
    """Parse what one parser refuses by another, which says better what is wrong."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        lenient = "infinity" in error.msg or _NOT_JSON_NUMBERS.search(raw)
        value = _parse_leniently(raw) if lenient else MISSING
        if value is MISSING:
            raise BadRecord(_json_fault(raw, error, encoding)) from error
        return value


def _parse_leniently(raw: bytes) -> object:
    try:
        return json.loads(raw, parse_int=_number)
    except (ValueError, RecursionError):
        return MISSING


def _number(digits: str) -> float:
    """Return an integer, however long: Python refuses those of 4,300 digits and more."""
    return int(digits) if len(digits) < _LONG_INTEGER else math.inf


def _json_fault(raw: bytes, error: orjson.JSONDecodeError, encoding: str) -> str:
    fault = utf8_fault(raw, encoding)
    if fault is not None:
        return fault
    if "surrogate" in error.msg:
        return f"a lone surrogate (\\uD800 to \\uDFFF) is no valid text: character {error.pos}"
    reason = f"not valid JSON: {error.msg} at character {error.pos}"
    follows = error.doc[error.pos :].lstrip().startswith("{") and "after" in error.msg
    return f"{reason}; --format json reads several objects in a line" if follows else reason

"""Records that a library user hands over in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from dedup.arguments import check_documents
from dedup.corpus.batches import Piece, Rows, batched
from dedup.corpus.fields import MISSING, NAME_BY_KEY, FieldChoice, missing_text, value_of
from dedup.corpus.json_records import encode_text
from dedup.corpus.presets import COMMON_NAMES, METADATA_PARTS
from dedup.corpus.values import RAW_KEPT, BadRecord, id_text, json_text, metadata_text
from dedup.model import Batch, Document, Quarantined

DOCUMENTS = "documents"
"""What stands for the path of a file in the quarantine."""

Item = Document | str | Mapping[str, object]
_NO_METADATA = (None, None, None, None)
_Parts = tuple[bytes, str | None, tuple[str | None, ...]]


def read_documents(
    documents: Iterable[Item],
    *,
    batch_bytes: int,
    quarantine: Callable[[Quarantined], None],
    further: Sequence[str] = (),
) -> Iterator[Batch]:
    """Yield documents given in memory in batches.

    Parameters
    ----------
    documents : iterable of Document, str or mapping
        A mapping, a named tuple as ``itertuples`` of pandas gives, or a row with ``keys()``
        as ``sqlite3.Row``, is looked through for the names that files use too (``text`` or
        ``body``, ``id``, ``title``, ...). Ids default to the ordinal, from "0".
    batch_bytes : int
        Bytes of text in a batch; one longer text makes a batch of its own.
    quarantine : callable
        Takes every item that is no document, or whose text is no text.
    further : sequence of str
        Further fields of mappings whose values batches carry.

    Yields
    ------
    Batch
        ``files`` is 0, ``lines`` is the ordinal from 1, ``byte_offsets`` is -1.

    Raises
    ------
    InputError
        When ``documents`` is one string, whose characters are hardly meant, or a table,
        whose columns are not.

    Examples
    --------
    >>> batches = read_documents(["A storm.", {"id": 7, "body": "Rain."}],
    ...                          batch_bytes=1000, quarantine=print)
    >>> [(batch.ids.strings(), batch.texts.strings()) for batch in batches]
    [(['0', '7'], ['A storm.', 'Rain.'])]
    """
    check_documents(documents)
    return batched(_read(documents, batch_bytes, quarantine, tuple(further)), batch_bytes)


def _read(
    documents: Iterable[Item],
    batch_bytes: int,
    quarantine: Callable[[Quarantined], None],
    further: tuple[str, ...],
) -> Iterator[Piece]:
    choice = FieldChoice(COMMON_NAMES)
    rows = Rows(0, further)
    for ordinal, item in enumerate(map(_by_names, documents)):
        try:
            text, id, metadata = _parts(item, choice)
        except BadRecord as bad:
            raw = _raw(item)
            quarantine(Quarantined(DOCUMENTS, ordinal + 1, -1, str(bad), raw[:RAW_KEPT], len(raw)))
            continue
        record = cast("Mapping[str, Any]", item) if isinstance(item, Mapping) else {}
        about = (*metadata, *_texts(_value(record, name) for name in further))
        rows.add(text, str(ordinal) if id is None else id, ordinal + 1, -1, about)
        if rows.size >= batch_bytes:
            yield rows.piece()
            rows = Rows(0, further)
    if rows.ids:
        yield rows.piece()


def _by_names(item: Any) -> Any:  # noqa: ANN401 - whatever was given
    """Return a named tuple, or a row of a database, as a mapping, and all else as it is."""
    if isinstance(item, str | Document | Mapping | type):
        return cast("Any", item)
    by_names = getattr(item, "_asdict", None) if isinstance(item, tuple) else None
    if by_names is not None:
        return by_names()
    return dict(item) if hasattr(item, "keys") and hasattr(item, "__getitem__") else item


def _parts(item: object, choice: FieldChoice) -> _Parts:
    if isinstance(item, str):
        return encode_text(item, "the text"), None, _NO_METADATA
    if isinstance(item, Document):
        values = (item.title, item.url, item.date, item.source)
        return encode_text(item.text, "the text"), id_text(item.id), _texts(values)
    if isinstance(item, Mapping):
        return _mapping_parts(cast("Mapping[str, Any]", item), choice)
    reason = f"{type(item).__name__} is no document: pass a str, a mapping or a Document"
    raise BadRecord(reason)


def _mapping_parts(record: Mapping[str, Any], choice: FieldChoice) -> _Parts:
    names = choice.of(record)
    if "text" not in names:
        has = map(str, record)
        raise BadRecord(missing_text(names, COMMON_NAMES, has, "the mapping", NAME_BY_KEY))
    text = encode_text(record[names["text"]], f"the text field {names['text']!r}")
    values = [_value(record, names.get(part)) for part in METADATA_PARTS]
    return text, id_text(_value(record, names.get("id"))), _texts(values)


def _value(record: Mapping[str, Any], name: str | None) -> object:
    found = MISSING if name is None else value_of(record, name)
    return None if found is MISSING else found


def _texts(values: Iterable[Any]) -> tuple[str | None, ...]:
    return tuple(metadata_text(value) for value in values)


def _raw(item: object) -> bytes:
    text = item.text if isinstance(item, Document) else item
    shown = text if isinstance(text, str) else json_text(text)
    return shown.encode("utf-8", "surrogatepass")

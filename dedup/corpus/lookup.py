"""Single documents of a corpus, looked up by id."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dedup.config import Settings
from dedup.corpus.intake import forget
from dedup.corpus.reader import CorpusReader
from dedup.errors import InputError
from dedup.metadata.records import MetadataTexts
from dedup.model import Batch, Document
from dedup.text.digest import digest_texts, hex_of


class FoundDocument(NamedTuple):
    """A document that was looked up, and its content digest as results write it."""

    document: Document
    digest: str


def read_document(path: str, settings: Settings) -> FoundDocument:
    """Return the only document of a file.

    Raises
    ------
    InputError
        If the file holds none, or several.
    """
    found: list[FoundDocument] = []
    reader = _reader([path], settings)
    for _, one in _documents(reader):
        found.append(one)
        if len(found) > 1:
            message = (
                f"{path} holds more than one record: name records by id and the file by --in {path}"
            )
            raise InputError(message)
    if not found:
        reason = f" ({reader.skipped[0].reason})" if reader.skipped else ""
        message = f"{path} holds no record that can be read{reason}"
        raise InputError(message)
    return found[0]


def find_documents(
    paths: Sequence[str], ids: Sequence[str], settings: Settings
) -> list[FoundDocument]:
    """Return documents of a corpus by id, or by ``path#line``.

    Reading ends when all are found; of records with one id the first is taken.

    Raises
    ------
    InputError
        If there is no such record.
    """
    found: dict[str, FoundDocument] = {}
    wanted = set(ids)
    for ref, one in _documents(_reader(paths, settings)):
        for name in {ref, one.document.id or ref} & wanted:
            found.setdefault(name, one)
        if len(found) == len(wanted):
            break
    for name in ids:
        if name not in found:
            message = f"there is no record {name} in {', '.join(paths)}: ids must match exactly"
            raise InputError(message)
    return [found[name] for name in ids]


def _reader(paths: Sequence[str], settings: Settings) -> CorpusReader:
    return CorpusReader(
        paths,
        settings.reading,
        batch_bytes=settings.batch_bytes,
        quarantine=forget,  # what is looked up is found, or is said to be missing
        tmp_dir=settings.tmp_dir,
    )


def _documents(reader: CorpusReader) -> Iterator[tuple[str, FoundDocument]]:
    """Yield every record with the place where it stands."""
    for batch in reader:
        for row in range(len(batch)):
            ref = f"{reader.files[batch.files[row]].path}#{batch.lines[row]}"
            yield ref, _found(batch, row)


def _found(batch: Batch, row: int) -> FoundDocument:
    about = MetadataTexts(batch.ids, batch.titles, batch.urls, batch.dates, batch.sources)
    own = batch.digests
    digests = digest_texts(batch.texts.part(row, row + 1)) if own is None else own[row : row + 1]
    document = Document(batch.texts[row].decode(), *about.one(row))
    return FoundDocument(document, hex_of(digests))

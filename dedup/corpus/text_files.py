"""Files that are one document each: plain text, and HTML by its main text."""

from __future__ import annotations

from collections.abc import Iterator

from dedup.corpus.batches import Piece, Rows
from dedup.corpus.intake import Intake
from dedup.corpus.json_records import encode_text
from dedup.corpus.streams import BLOCK_BYTES, ByteStream, canonical_encoding
from dedup.corpus.values import BadRecord, beginning, utf8_fault
from dedup.model import Ragged
from dedup.text.digest import digest_texts


def read_text(stream: ByteStream, intake: Intake) -> Iterator[Piece]:
    """Yield a plain text file as one record whose id is the path."""
    raw = _read_document(stream, intake)
    if raw is None:
        return
    if (fault := utf8_fault(raw, intake.reading.encoding)) is not None:
        intake.reject(1, 0, fault, raw)
    else:
        yield _one_record(intake, raw, (None, None, None, None))


def read_html(stream: ByteStream, intake: Intake) -> Iterator[Piece]:
    """Yield the main text of an HTML page as one record whose id is the path.

    Raises
    ------
    MissingExtraError
        When trafilatura is not installed.
    """
    # what parses pages takes a fiftieth of the start-up of a scan that has none
    from dedup.corpus.html_pages import read_page  # noqa: PLC0415

    raw = _read_document(stream, intake)
    if raw is None:
        return
    try:
        page = read_page(_decoded(raw, stream, intake))
        text = encode_text(page.text, "the main text")
    except BadRecord as bad:
        intake.reject(1, 0, str(bad), raw)
    else:
        piece = _one_record(intake, text, page[1:])
        # Pages with one main text may differ in all else, and what differs may be the story.
        # Of the page and the text: another version of the extractor is noticed, too.
        piece.digests = digest_texts(Ragged.from_bytes([raw + text]))
        yield piece


def _decoded(raw: bytes, stream: ByteStream, intake: Intake) -> str:
    """Return a page as text; an encoding that the user named is the only one."""
    if canonical_encoding(intake.reading.encoding) == "utf-8":
        from dedup.corpus.html_charset import decode_page  # noqa: PLC0415 - only for pages

        return decode_page(raw, has_mark=stream.start > 0)
    fault = utf8_fault(raw, intake.reading.encoding)
    if fault is not None:
        raise BadRecord(fault)
    return raw.decode()


def _read_document(stream: ByteStream, intake: Intake) -> bytes | None:
    """Return the whole file; None when it is empty or went to the quarantine."""
    longest = intake.reading.max_record_bytes
    pieces: list[bytes] = []
    length = 0
    while piece := stream.read(BLOCK_BYTES):
        length += len(piece)
        pieces.append(piece)
        if length > longest:
            # Too long already: only count on, holding no more than what is kept.
            pieces = [beginning(pieces)]
    raw = b"".join(pieces)
    if stream.fault is not None:
        intake.reject(1, 0, stream.fault, raw, -1)
    elif length > longest:
        intake.too_long(1, 0, raw, length)
    elif raw:
        return raw
    return None


def _one_record(intake: Intake, text: bytes, metadata: tuple[str | None, ...]) -> Piece:
    intake.accept(1)
    rows = Rows(intake.row)
    rows.add(text, intake.source.path, 1, 0, metadata)
    return rows.piece()

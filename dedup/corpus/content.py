"""What a file is, by its name and its first bytes."""

from __future__ import annotations

import codecs
import json
import re
from pathlib import PurePath
from typing import Any, Final, cast

import orjson

from dedup.corpus.fields import choose_columns
from dedup.corpus.presets import COMMON_NAMES

FORMATS: Final = ("jsonl", "json", "csv", "tsv", "parquet", "text", "html")
"""Names that ``--format`` takes."""

_BY_SUFFIX: Final = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".jsonlines": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".txt": "text",
    ".text": "text",
    ".md": "text",
    ".markdown": "text",
    ".rst": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
}
_COMPRESSED_SUFFIXES: Final = {".gz", ".gzip", ".zst", ".zstd"}

_SIGNATURES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x89PNG\r\n\x1a\n", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF87a", "GIF image"),
    (b"GIF89a", "GIF image"),
    (b"II*\0", "TIFF image"),
    (b"MM\0*", "TIFF image"),
    (b"\0\0\1\0", "icon image"),
    (b"8BPS", "Photoshop image"),
    (b"%PDF-", "PDF document"),
    (b"PK\3\4", "zip archive or office document"),
    (b"PK\5\6", "empty zip archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old office document"),
    (b"{\\rtf", "RTF document"),
    (b"\x7fELF", "executable"),
    (b"\xca\xfe\xba\xbe", "executable or Java class"),
    (b"\xfe\xed\xfa\xce", "executable"),
    (b"\xfe\xed\xfa\xcf", "executable"),
    (b"\xcf\xfa\xed\xfe", "executable"),
    (b"\0asm", "WebAssembly program"),
    (b"SQLite format 3\0", "SQLite database"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip archive"),
    (b"Rar!\x1a\x07", "RAR archive"),
    (b"BZh91AY&SY", "bzip2 data; decompress it first"),
    (b"\xfd7zXZ\0", "xz data; decompress it first"),
    (b"\x04\x22\x4d\x18", "LZ4 data; decompress it first"),
    (b"OggS\0", "Ogg audio"),
    (b"fLaC\0", "FLAC audio"),
    (b"ID3\2", "MP3 audio"),
    (b"ID3\3", "MP3 audio"),
    (b"ID3\4", "MP3 audio"),
    (b"\x1aE\xdf\xa3", "Matroska video"),
    (b"wOFF\0", "font"),
    (b"wOF2\0", "font"),
    (b"\0\1\0\0\0", "font"),
    (b"OTTO\0", "font"),
    (b"\x93NUMPY", "NumPy array"),
    (b"\x89HDF\r\n\x1a\n", "HDF5 data"),
    (b"ARROW1\0\0", "Arrow file; convert it to Parquet first"),
    (b"Obj\1", "Avro data; convert it to Parquet or JSONL first"),
    (b"\x80\4\x95", "Python pickle"),
    (b"\x80\5\x95", "Python pickle"),
    (b"WARC/", "WARC archive; extract it to JSONL first"),
)
_UTF16: Final = "UTF-16; --encoding utf-16 reads it"
_PACKED: Final = ("bzip2 data", "xz data", "LZ4 data")
_PARQUET_MAGIC: Final = b"PAR1"
_UTF16_BOMS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b\b"))
_LOOKED_AT: Final = 64 * 1024
_HTML_START: Final = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html[\s>])", re.I | re.S
)
_ARRAY_START: Final = re.compile(rb"\s*\[\s*\{")

_VOTING_LINES = 20


def declared_format(path: str) -> str | None:
    """Return the format that a file name declares, if any.

    Examples
    --------
    >>> declared_format("dump.jsonl.zst"), declared_format("page.HTM"), declared_format("data")
    ('jsonl', 'html', None)
    """
    name = PurePath(path.lower())
    while name.suffix in _COMPRESSED_SUFFIXES:
        name = name.with_suffix("")
    return _BY_SUFFIX.get(name.suffix)


def detect_format(path: str, head: bytes) -> str:
    r"""Return the format of a text file by its name and its first bytes.

    Parameters
    ----------
    path : str
        Name of the file.
    head : bytes
        Its first bytes, decompressed, UTF-8.

    Returns
    -------
    str
        One of :data:`FORMATS`.

    Examples
    --------
    >>> detect_format("a.json", b'{"text": "one"}\n{"text": "two"}\n')
    'jsonl'
    >>> detect_format("a.jsonl", b'[{"text": "one"}]'), detect_format("notes", b"A storm.")
    ('json', 'text')
    """
    declared = declared_format(path)
    if declared in {"csv", "tsv", "parquet", "html"}:
        return declared
    if declared == "jsonl":
        return "json" if _ARRAY_START.match(head) else "jsonl"
    if head.startswith(_PARQUET_MAGIC):
        return "parquet"
    if looks_like_json_lines(head):
        return "jsonl"
    if declared is not None:
        return declared
    if _HTML_START.match(head):
        return "html"
    if _ARRAY_START.match(head) or _holds_objects(head):
        return "json"
    return "csv" if _looks_like_table(head) else "text"


def looks_like_json_lines(head: bytes) -> bool:
    r"""Return whether the first lines of a file are JSON objects, one a line.

    Examples
    --------
    >>> looks_like_json_lines(b'{"text": "one"}\n{"text": "two"}\n{"text": "th')
    True
    >>> looks_like_json_lines(b'{\n  "text": "one"\n}')
    False
    """
    lines = _first_lines(head, _VOTING_LINES)
    if not lines or not lines[0].startswith(b"{"):
        return False
    if len(lines) == 1 and b"\n" not in head:
        # One very long line, perhaps not all of it.
        return lines[0].startswith(b'{"') and b'":' in lines[0] and not _holds_objects(lines[0])
    n_objects = sum(parse_object(line) is not None for line in lines)
    return n_objects * 2 >= len(lines)


def _holds_objects(line: bytes) -> bool:
    r"""Return whether several JSON objects stand in a line, one after the other.

    Examples
    --------
    >>> _holds_objects(b'{"text": "one"} {"text": "tw'), _holds_objects(b'{"text": "one"}')
    (True, False)
    """
    text = line.decode("utf-8", "replace").lstrip()
    if not text.startswith("{"):
        return False
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return text[end:].lstrip(" \t").startswith("{")


def parse_object(raw: bytes) -> dict[str, Any] | None:
    """Return the JSON object that some bytes are, or None when they are none."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def binary_kind(path: str, head: bytes, encoding: str) -> str | None:
    """Return what a file is that is no text, or None when it may be text.

    A name that declares a format of records is believed where the content is merely
    strange: bad records are then quarantined one by one.

    Parameters
    ----------
    path : str
        Name of the file.
    head : bytes
        Its first bytes, decompressed, not decoded.
    encoding : str
        The encoding that the user named, as Python spells it.
    """
    for magic, kind in _SIGNATURES:
        if head.startswith(magic):
            return kind
    kind = _binary_by_place(head)
    if kind is not None or encoding.startswith(("utf-16", "utf-32")):
        return kind
    sample = head[:_LOOKED_AT]
    n_nuls = sample.count(0)
    if head.startswith(_UTF16_BOMS) and n_nuls * 5 > len(sample):
        return _UTF16
    if declared_format(path) in {"jsonl", "json", "csv", "tsv", "parquet"}:
        return None
    if head.startswith(_PARQUET_MAGIC):
        return None
    n_controls = len(sample) - len(sample.translate(None, _CONTROLS))
    strange = n_controls * 20 > len(sample) and not (encoding == "utf-8" and _is_utf8(sample))
    return "binary data" if strange or n_nuls * 10 > len(sample) else None


def may_hold_text(path: str, kind: str) -> bool:
    """Return whether a file of a kind that is not read holds text all the same.

    UTF-16 does, and what is packed in a way that is not read, where the name in front of the
    last suffix is one of a format that is.

    Examples
    --------
    >>> kinds = "PNG image", "xz data; decompress it first"
    >>> [may_hold_text("dump.jsonl.xz", kind) for kind in kinds]
    [False, True]
    >>> may_hold_text("disk.img.xz", kinds[1])
    False
    """
    packed = kind.startswith(_PACKED) and declared_format(str(PurePath(path).with_suffix("")))
    return kind == _UTF16 or bool(packed)


def _looks_like_table(head: bytes) -> bool:
    """Return whether the first line is a header of known names, one of them the text."""
    header = head.split(b"\n", 1)[0].decode("utf-8", "replace").lower()
    for delimiter in ",;\t|":
        names = [name.strip(' "\r') for name in header.split(delimiter)]
        known = choose_columns(COMMON_NAMES, names)
        if "text" in known and len(known) > 1:
            return True
    return False


def _binary_by_place(head: bytes) -> str | None:
    """Return the kind of formats whose mark is short or not at the start."""
    if head[:4] == b"RIFF" and head[8:12] in {b"WEBP", b"WAVE", b"AVI "}:
        return "WebP image, sound or video"
    if head[4:8] == b"ftyp":
        return "MP4 video or HEIF image"
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":
        return "BMP image"
    if head[:2] == b"MZ" and b"\0" in head[:64]:
        return "executable"
    if head[257:262] == b"ustar":
        return "tar archive"
    return None


def _is_utf8(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _first_lines(head: bytes, n_lines: int) -> list[bytes]:
    """Return the first lines that are not blank; a last one that is cut off is left out."""
    pieces = head.split(b"\n", n_lines)
    if len(pieces) > n_lines or (len(pieces) > 1 and parse_object(pieces[-1]) is None):
        pieces.pop()
    return [piece for piece in pieces if piece.strip()]

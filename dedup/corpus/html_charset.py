"""The encoding that a page of HTML declares for itself, read as browsers read it.

The order and the meaning of labels are those of the WHATWG's Encoding and HTML standards.
"""

from __future__ import annotations

import codecs
import re
from html.parser import HTMLParser
from typing import Final

from dedup.corpus.values import BadRecord, utf8_fault

_LOOKED_AT: Final = 64 * 1024
"""Browsers look at the first 1,024 bytes; some pages have longer comments before the head."""

_XML_DECLARATION: Final = re.compile(
    rb"\s*<\?xml\s[^>]*?\bencoding\s*=\s*[\"']\s*([\w.:-]+)", re.ASCII
)
_IN_CONTENT: Final = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.ASCII | re.I)

_AS_BROWSERS_READ: Final = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
"""Encodings that stand for a larger one in every browser, so that pages are written in that."""

_UNKNOWN_TO_PYTHON: Final = {"windows-949": "cp949", "windows-874": "cp874"}
_PROBE: Final = (bytes(range(32, 127)) + b"+AGE-").decode()


def decode_page(page: bytes, *, has_mark: bool) -> str:
    r"""Return a page as text: UTF-8, or what the page declares where it is no UTF-8.

    Parameters
    ----------
    page : bytes
    has_mark : bool
        Whether the page began with the byte order mark of UTF-8, which no declaration can
        contradict.

    Raises
    ------
    BadRecord
        If it is no UTF-8, and declares nothing that it can be read as.

    Examples
    --------
    >>> decode_page(b'<meta charset="latin1"><p>Caf\xe9 \x93Rose\x94', has_mark=False)[-11:]
    'Café “Rose”'
    """
    fault = utf8_fault(page)
    if fault is None:
        return page.decode()
    label = None if has_mark else declared_charset(page)
    if label is None:
        raise BadRecord(fault)
    at = fault.partition(";")[0]
    codec = codec_of(label)
    if codec is not None:
        try:
            return page.decode(codec, _errors_of(codec))
        except UnicodeDecodeError as error:
            at = f"{at}, nor {label}, which the page declares, at byte {error.start}"
    else:
        at = f"{at}, and {label}, which the page declares, is no encoding to read it in"
    reason = f"{at}; --encoding names another encoding"
    raise BadRecord(reason)


def declared_charset(page: bytes) -> str | None:
    """Return the label that stands first in an XML declaration or a ``meta`` element.

    Examples
    --------
    >>> declared_charset(b'<!-- <meta charset="koi8-r"> --><meta charset=" Windows-1252 ">')
    'windows-1252'
    >>> declared_charset(b'<meta http-equiv=Content-Type content="text/html; charset=big5">')
    'big5'
    >>> declared_charset(b'<?xml version="1.0" encoding="ISO-8859-2"?><html>')
    'iso-8859-2'
    """
    beginning = page[:_LOOKED_AT]
    if found := _XML_DECLARATION.match(beginning):
        return found[1].decode("ascii").lower()
    finder = _CharsetFinder()
    finder.feed(beginning.decode("latin-1"))  # a label is ASCII, whatever stands around it
    return finder.label


def codec_of(label: str) -> str | None:
    """Return the name of Python's codec for the label of a page, or None.

    A declaration is read as ASCII, so that an encoding in which ASCII is something else
    (UTF-16, say) is declared by mistake.

    Examples
    --------
    >>> codec_of("iso-8859-1"), codec_of("x-sjis"), codec_of("utf-16"), codec_of("klingon")
    ('cp1252', 'cp932', None, None)
    """
    for name in (_UNKNOWN_TO_PYTHON.get(label, label), label.removeprefix("x-")):
        try:
            codec = codecs.lookup(name).name
            codec = _AS_BROWSERS_READ.get(codec, codec)
            if (
                codec != "utf-8"
                and "escape" not in codec
                and _PROBE.encode("ascii").decode(codec) == _PROBE
            ):
                return codec
        except (LookupError, ValueError):
            continue
    return None


class _CharsetFinder(HTMLParser):
    """Keeps the first label that a ``meta`` element declares."""

    def __init__(self) -> None:
        super().__init__()
        self.label: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta" or self.label is not None:
            return
        values = {name: (value or "").strip().lower() for name, value in reversed(attrs)}
        label = values.get("charset", "")
        if not label and values.get("http-equiv") == "content-type":
            found = _IN_CONTENT.search(values.get("content", ""))
            label = found[1] if found else ""
        self.label = label or None


def _errors_of(codec: str) -> str:
    """Return how bytes are decoded that a codec leaves out."""
    if not codec.startswith("cp125"):
        return "strict"
    codecs.register_error("dedup.controls", _as_control)
    return "dedup.controls"


def _as_control(error: UnicodeError) -> tuple[str, int]:
    """Return the control character that browsers read in the gaps of the Windows code pages."""
    if isinstance(error, UnicodeDecodeError):
        value = error.object[error.start]
        if 0x80 <= value <= 0x9F:
            return chr(value), error.start + 1
    raise error

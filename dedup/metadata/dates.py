"""Dates as people and programs write them, to one comparable number."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

from dedup.model import NO_DATE

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMESTAMP = re.compile(r"(\d{10}|\d{13})(?:\.\d*)?", re.ASCII)
_UNIT_OF_DIGITS = {10: 10**6, 13: 10**3}
"""Digits of a Unix timestamp in seconds or milliseconds, and its unit in microseconds."""
_BEFORE_ZONE = re.compile(r"\b(?:GMT|UTC)(?=[+-]\d{4})")
"""What JavaScript writes before a zone: with it the zone is not seen."""


@lru_cache(1 << 16)
def parse_date(text: str | None) -> int:
    """Return microseconds since 1970 in UTC, or ``NO_DATE`` when the text is no date.

    ISO 8601, RFC 2822, what JavaScript shows and Unix timestamps (seconds or milliseconds,
    also with a fraction) are understood; a time without zone counts as UTC.

    Examples
    --------
    >>> parse_date("1970-01-02") // 10**6
    86400
    >>> parse_date("Fri, 02 Jan 1970 01:00:00 +0100") // 10**6
    86400
    >>> parse_date("1700000000") == parse_date("1700000000000"), parse_date("soon") == NO_DATE
    (True, True)
    """
    moment = _moment(text or "")
    return NO_DATE if moment is None else _microseconds(moment)


def day_of(text: str) -> str:
    """Return the day of a date, in the date's own time zone; what is no date, as it is.

    Examples
    --------
    >>> day_of("Fri, 02 Jan 1970 01:00:00 +0100"), day_of("1700000000"), day_of("soon")
    ('1970-01-02', '2023-11-14', 'soon')
    """
    moment = _moment(text)
    return text if moment is None else moment.date().isoformat()


def _moment(text: str) -> datetime | None:
    if timestamp := _TIMESTAMP.fullmatch(text):
        unit = _UNIT_OF_DIGITS[len(timestamp[1])]
        return _EPOCH + timedelta(microseconds=round(float(text) * unit))
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(_BEFORE_ZONE.sub("", text))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _microseconds(moment: datetime) -> int:
    # from the parts: taking the difference to 1970 takes three times as long
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    days = moment.toordinal() - _EPOCH.toordinal()
    since = (days * 86400 + seconds) * 10**6 + moment.microsecond
    offset = moment.utcoffset()
    return since if offset is None else since - offset // timedelta(microseconds=1)

"""Dates: everything that programs and people write, on one line of time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.metadata.dates import day_of, parse_date
from dedup.model import NO_DATE

NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    return round(moment.timestamp()) * 10**6


@pytest.mark.parametrize(
    "text",
    [
        "2031-03-04T12:00:00Z",
        "2031-03-04 12:00",
        " 2031-03-04T12:00:00.000+00:00\n",
        "2031-03-04T17:30:00+05:30",
        "20310304T120000Z",
        "Tue, 04 Mar 2031 12:00:00 GMT",
        "Tue, 4 Mar 2031 04:00:00 -0800",
        "04 Mar 2031 12:00:00 +0000",
        str(int(NOON.timestamp())),
        f"{int(NOON.timestamp())}000",
        f"{int(NOON.timestamp())}.0",
        f"{int(NOON.timestamp())}000.0",
        "Tue Mar 04 2031 13:00:00 GMT+0100 (Central European Standard Time)",
    ],
)
def test_one_moment_may_be_written_in_many_ways(text: str) -> None:
    assert parse_date(text) == microseconds(NOON)


def test_a_day_begins_at_midnight_utc() -> None:
    assert parse_date("2031-03-04") == microseconds(datetime(2031, 3, 4, tzinfo=UTC))


def test_fractions_of_a_second_order_two_moments() -> None:
    earlier, later = parse_date("2031-03-04T12:00:00.25"), parse_date("2031-03-04T12:00:00.250001")
    assert later - earlier == 1
    assert parse_date("1930392000.25") - parse_date("1930392000") == 250_000


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        " ",
        "soon",
        "2031-13-01",
        "1234",
        "Tue, 99 Mar 2031",
        "1 Jan 99999999999999999999 00:00:00 GMT",
        "1 Jan 2031 00:00:00 +99999999999999999999999",
        "-",
        "\x00",
        "NaN",
    ],
)
def test_what_is_no_date_comes_after_every_date(text: str | None) -> None:
    assert parse_date(text) == NO_DATE
    assert parse_date("9999-12-31T23:59:59-14:00") < NO_DATE


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2031-03-04T23:30:00-05:00", "2031-03-04"),
        ("20310304T233000Z", "2031-03-04"),
        ("Tue, 04 Mar 2031 23:30:00 -0500", "2031-03-04"),
        ("1930451400", "2031-03-05"),
        ("spring 2031", "spring 2031"),
        ("", ""),
    ],
)
def test_a_date_is_shown_by_its_own_day(text: str, day: str) -> None:
    assert day_of(text) == day


def test_a_timestamp_in_milliseconds_is_never_read_as_a_calendar_date() -> None:
    assert parse_date("1712010112345") == 1712010112345 * 1000


@given(st.datetimes(timezones=st.timezones()))
def test_iso_dates_with_a_zone_keep_their_order(moment: datetime) -> None:
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    since = utc - datetime(1970, 1, 1)
    found = parse_date(moment.isoformat())
    assert found == (since.days * 86400 + since.seconds) * 10**6 + since.microseconds


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ \d+:\d+:\d+ [+-]\d+"))
def test_any_text_gives_a_number_of_64_bits(text: str) -> None:
    assert -(2**63) <= parse_date(text) < 2**63

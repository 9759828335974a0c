"""`User.today()`: the learner's date, whatever the zone and the day of the year."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import zones
from accounts.models import User


def today(zone: str, start: int, instant: str) -> str:
    user = User(time_zone=zone, day_starts_at=start)
    return user.today(dt.datetime.fromisoformat(instant)).isoformat()


@pytest.mark.parametrize(
    ("zone", "start", "instant", "date"),
    [
        ("UTC", 0, "2027-01-01T00:00+00:00", "2027-01-01"),
        ("UTC", 4, "2027-01-01T03:59:59+00:00", "2026-12-31"),
        ("UTC", 4, "2027-01-01T04:00+00:00", "2027-01-01"),
        ("Asia/Tokyo", 4, "2026-12-31T19:00+00:00", "2027-01-01"),
        ("Pacific/Kiritimati", 0, "2026-12-31T10:00+00:00", "2027-01-01"),
        ("Pacific/Pago_Pago", 0, "2027-01-01T10:59+00:00", "2026-12-31"),
        # Berlin, 28 March 2027: the clock jumps from 2 to 3 at 01:00 UTC.
        ("Europe/Berlin", 4, "2027-03-28T01:59+00:00", "2027-03-27"),
        ("Europe/Berlin", 4, "2027-03-28T02:00+00:00", "2027-03-28"),
        ("Europe/Berlin", 3, "2027-03-28T00:59+00:00", "2027-03-27"),
        ("Europe/Berlin", 3, "2027-03-28T01:00+00:00", "2027-03-28"),
        # Berlin, 31 October 2027: the clock falls from 3 back to 2 at 01:00 UTC.
        ("Europe/Berlin", 4, "2027-10-31T02:59+00:00", "2027-10-30"),
        ("Europe/Berlin", 4, "2027-10-31T03:00+00:00", "2027-10-31"),
        # Santiago, where midnight itself is left out on 5 September 2027.
        ("America/Santiago", 0, "2027-09-05T03:59+00:00", "2027-09-04"),
        ("America/Santiago", 0, "2027-09-05T04:00+00:00", "2027-09-05"),
    ],
)
def test_the_date_at_the_edges_of_a_day(zone: str, start: int, instant: str, date: str) -> None:
    assert today(zone, start, instant) == date


INSTANTS = st.datetimes(
    min_value=dt.datetime(2000, 1, 1),  # noqa: DTZ001
    max_value=dt.datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(dt.UTC),
)


@given(zone=st.sampled_from(zones.names()), start=st.integers(0, 23), instant=INSTANTS)
def test_it_is_the_date_on_the_wall_or_the_day_before(
    zone: str, start: int, instant: dt.datetime
) -> None:
    wall = instant.astimezone(ZoneInfo(zone))
    expected = wall.date() if wall.hour >= start else wall.date() - dt.timedelta(days=1)
    assert User(time_zone=zone, day_starts_at=start).today(instant) == expected


@given(
    zone=st.sampled_from(zones.names()), start=st.integers(0, 23), instant=INSTANTS,
    later=st.integers(90, 60 * 24 * 40),
)  # fmt: skip
def test_dates_go_forward_over_any_hour_that_is_set_back(
    zone: str, start: int, instant: dt.datetime, later: int
) -> None:
    user = User(time_zone=zone, day_starts_at=start)
    first, second = user.today(instant), user.today(instant + dt.timedelta(minutes=later))
    days = dt.timedelta(minutes=later) / dt.timedelta(days=1)
    # A zone may move by a whole day (Samoa, 2011, westwards over the date line: one day is lost).
    assert -1 <= (second - first).days <= days + 2


@given(zone=st.sampled_from(zones.names()), instant=INSTANTS)
def test_whatever_offset_the_instant_carries_the_date_is_the_same(
    zone: str, instant: dt.datetime
) -> None:
    user = User(time_zone=zone)
    elsewhere = instant.astimezone(dt.timezone(dt.timedelta(hours=-11)))
    assert user.today(instant) == user.today(elsewhere)

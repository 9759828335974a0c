"""When a learner is reminded: their clock, their day, clocks that jump."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import zones
from accounts.reminders.times import DAY, Wish, day_of, in_time, instant, next_after, today

BERLIN = ZoneInfo("Europe/Berlin")
SPRING, AUTUMN = dt.date(2027, 3, 28), dt.date(2027, 10, 31)  # The clocks of Berlin jump.
HOUR = dt.timedelta(hours=1)

wishes = st.builds(
    Wish,
    st.integers(0, 23),
    st.integers(0, 23),
    st.sampled_from(zones.names()).map(ZoneInfo),
)
instants = st.integers(946_684_800, 2_114_380_800).map(  # 2000 to 2037
    lambda seconds: dt.datetime.fromtimestamp(seconds, dt.UTC)
)


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[misc, arg-type]


def test_the_hour_is_the_one_of_the_clock_there() -> None:
    assert instant(dt.date(2027, 1, 5), Wish(18, 4, BERLIN)) == utc(2027, 1, 5, 17)
    assert instant(dt.date(2027, 7, 5), Wish(18, 4, BERLIN)) == utc(2027, 7, 5, 16)


def test_an_hour_before_the_day_starts_belongs_to_the_day_before() -> None:
    assert instant(dt.date(2027, 1, 5), Wish(1, 4, BERLIN)) == utc(2027, 1, 6, 0)


def test_an_hour_that_is_left_out_is_the_next_one_there_is() -> None:
    assert instant(SPRING, Wish(2, 0, BERLIN)) == utc(2027, 3, 28, 1)  # 3:00 in summer time


def test_an_hour_that_comes_twice_is_taken_once() -> None:
    wish = Wish(2, 0, BERLIN)
    first = instant(AUTUMN, wish)
    assert first == utc(2027, 10, 31, 0)
    assert next_after(first, wish, AUTUMN) == utc(2027, 11, 1, 1)
    assert next_after(first + HOUR, wish, None) == utc(2027, 11, 1, 1)


def test_whoever_was_reminded_today_is_not_again_when_the_hour_is_moved() -> None:
    now, day = utc(2027, 1, 5, 12), dt.date(2027, 1, 5)
    assert next_after(now, Wish(18, 4, BERLIN), day) == utc(2027, 1, 6, 17)
    assert next_after(now, Wish(18, 4, BERLIN), day - DAY) == utc(2027, 1, 5, 17)


def test_a_date_far_ahead_does_not_stop_reminders_for_years() -> None:
    found = next_after(utc(2027, 1, 5, 12), Wish(18, 4, BERLIN), dt.date(9999, 12, 31))
    assert found < utc(2027, 1, 10)


@given(now=instants, wish=wishes)
def test_the_next_one_is_at_most_two_days_away_and_each_later_date_comes_later(
    now: dt.datetime, wish: Wish
) -> None:
    due = next_after(now, wish, None)
    assert now < due <= now + 2 * DAY + 2 * HOUR
    day = day_of(due, wish)
    again = next_after(due, wish, day)
    assert again > due
    assert day_of(again, wish) > day
    # The job that runs late never makes one day's mail into the next day's.
    assert next_after(due + 3 * HOUR, wish, day) == again


@given(now=instants, wish=wishes)
def test_a_reminder_is_for_the_date_on_which_it_comes(now: dt.datetime, wish: Wish) -> None:
    due = next_after(now, wish, None)
    wall = due.astimezone(wish.zone)
    if wall.hour == wish.hour:  # Otherwise the clocks left it out.
        assert day_of(due, wish) == today(due, wish)
    assert in_time(due, due, wish)


@pytest.mark.parametrize(
    ("hour", "late", "still"),
    [
        (18, dt.timedelta(minutes=59), True),
        (18, 3 * HOUR, True),
        (18, 3 * HOUR + dt.timedelta(seconds=1), False),
        (2, 1.9 * HOUR, True),
        (2, 2 * HOUR, False),  # The day ends at four.
        (3, 0.9 * HOUR, True),
    ],
)
def test_a_late_one_makes_sense_for_three_hours_and_within_its_day(
    hour: int, late: dt.timedelta, still: bool
) -> None:
    wish = Wish(hour, 4, BERLIN)
    due = instant(dt.date(2027, 1, 5), wish)
    assert in_time(due + late, due, wish) is still

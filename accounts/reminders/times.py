"""PURE: when a learner is to be reminded. No ORM, no clock."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = dt.timedelta(days=1)
# So late a mail still goes out when the job did not run, as long as it is the same day.
AT_MOST_LATE = dt.timedelta(hours=3)
# So late it goes out in any case: that is how far apart two runs of the job may be.
NEVER_LATE = dt.timedelta(hours=1)


class Wish(NamedTuple):
    """At which hour (0 to 23) of the clock there, for somebody whose day starts at another."""

    hour: int
    day_starts_at: int
    zone: ZoneInfo


def today(now: dt.datetime, wish: Wish) -> dt.date:
    """The learner's date, as `User.today` tells it."""
    wall = now.astimezone(wish.zone).replace(tzinfo=None)
    return (wall - dt.timedelta(hours=wish.day_starts_at)).date()


def instant(day: dt.date, wish: Wish) -> dt.datetime:
    """When to remind on the learner's date `day`, in UTC; one instant for each date.

    An hour that the clocks leave out is the first one after it, one that comes twice is the first.
    """
    date = day if wish.hour >= wish.day_starts_at else day + DAY
    wall = dt.datetime.combine(date, dt.time(wish.hour), tzinfo=wish.zone)
    return wall.astimezone(dt.UTC)


def day_of(due: dt.datetime, wish: Wish) -> dt.date:
    """The learner's date that `due` was the instant of."""
    near = today(due, wish)
    return next((day for day in (near, near - DAY) if instant(day, wish) == due), near)


def next_after(now: dt.datetime, wish: Wish, last: dt.date | None) -> dt.datetime:
    """The first instant after `now` of a date later than `last`, the date reminded on before."""
    day = today(now, wish) - DAY
    if last is not None:
        # Nobody is two days ahead of anybody: a date beyond that is a mistake and stops nothing.
        day = max(day, min(last, day + 3 * DAY) + DAY)
    while (found := instant(day, wish)) <= now:
        day += DAY
    return found


def in_time(now: dt.datetime, due: dt.datetime, wish: Wish) -> bool:
    """Whether a reminder for the instant `due` still makes sense."""
    late = now - due
    if late < NEVER_LATE:
        return True
    return late <= AT_MOST_LATE and today(now, wish) == day_of(due, wish)

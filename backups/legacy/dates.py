"""Dates and instants as people, apps and spreadsheets leave them in an SQLite file.

Pure: standard library only. The answers are in wire form: "2025-10-15", "2025-10-15 13:10:28+00".
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

Value = int | float | bytes | str | None

FIRST_YEAR, LAST_YEAR = 1900, 2199
FIRST_DAY, LAST_DAY = f"{FIRST_YEAR}-01-01", f"{LAST_YEAR}-12-31"
NOON = " 12:00:00+00"

_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001  # All of this is UTC.
# Days since noon of 24 November 4713 BC; where 1970, 1900 and 2200 begin.
_JULIAN_EPOCH, _JULIAN_FIRST, _JULIAN_END = 2440587.5, 2415020.5, 2524593.5
# Seconds since 1970 from 1973 on; smaller numbers are years, flags or mistakes, no dates.
_SECONDS, _MILLISECONDS, _TOO_MANY = 1e8, 1e11, 1e14

_TIME = (
    r"(?:(?:T|\s+)(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<zone>Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?"
)
_FLAGS = re.ASCII | re.IGNORECASE
_YEAR_FIRST = re.compile(
    rf"(?P<year>[+-]?\d{{4,6}})(?P<dot>[-/.])(?P<month>\d{{1,2}})(?P=dot)(?P<day>\d{{1,2}}){_TIME}",
    _FLAGS,
)
_DAY_FIRST = re.compile(
    rf"(?P<day>\d{{1,2}})(?P<dot>[-/.])(?P<month>\d{{1,2}})(?P=dot)(?P<year>\d{{4}}){_TIME}", _FLAGS
)
_NUMBER = re.compile(r"\d{1,16}(\.\d{0,9})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Whether it is written "2025-10-15 13:10:28"; whether there is such a date, `Days` knows.
is_instant = re.compile(r".{10} (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\Z").match


class Days(dict[str, str]):
    """Clean dates seen so far, each with its noon as an instant; KeyError for what is not clean.

    A date is clean when it is written "2025-10-15", exists, and its year is 1900 to 2199.
    """

    def __missing__(self, day: Value) -> str:
        if not isinstance(day, str) or not _DAY.fullmatch(day):
            raise KeyError(day)
        try:
            dt.date.fromisoformat(day)
        except ValueError:
            raise KeyError(day) from None
        if not FIRST_DAY <= day <= LAST_DAY:
            raise KeyError(day)
        return self.setdefault(day, day + NOON)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date of the calendar in any year, the time of day, and how far its clock is ahead."""

    year: int
    month: int
    day: int
    time: dt.time = dt.time()
    ahead: dt.timedelta = dt.timedelta()

    @property
    def clamped(self) -> bool:
        """Whether the year is outside of 1900 to 2199."""
        return not FIRST_YEAR <= self.year <= LAST_YEAR

    def as_day(self) -> str:
        """The date as it was written, whatever the zone; years outside become first or last day."""
        if self.clamped:
            return FIRST_DAY if self.year < FIRST_YEAR else LAST_DAY
        return f"{self.year:04}-{self.month:02}-{self.day:02}"

    def as_instant(self) -> str:
        """The instant in UTC; years outside become the first or last second."""
        if self.clamped:
            return (
                f"{FIRST_DAY} 00:00:00+00" if self.year < FIRST_YEAR else f"{LAST_DAY} 23:59:59+00"
            )
        day = dt.date(self.year, self.month, self.day)
        moment = dt.datetime.combine(day, self.time) - self.ahead
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            moment += self.ahead  # By some hours only: better a little off than in another century.
        return wire_instant(moment)


def wire_instant(moment: dt.datetime) -> str:
    """A datetime (of UTC) in wire form."""
    text = f"{moment:%Y-%m-%d %H:%M:%S}"
    if moment.microsecond:
        text += f".{moment.microsecond:06}".rstrip("0")
    return f"{text}+00"


def understood(value: Value) -> Moment | None:
    """What a value means as a date, or None when nobody could say.

    ISO with and without time, zone, fraction and zeros in front; day/month/year (the month first
    only where it cannot be the day); seconds or milliseconds since 1970; Julian days; 20251015.
    """
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            return None
    if isinstance(value, str):
        text = value.strip()
        if found := _YEAR_FIRST.fullmatch(text) or _DAY_FIRST.fullmatch(text):
            return _from_parts(found)
        value = float(text) if _NUMBER.fullmatch(text) else None
    return None if value is None else _from_number(value)


def _from_parts(found: re.Match[str]) -> Moment | None:
    year, month, day = int(found["year"]), int(found["month"]), int(found["day"])
    if found.re is _DAY_FIRST and month > 12:
        month, day = day, month
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    micro = int((found["fraction"] or "0").ljust(6, "0")[:6])
    try:
        dt.date(2000 + year % 400, month, day)  # The calendar repeats itself after 400 years.
        return Moment(year, month, day, dt.time(hour, minute, second, micro), _ahead(found["zone"]))
    except ValueError:
        return None


def _ahead(zone: str | None) -> dt.timedelta:
    """ "+05:30" as a timedelta; ValueError when no clock is so far off."""
    if zone is None or zone[0] not in "+-":
        return dt.timedelta()
    digits = zone[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 15 or minutes > 59:
        raise ValueError(zone)
    ahead = dt.timedelta(hours=hours, minutes=minutes)
    return -ahead if zone[0] == "-" else ahead


def _from_number(number: float) -> Moment | None:
    if 19000101 <= number <= 21991231 and number == int(number):
        digits = str(int(number))
        return understood(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}")
    if _JULIAN_FIRST <= number < _JULIAN_END:
        # A double holds no more than whole seconds of such a day.
        seconds: float = round((number - _JULIAN_EPOCH) * 86_400)
    elif _SECONDS <= number < _TOO_MANY:
        seconds = number if number < _MILLISECONDS else number / 1000
    else:
        return None
    moment = _EPOCH + dt.timedelta(seconds=seconds)
    return Moment(moment.year, moment.month, moment.day, moment.time())

"""Dates of every hand are understood, or said not to be."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backups.legacy.dates import Days, Value, understood, wire_instant


def day_of(value: Value) -> str | None:
    moment = understood(value)
    return moment.as_day() if moment else None


def instant_of(value: Value) -> str | None:
    moment = understood(value)
    return moment.as_instant() if moment else None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-10-15", "2025-10-15"),
        (" 2025-10-15 ", "2025-10-15"),
        (b"2025-10-15", "2025-10-15"),
        ("2025-1-5", "2025-01-05"),
        ("2025/01/05", "2025-01-05"),
        ("2025-10-15 23:59:59", "2025-10-15"),
        ("2025-10-15T23:59:59.999-05:00", "2025-10-15"),
        ("15/10/2025", "2025-10-15"),
        ("15.10.2025", "2025-10-15"),
        ("02/01/2025", "2025-01-02"),
        ("10/15/2025", "2025-10-15"),
        ("20251015", "2025-10-15"),
        (20251015, "2025-10-15"),
        (1760529600, "2025-10-15"),
        (1760529600000, "2025-10-15"),
        ("1760529600", "2025-10-15"),
        (2460964.5, "2025-10-16"),
        ("1899-12-31", "1900-01-01"),
        ("0001-01-01", "1900-01-01"),
        ("-0044-03-15", "1900-01-01"),
        ("2200-01-01", "2199-12-31"),
        ("9999-12-31", "2199-12-31"),
        ("10000-01-01", "2199-12-31"),
        (99_999_999_999, "2199-12-31"),
    ],
)
def test_a_date_is_understood(value: Value, expected: str) -> None:
    assert day_of(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "2025-02-30", "0000-00-00", "2025-13-01", "13/13/2025", "tomorrow", "now", "", "  ",
        "2025-10-15\0", "2025-10/15", "2025-10-15 25:00", "2025-10-15 10:00 +99:00", "٢٠٢٥-١٠-١٥",
        None, 0, 5, 2025, -1760529600, 10**18, 2**63 - 1, 20251399, math.inf, -math.inf, math.nan,
        b"\xff\xfe", "1" * 400,
    ],
)  # fmt: skip
def test_what_nobody_can_read_is_none(value: Value) -> None:
    assert understood(value) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-10-15 13:10", "2025-10-15 13:10:00+00"),
        ("2025-10-15", "2025-10-15 00:00:00+00"),
        ("2025-10-15T12:00:00.123456Z", "2025-10-15 12:00:00.123456+00"),
        ("2025-10-15 12:00:00.500", "2025-10-15 12:00:00.5+00"),
        ("2025-10-15 12:00:00.1234567+0530", "2025-10-15 06:30:00.123456+00"),
        ("2025-10-15T23:30:00-05", "2025-10-16 04:30:00+00"),
        (1760529600.25, "2025-10-15 12:00:00.25+00"),
        (1760529600123, "2025-10-15 12:00:00.123+00"),
        ("1899-01-01 10:00", "1900-01-01 00:00:00+00"),
        ("2300-01-01 10:00", "2199-12-31 23:59:59+00"),
        ("1900-01-01 00:30 +05:00", "1900-01-01 00:30:00+00"),
    ],
)
def test_an_instant_is_understood(value: Value, expected: str) -> None:
    assert instant_of(value) == expected


def test_clean_dates_are_known_with_their_noon() -> None:
    days = Days()
    assert days["2025-10-15"] == "2025-10-15 12:00:00+00"
    assert set(days) == {"2025-10-15"}


@pytest.mark.parametrize(
    "value", ["2025-02-29", "1899-12-31", "2200-01-01", "20251015", "2025-W42-3", "", None, 1, b""]
)
def test_only_clean_dates_are(value: Value) -> None:
    with pytest.raises(KeyError):
        Days()[value]  # type: ignore[index]


@given(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2199, 12, 31)))  # noqa: DTZ001
def test_what_the_app_writes_is_read_as_it_is(moment: dt.datetime) -> None:
    assert instant_of(f"{moment:%Y-%m-%d %H:%M:%S.%f}") == wire_instant(moment)
    assert day_of(f"{moment:%d.%m.%Y}") == f"{moment:%Y-%m-%d}"


@given(
    st.one_of(st.text(), st.integers(), st.floats(), st.binary(), st.from_regex(r"[-\d/.: TZ]+"))
)
def test_anything_gives_a_date_of_our_years_or_none(value: Value) -> None:
    moment = understood(value)
    if moment:
        assert 1900 <= dt.date.fromisoformat(moment.as_day()).year <= 2199
        assert 1900 <= dt.datetime.fromisoformat(moment.as_instant()).year <= 2199

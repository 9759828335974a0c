"""Which backups may go, and which never."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backups.archives.naming import name_of, taken_at
from backups.places.retention import RECENT, to_remove

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2026, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001
NAMES = st.builds(name_of, INSTANTS, encrypted=st.booleans())
FOREIGN = "notes.txt", "leitner-20251301-000000Z.zip", "leitner-20250101-000000Z.zip.bak"


def daily(count: int) -> list[str]:
    """A name for each of the last `count` days, newest first."""
    return [name_of(NOW - timedelta(days=day), encrypted=False) for day in range(count)]


def test_a_name_tells_its_instant() -> None:
    instant = datetime(2025, 10, 15, 15, 10, 28, tzinfo=ZoneInfo("Europe/Vienna"))
    assert name_of(instant, encrypted=False) == "leitner-20251015-131028Z.zip"
    assert name_of(instant, encrypted=True) == "leitner-20251015-131028Z.zip.age"
    assert taken_at("leitner-20251015-131028Z.zip.age") == instant


@given(INSTANTS, st.booleans())
def test_every_name_comes_back_as_its_instant(instant: datetime, encrypted: bool) -> None:
    assert taken_at(name_of(instant, encrypted=encrypted)) == instant.replace(microsecond=0)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "leitner-20251015-131028Z.zip\n",
        "leitner-20251015-131028Z.zip.partial",
        "leitner-20251315-131028Z.zip",
        "leitner-20251015-251028Z.zip",
        "leitner-20251015-131028.zip",
        "../leitner-20251015-131028Z.zip",
        "Leitner-20251015-131028Z.zip",
        "leitner-٢٠٢٥1015-131028Z.zip",
    ],
)
def test_what_only_looks_like_ours_is_not(name: str) -> None:
    assert taken_at(name) is None


def test_thirty_days_and_twelve_months_are_kept() -> None:
    names = daily(800)
    gone = to_remove(names, [], NOW)
    kept = [name for name in names if name not in gone]
    assert kept[:30] == names[:30]
    # March, February and the end of January are days; nine months more keep their last backup.
    assert [name[8:16] for name in kept[30:]] == [
        "20251231",
        "20251130",
        "20251031",
        "20250930",
        "20250831",
        "20250731",
        "20250630",
        "20250531",
        "20250430",
    ]


def test_of_several_in_a_day_the_last_one_stays() -> None:
    names = [name_of(NOW - timedelta(days=3, minutes=m), encrypted=True) for m in range(5)]
    assert to_remove(names, [], NOW) == names[:0:-1]


def test_all_of_the_last_two_days_stay() -> None:
    """Whoever backs up right after something was lost keeps the backup from before."""
    names = [name_of(NOW - timedelta(hours=h), encrypted=True) for h in range(49)]
    assert to_remove(names, [], NOW) == []


def test_the_newest_verified_one_stays_however_old() -> None:
    names = daily(100)
    old, older = names[70], names[75]
    assert old in to_remove(names, [], NOW, months=0)
    gone = to_remove(names, [older, old], NOW, months=0)
    assert old not in gone
    assert older in gone


def test_when_backups_stopped_nothing_more_goes() -> None:
    names = daily(20)
    assert to_remove(names, [], NOW + timedelta(days=3650)) == []


def taken(name: str) -> datetime:
    at = taken_at(name)
    assert at
    return at


@given(
    st.lists(NAMES | st.sampled_from(FOREIGN), max_size=60),
    st.sets(st.integers(0, 59)),
    st.integers(0, 5),
    st.integers(0, 5),
)
def test_what_must_stay_stays(names: list[str], picked: set[int], days: int, months: int) -> None:
    verified = [name for number, name in enumerate(names) if number in picked]
    gone = to_remove(names, verified, NOW, days=days, months=months)
    kept = set(names) - set(gone)
    ours = sorted(name for name in set(names) if (at := taken_at(name)) and at <= NOW)
    assert set(gone) <= set(ours)
    assert len(gone) == len(set(gone))
    if ours and days + months:
        assert ours[-1] in kept
    proven = [name for name in ours if name in verified]
    if proven:
        assert proven[-1] in kept
    recent = [name for name in ours if NOW - taken(name) <= RECENT]
    assert kept.issuperset(recent)
    assert len(kept.intersection(ours)) <= days + months + 1 + len(recent)
    # What was removed is not missed: asked again, nothing else goes.
    assert to_remove(kept, verified, NOW, days=days, months=months) == []

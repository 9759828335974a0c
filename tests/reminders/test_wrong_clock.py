"""A clock that was ahead, and is right again: reminders go on as before."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import zones
from accounts.models import User
from accounts.reminders import claims
from accounts.reminders.times import Wish, next_after
from tests.mail_server import MailServer
from tests.reminders.learners import DAY, HOUR, NOW, asked, job

YEAR = 365 * DAY


@pytest.mark.django_db
def test_who_was_passed_over_meanwhile_is_reminded_the_next_day(post: MailServer) -> None:
    alice = asked("alice@example.org")
    assert job(NOW + YEAR + 5 * HOUR).too_late == 1
    assert job(NOW).sent == 0
    alice.refresh_from_db()
    assert alice.next_reminder == NOW.replace(minute=0) + DAY
    assert job(NOW + DAY).sent == 1


@pytest.mark.django_db
def test_who_was_reminded_meanwhile_is_again_within_a_week_and_never_twice_a_day(
    post: MailServer,
) -> None:
    asked("alice@example.org")
    job(NOW + YEAR + 5 * HOUR)
    assert job(NOW + YEAR + DAY).sent == 1
    sent = [job(NOW + days * DAY).sent for days in range(8)]
    assert sent == sorted(sent)
    assert sent[-1] == 1


@pytest.mark.django_db
def test_all_come_back_however_many(post: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "BATCH", 2)
    for _ in range(5):
        asked()
    User.objects.update(next_reminder=NOW + YEAR)
    assert job(dry_run=True).sent == 0
    assert User.objects.filter(next_reminder=NOW + YEAR).count() == 5
    job()
    assert job(NOW + DAY).sent == 5


@given(
    st.integers(946_684_800, 2_114_380_800),  # 2000 to 2037
    st.builds(
        Wish, st.integers(0, 23), st.integers(0, 23), st.sampled_from(zones.names()).map(ZoneInfo)
    ),
    st.none() | st.dates(),
)
def test_no_turn_lies_as_far_away(seconds: int, wish: Wish, last: dt.date | None) -> None:
    now = dt.datetime.fromtimestamp(seconds, dt.UTC)
    assert now < next_after(now, wish, last) < now + claims.FAR

"""Learners who asked to be reminded, and a job that runs at a given time."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import User
from accounts.reminders.sending import Tally, send_reminders
from accounts.services import change_settings
from tests.factories import make_card, make_user

NOW = dt.datetime(2027, 3, 1, 18, 5, tzinfo=dt.UTC)
MORNING = NOW.replace(hour=8)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def asked(
    email: str = "",
    *,
    hour: int | None = 18,
    cards: int = 1,
    at: dt.datetime = MORNING,
    **more: Any,
) -> User:
    """Somebody who asked `at` that time for a mail at this hour, with so many cards due."""
    user = make_user(email, **more)
    wish(user, hour, at)
    for _ in range(cards):
        make_card(user, box=2, due=user.today(NOW))
    return user


def wish(user: User, hour: int | None, at: dt.datetime = MORNING, **more: Any) -> None:
    """As the settings page does it."""
    user.refresh_from_db()
    for name, value in ({"remind_at": hour} | more).items():
        setattr(user, name, value)
    change_settings(user=user, now=at)
    user.refresh_from_db()


def job(at: dt.datetime = NOW, **options: Any) -> Tally:
    """`manage.py send_reminders` at this time."""
    return send_reminders(lambda: at, **options)

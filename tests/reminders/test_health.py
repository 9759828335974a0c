"""Late reminders show that the hourly job does not run."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.reminders.health import reminders

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("hours", "state"), [(1, "ok"), (3, "degraded")])
def test_late_reminders_are_told(alice: User, hours: int, state: str) -> None:
    due = timezone.now() - dt.timedelta(hours=hours)
    User.objects.filter(pk=alice.pk).update(next_reminder=due, remind_at=8)
    part = reminders()
    assert part.state == state
    assert part.figures["late"] == (1 if hours > 2 else 0)

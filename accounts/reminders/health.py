"""Reminders as a part of the site's health."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.models import User
from leitner.health import Part

# The job runs each hour, and may take a while.
PATIENCE = dt.timedelta(hours=2)


def reminders() -> Part:
    """Nobody has waited for long: else the hourly job has not run, or does not end."""
    late = User.objects.filter(is_active=True, next_reminder__lt=timezone.now() - PATIENCE).count()
    if not late:
        return Part("reminders", figures={"late": 0})
    said = f"{late} reminders are more than two hours late. Does `send_reminders` run each hour?"
    return Part("reminders", "degraded", said, {"late": late})

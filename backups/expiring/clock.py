"""Whether the clock can be believed: one that is wrong makes everything look long over."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from backups.models import BackupRun
from cards.models import Card, Review

# Between these two ages there are traces of life on a site whose clock is right: of backups daily,
# of learners most days. What a wrong clock itself leaves is younger for a week, so that there is
# time to hear of it; a site that really slept goes on after that week by itself.
FROM, UNTIL = dt.timedelta(days=40), dt.timedelta(days=7)
TRACES = (
    (BackupRun, "started_at"),
    (User, "last_login"),
    (User, "date_joined"),
    (Card, "created_at"),
    (Review, "answered_at"),
)


def doubtful(now: dt.datetime) -> bool:
    """Whether nothing at all is on record from the weeks before `now`, though the site is older."""
    if not User.objects.filter(date_joined__lt=now - FROM).exists():
        return False
    weeks = now - FROM, now - UNTIL
    return not any(
        model._default_manager.filter(**{f"{field}__range": weeks}).exists()
        for model, field in TRACES
    )

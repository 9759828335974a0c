"""Cards as a part of the site's health: how many wait for their learners."""

from __future__ import annotations

import datetime as dt

from django.core.cache import cache
from django.utils import timezone

from cards.models import Card
from leitner.health import Part

# It looks at all cards, so that it is counted once in so many seconds.
SECONDS = 300


def cards() -> Part:
    """`due`: due cards of all learners, by the date of UTC; at most five minutes old."""
    due = cache.get("health-cards-due")
    if due is None:
        today = timezone.now().astimezone(dt.UTC).date()
        due = Card.objects.due(today).filter(deleted_at=None).count()
        cache.set("health-cards-due", due, SECONDS)
    return Part("cards", figures={"due": due})

"""Backups as a part of the site's health."""

from __future__ import annotations

from django.utils import timezone

from backups.runs.status import status
from leitner.health import Part


def backups() -> Part:
    """How old the newest good backup is, and what is amiss; learners go on in any case."""
    found = status(timezone.now())
    hours = round(found.age.total_seconds() / 3600, 1) if found.age is not None else None
    figures = {"age_hours": hours, "rows": found.newest.rows if found.newest else None}
    said = " ".join(trouble.sentence for trouble in found.troubles)
    return Part("backups", "ok" if found.good else "degraded", said, figures)

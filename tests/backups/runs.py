"""Runs as the database remembers them, made up for tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from backups.archives.naming import name_of
from backups.models import BackupRun


def make_run(kind: str = "export", hours_ago: float = 1, **fields: Any) -> BackupRun:
    """A good run of that time, of a backup of that time; with `why_not` a failed one."""
    at = timezone.now() - dt.timedelta(hours=hours_ago)
    values = {"started_at": at, "ended_at": at, "started_by": "command", "rows": 1000, "bytes": 10}
    values |= {"name": name_of(at, encrypted=False), "sha256": "0" * 64}
    values["outcome"] = "failed" if fields.get("why_not") else "good"
    return BackupRun.objects.create(kind=kind, **values | fields)


def dead_run(kind: str = "export", hours_ago: float = 1) -> BackupRun:
    """As a process leaves it that was killed."""
    return make_run(kind, hours_ago, outcome="running", ended_at=None, sha256="", name="")

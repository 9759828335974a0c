"""`manage.py backup_status`: how backups stand, for people and for any monitor."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from math import inf
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from backups.errors import database_trouble
from backups.models import BackupRun
from backups.runs.alarms import raise_alarms
from backups.runs.status import MAX_AGE_HOURS, Status, status


class Command(BaseCommand):
    help = (
        "Says how old the newest good backup is, how the last run and the last drill went, and "
        "whether backups shrink. Exit code 0: all is well; 1: it is not."
    )
    requires_system_checks = []  # Monitors ask often.

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--max-age",
            type=_hours,
            default=MAX_AGE_HOURS,
            metavar="HOURS",
            help=f"how old the newest good backup may be ({MAX_AGE_HOURS})",
        )
        parser.add_argument(
            "--alarm", action="store_true", help="mail ADMINS what is amiss, once a day (for cron)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            found = status(now, max_age=options["max_age"])
            if options["alarm"]:
                raise_alarms(found.troubles, now)
        except DatabaseError as error:
            said = database_trouble(error)
            if options["json"]:
                self.stdout.write(json.dumps({"good": False, "troubles": {"database": said}}))
            raise CommandError(said) from error
        if options["json"]:
            self.stdout.write(json.dumps(_facts(found), ensure_ascii=False))
        else:
            self.stdout.write("\n".join(_lines(found)))
        if not found.good:
            sys.exit(1)


def _hours(text: str) -> float:
    hours = float(text)
    if not 0 < hours < inf:
        raise ValueError(text)
    return hours


def _facts(found: Status) -> dict[str, Any]:
    return {
        "good": found.good,
        "troubles": {trouble.kind: trouble.sentence for trouble in found.troubles},
        "age_hours": round(found.age.total_seconds() / 3600, 2) if found.age else None,
        "newest": _run(found.newest),
        "last": _run(found.last),
        "drill": _run(found.drill),
        "running": _run(found.running),
    }


def _run(run: BackupRun | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "name": run.name,
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "outcome": run.outcome,
        "why_not": run.why_not,
        "rows": run.rows,
        "bytes": run.bytes,
    }


def _lines(found: Status) -> list[str]:
    lines = [trouble.sentence for trouble in found.troubles]
    if found.newest and found.age:
        hours = found.age.total_seconds() / 3600
        lines.append(
            f"The newest good backup is {found.newest.name}, {hours:.1f} hours old, with "
            f"{found.newest.rows:,} rows."
        )
    if found.drill is None:
        lines.append("No backup was ever verified: run `manage.py verify_backup`.")
    elif found.drill.good:
        when = f"{found.drill.started_at:%Y-%m-%d %H:%M} UTC"
        lines.append(f"The last drill, of {found.drill.name} on {when}, was good.")
    if found.running:
        since = f"{found.running.started_at:%Y-%m-%d %H:%M} UTC"
        lines.append(f"A run is under way since {since}.")
    return lines

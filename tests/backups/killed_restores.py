"""Run by test_killed_restores.py: kills a restore with SIGKILL at one moment after the other.

`python -m tests.backups.killed_restores ARCHIVE` forks a child for each moment. It prints one line
of JSON: how many moments there are, and for each the child's exit code and whether the database was
afterwards as it had been; then what a restore that nobody kills left.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any
from unittest import mock

from tests.backups import killed
from tests.backups.killed import asked, run

MOMENTS = 12


def main(archive: str) -> None:
    import django

    django.setup()
    moments = asked(lambda: restored(archive, kill_at=0, dry_run=True))
    before = asked(state)
    ends = []
    for number in range(MOMENTS):
        moment = 1 + number * (moments - 1) // (MOMENTS - 1)
        code = run(lambda moment=moment: restored(archive, kill_at=moment))  # type: ignore[misc]
        ends.append([moment, code, asked(state) == before])
    last = run(lambda: restored(archive, kill_at=0))
    said = {"moments": moments, "killed": ends, "last": last, "left": asked(left)}
    print(json.dumps(said))


def restored(archive: str, *, kill_at: int, dry_run: bool = False) -> int:
    """Restore; die at the given moment (0: never). How many moments there were."""
    from django.core.management import call_command

    from backups.display import Display
    from backups.sinks.postgres import PostgresStore
    from backups.sinks.sqlite import SqliteStore

    moments = 0

    def deadly(real: Any) -> Any:
        """Every call is a moment, once the data are about to be written."""

        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal moments
            # Before the lock there is the safety backup, which has a test of its own.
            moments += bool(moments) or real.__name__ == "lock"
            if moments and moments == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return call

    for place in (PostgresStore, SqliteStore):
        for name in ("lock", "empty", "make_ready", "load", "finish", "sha256_of"):
            mock.patch.object(place, name, deadly(getattr(place, name))).start()
    mock.patch.object(PostgresStore, "load_text", deadly(PostgresStore.load_text)).start()
    mock.patch.object(Display, "phase", deadly(Display.phase)).start()
    options = ["--dry-run"] if dry_run else []
    call_command("restore_backup", archive, "--replace", "--no-progress", *options)
    return moments


def state() -> list[Any]:
    """All rows, indexes and constraints, sessions too; but for the runs, which are recorded."""
    from django.contrib.sessions.models import Session
    from django.db import connection

    rows, catalog = killed.state()
    catalog = [[row for row in part if not str(row[0]).startswith("backups_")] for part in catalog]
    connection.close()
    return [rows, catalog, Session.objects.count()]


def left() -> dict[str, Any]:
    """What lies in the backups' folder beside backups, how runs ended, and the sessions."""
    from django.conf import settings
    from django.contrib.sessions.models import Session

    from backups.archives.naming import taken_at
    from backups.models import BackupRun

    files = [path.name for path in Path(settings.BACKUP_DIR).iterdir() if not taken_at(path.name)]
    restores = BackupRun.objects.filter(kind="restore").order_by("id")
    outcomes = list(restores.values_list("outcome", flat=True))
    return {"files": files, "outcomes": outcomes, "sessions": Session.objects.count()}


if __name__ == "__main__":
    main(sys.argv[1])

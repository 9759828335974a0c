"""`manage.py verify_backup`: the restore drill.

- The backup is restored into a scratch database, which nobody else sees and which is gone after.
- Every table is compared with the manifest, by rows and checksum, and the app looks at it all.
- What came of it is recorded: `list_backups` and the admin pages tell when a backup stood it.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from backups.commands import MovingCommand, add_started_by
from backups.display import Display
from backups.models import BackupRun
from backups.places.fetching import LATEST
from backups.restores.drill import drill
from backups.runs.running import recorded, why_not


class Command(MovingCommand):
    help = (
        "Restores a backup into a scratch database, compares every table, has the app look at it, "
        "and throws it away. Exit code 0: it can be restored; 1: it cannot."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "backup", nargs="?", default=LATEST, metavar="NAME|latest|PATH", help="latest if none"
        )
        add_started_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        display = Display(None if options["no_progress"] else sys.stderr)
        run = None
        try:
            with recorded(BackupRun.Kind.DRILL, started_by=options["started_by"]) as run:
                done = drill(run, options["backup"], display)
        except (Exception, KeyboardInterrupt) as error:
            said = why_not(error)
            name = run.name if run else ""
            self.say_json(options, {"name": name, "verified": False, "error": said})
            code = 130 if isinstance(error, KeyboardInterrupt) else 1
            raise CommandError(said, returncode=code) from error
        finally:
            display.end()
        seconds = round(run.seconds or 0, 2)
        for note in done.report.notes:
            self.stdout.write(note)
        self.stdout.write(
            self.style.SUCCESS(
                f"{run.name} can be restored: {run.rows:,} rows in {len(run.tables)} tables, as "
                f"they were at {done.snapshot}, every one compared, in {seconds} s."
            )
        )
        facts = {"name": run.name, "verified": True, "rows": run.rows, "tables": run.tables}
        self.say_json(options, facts | {"snapshot": done.snapshot, "seconds": seconds})

"""`manage.py restore_backup`: everybody's data back from a backup.

- Every checksum in the backup is read and compared before the first write.
- A database that holds data is left alone unless `--replace`, which makes a safety backup first.
- The database is changed completely, after every row was compared, or not at all.
- Everybody has to sign in again, with the password that they had.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from backups.display import Display
from backups.models import BackupRun
from backups.restoring import Restored, restore
from backups.running import only_one, recorded, why_not

SET_ASIDE = 2


class Command(BaseCommand):
    help = (
        "Brings all data of a backup into this site's database. Exit code 0: all is there and "
        "compared; 2: so, but rows were set aside; 1: not done, nothing changed."
    )
    requires_system_checks = []  # They load every page, which a large copy has no use for.

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "backup",
            metavar="NAME|latest|PATH",
            help="a backup of a destination, the newest one, a file, or a folder that the legacy "
            "app's backup_data.py wrote",
        )
        parser.add_argument(
            "--replace",
            action="store_true",
            help="in the place of all that is there, after a safety backup of it",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="do and compare everything, then take it back"
        )
        parser.add_argument(
            "--rejects", type=Path, metavar="FILE", help="where rows go that were set aside (CSV)"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
        parser.add_argument("--no-progress", action="store_true", help="no bar, no progress lines")

    def handle(self, *args: Any, **options: Any) -> None:
        display = Display(None if options["no_progress"] else sys.stderr)
        start = timezone.now()
        try:
            done = self._restore(options, display)
        except (Exception, KeyboardInterrupt) as error:
            said = why_not(error)
            self._say_json(options, {"verified": False, "error": said})
            code = 130 if isinstance(error, KeyboardInterrupt) else 1
            raise CommandError(said, returncode=code) from error
        finally:
            display.end()
        seconds = (timezone.now() - start).total_seconds()
        self._say_end(done, options, seconds)
        self._say_json(options, facts(done) | {"dry_run": options["dry_run"], "seconds": seconds})
        if done.report.rejected:
            sys.exit(SET_ASIDE)

    def _restore(self, options: dict[str, Any], display: Display) -> Restored:
        default = Path(settings.DATA_DIR) / f"rejects-{timezone.now():%Y%m%d-%H%M%S}.csv"
        default.parent.mkdir(parents=True, exist_ok=True)
        dry_run = options["dry_run"]
        # A dry run changes nothing, the list of runs neither.
        alone = nullcontext if not dry_run else only_one
        with (
            alone(),
            nullcontext()
            if dry_run
            else recorded(BackupRun.Kind.RESTORE, started_by="command") as run,
        ):
            return restore(
                options["backup"],
                options["rejects"] or default,
                display,
                run=run,
                replace=options["replace"],
                dry_run=dry_run,
            )

    def _say_end(self, done: Restored, options: dict[str, Any], seconds: float) -> None:
        self.stdout.write(done.report.as_text())
        self.stdout.write(f"\nThe backup is {done.fetched.name}. Took {seconds:.1f} s.")
        if done.safety:
            self.stdout.write(f"What was there before is kept as {done.safety}.")
        if done.rejects:
            self.stdout.write(f"The rows that were set aside are in {done.rejects}.")
        if options["dry_run"]:
            self.stdout.write("This was a dry run: everything held, and nothing was changed.")
        else:
            said = "Everything was compared and is in place. Everybody has to sign in again."
            self.stdout.write(self.style.SUCCESS(said))

    def _say_json(self, options: dict[str, Any], said: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(said, ensure_ascii=False))


def facts(done: Restored) -> dict[str, Any]:
    """What a machine wants to know about a restore that is done."""
    return done.report.as_json() | {
        "name": done.fetched.name,
        "verified": True,
        "safety_backup": done.safety,
        "rejects_file": str(done.rejects) if done.rejects else None,
    }

"""`manage.py restore_backup`: everybody's data back from a backup.

- Every checksum in the backup is read and compared before the first write.
- A database that holds data is left alone unless `--replace`, which makes a safety backup first.
- The database is changed completely, after every row was compared, or not at all.
- Everybody has to sign in again, with the password that they had.
- With `--user`, one learner's data come back beside everybody else's, who notice nothing.
- A folder of the legacy app is merged: who is there keeps everything, who is not gets a mail.
"""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from accounts import zones
from backups.commands import MovingCommand
from backups.display import Display
from backups.errors import TransferError
from backups.models import BackupRun
from backups.restores.restoring import Restored, restore, restore_one
from backups.restores.restoring_legacy import restore_folder
from backups.runs.running import only_one, recorded, why_not

SET_ASIDE = 2
Kind = BackupRun.Kind


class Command(MovingCommand):
    help = (
        "Brings all data of a backup into this site's database. Exit code 0: all is there and "
        "compared; 2: so, but rows were set aside; 1: not done, nothing changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
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
            "--user",
            metavar="EMAIL",
            help="only this learner's data, beside what they and everybody else have now",
        )
        parser.add_argument(
            "--time-zone",
            default="UTC",
            help="the learners' zone, such as America/Toronto, for a folder of the legacy app",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="do and compare everything, then take it back"
        )
        parser.add_argument(
            "--rejects", type=Path, metavar="FILE", help="where rows go that were set aside (CSV)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        display = Display(None if options["no_progress"] else sys.stderr)
        start = time.perf_counter()
        dry_run = options["dry_run"]
        try:
            # A dry run changes nothing, the list of runs neither.
            with only_one() if dry_run else recorded(Kind.RESTORE, started_by="command") as run:
                done = self._restore(options, display, run)
        except (Exception, KeyboardInterrupt) as error:
            said = why_not(error)
            self.say_json(options, {"verified": False, "error": said})
            code = 130 if isinstance(error, KeyboardInterrupt) else 1
            raise CommandError(said, returncode=code) from error
        finally:
            display.end()
        seconds = round(time.perf_counter() - start, 2)
        self._say_end(done, options, seconds)
        self.say_json(options, facts(done) | {"dry_run": dry_run, "seconds": seconds})
        if done.report.rejected:
            sys.exit(SET_ASIDE)

    def _restore(
        self, options: dict[str, Any], display: Display, run: BackupRun | None
    ) -> Restored:
        asked, dry_run, folder = options["backup"], options["dry_run"], Path(options["backup"])
        rejects = options["rejects"] or _default_rejects()
        one = options["user"] is not None
        if not asked.strip() or (one and not options["user"].strip()):
            # From a variable that is not set: it must mean neither this folder nor everybody.
            raise TransferError("A name or an address is empty. Nothing was changed.")
        if (one and options["replace"]) or (folder.is_dir() and options["replace"]):
            raise TransferError(
                "--replace is for a whole backup: one learner's data, and a folder of the legacy "
                "app, come beside what is there. Nothing was changed."
            )
        if one:
            return restore_one(asked, options["user"], display, run=run, dry_run=dry_run)
        if folder.is_dir():
            zone = _zone(options["time_zone"])
            return restore_folder(
                folder, rejects, display, run=run, now=timezone.now(), time_zone=zone,
                dry_run=dry_run,
            )  # fmt: skip
        return restore(
            asked, rejects, display, run=run, replace=options["replace"], dry_run=dry_run
        )

    def _say_end(self, done: Restored, options: dict[str, Any], seconds: float) -> None:
        self.stdout.write(done.report.as_text())
        self.stdout.write(f"\nThe backup is {done.name}. Took {seconds:.1f} s.")
        if done.safety:
            self.stdout.write(f"What was there before is kept as {done.safety}.")
        if done.rejects:
            self.stdout.write(f"The rows that were set aside are in {done.rejects}.")
        if options["dry_run"]:
            self.stdout.write("This was a dry run: everything held, and nothing was changed.")
            return
        self.stdout.write(self.style.SUCCESS("Everything was compared and is in place."))
        if done.everybody:
            self.stdout.write("Everybody has to sign in again.")
        if done.everybody and not settings.REDIS_URL:
            # Each process has a cache of its own, which nobody else can empty.
            self.stdout.write("Restart the site: its processes remember numbers from before.")


def facts(done: Restored) -> dict[str, Any]:
    """What a machine wants to know about a restore that is done."""
    return done.report.as_json() | {
        "name": done.name,
        "verified": True,
        "safety_backup": done.safety,
        "rejects_file": str(done.rejects) if done.rejects else None,
    }


def _default_rejects() -> Path:
    path = Path(settings.DATA_DIR) / f"rejects-{timezone.now():%Y%m%d-%H%M%S}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _zone(name: str) -> str:
    zone = zones.find(name)
    if zone is None:
        raise TransferError(f"There is no time zone {name!r}; give a name such as Europe/Vienna.")
    return zone

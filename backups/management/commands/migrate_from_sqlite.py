"""Everybody's accounts, cards and reviews from an SQLite file into this site's database.

- The source is never written to; nothing appears beside it.
- The target is changed completely, after every row was compared, or not at all.
- Every row read is written or set aside in the rejects file, which can be mended and fed in again.
- Nobody has to reset a password.
"""

from __future__ import annotations

import signal
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
from backups.migration import migrate
from backups.report import Report

SET_ASIDE = 2
# How rows that were set aside come in after all.
AGAIN = {
    "legacy": "Mend them there, and feed the file in again: manage.py migrate_from_sqlite FILE "
    "--merge",
    "leitner": "Mend them in a copy of the source, and run this again with --merge.",
}


class Command(MovingCommand):
    help = (
        "Brings all accounts, cards and reviews from an SQLite file (the legacy app's or Leitner's "
        "own) or from a mended rejects file into this site's database. "
        "Exit code 0: all is there and compared; 2: so, but rows were set aside; 1: not done, "
        "nothing changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("source", type=Path, help="the SQLite file, or a mended rejects file")
        parser.add_argument(
            "--dry-run", action="store_true", help="do and compare everything, then take it back"
        )
        parser.add_argument(
            "--merge", action="store_true", help="into a site with people: add and update by e-mail"
        )
        parser.add_argument(
            "--rejects", type=Path, metavar="FILE", help="where rows go that were set aside (CSV)"
        )
        parser.add_argument(
            "--time-zone",
            default="UTC",
            help="the learners' zone, such as America/Toronto, for accounts of the legacy app "
            "(UTC: due on the very same days as there)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        start = time.perf_counter()
        # Stopped by a service manager is as good as Ctrl+C: rolled back and tidied up.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        display = Display(None if options["no_progress"] else sys.stderr)
        try:
            report, rejects_file = self._migrate(options, display)
        except TransferError as error:
            display.end()
            self.say_json(options, {"verified": False, "error": str(error)})
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            display.end()
            raise CommandError("Stopped. Nothing was changed.", returncode=130) from None
        finally:
            signal.signal(signal.SIGTERM, before)
        display.end()
        seconds = round(time.perf_counter() - start, 2)
        self.stdout.write(report.as_text())
        self._say_end(report.kind, rejects_file, options, seconds)
        self.say_json(
            options,
            report.as_json()
            | {
                "rejects_file": str(rejects_file) if rejects_file else None,
                "verified": True,
                "dry_run": options["dry_run"],
                "seconds": seconds,
            },
        )
        if report.rejected:
            sys.exit(SET_ASIDE)

    def _migrate(self, options: dict[str, Any], display: Display) -> tuple[Report, Path | None]:
        now = timezone.now()
        default = Path(settings.DATA_DIR) / f"rejects-{now:%Y%m%d-%H%M%S}.csv"
        default.parent.mkdir(parents=True, exist_ok=True)
        return migrate(
            options["source"],
            options["rejects"] or default,
            display,
            zone=_zone(options["time_zone"]),
            now=now,
            merge=options["merge"],
            dry_run=options["dry_run"],
        )

    def _say_end(
        self, kind: str, rejects: Path | None, options: dict[str, Any], seconds: float
    ) -> None:
        app = {"legacy": "the legacy app", "leitner": "Leitner"}[kind]
        self.stdout.write(f"\nThe source is a database of {app}. Took {seconds:.1f} s.")
        if rejects:
            self.stdout.write(f"The rows that were set aside are in {rejects}. {AGAIN[kind]}")
        if options["dry_run"]:
            self.stdout.write("This was a dry run: everything held, and nothing was changed.")
        else:
            self.stdout.write(self.style.SUCCESS("Everything was compared and is in place."))


def _zone(name: str) -> str:
    zone = zones.find(name)
    if zone is None:
        raise TransferError(f"There is no time zone {name!r}; give a name such as Europe/Vienna.")
    return zone

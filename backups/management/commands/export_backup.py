"""`manage.py export_backup`: all data of one instant, kept at every destination.

- Learners go on answering; what they do meanwhile is in the next one.
- A run that fails or is killed leaves no file that looks like a backup.
- It is good when every destination gave it back as it was; only then old ones are removed.
- Two runs never meet: the second one says so and ends.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from backups.commands import MovingCommand, add_started_by
from backups.display import Display
from backups.models import BackupRun
from backups.places.destinations import destinations
from backups.runs.backing_up import back_up
from backups.runs.running import recorded, why_not


class Command(MovingCommand):
    help = (
        "Makes a backup of all data, keeps it at every destination and removes old ones "
        "(BACKUP_KEEP_DAYS, BACKUP_KEEP_MONTHS). Exit code 0: it is good; 1: it is not."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_started_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        display = Display(None if options["no_progress"] else sys.stderr)
        run = None
        try:
            with recorded(BackupRun.Kind.EXPORT, started_by=options["started_by"]) as run:
                removed = back_up(run, display)
        except (Exception, KeyboardInterrupt) as error:
            said = why_not(error)
            self.say_json(options, (facts(run) if run else {"good": False}) | {"error": said})
            code = 130 if isinstance(error, KeyboardInterrupt) else 1
            raise CommandError(said, returncode=code) from error
        finally:
            display.end()
        places = [place.place for place in destinations()]
        self.stdout.write(
            f"{run.name} is kept in {' and in '.join(places)}: {run.rows:,} rows, "
            f"{run.bytes:,} bytes, in {run.seconds:.1f} s."
        )
        self.say_json(options, facts(run) | {"removed": removed})


def facts(run: BackupRun) -> dict[str, Any]:
    """What a machine wants to know about a run that has ended."""
    names = "name", "rows", "bytes", "sha256", "destinations", "encrypted"
    return {name: getattr(run, name) for name in names} | {
        "seconds": round(run.seconds or 0, 2),
        "good": run.good,
    }

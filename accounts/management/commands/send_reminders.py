"""`manage.py send_reminders`: a mail to each learner whose hour has come and who has cards due.

- Nobody gets two for one day, however often it runs, also two at once, also when it is killed.
- Who could not be reached is tried again by the next run, for three hours and the same day.
- One refused address does not stop the rest. A mail server that is away ends the run.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.utils import timezone

from accounts.reminders.sending import Tally, send_reminders


class Command(BaseCommand):
    help = (
        "Sends the reminders whose hour has come. Run it every hour, or more often. "
        "Exit code 0: all was done; 1: the mail server or the database was away, and the next run "
        "goes on."
    )
    requires_system_checks = []  # They load every page, which mails have no use for.

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count who would get one")
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tally = send_reminders(timezone.now, dry_run=options["dry_run"])
        except OperationalError as error:
            raise CommandError(
                f"The database does not answer as it should ({str(error).strip()}). "
                "Nobody is reminded twice; the next run goes on with who is left."
            ) from error
        if tally.waits:
            self.stdout.write("Maintenance is on: reminders wait until it is over.")
        self.stdout.write(_said(tally, dry_run=options["dry_run"]))
        if options["json"]:
            self.stdout.write(json.dumps(asdict(tally)))
        if tally.stopped:
            raise CommandError(
                f"The mail server took nothing any more ({tally.stopped}). Check EMAIL_HOST and "
                "what belongs to it; the next run goes on with who is left."
            )


def _said(tally: Tally, *, dry_run: bool) -> str:
    parts = [f"{tally.sent:,} {'would be ' if dry_run else ''}reminded"]
    words = {
        "nothing_due": "with nothing due",
        "unconfirmed": "without a confirmed address",
        "too_late": "too late for their day",
        "later": "to be tried again",
        "refused": "refused",
        "turned_off": "turned off",
        "unsure": "perhaps sent",
    }
    parts += [f"{count:,} {say}" for name, say in words.items() if (count := getattr(tally, name))]
    return ", ".join(parts) + "."

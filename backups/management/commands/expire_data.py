"""`manage.py expire_data`: delete what is kept for a time only. To be run daily; twice is no harm.

Each step works in small transactions, so that nobody waits for it and nothing is half-done when it
is broken off. One step that fails does not keep the others from their work.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from backups import maintenance
from backups.expiring import accounts, clock, leftovers
from backups.runs.lock import Busy, hold, is_held

logger = logging.getLogger(__name__)

STEPS = (
    leftovers.trash,
    leftovers.login_sessions,
    leftovers.uploads,
    leftovers.admin_log,
    accounts.unconfirmed,
    accounts.inactive,
)
# Not a learner's lock: no account has this id.
NOBODY = 0


class Command(BaseCommand):
    help = (
        "Deletes what is kept for a time only: trash (TRASH_DAYS), expired login sessions, old "
        "uploads, old lines of the admin log (ADMIN_LOG_DAYS), accounts that were never confirmed "
        "(UNCONFIRMED_ACCOUNT_DAYS), and, when INACTIVE_ACCOUNT_DAYS is set, accounts that nobody "
        "uses, after two mails. Backups are kept by rules of their own."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only show what would go")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        now = timezone.now()
        if maintenance.read().on or is_held("default"):
            raise CommandError(
                "Nothing was done: the site is in maintenance, or a backup, restore or drill runs."
            )
        if not dry_run and clock.doubtful(now):
            raise CommandError(
                f"Nothing was done: by the clock it is {now:%Y-%m-%d %H:%M} UTC, but no backup, "
                "sign-in, card or answer is on record from the weeks before that. If the clock is "
                "wrong, set it right. If the site was not used, this goes on by itself once it "
                "has been used for a week."
            )
        try:
            with hold("default", NOBODY):
                done, failed = self._run(now, dry_run)
        except Busy:
            raise CommandError("Nothing was done: another one is at it already.") from None
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": dry_run, "failed": failed, "gone": done}))
        else:
            word = "would be " if dry_run else ""
            for name, number in done.items():
                verb = "told" if name.endswith(" told") else "deleted"
                self.stdout.write(f"{name.removesuffix(' told')}: {number:,} {word}{verb}")
        if failed:
            raise CommandError(f"These steps failed, the log says why: {', '.join(failed)}.")

    def _run(self, now: dt.datetime, dry_run: bool) -> tuple[dict[str, int], list[str]]:
        """How many of each are gone, and the steps that failed."""
        done: dict[str, int] = {}
        failed: list[str] = []
        for step in STEPS:
            try:
                done |= step(now, dry_run)
            except Exception:
                name = step.__name__.replace("_", " ")
                logger.exception("Data could not be expired: %s", name)
                failed.append(name)
        return done, failed

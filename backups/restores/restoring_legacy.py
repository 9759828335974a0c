"""A backup folder of the legacy app: its cards come back to their owners, whoever they are here."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.contrib.auth.hashers import is_password_usable

from accounts.models import User
from backups.display import Display
from backups.errors import OutcomeUnknown
from backups.migration import choose_sink
from backups.models import BackupRun
from backups.rejects import new_rejects
from backups.report import Report
from backups.restores.reset_mails import send_reset_mails, site
from backups.restores.restoring import Restored
from backups.sources.legacy_folder import LegacyFolder
from backups.transfer import check_migrated, transfer

AT_ONCE = 500


def restore_folder(
    folder: Path,
    rejects_path: Path,
    display: Display,
    *,
    run: BackupRun | None,
    now: dt.datetime,
    time_zone: str = "UTC",
    using: str = "default",
    dry_run: bool = False,
) -> Restored:
    """Merge the folder's accounts and cards into the database `using`.

    Accounts that are there keep all that they have. Those that are made have no password and get a
    mail to set one, after the commit; a mail server that fails takes nothing back. TransferError,
    and nothing changed, when the files cannot be read.
    """
    check_migrated(using)
    rejects = new_rejects(rejects_path)
    display.phase(f"Reading {folder}")
    with LegacyFolder(folder, time_zone=time_zone, now=now) as source:
        report = Report(source.kind, rejects)
        display.begin(source.totals())
        known = set(User.objects.using(using).values_list("email", flat=True))
        try:
            sink = choose_sink(using, merge=True)
            transfer(source, sink, report, display, using=using, dry_run=dry_run)
        except OutcomeUnknown:
            raise  # What was set aside may be nowhere else.
        except BaseException:
            rejects.discard()
            raise
        new = sorted(source.emails() - known)
    if run:
        run.name = str(folder.absolute())[-100:]
        run.tables = {table: counts.written for table, counts in report.tables.items()}
        run.rows = sum(run.tables.values())
    display.phase("Sending mails to set a password")
    report.notes.append(_mail(new, using, dry_run=dry_run))
    return Restored(str(folder), report, rejects_path if report.rejected else None)


def _mail(emails: list[str], using: str, *, dry_run: bool) -> str:
    """Write to those of these who have no password; what became of it, in words."""
    if dry_run:
        return f"{len(emails):,} accounts would be made and get a mail to set a password."
    users: list[User] = []
    for start in range(0, len(emails), AT_ONCE):
        some = emails[start : start + AT_ONCE]
        users += User.objects.using(using).filter(email__in=some).order_by("email")
    mails = send_reset_mails(user for user in users if not is_password_usable(user.password))
    said = (
        f"{mails.sent:,} accounts were made without a password and got a mail to set one; its link "
        f"leads to {site()}."
    )
    if mails.failed:
        said += (
            f" {len(mails.failed):,} got none ({mails.why}) and must ask for it on the page "
            f"'Forgot your password?': {', '.join(mails.failed)}."
        )
    return said

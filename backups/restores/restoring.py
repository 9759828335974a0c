"""All data of a backup back into this site's database: completely and compared, or not at all."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, connections

from backups.display import Display
from backups.errors import OutcomeUnknown, TransferError
from backups.models import BackupRun
from backups.places.fetching import Fetched, checked, fetch
from backups.rejects import new_rejects
from backups.releases import check_not_newer
from backups.report import Report
from backups.restores.bringing_back import restore_user
from backups.runs.backing_up import back_up
from backups.runs.running import another
from backups.runs.workplace import work_folder
from backups.sinks.restoring import Restoring, holds_data
from backups.sources.archive import ArchiveSource
from backups.tables import tables
from backups.transfer import check_migrated, explained, transfer


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore of the backup `name` did, and the file of what was set aside, if anything was.

    `safety` is the name of the backup that was made of what had been there; `everybody` has to sign
    in again.
    """

    name: str
    report: Report
    rejects: Path | None = None
    safety: str | None = None
    everybody: bool = False


def restore(
    asked: str,
    rejects_path: Path,
    display: Display,
    *,
    run: BackupRun | None,
    using: str = "default",
    replace: bool = False,
    dry_run: bool = False,
) -> Restored:
    """Put the backup that was asked for into the database `using`.

    Call it inside `running.recorded`, or `running.only_one` with `run` None. TransferError, and
    nothing changed, when anything is amiss; a safety backup may have been made by then.
    """
    check_migrated(using)
    check_not_newer(using)
    with ExitStack() as stack:
        folder = stack.enter_context(work_folder())
        display.phase(f"Fetching {asked}")
        fetched = fetch(asked, folder, using)
        display.phase("Checking every checksum")
        reader = stack.enter_context(checked(fetched.path))
        source = stack.enter_context(ArchiveSource(reader))
        if run:
            note_down(run, fetched, source)
        held = _held(using)
        if held and not replace:
            raise TransferError(held)
        rejects = new_rejects(rejects_path)
        safety = _safety_backup(using, display) if held and not dry_run else None
        report = Report(source.kind, rejects, notes=list(fetched.troubles))
        display.begin(source.totals())
        sink = Restoring(using, replace=replace)
        try:
            transfer(source, sink, report, display, using=using, dry_run=dry_run)
        except OutcomeUnknown:
            raise  # What was set aside may be nowhere else.
        except BaseException:
            rejects.discard()
            raise
        aside = rejects_path if report.rejected else None
        return Restored(fetched.name, report, aside, safety, everybody=True)


def restore_one(
    asked: str, email: str, display: Display, *, run: BackupRun | None, dry_run: bool = False
) -> Restored:
    """Bring one learner's data back from the backup that was asked for, beside everybody else's.

    Call it as `restore`; see `bringing_back.restore_user` for what comes back and what stays.
    """
    check_migrated(DEFAULT_DB_ALIAS)
    with work_folder() as folder:
        display.phase(f"Fetching {asked}")
        fetched = fetch(asked, folder)
        display.phase("Checking every checksum")
        with checked(fetched.path, whole=False) as reader:
            report = restore_user(reader, email, display, dry_run=dry_run)
    report.notes += fetched.troubles
    if run:
        run.name, run.encrypted = fetched.name, fetched.encrypted
        run.tables = {label: counts.written for label, counts in report.tables.items()}
        run.rows = sum(run.tables.values())
    return Restored(fetched.name, report)


def note_down(run: BackupRun, fetched: Fetched, source: ArchiveSource) -> None:
    """What the run is about, for the list of runs."""
    run.name, run.encrypted = fetched.name, fetched.encrypted
    run.tables = source.rows()
    run.rows = sum(run.tables.values())
    if fetched.stored:
        run.bytes, run.sha256 = fetched.stored.size, fetched.stored.sha256
    run.save()


def _held(using: str) -> str | None:
    """Why the database can be restored into only with --replace; None when it is empty."""
    with explained(), connections[using].cursor() as cursor:
        for table in tables():
            cursor.execute(f'SELECT count(*) FROM "{table.name}"')  # noqa: S608
            (rows,) = cursor.fetchone()
            if rows:
                return holds_data(rows, table.label)
    return None


def _safety_backup(using: str, display: Display) -> str:
    """A backup of what is about to be replaced; its name."""
    display.phase("Making a safety backup of what is there")
    with another(BackupRun.Kind.EXPORT, started_by="before a restore", using=using) as run:
        back_up(run, display)
    return run.name

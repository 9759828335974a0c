"""All data of a backup back into this site's database: completely and compared, or not at all."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from django.db import connections

from backups.backing_up import back_up
from backups.display import Display
from backups.errors import TransferError
from backups.fetching import Fetched, checked, fetch
from backups.models import BackupRun
from backups.rejects import RejectsFile
from backups.report import Report
from backups.running import another
from backups.sinks.restoring import Restoring, holds_data
from backups.sources.archive import ArchiveSource
from backups.tables import tables
from backups.transfer import check_migrated, explained, transfer
from backups.workplace import work_folder


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did; `safety` is the backup that was made of what had been there."""

    fetched: Fetched
    report: Report
    rejects: Path | None
    safety: str | None


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
        safety = _safety_backup(using, display) if held and not dry_run else None
        rejects = RejectsFile(rejects_path)
        report = Report(source.kind, rejects, notes=list(fetched.troubles))
        display.begin(source.totals())
        sink = Restoring(using, replace=replace)
        try:
            transfer(source, sink, report, display, using=using, dry_run=dry_run)
        except BaseException:
            rejects.discard()
            raise
        return Restored(fetched, report, rejects_path if report.rejected else None, safety)


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

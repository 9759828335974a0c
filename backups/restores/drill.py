"""The restore drill: a backup is restored where nobody sees it, looked at, and thrown away."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from backups.display import Display
from backups.models import BackupRun
from backups.places.fetching import Fetched, checked, fetch, is_file_here, shown
from backups.rejects import RejectsFile
from backups.report import Report
from backups.restores.restoring import note_down
from backups.restores.scratch import scratch_database
from backups.runs.workplace import work_folder
from backups.sinks.drilling import Drilling
from backups.sources.archive import ArchiveSource
from backups.transfer import check_migrated, transfer


@dataclass(frozen=True, slots=True)
class Drilled:
    """A backup that stood the drill; `snapshot` is the instant (ISO, UTC) of what it holds."""

    fetched: Fetched
    report: Report
    snapshot: str


def drill(run: BackupRun, asked: str, display: Display) -> Drilled:
    """Restore the backup that was asked for (a name, "latest", a path) into a scratch database.

    Call it inside `running.recorded`. TransferError when it could not be restored in earnest, or
    the app could not live with what it holds. The site's own data are not touched.
    """
    using = run._state.db or "default"
    check_migrated(using)
    with ExitStack() as stack:
        folder = stack.enter_context(work_folder())
        display.phase(f"Fetching {asked}")
        if is_file_here(asked):
            run.name = shown(Path(asked))  # Also when it is not there.
        fetched = fetch(asked, folder, using)
        run.name, run.encrypted = fetched.name, fetched.encrypted
        run.save()
        display.phase("Checking every checksum")
        reader = stack.enter_context(checked(fetched.path))
        source = stack.enter_context(ArchiveSource(reader))
        note_down(run, fetched, source)
        report = Report(source.kind, RejectsFile(folder / "rejects.csv"))
        report.notes += fetched.troubles
        display.begin(source.totals())
        alias = stack.enter_context(scratch_database(folder, using))
        sink = Drilling(alias, using)
        transfer(source, sink, report, display, using=alias, dry_run=True)
        return Drilled(fetched, report, reader.manifest.snapshot)

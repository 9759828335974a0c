"""One migration from a file: the source it asks for, the sink that the target needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.contrib.auth import get_user_model
from django.db import connections

from backups.display import Display
from backups.errors import OutcomeUnknown, TransferError
from backups.rejects import new_rejects
from backups.report import Report
from backups.sinks import Sink
from backups.sinks.filling import Filling, has_accounts
from backups.sinks.merging import Merging
from backups.sources import Source
from backups.sources.legacy import LegacySource
from backups.sources.leitner import LeitnerSource
from backups.sources.rejects import RejectsSource
from backups.sources.sqlite_file import kind_of, open_snapshot
from backups.transfer import check_migrated, explained, transfer

REJECTS_SUFFIX = ".csv"


def migrate(
    path: Path,
    rejects_path: Path,
    display: Display,
    *,
    zone: str,
    now: dt.datetime,
    merge: bool = False,
    dry_run: bool = False,
    using: str = "default",
) -> tuple[Report, Path | None]:
    """Bring the file at `path` into the database `using`; the report and the rejects file, if any.

    `zone` is the time zone of the legacy app's learners. TransferError, and nothing changed, when
    it cannot be done.
    """
    check_path(path, using)
    rejects = new_rejects(rejects_path)
    check_migrated(using)
    display.phase(f"Checking {path}")
    try:
        with open_source(path, zone=zone, now=now) as source:
            report = Report(source.kind, rejects)
            display.begin(source.totals())
            sink = choose_sink(using, merge)
            transfer(source, sink, report, display, using=using, dry_run=dry_run)
    except OutcomeUnknown:
        raise  # What was set aside may be nowhere else.
    except BaseException:
        rejects.discard()
        raise
    return report, rejects_path if report.rejected else None


def check_path(path: Path, using: str) -> None:
    """TransferError when a file would be read and written at once."""
    settings = connections[using].settings_dict
    name = Path(str(settings["NAME"]))
    if "sqlite" in settings["ENGINE"] and name.exists() and path.exists() and path.samefile(name):
        raise TransferError(
            f"{path} is this site's own database. Name the other file, or set DATABASE_URL to the "
            "database that the data shall go to."
        )


@contextmanager
def open_source(path: Path, *, zone: str, now: dt.datetime) -> Iterator[Source]:
    """The source that this file is: a rejects file, the legacy app's database, or Leitner's own."""
    if path.suffix.lower() == REJECTS_SUFFIX:
        with RejectsSource(path, time_zone=zone, now=now) as rejects:
            yield rejects
        return
    with open_snapshot(path) as snapshot:
        if kind_of(snapshot) == "legacy":
            with LegacySource(snapshot, time_zone=zone, now=now) as legacy:
                yield legacy
        else:
            with LeitnerSource(snapshot) as leitner:
                yield leitner


def choose_sink(using: str, merge: bool) -> Sink:
    """An empty target is filled, which is fast; one with people is merged into when asked to.

    TransferError when it has people and nobody asked: before anything is locked.
    """
    with explained():
        people = get_user_model()._default_manager.using(using).count()
    if people and not merge:
        raise TransferError(has_accounts(people))
    return Merging(using) if people else Filling(using)

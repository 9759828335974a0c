"""From a source into this database, in one transaction that is kept only when all was compared."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache
from django.db import DatabaseError, connections, transaction
from django.db.migrations.executor import MigrationExecutor

from backups.display import Display
from backups.errors import TransferError
from backups.report import Report
from backups.sinks import Sink
from backups.sources import Source


def transfer(
    source: Source, sink: Sink, report: Report, display: Display, *, using: str, dry_run: bool
) -> None:
    """Write everything that `source` gives into the database `using` through `sink`.

    The report is filled on the way. TransferError when anything is amiss; then, and when this is
    interrupted or killed, the database is as it was. With `dry_run` it is so in any case.
    """
    with explained(), transaction.atomic(using=using):
        sink.begin()
        _write(source, sink, report, display)
        display.phase("Building indexes and checking constraints")
        sink.finish(report)
        display.phase("Comparing every row with the source")
        _settle(report, sink.verify(source))
        # On the disk before the rest is final: no row may be in neither place.
        report.rejects.keep()
        transaction.set_rollback(dry_run, using=using)
        display.phase("Taking everything back (dry run)" if dry_run else "Committing")
    if not dry_run:
        # Another database may have lived behind the same cache, with the same ids.
        cache.clear()


def check_migrated(using: str) -> None:
    """TransferError unless every migration is applied to the target."""
    with explained():
        executor = MigrationExecutor(connections[using])
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise TransferError(
            "The target database is not ready: its tables are missing or of an older release. "
            "Run `manage.py migrate` first, then this command again."
        )


def _write(source: Source, sink: Sink, report: Report, display: Display) -> None:
    for stream in source.streams(report):
        display.phase(f"Copying {stream.table.label}")
        start = time.perf_counter()
        sink.write(stream, lambda _: display.progress(report))
        report.counts_if_known(stream.table.label).seconds += time.perf_counter() - start


def _settle(report: Report, held: dict[str, int]) -> None:
    """What was read must be in the database or set aside: nothing may get lost between."""
    for label, counts in report.tables.items():
        counts.written = held.get(label, 0) + counts.merged
        if counts.read != counts.written + counts.rejected:
            raise TransferError(
                f"Of {counts.read} {label} read, {counts.written} were written and "
                f"{counts.rejected} set aside, which does not add up. Nothing was changed; please "
                "report this with the file that was read."
            )


@contextmanager
def explained() -> Iterator[None]:
    """A complaint of the target database becomes one sentence: TransferError."""
    try:
        yield
    except DatabaseError as error:
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise TransferError(
            f"The target database stopped the transfer ({said}). Nothing was changed."
        ) from error

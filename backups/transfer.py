"""From a source into this database, in one transaction that is kept only when all was compared."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from django.core.cache import cache
from django.db import DatabaseError, OperationalError, connections, transaction
from django.db.migrations.executor import MigrationExecutor

from backups.display import Display
from backups.errors import OutcomeUnknown, TransferError, is_full
from backups.report import Report
from backups.sentences import Detail, gettext_noop
from backups.sinks import Sink
from backups.sources import Source

logger = logging.getLogger(__name__)

STALE = (
    "The cache could not be emptied ({}). Empty it, or restart its server, before learners come: "
    "it may show them old numbers."
)


def transfer(
    source: Source,
    sink: Sink,
    report: Report,
    display: Display,
    *,
    using: str,
    dry_run: bool,
    keep_cache: bool = False,
) -> None:
    """Write everything that `source` gives into the database `using` through `sink`.

    The report is filled on the way. TransferError when anything is amiss; then, and when this is
    interrupted or killed, the database is as it was. With `dry_run` it is so in any case. The cache
    is emptied unless `keep_cache`, for sinks that retire what was cached of those they touch. Once
    the data are final nothing raises any more: an error always means that nothing was changed, but
    for OutcomeUnknown, when the connection broke in the middle of the commit.
    """
    with ExitStack() as last:
        with explained() as said, sink.transaction():
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
            last.enter_context(_uninterrupted())
            said.committing = not dry_run
        if not (dry_run or keep_cache):
            _empty_cache(report)


def check_migrated(using: str) -> None:
    """TransferError unless every migration of this release is applied to the database."""
    with explained():
        executor = MigrationExecutor(connections[using])
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise TransferError(
            "The database is not ready: its tables are missing or of an older release. Run "
            "`manage.py migrate` first, then this command again."
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
                gettext_noop(
                    "Of %(read)s rows of %(table)s that were read, %(written)s were written and "
                    "%(rejected)s set aside, which does not add up. Nothing was changed; please "
                    "report this with the file that was read."
                ),
                read=counts.read,
                table=label,
                written=counts.written,
                rejected=counts.rejected,
            )


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl+C and SIGTERM come too late: they must not make a commit look as if it had not been."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Signals never reach it.
        return
    before = {each: signal.signal(each, signal.SIG_IGN) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            if handler is not None:  # Not Python's own.
                signal.signal(each, handler)


def _empty_cache(report: Report) -> None:
    """Another database may have lived behind the same cache, with the same ids."""
    try:
        cache.clear()
    except Exception as error:  # Whatever a cache raises: the data are final.
        logger.warning("The cache could not be emptied.", exc_info=True)
        report.notes.append(STALE.format(str(error) or type(error).__name__))


@dataclass(slots=True)
class Stage:
    """How far it came: a connection that breaks during the commit leaves open what became of it."""

    committing: bool = False


@contextmanager
def explained() -> Iterator[Stage]:
    """A complaint of the target database becomes one sentence: TransferError."""
    stage = Stage()
    try:
        yield stage
    except DatabaseError as error:
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        if is_full(error):
            raise TransferError(
                gettext_noop(
                    "The disk of the target database has no room%(why)s. Nothing was changed. Make "
                    "room, then try again."
                ),
                why=Detail(said),
            ) from error
        if stage.committing and isinstance(error, OperationalError):
            raise OutcomeUnknown(
                gettext_noop(
                    "The connection broke while the end was written%(why)s. Everything is in "
                    "place, or nothing is: look at the site, or run this again."
                ),
                why=Detail(said),
            ) from error
        raise TransferError(
            gettext_noop("The target database stopped the transfer%(why)s. Nothing was changed."),
            why=Detail(said),
        ) from error

"""Run by test_killed.py: kills a migration with SIGKILL at one moment after the other.

`python -m tests.backups.killed SOURCE` sets Django up once, without a connection, and forks a child
for each moment. It prints one line of JSON: how many moments there are, and for each the child's
exit code and whether the target was afterwards as it had been.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

FORK = multiprocessing.get_context("fork")
MOMENTS = 14


def main(source: Path) -> None:
    import django

    django.setup()
    moments = asked(lambda: migrated(source, kill_at=0, dry_run=True))
    before = asked(state)
    killed = []
    for number in range(MOMENTS):
        moment = 1 + number * (moments - 1) // (MOMENTS - 1)
        code = run(lambda moment=moment: migrated(source, kill_at=moment))  # type: ignore[misc]
        killed.append([moment, code, asked(state) == before])
    last = run(lambda: migrated(source, kill_at=0))
    print(json.dumps({"moments": moments, "killed": killed, "last": last}))


def migrated(source: Path, *, kill_at: int, dry_run: bool = False) -> int:
    """Migrate; die at the given moment (0: never). How many moments there were."""
    from django.utils import timezone

    from backups.display import Display
    from backups.migration import migrate
    from backups.report import Report

    class Deadly(Display):
        """Every change of what it shows is a moment."""

        moment = 0

        def tick(self) -> None:
            self.moment += 1
            if self.moment == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

        def phase(self, text: str) -> None:
            self.tick()

        def progress(self, report: Report) -> None:
            self.tick()

    display = Deadly(None)
    rejects = source.with_suffix(f".{kill_at}.{dry_run}.rejects")
    migrate(source, rejects, display, zone="UTC", now=timezone.now(), dry_run=dry_run)
    return display.moment


def state() -> list[Any]:
    """Everything in the target: rows, indexes, constraints, and where the sequences stand."""
    from django.db import connection

    from backups.checksum import checksum_of
    from backups.tables import tables

    rows: list[Any] = []
    for table in tables():
        found = checksum_of(connection, table, table.columns)
        rows.append([table.name, found.rows, found.total])
    return [rows, catalog(connection)]


def catalog(connection: Any) -> list[Any]:
    """The database's own description of its tables."""
    queries = {
        "postgresql": [
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
            """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), condeferred
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2""",
            "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1",
        ],
        "sqlite": ["SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1"],
    }
    with connection.cursor() as cursor:
        found = []
        for query in queries[connection.vendor]:
            cursor.execute(query)
            found.append([list(row) for row in cursor.fetchall()])
    return found


def run(work: Callable[[], object]) -> int:
    """Do it in a child; its exit code, negative when a signal ended it."""
    child = FORK.Process(target=work)
    child.start()
    child.join()
    return child.exitcode or 0


def asked(work: Callable[[], Any]) -> Any:
    """What the work gives, done in a child, so that this process never has a connection."""
    here, there = FORK.Pipe(duplex=False)
    child = FORK.Process(target=lambda: there.send(work()))
    child.start()
    there.close()
    answer = here.recv()
    child.join()
    return answer


if __name__ == "__main__":
    main(Path(sys.argv[1]))

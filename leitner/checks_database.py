"""What Django's system checks say of connections: how many there may be, and what is half-done.

Each thread that serves pages keeps one connection (Django with psycopg2 has no pool of its own);
a process takes at most two more while a learner takes their data along or brings them back, and one
while somebody asks how it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register  # noqa: A004
from django.db import DEFAULT_DB_ALIAS, connections

from leitner.replica_health import REPLICA

# In each process, one learner at a time (backups.runs.lock): the lock, and a snapshot. And one look
# at a time (leitner.health).
EXTRA = 3
# While a release takes over, or gunicorn reloads, old processes end beside new ones.
OVERLAP = 2
# A command's own, its lock, and a snapshot; two commands at a time is what schedules lead to.
COMMANDS = 2 * 3


def register_all() -> None:
    """Called once, when the app is ready."""
    register(check_count, Tags.database, deploy=True)
    register(check_server, Tags.database)


def most_connections() -> int:
    """How many connections all web machines together may have at the same time."""
    return settings.WEB_MACHINES * settings.WEB_CONCURRENCY * (settings.WEB_THREADS + EXTRA)


def check_count(**_: Any) -> list[CheckMessage]:
    """Tells the number; `check --deploy` prints it."""
    if connections[DEFAULT_DB_ALIAS].vendor != "postgresql":
        return []
    where = "the pooler (its max_client_conn)" if settings.POOLED else "the database"
    also = " As many to the replica." if REPLICA in connections.settings else ""
    return [
        Info(
            f"Pages take up to {most_connections()} connections to {where}: {_sum()}.{also} "
            f"While a new release takes over it is {OVERLAP} times that. Commands take up to "
            f"{COMMANDS} more, directly.",
            id="leitner.I101",
        )
    ]


def check_server(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """With `check --database default`, and before each `migrate`: looks at the server itself."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    if connections[DEFAULT_DB_ALIAS].vendor != "postgresql":
        return []
    return [*_pooler(), *_too_many()]


def _pooler() -> Iterator[CheckMessage]:
    """A pooler tells another number for the server's process than the process itself does."""
    connection: Any = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    known = connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]
    if pid != connection.connection.info.backend_pid and not known:
        name = "DATABASE_DIRECT_URL" if settings.POOLED else "DATABASE_URL"
        yield Error(
            f"{name} leads through a pooler such as PgBouncer.",
            hint="Set DATABASE_DIRECT_URL to the address of the server itself: commands connect "
            "there, and pages know that DATABASE_URL is a pooler.",
            id="leitner.E101",
        )


def _too_many() -> Iterator[CheckMessage]:
    if settings.POOLED:
        return
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT sum(CASE name WHEN 'max_connections' THEN 1 ELSE -1 END * setting::int) "
            "FROM pg_settings WHERE name IN ('max_connections', "
            "'superuser_reserved_connections', 'reserved_connections')"
        )
        (free,) = cursor.fetchone()
    most = OVERLAP * most_connections() + COMMANDS
    if most > free:
        yield Warning(
            f"Pages and commands may take {most} connections, and the database has {free}: "
            f"{_sum()}, {OVERLAP} times while a release takes over, and {COMMANDS} for commands.",
            hint="Put PgBouncer in between (docs/operations/scale.md), take a larger database, or "
            "lower WEB_CONCURRENCY, WEB_THREADS or WEB_MACHINES.",
            id="leitner.W101",
        )


def _sum() -> str:
    return (
        f"{settings.WEB_MACHINES} machines x {settings.WEB_CONCURRENCY} processes x "
        f"({settings.WEB_THREADS} threads + {EXTRA})"
    )

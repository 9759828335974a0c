"""A Leitner database of an older release is brought up to date in a private copy."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from backups.errors import TransferError

# The copy is thrown away: nothing has to reach the disk before anything else.
_FAST = "PRAGMA synchronous = OFF"


@contextmanager
def up_to_date(snapshot: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """The snapshot itself, or a copy of it with all migrations of this release applied.

    TransferError when a newer release made it, or a migration fails on its rows.
    """
    applied = {
        (str(app), str(name))
        for app, name in snapshot.execute("SELECT app, name FROM django_migrations")
    }
    loader = MigrationLoader(None, ignore_no_migrations=True)
    ours = set(loader.disk_migrations)
    replaced = {old for migration in loader.disk_migrations.values() for old in migration.replaces}
    if unknown := sorted(applied - ours - replaced):
        raise TransferError(
            "This file was made by a newer Leitner: it has a migration that is unknown here "
            f"({'.'.join(unknown[0])}). Update this installation first, then run this again."
        )
    if ours <= applied:
        yield snapshot
        return
    with TemporaryDirectory(prefix="leitner-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "copy.sqlite3"
        with closing(sqlite3.connect(path)) as copy:
            snapshot.backup(copy)
        _migrate(path)
        with closing(sqlite3.connect(path, isolation_level=None)) as copy:
            yield copy


def _migrate(path: Path) -> None:
    with _connected(path) as connection, _others_untouched():
        try:
            executor = MigrationExecutor(connection)
            executor.migrate(executor.loader.graph.leaf_nodes())
        except TransferError:
            raise
        except Exception as error:
            raise TransferError(
                f"This file of an older release could not be brought up to date ({error}). Run "
                "`manage.py migrate` of this release on a copy of it to see where."
            ) from error


def sqlite_connection(name: str, alias: str) -> DatabaseWrapper:
    """Django's connection to this file, which no setting knows."""
    wanted: dict[str, Any] = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        "OPTIONS": {"init_command": _FAST},
    }
    settings = connections.configure_settings({DEFAULT_DB_ALIAS: wanted})[DEFAULT_DB_ALIAS]
    return DatabaseWrapper(settings, alias)


@contextmanager
def _connected(path: Path) -> Iterator[DatabaseWrapper]:
    """A connection that migrations find under its alias while this lasts."""
    connection = sqlite_connection(str(path), f"leitner-{path.parent.name}")
    # Each row is looked at later, one by one: a foreign key that leads nowhere stops nothing here.
    connection.check_constraints = lambda table_names=None: None  # type: ignore[method-assign]
    connections[connection.alias] = connection
    try:
        yield connection
    finally:
        connection.close()
        del connections[connection.alias]


@contextmanager
def _others_untouched() -> Iterator[None]:
    """No migration may reach another database than its own."""

    def refuse(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        raise TransferError(f"A migration reached for another database ({sql[:80]}).")

    with ExitStack() as stack:
        for alias in connections.settings:
            stack.enter_context(connections[alias].execute_wrapper(refuse))
        yield

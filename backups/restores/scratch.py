"""A database for a moment, beside this site's: the same tables, empty, and gone in any case.

On PostgreSQL it is a schema that exists inside one transaction only: nobody else ever sees it, and
whatever ends the drill, kill -9 too, takes it away. On SQLite it is a file in a private folder.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connections, models

from backups.errors import TransferError, code_of
from backups.sources.upgrading import sqlite_connection
from backups.tables import tables

ALIAS = "leitner-scratch"
NO_RIGHT = "42501"  # PostgreSQL's code for it
# What Django makes in every database by itself: rows that travel refer to it by name.
NAMED: tuple[type[models.Model], ...] = ContentType, Permission


@contextmanager
def scratch_database(folder: Path, using: str) -> Iterator[str]:
    """The alias of a database of the kind that `using` is; call `make_tables` in a transaction."""
    site: Any = connections[using]
    if site.vendor == "postgresql":
        connection: Any = type(site)(site.settings_dict, ALIAS)
    else:
        connection = sqlite_connection(str(folder / "scratch.sqlite3"), ALIAS)
    connections[ALIAS] = connection
    try:
        if site.vendor != "postgresql":
            _create(connection)
        yield ALIAS
    finally:
        connection.close()
        del connections[ALIAS]


def make_tables(alias: str, using: str) -> None:
    """The tables as the models have them; content types and permissions as in the site."""
    connection: Any = connections[alias]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            schema = f"leitner_drill_{secrets.token_hex(4)}"
            _create_schema(cursor, schema, str(connection.settings_dict["USER"]))
            # Only this one: a table that was forgotten must not be found among the site's.
            cursor.execute(f"SET LOCAL search_path TO {schema}")
        _create(connection)
    for model in NAMED:
        rows = model._base_manager.using(using).order_by("pk")
        model._base_manager.using(alias).bulk_create(list(rows))
    # No check waits for the end: tables with checks that wait cannot be altered.
    connection.check_constraints()


def _create_schema(cursor: Any, schema: str, role: str) -> None:
    try:
        cursor.execute(f"CREATE SCHEMA {schema}")
    except DatabaseError as error:
        if code_of(error) != NO_RIGHT:
            raise
        raise TransferError(
            "A drill needs the right to make a schema for a moment. As the owner of the database: "
            f"GRANT CREATE ON DATABASE {cursor.connection.info.dbname} TO {role or 'the role'}. "
            "Nothing was changed."
        ) from error


def _create(connection: Any) -> None:
    travelling = [table.model for table in tables() if not table.model._meta.auto_created]
    with connection.schema_editor() as editor:
        # Tables between two models are made with the one that names them.
        for model in (*NAMED, *travelling):
            editor.create_model(model)

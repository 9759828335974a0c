"""What would come back is found out by bringing it back: into a copy of the learner's own rows.

The copy lies in a scratch database. The site's own tables are only read, so nobody waits for a
preview, not even its learner, and it says what the real run will say.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.color import no_style
from django.db import connections
from django.db.transaction import atomic

from backups.own.owned import Owned, travelling
from backups.sinks.bringing_back import BringingBack
from backups.tables import Table


class Previewing(BringingBack):
    """The sink for a look (see `backups.sinks`), whose transaction must be taken back.

    `alias` is the scratch database, `using` the site's.
    """

    def __init__(self, user_id: int, alias: str, using: str) -> None:
        super().__init__(user_id, alias)
        self._site, self._learner = connections[using], user_id

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self._connection.vendor == "sqlite":
            self._copy_from_file()
        with super().transaction():
            if self._connection.vendor == "postgresql":
                self._copy_into_temporary_tables()
            yield

    def _hold_off_others(self, cursor: Any) -> None:
        """Nobody writes to this database but we."""

    def _copy_from_file(self) -> None:
        """From the site's file, which nobody can write to by this."""
        path = Path(str(self._site.settings_dict["NAME"])).absolute()
        # The rows of one instant: in one transaction, and that of a reader.
        with self._connection.cursor() as cursor:
            cursor.execute("ATTACH %s AS site", [f"{path.as_uri()}?mode=ro"])
            with atomic(using=self._connection.alias):
                self._copy(cursor, "site")
            cursor.execute("DETACH site")

    def _copy_into_temporary_tables(self) -> None:
        """They have the names of the site's tables and stand before these, for this transaction.

        Nobody needs a right for it that the site does not have.
        """
        with self._connection.cursor() as cursor:
            cursor.execute(
                "SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = %s::regclass",
                [f'"{travelling()[0][0].name}"'],
            )
            (schema,) = cursor.fetchone()
            for table, _ in travelling():
                cursor.execute(
                    f'CREATE TEMP TABLE "{table.name}" '
                    f'(LIKE {schema}."{table.name}" INCLUDING ALL) ON COMMIT DROP'
                )
            self._copy(cursor, schema)
            models = [table.model for table, _ in travelling()]
            for statement in self._connection.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)

    def _copy(self, cursor: Any, schema: str) -> None:
        for table, owned in travelling():
            cursor.execute(_copying(table, owned, schema, self._learner))
            cursor.execute(f'ANALYZE "{table.name}"')


def _copying(table: Table, owned: Owned, schema: str, user_id: int) -> str:
    """SQL; parents are copied already, so that whose a row is can be seen from the copies."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    return (
        f'INSERT INTO "{table.name}" ({names}) SELECT {names} '  # noqa: S608
        f'FROM {schema}."{table.name}" WHERE {owned.condition(user_id)}'
    )

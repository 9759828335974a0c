"""Rows that refer to content types or permissions by name get the ids of this database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper

from backups.report import Report
from backups.tables import NAMED, Column, Table
from backups.wire import Checksum, Row, line_of

GONE = "What it refers to belongs to an app that is not part of this site any more."


class Names:
    """Translates one table's rows; a name unknown here is left out if it may be, else its row is.

    A permission for something that is gone must not hold up a migration.
    """

    def __init__(
        self, connection: BaseDatabaseWrapper, table: Table, columns: Sequence[Column]
    ) -> None:
        self._table, self._columns = table, columns
        self._ids = {
            index: _ids(connection, column)
            for index, column in enumerate(columns)
            if column.named_by
        }
        self._emptied: list[Row] = []
        self._dropped: list[Row] = []

    def translated(self, batches: Iterable[list[Row]], checksum: Checksum) -> Iterator[list[Row]]:
        """The rows with ids; the rows with the names that were found are counted in."""
        for batch in batches:
            rows = [known for row in batch if (known := self._known(row)) is not None]
            checksum.add(map(line_of, rows))
            yield [self._with_ids(row) for row in rows]

    @property
    def changed(self) -> bool:
        """Whether a row is not as it was given."""
        return bool(self._emptied or self._dropped)

    def tell(self, report: Report) -> None:
        """Rows that were changed or left out; the database's lines say so too."""
        key = next(i for i, column in enumerate(self._columns) if column.name == self._table.key)
        for row in self._emptied:
            report.mended(self._table.label, row[key], [GONE])
        for row in self._dropped:
            held = {column.name: value for column, value in zip(self._columns, row, strict=True)}
            report.reject(self._table.label, row[key], GONE, held)

    def _known(self, row: Row) -> Row | None:
        """The row without names that are unknown here; None when it cannot do without."""
        unknown = {
            index
            for index, ids in self._ids.items()
            if row[index] is not None and row[index] not in ids
        }
        if not unknown:
            return row
        if not all(self._columns[index].null for index in unknown):
            self._dropped.append(row)
            return None
        self._emptied.append(row)
        return tuple(None if index in unknown else value for index, value in enumerate(row))

    def _with_ids(self, row: Row) -> Row:
        values = list(row)
        for index, ids in self._ids.items():
            name = values[index]
            values[index] = None if name is None else ids[name]
        return tuple(values)


def _ids(connection: BaseDatabaseWrapper, column: Column) -> dict[str, str]:
    """The ids of this database, by the lasting names."""
    label = next(label for label, query in NAMED.items() if query == column.named_by)
    table = apps.get_model(label)._meta.db_table
    name = str(column.named_by).format("named.id")
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT ({name}), named.id FROM "{table}" named')  # noqa: S608
        return {name: str(pk) for name, pk in cursor.fetchall()}

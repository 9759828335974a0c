"""What becomes of each staged row: which row of the target it is, or which new id it gets.

`mapped_<table>` has one row for each staged row: `from_row`; `to_row` (NULL: the row is left
out by a rule); `added` (it is not there yet); and each reference as the target's id, under the
column's own name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

from backups.sinks.staging import Staged
from backups.tables import Table

# An import is known by what does not change in its life; how every other row is recognised is read
# off its model.
KEYS = {"cards_import": ("owner_id", "created_at", "file_name")}


@dataclass(frozen=True, slots=True)
class Key:
    """The columns by which a row is known in every database; `unique` if the target enforces it."""

    columns: tuple[str, ...]
    unique: bool


def natural_key(table: Table) -> Key:
    """How a row is recognised without the number that a database gave it.

    By its id where that is a UUID, else a unique field or constraint, else everything it holds.
    """
    meta = table.model._meta
    if names := KEYS.get(table.name):
        return Key(names, unique=False)
    if table.column(table.key).kind == "uuid":
        return Key((table.key,), unique=True)
    fields = [
        (field.name,) for field in meta.local_fields if field.unique and not field.primary_key
    ]
    sets = [tuple(constraint.fields) for constraint in meta.total_unique_constraints]
    for each in [*fields, *sets, *meta.unique_together]:
        return Key(tuple(str(meta.get_field(name).column) for name in each), unique=True)  # type: ignore[union-attr]
    return Key(tuple(c.name for c in table.columns if c.name != table.key), unique=False)


class Mapper:
    """Makes the mapped tables, parents first."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.known: set[str] = set()

    def map(self, staged: Staged, found: Callable[[str], str] | None = None) -> None:
        """Match each staged row; `found(owner)` gives the SQL for the id of a row that is there.

        `owner` is the SQL for the owner's id in the target. Without `found`, rows are matched by
        their natural key.
        """
        key = staged.table.key
        references, joins = self._references(staged)
        if found:
            match = found(references["owner_id"])
        else:
            match = f't."{key}"'
            joins.append(self._match(staged.table, references))
        columns = [f'{sql} AS "{name}"' for name, sql in references.items()]
        chosen = ", ".join([f's."{key}" AS from_row', f"{match} AS found", *columns])
        inner = f'SELECT {chosen} FROM "{staged.name}" s {" ".join(joins)} ORDER BY s."{key}"'  # noqa: S608
        with self.connection.cursor() as cursor:
            cursor.execute(
                f'CREATE TEMP TABLE "{staged.mapped}" AS SELECT q.*, q.found IS NULL AS added, '  # noqa: S608
                f"coalesce(q.found, {self._new_id(staged.table)}) AS to_row FROM ({inner}) q"
            )
            index = f'"{staged.mapped}_key" ON "{staged.mapped}" (from_row)'
            cursor.execute(f"CREATE UNIQUE INDEX {index}")
            cursor.execute(f'ANALYZE "{staged.mapped}"')
        self.known.add(staged.table.name)

    def _references(self, staged: Staged) -> tuple[dict[str, str], list[str]]:
        """By column: the SQL for the target's id; and the joins that this needs."""
        values, joins = {}, []
        for number, column in enumerate(staged.table.columns):
            if column.references in self.known:
                other, mapped = f"r{number}", f'"mapped_{column.references}"'
                values[column.name] = f"{other}.to_row"
                joins.append(f'LEFT JOIN {mapped} {other} ON {other}.from_row = s."{column.name}"')
        return values, joins

    def _match(self, table: Table, references: dict[str, str]) -> str:
        """The join with the target's rows, at most one for each staged row."""
        key, conditions = natural_key(table), []
        for column in table.only(*key.columns):
            # Plain equality where it will do: an index or a hash can serve it.
            operator = same(self.connection) if column.null else "="
            value = references.get(column.name) or f's."{column.name}"'
            conditions.append(f't."{column.name}" {operator} {value}')
        target = f'"{table.name}"'
        if not key.unique:  # The first of equal rows stands for all of them.
            columns = ", ".join(f'"{name}"' for name in key.columns)
            target = (
                f'(SELECT min("{table.key}") AS "{table.key}", {columns} FROM {target} '  # noqa: S608
                f"GROUP BY {columns})"
            )
        return f"LEFT JOIN {target} t ON {' AND '.join(conditions)}"

    def _new_id(self, table: Table) -> str:
        """SQL for the id of a row that is not there, in the order of the source's ids."""
        if table.column(table.key).kind == "uuid":
            return "q.from_row"
        if self.connection.vendor == "postgresql":
            return f"""nextval(pg_get_serial_sequence('"{table.name}"', '{table.key}'))"""
        taken = f'(SELECT coalesce(max("{table.key}"), 0) FROM "{table.name}")'  # noqa: S608
        used = f"coalesce((SELECT seq FROM sqlite_sequence WHERE name = '{table.name}'), 0)"  # noqa: S608
        return f"max({taken}, {used}) + row_number() OVER (ORDER BY q.from_row)"


def same(connection: BaseDatabaseWrapper) -> str:
    """The operator for "equal, or both NULL"."""
    return "IS NOT DISTINCT FROM" if connection.vendor == "postgresql" else "IS"

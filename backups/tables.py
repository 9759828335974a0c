"""Which tables a full copy holds and in which order: read off Django's models, never listed.

A column's values travel in *wire form*: the text that PostgreSQL prints for them (time zone UTC),
or None. `Column.wire` gives the SQL expression that makes it, so that the databases do the work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from django.apps import apps
from django.db import models

Kind = Literal["integer", "boolean", "text", "date", "instant", "uuid", "json", "bytes", "name"]
Vendor = Literal["postgresql", "sqlite"]

# What is not anybody's data: login sessions end with the database that they belong to, and Django
# makes content types and permissions anew in every database, under other ids.
LEFT_OUT = {
    "sessions.Session",
    "usersessions.UserSession",
    "contenttypes.ContentType",
    "auth.Permission",
}
# This app's own rows tell about one site (its maintenance, its backups), not about its people.
LEFT_OUT_APPS = {"backups"}

# The lasting name of a row that Django makes under a different id in every database.
_CONTENT_TYPE = "SELECT app_label || '.' || model FROM django_content_type WHERE id = {}"
_PERMISSION = (
    "SELECT t.app_label || '.' || t.model || '.' || p.codename FROM auth_permission p "
    "JOIN django_content_type t ON t.id = p.content_type_id WHERE p.id = {}"
)
NAMED = {"contenttypes.ContentType": _CONTENT_TYPE, "auth.Permission": _PERMISSION}

_KINDS: list[tuple[type[models.Field[Any, Any]], Kind]] = [
    (models.UUIDField, "uuid"),
    (models.BooleanField, "boolean"),
    (models.IntegerField, "integer"),
    (models.DateTimeField, "instant"),
    (models.DateField, "date"),
    (models.JSONField, "json"),
    (models.BinaryField, "bytes"),
    (models.CharField, "text"),
    (models.TextField, "text"),
]

_POSTGRESQL: dict[Kind, str] = {
    "boolean": "CASE WHEN {0} THEN 't' WHEN NOT {0} THEN 'f' END",
    "text": "{0}",
}
_SQLITE: dict[Kind, str] = {
    "boolean": "CASE {0} WHEN 1 THEN 't' WHEN 0 THEN 'f' END",
    "text": "{0}",
    "date": "+{0}",  # An expression, so that no converter for columns of dates takes it.
    # Django stores "2026-01-31 12:00:00" or with six more digits, always UTC.
    "instant": "CASE WHEN instr({0}, '.') THEN rtrim(rtrim({0}, '0'), '.') ELSE {0} END || '+00'",
    "uuid": (
        "substr({0}, 1, 8) || '-' || substr({0}, 9, 4) || '-' || substr({0}, 13, 4) || '-' || "
        "substr({0}, 17, 4) || '-' || substr({0}, 21)"
    ),
    "bytes": "'\\x' || lower(hex({0}))",
    "json": "leitner_json({0})",  # See checksum.prepare_sqlite.
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `references` names the table whose id it holds, if that table travels too."""

    name: str
    kind: Kind
    null: bool
    max_length: int | None
    references: str | None
    named_by: str | None  # The query for the lasting name of what it refers to (kind "name").

    def wire(self, vendor: Vendor, alias: str = "") -> str:
        """The SQL expression for this column's wire form; NULL stays NULL."""
        column = f'{alias}."{self.name}"' if alias else f'"{self.name}"'
        if self.named_by:
            return f"({self.named_by.format(column)})"
        forms = _POSTGRESQL if vendor == "postgresql" else _SQLITE
        return forms.get(self.kind, "CAST({0} AS TEXT)").format(column)


@dataclass(frozen=True, slots=True)
class Table:
    """One table: `name` as in the database, `label` as people say it ("cards")."""

    name: str
    label: str
    model: type[models.Model]
    columns: tuple[Column, ...]
    key: str  # The name of the primary key's column.

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def only(self, *names: str) -> tuple[Column, ...]:
        """Some columns, in the order asked for; KeyError when one is not there."""
        by_name = {column.name: column for column in self.columns}
        return tuple(by_name[name] for name in names)


@cache
def tables() -> tuple[Table, ...]:
    """Every table that travels, parents before children; the same order in every run."""
    waiting = {table.name: table for table in map(_table, _models())}
    ordered: dict[str, Table] = {}
    while waiting:
        ready = [table for table in waiting.values() if _parents(table) <= ordered.keys()]
        if not ready:
            raise TypeError(f"foreign keys go round in a circle: {sorted(waiting)}")
        for table in sorted(ready, key=lambda table: table.name):
            ordered[table.name] = waiting.pop(table.name)
    return tuple(ordered.values())


def table(name: str) -> Table:
    """The table of this name; KeyError when none of that name travels."""
    return {table.name: table for table in tables()}[name]


def _models() -> Iterator[type[models.Model]]:
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if not meta.managed or meta.proxy or meta.swapped:
            continue
        if meta.label not in LEFT_OUT and meta.app_label not in LEFT_OUT_APPS:
            yield model


def _table(model: type[models.Model]) -> Table:
    meta = model._meta
    columns = tuple(_column(field) for field in meta.concrete_fields)
    key = next(field.column for field in meta.concrete_fields if field.primary_key)
    return Table(meta.db_table, _plural(meta.model_name or ""), model, columns, key or "")


def _plural(word: str) -> str:
    """ "card" is "cards", "box" is "boxes", "logentry" is "logentries", "groups" stays."""
    if word.endswith("y"):
        return f"{word[:-1]}ies"
    if word.endswith(("x", "ss")):
        return f"{word}es"
    return word if word.endswith("s") else f"{word}s"


def _column(field: models.Field[Any, Any]) -> Column:
    target, references, named_by = field, None, None
    if isinstance(field, models.ForeignKey):
        related = apps.get_model(field.remote_field.model._meta.label)._meta
        named_by = NAMED.get(related.label)
        references = None if named_by else related.db_table
        target = field.target_field
    kind: Kind = "name" if named_by else _kind(target)
    max_length = getattr(field, "max_length", None) if kind == "text" else None
    if isinstance(field, models.TextField):
        max_length = None  # The database has no limit there; forms do.
    return Column(field.column or "", kind, field.null, max_length, references, named_by)


def _kind(field: models.Field[Any, Any]) -> Kind:
    for type_, kind in _KINDS:
        if isinstance(field, type_):
            return kind
    raise TypeError(f"{field} is of a type that cannot travel yet; add it to backups.tables")


def _parents(table: Table) -> set[str]:
    """Tables that must be written before; a row's reference to its own table does not count."""
    return {column.references for column in table.columns if column.references} - {table.name}

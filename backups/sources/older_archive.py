"""What an archive of an older release cannot hold yet, and what must be in it all the same."""

from __future__ import annotations

from django.db.migrations.loader import MigrationLoader
from django.db.models import BooleanField

from backups.archives.archive import Manifest
from backups.errors import TransferError
from backups.sentences import Detail, gettext_noop
from backups.tables import Column, Table, tables


def check_complete(manifest: Manifest, name: object) -> None:
    """TransferError when the archive `name` lacks a table or column that was there when it was
    made, or was made by a newer release.

    Its manifest tells the last migration of each app; the migrations tell what was there by then.
    """
    loader = MigrationLoader(None, ignore_no_migrations=True)
    nodes = [
        (app, last) for app, last in manifest.migrations.items() if app in loader.migrated_apps
    ]
    if unknown := [node for node in nodes if node not in loader.graph.nodes]:
        raise TransferError(
            gettext_noop(
                "%(name)s was made by a newer Leitner: it has a migration that is unknown here"
                "%(which)s. Leitner must be updated first. Nothing was changed."
            ),
            name=name,
            which=Detail(".".join(unknown[0])),
        )
    given = {member.table: set(member.columns) for member in manifest.tables}
    models = loader.project_state(nodes).apps.get_models(include_auto_created=True)
    for model in models if nodes else ():
        there = {field.column for field in model._meta.concrete_fields}
        for table in tables():
            known = {column.name for column in table.columns}
            if table.name != model._meta.db_table:
                continue
            if missing := (there & known) - given.get(table.name, set()):
                raise TransferError(
                    gettext_noop(
                        "%(name)s is not whole: %(table)s lacks %(columns)s. Take another one. "
                        "Nothing was changed."
                    ),
                    name=name,
                    table=table.name,
                    columns=", ".join(sorted(missing)),
                )


def beginning(table: Table, column: Column) -> str | None:
    """What a new row of the model begins with in this column, in wire form; None for NULL.

    TransferError when there is nothing that every row could begin with.
    """
    field = next(
        field for field in table.model._meta.concrete_fields if field.column == column.name
    )
    if field.null:
        return None
    value = None if callable(field.default) else field.get_default()
    if isinstance(field, BooleanField) and isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, str | int) and (field.has_default() or field.blank):
        return str(value)
    raise TransferError(
        gettext_noop(
            "The archive has no %(column)s for %(table)s, and there is no value to begin with. "
            "Restore it with the release that wrote it, and update then. Nothing was changed."
        ),
        column=column.name,
        table=table.name,
    )

"""A learner with something of everything, and ways to look at what belongs to whom."""

from __future__ import annotations

import datetime as dt
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import connection
from django.utils import timezone

from accounts.models import User
from backups.archives.archive import Manifest, Reader, Writer
from backups.archives.csv_text import csv_line, csv_rows
from backups.archives.exporting import export
from backups.own.my_data import write_my_data
from backups.own.owned import owned
from cards.models import Card, Import, ImportUpdate, Tag, UndoneReview
from tests.factories import make_card, make_deck, make_review

AT = dt.datetime(2026, 1, 6, 9, 40, 0, 120_000, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
Rows = list[list[str | None]]


def furnish(user: User) -> Card:
    """Rows in every table that a learner has rows in; one card, which was answered at AT."""
    deck = make_deck(user, "Español", created_at=AT)
    source = Import.objects.create(owner=user, file_name="x.csv", applied_at=AT)
    card = make_card(
        user,
        deck=deck,
        front='el gato, "der"\nKater',
        tags=["verb"],
        box=3,
        due=dt.date(2026, 1, 13),
        last_reviewed=AT,
        added_by=source,
    )
    make_review(card, box_before=2, box_after=3, answered_at=AT)
    UndoneReview.objects.create(id=uuid.uuid4(), owner=user, undone_at=AT)
    ImportUpdate.objects.create(owner=user, source=source, card=card, before={"a": 1}, after={})
    Tag.objects.create(owner=user, name="verb")
    Authenticator.objects.create(user=user, type="totp", data={"secret": "geheim"})
    user.last_login = timezone.now()
    user.save(update_fields=["last_login"])
    return card


def file_of(user: User, folder: Path, name: str = "mine.zip") -> Path:
    """What "Download my data" gives."""
    path = folder / name
    write_my_data(path, user)
    return path


def rows_by_owner(user: User) -> dict[str, list[Any]]:
    """Every row of this learner, as the database holds it, by table."""
    found = {}
    with connection.cursor() as cursor:
        for name, each in owned().items():
            where = each.condition(user.pk)
            cursor.execute(f'SELECT * FROM "{name}" WHERE {where} ORDER BY 1')  # noqa: S608
            found[name] = [tuple(map(_plain, row)) for row in cursor.fetchall()]
    return found


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def whole_archive(folder: Path, name: str = "all.zip") -> Path:
    """A backup of the site."""
    export(folder / name)
    return folder / name


def changed(path: Path, change: Callable[[str, list[str], Rows], Rows], **manifest: Any) -> Path:
    """A sound archive that somebody made of this one: `change(table, columns, rows)` of each."""
    target = path.with_name(f"changed-{uuid.uuid4().hex[:8]}.zip")
    with Reader(path) as reader, zipfile.ZipFile(path) as file:
        writer = Writer(target)
        for member in reader.manifest.tables:
            columns, *rows = csv_rows(reader.chunks(member))
            rows = change(member.table, [str(column) for column in columns], rows)
            with writer.table(member.table, member.columns) as (out, count):
                out.write(csv_line(member.columns).encode())
                out.write("".join(map(csv_line, rows)).encode())
                count.append(len(rows))
        extras: dict[str, str] = {}
        for name in reader.manifest.extras:
            extras |= writer.small_file(name, file.read(name))
        told = asdict(reader.manifest) | {"tables": writer.members, "extras": extras}
        writer.close(Manifest(**(told | manifest)))
    return target


def with_value(table: str, column: str, value: str | None) -> Callable[..., Rows]:
    """For `changed`: this value in every row of the table."""

    def change(name: str, columns: list[str], rows: Rows) -> Rows:
        if name == table:
            for row in rows:
                row[columns.index(column)] = value
        return rows

    return change

"""All data of the test database as a source, so that they can be written into another sink."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from accounts.models import Announcement
from backups.checksum import WIRE_SETTINGS, prepare_sqlite
from backups.report import Report
from backups.sources import Stream
from backups.tables import Table, tables
from backups.wire import Row
from cards.models import Card, ImportUpdate, Tag, UndoneReview
from tests.factories import make_card, make_deck, make_review, make_user

CARDS = "cards_card"
# Texts that look like something else to COPY.
HARD_TEXTS = ["\\N", "\\.", "a\tb\nc\r\nd\\", "\x1e", "\x1f\x1e\x1d", "'\"“é語👩‍💻", " "]


class KeptSource:
    """The rows of every table, as they were when `keep` was called; tests may change them."""

    kind = "leitner"

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {}

    def totals(self) -> dict[str, int]:
        return {table.label: len(self.rows[table.name]) for table in tables()}

    def streams(self, report: Report) -> Iterator[Stream]:
        for table in tables():
            rows = self.rows[table.name]
            report.read(table.label, len(rows))
            batches = iter([rows[:2], rows[2:]])
            yield Stream(table, table.columns, batches)

    def cards_per_owner(self) -> Iterator[tuple[int, int]]:
        owners = [int(str(row[1])) for row in self.rows[CARDS]]
        return iter(sorted({(owner, owners.count(owner)) for owner in owners}))

    def __enter__(self) -> KeptSource:
        return self

    def __exit__(self, *error: object) -> None: ...


def keep() -> KeptSource:
    """Everything that travels, in wire form."""
    source = KeptSource()
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(WIRE_SETTINGS)
        else:
            prepare_sqlite(connection.connection)
        for table in tables():
            cursor.execute(_select(table))
            source.rows[table.name] = [tuple(row) for row in cursor.fetchall()]
    return source


def _select(table: Table) -> str:
    vendor: Any = connection.vendor
    values = ", ".join(column.wire(vendor) for column in table.columns)
    return f'SELECT {values} FROM "{table.name}" ORDER BY "{table.key}"'  # noqa: S608


def as_the_orm_reads() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that travels, in Python's types."""
    return {
        table.name: list(table.model._base_manager.order_by("pk").values()) for table in tables()
    }


def empty_the_tables() -> None:
    """As a fresh database has them; checks that wait for the end are made now."""
    with connection.cursor() as cursor:
        for table in reversed(tables()):
            cursor.execute(f'DELETE FROM "{table.name}"')  # noqa: S608
    connection.check_constraints()


def some_of_everything() -> None:
    """At least one row in every table that travels."""
    alice = make_user("alice@example.org", is_staff=True, last_login=dt.datetime.now(dt.UTC))
    bob = make_user("bob@example.org", time_zone="Asia/Tehran")
    for number, text in enumerate(HARD_TEXTS):
        make_card(alice, front=text, back=text, guid=f"{number}{text}", tags=["a", "b"])
    seen = make_card(bob, due=dt.date(2026, 1, 31), last_reviewed="2026-01-01T12:00:00.5Z")
    make_review(seen, took_ms=1200)
    make_review(seen, passed=False)
    make_deck(bob, "Gone", deleted_at=dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
    Tag.objects.create(owner=alice, name="a")
    Announcement.objects.create(text="We move house.")
    UndoneReview.objects.create(id="6f2d6f0e-0000-4000-8000-00000000cafe", owner=bob)
    upload = bob.import_set.create(data=bytes(range(256)), file_name="words.txt")
    before = {"front": "a\\b\n", "tags": [], "box": 1, "due": None}
    ImportUpdate.objects.create(
        owner=bob, source=upload, card=seen, before=before, after={"é": {"z": 1, "aa": 1.5}}
    )
    Authenticator.objects.create(user=alice, type="totp", data={"secret": "s"})
    EmailAddress.objects.get(user=alice).emailconfirmation_set.create(key="key")
    group = Group.objects.create(name="Helpers")
    group.permissions.add(Permission.objects.get(codename="change_card"))
    alice.groups.add(group)
    alice.user_permissions.add(Permission.objects.get(codename="view_deck"))
    kind = ContentType.objects.get_for_model(Card)
    LogEntry.objects.create(user=alice, content_type=kind, action_flag=1, object_repr="a card")
    LogEntry.objects.create(user=alice, action_flag=3, object_repr="something")


class NoRejects:
    """Keeps the rows that are set aside."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, Any]] = []

    def add(self, table: str, row_id: str, reason: str, row: Any) -> None:
        self.rows.append((table, row_id, dict(row)))

    def keep(self) -> None: ...

    def discard(self) -> None: ...

"""SQLite databases of Leitner itself, made by its migrations and filled by its own services."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections

from accounts.models import Announcement, User
from backups.checksum import checksum_of
from backups.display import Display
from backups.report import Report
from backups.sinks.merging import Merging
from backups.sources.leitner import LeitnerSource
from backups.sources.sqlite_file import open_snapshot
from backups.sources.upgrading import sqlite_connection
from backups.tables import tables
from backups.transfer import transfer
from backups.wire import Checksum
from cards.answering import undo
from cards.deck_editing import delete_deck
from cards.models import Card, Import, ImportUpdate, Tag
from tests.answers import NOON, TODAY, respond
from tests.factories import make_card, make_deck, make_user


class Aside(list[tuple[str, str, str, dict[str, object]]]):
    """The rows that were set aside: table, id, reason, the row."""

    def add(self, table: str, row_id: str, reason: str, row: Mapping[str, object]) -> None:
        self.append((table, row_id, reason, dict(row)))

    def keep(self) -> None:
        """They are in memory."""

    def discard(self) -> None:
        """Nothing was made."""


@contextmanager
def living_in(path: Path) -> Iterator[None]:
    """Everything that asks for the database gets this file."""
    usual, other = connections[DEFAULT_DB_ALIAS], sqlite_connection(str(path), DEFAULT_DB_ALIAS)
    connections[DEFAULT_DB_ALIAS] = other
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        other.close()
        connections[DEFAULT_DB_ALIAS] = usual
        ContentType.objects.clear_cache()


@cache
def _template() -> Path:
    path = Path(tempfile.mkdtemp(prefix="leitner-tests-")) / "template.sqlite3"
    with living_in(path):
        call_command("migrate", verbosity=0)
    return path


def empty_file(folder: Path, name: str = "source.sqlite3") -> Path:
    """A database of this release without people."""
    return Path(shutil.copy(_template(), folder / name))


def changed(path: Path, *statements: str) -> Path:
    """The file after statements that no constraint stops."""
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            raw.execute(statement)
    return path


def fill_with_everything() -> User:
    """A learner and an admin with rows of every kind that travels."""
    alice = make_user("alice@example.org", time_zone="Asia/Tokyo")
    deck = make_deck(alice, "Español")
    upload = Import.objects.create(owner=alice, file_name="a.csv", data=b"\x00\xffhi", added=2)
    first = make_card(alice, deck=deck, tags=["verb"], added_by=upload, due=TODAY, box=3)
    second = make_card(alice, deck=deck, front="two\r\nlines \x1f\x1e\\", due=TODAY)
    ImportUpdate.objects.create(
        owner=alice, source=upload, card=first, before={"front": "ä😀"}, after={"b": 1, "aa": None}
    )
    respond(first)
    taken_back = uuid.uuid4()
    respond(second, review_id=taken_back, passed=False)
    undo(owner=alice, review_id=taken_back, now=NOON)
    Card.objects.filter(pk=second.pk).update(deleted_at=NOON, edited_at=NOON, solved_on=TODAY)
    gone = make_deck(alice, "Old")
    make_card(alice, deck=gone)
    delete_deck(owner=alice, deck_id=gone.pk, now=NOON + dt.timedelta(microseconds=500))
    Tag.objects.create(owner=alice, name="verb")
    Announcement.objects.create(text="We move house.", starts_at=NOON)
    Authenticator.objects.create(user=alice, type="totp", data={"secret": "é", "n": 1})
    address = EmailAddress.objects.create(user=alice, email="new@example.org")
    EmailConfirmation.objects.create(email_address=address, key="k" * 64, sent=NOON)
    _make_staff(alice)
    return alice


def _make_staff(alice: User) -> None:
    admin = make_user("admin@example.org", is_staff=True)
    group = Group.objects.create(name="Helpers")
    group.permissions.set(Permission.objects.filter(codename__in=["view_card", "change_deck"]))
    admin.groups.add(group)
    admin.user_permissions.add(Permission.objects.get(codename="view_user"))
    kind = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(
        user=admin, content_type=kind, object_id=str(alice.pk), object_repr="alice",
        action_flag=CHANGE, change_message="[]",
    )  # fmt: skip


def merge(path: Path, *, kind: str = "leitner") -> tuple[Report, Aside]:
    """Merge the file into the database of the tests, as the command does.

    `kind` "legacy" has the sink believe that the source knows days only.
    """
    aside = Aside()
    with open_snapshot(path) as snapshot, LeitnerSource(snapshot) as source:
        report = Report(kind, aside)
        display = Display(None)
        transfer(source, Merging(), report, display, using="default", dry_run=False)
    return report, aside


def checksums() -> dict[str, Checksum]:
    """Of each table of the database of the tests, all columns."""
    return {table.name: checksum_of(connection, table, table.columns) for table in tables()}

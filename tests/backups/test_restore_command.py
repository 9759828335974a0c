"""`manage.py restore_backup` changes everything or nothing, and says which in one sentence."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone
from pyrage import x25519

from accounts.models import User
from backups.archives.exporting import export
from backups.models import BackupRun
from backups.sinks.postgres import PostgresStore
from backups.sinks.sqlite import SqliteStore
from cards.models import Card
from tests.backups.kept import as_the_orm_reads, empty_the_tables, some_of_everything
from tests.backups.restores import Opened, changed
from tests.factories import make_card, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path
    settings.BACKUP_DIR = tmp_path / "kept"
    place = {
        "BACKEND": "backups.places.folder.LocalFolder",
        "OPTIONS": {"location": tmp_path / "kept"},
    }
    settings.STORAGES = settings.STORAGES | {"backups": place}


def restore(asked: object = "latest", *options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("restore_backup", str(asked), *options, "--json", "--no-progress", stdout=out)
    said: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return said


def back_up() -> str:
    call_command("export_backup", "--no-progress", stdout=StringIO())
    return str(BackupRun.objects.exports().latest("id").name)


def refused(sentence: str, asked: object = "latest", *options: str) -> None:
    """One sentence, exit code 1, nothing changed, nothing left behind."""
    before = as_the_orm_reads()
    with pytest.raises(CommandError, match=sentence) as caught:
        restore(asked, *options)
    assert caught.value.returncode == 1
    assert "\n" not in str(caught.value)
    assert as_the_orm_reads() == before
    assert BackupRun.objects.filter(kind="restore").latest("id").why_not == str(caught.value)
    home = Path(django_settings.BACKUP_DIR)
    assert list(home.glob(".leitner-work*")) == []


def test_everything_comes_back_into_an_empty_database() -> None:
    some_of_everything()
    name, before = back_up(), as_the_orm_reads()
    empty_the_tables()
    said = restore()
    assert as_the_orm_reads() == before
    assert (said["name"], said["verified"], said["safety_backup"]) == (name, True, None)
    run = BackupRun.objects.get(kind="restore")
    assert run.good
    assert (run.name, run.tables["cards_card"]) == (name, len(before["cards_card"]))
    # Ids go on after the highest.
    assert make_card(User.objects.earliest("pk")).pk > max(
        row["id"] for row in before["cards_card"]
    )


def test_a_database_that_holds_data_is_left_alone() -> None:
    make_card(make_user("alice@example.org"))
    back_up()
    refused(r"holds data already \(1 users\)\. Add --replace")


def test_replaced_after_a_safety_backup_and_everybody_has_to_sign_in_again() -> None:
    alice = make_user("alice@example.org")
    make_card(alice, front="then")
    name, before = back_up(), as_the_orm_reads()
    Card.objects.update(front="now")
    make_user("bob@example.org")
    now = as_the_orm_reads()
    Session.objects.create(session_key="k", session_data="s", expire_date=timezone.now())
    UserSession.objects.create(user=alice, session_key="k", ip="127.0.0.1", user_agent="x")
    cache.set("stale", 1)
    said = restore(name, "--replace")
    assert as_the_orm_reads() == before
    assert Session.objects.count() == UserSession.objects.count() == 0
    assert cache.get("stale") is None
    # And the way back.
    restore(said["safety_backup"], "--replace")
    assert as_the_orm_reads() == now
    assert BackupRun.objects.exports().good().count() == 3


def test_a_dry_run_changes_nothing_and_records_nothing(tmp_path: Path) -> None:
    make_card(make_user("alice@example.org"))
    export(tmp_path / "a.zip")
    make_user("bob@example.org")
    before = as_the_orm_reads()
    assert restore(tmp_path / "a.zip", "--replace", "--dry-run")["dry_run"] is True
    assert as_the_orm_reads() == before
    assert not BackupRun.objects.exists()


def test_a_wrong_key_is_said(settings: Any) -> None:
    key, other = x25519.Identity.generate(), x25519.Identity.generate()
    settings.BACKUP_AGE_RECIPIENTS = [str(key.to_public())]
    make_card(make_user("alice@example.org"))
    name, before = back_up(), as_the_orm_reads()
    assert name.endswith(".age")
    settings.BACKUP_AGE_IDENTITY_KEY = str(other)
    refused("The keys in BACKUP_AGE_IDENTITY do not open", name, "--replace")
    settings.BACKUP_AGE_IDENTITY_KEY = ""
    refused("holds no key to read it with", name, "--replace")
    settings.BACKUP_AGE_IDENTITY_KEY = str(key)
    Card.objects.update(front="changed")
    restore(name, "--replace")
    assert as_the_orm_reads() == before


def test_a_backup_that_vanished_or_never_was_is_said(tmp_path: Path) -> None:
    make_user("alice@example.org")
    name = back_up()
    (tmp_path / "kept" / name).unlink()
    refused(f"There is no backup {name} in the folder", name, "--replace")
    refused("There is no backup in the folder")
    refused("There is no backup and no file", tmp_path / "nowhere.zip")
    (tmp_path / "notes.zip").write_text("no zip at all")
    refused("damaged or no backup", tmp_path / "notes.zip")


def test_a_full_disk_on_the_way_here_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user("alice@example.org")
    back_up()

    def full(storage: object, name: str, out: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("backups.places.destinations._download", full)
    refused("No space left on device", "latest", "--replace")
    assert [path.name[:8] for path in (tmp_path / "kept").iterdir()] == ["leitner-"]


def test_the_database_that_stops_half_way_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL an admin ends the connection; SQLite finds the disk full."""
    make_card(make_user("alice@example.org"))
    export(tmp_path / "a.zip")
    store: Any = PostgresStore if connection.vendor == "postgresql" else SqliteStore
    finish = store.finish

    def stopped(self: Any) -> None:
        if connection.vendor == "postgresql":
            other: Any = connections.create_connection("default")
            pid = connection.connection.info.backend_pid
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
            other.close()
            finish(self)
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1")  # No more than it has.
            try:
                cursor.execute("CREATE TABLE large AS SELECT zeroblob(50000000)")
            finally:
                cursor.execute("PRAGMA max_page_count = 4294967294")

    monkeypatch.setattr(store, "finish", stopped)
    said = "stopped the transfer" if connection.vendor == "postgresql" else "has no room"
    refused(f"The .*target database {said}", tmp_path / "a.zip", "--replace")
    assert BackupRun.objects.exports().good().count() == 1, "the safety backup"


def test_an_archive_of_an_older_release_gets_what_was_added_since(tmp_path: Path) -> None:
    """A column that its migrations do not know begins as in a new row; a table stays empty."""
    make_card(make_user("alice@example.org"))
    before = as_the_orm_reads()
    export(tmp_path / "a.zip")

    def older(opened: Opened) -> None:
        opened.manifest["migrations"]["cards"] = "0001_initial"
        opened.without("cards_card", "solved_on", "edited_at")
        del opened.manifest["migrations"]["mfa"]
        opened.without_table("mfa_authenticator")

    restore(changed(tmp_path / "a.zip", older), "--replace")
    assert as_the_orm_reads() == before

    def even_older(opened: Opened) -> None:
        # As if a migration of tomorrow had added these.
        opened.manifest["migrations"] = {}
        opened.without("accounts_user", "theme", "new_per_day", "is_active")

    restore(changed(tmp_path / "a.zip", even_older), "--replace")
    assert as_the_orm_reads() == before
    nameless = changed(tmp_path / "a.zip", without_addresses)
    refused("The archive has no email for accounts_user", nameless, "--replace")


def without_addresses(opened: Opened) -> None:
    opened.manifest["migrations"] = {}
    opened.without("accounts_user", "email")


def test_an_archive_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    make_user("alice@example.org")
    export(tmp_path / "a.zip")

    def newer(opened: Opened) -> None:
        opened.manifest["migrations"]["cards"] = "9999_from_tomorrow"

    refused("made by a newer Leitner", changed(tmp_path / "a.zip", newer), "--replace")
    later = changed(tmp_path / "a.zip", lambda opened: opened.manifest.update(format=2))
    refused("has format 2, and this Leitner reads up to 1", later, "--replace")


def test_one_learner_comes_back_beside_everybody_else(tmp_path: Path) -> None:
    alice, bob = make_user("alice@example.org"), make_user("bob@example.org")
    make_card(alice, front="Alice's")
    make_card(bob, front="then")
    name = back_up()
    Card.objects.filter(owner=alice).delete()
    Card.objects.filter(owner=bob).update(front="now")
    restore(name, "--user", "Alice@example.org")
    assert set(Card.objects.values_list("front", flat=True)) == {"Alice's", "now"}
    refused("--replace is for a whole backup", name, "--user", "alice@example.org", "--replace")
    refused("has no account nobody@example.org", name, "--user", "nobody@example.org")

"""Backups and a learner's own data are read from the replica, complete, or from the primary."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections

from accounts.models import User
from backups.archives import exporting, snapshot
from backups.archives.snapshot import PostgresSnapshot, Snapshot, snapshot_of
from backups.own import my_data
from cards.models import Card
from leitner import replica, replica_health
from leitner.storages import folder
from tests.factories import make_card, make_cards
from tests.replica.servers import Pair


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where snapshots were taken, in order."""
    taken: list[str] = []

    @contextmanager
    def noted(using: str) -> Iterator[Snapshot]:
        taken.append(using)
        with snapshot_of(using) as found:
            yield found

    monkeypatch.setattr(exporting, "snapshot_of", noted)
    monkeypatch.setattr(my_data, "snapshot_of", noted)
    return taken


def cards_in(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read("cards_card.csv")


def test_a_backup_from_the_replica_has_all_that_was_there_when_it_began(
    site: Pair, alice: User, places: list[str], tmp_path: Path
) -> None:
    site.replica.set("recovery_min_apply_delay = '300ms'")
    make_card(alice, front="the last word")
    manifest = exporting.export(tmp_path / "a.zip")
    assert places == ["replica"]
    assert b"the last word" in cards_in(tmp_path / "a.zip")
    exporting.export(tmp_path / "b.zip", "default")
    with snapshot_of("default") as found:
        assert found.migrations == manifest.migrations
    assert cards_in(tmp_path / "b.zip") == cards_in(tmp_path / "a.zip")


def test_a_replica_that_does_not_follow_is_waited_for_a_while_only(
    site: Pair, alice: User, places: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replica, "PAUSE", 0.01)
    site.pause()
    make_card(alice, front="the last word")
    assert not replica._caught_up(0.1)
    exporting.export(tmp_path / "a.zip")
    assert places == ["default"]
    assert b"the last word" in cards_in(tmp_path / "a.zip")


def test_a_backup_whose_replica_dies_in_the_middle_is_made_from_the_primary(
    site: Pair, alice: User, places: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_cards(alice, 3)
    real, dying = snapshot.copy_out, [site.replica]

    def copied(cursor: Any, query: str, lines: Any) -> Any:
        if dying and "cards_card" in query:
            dying.pop().die()
        return real(cursor, query, lines)

    monkeypatch.setattr(snapshot, "copy_out", copied)
    exporting.export(tmp_path / "a.zip")
    assert places == ["replica", "default"]
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]
    assert not replica_health.usable()


def test_a_learner_takes_along_from_the_replica_what_they_wrote_last(
    site: Pair, alice: User, places: list[str], tmp_path: Path
) -> None:
    make_card(alice, front="the last word")
    User.objects.filter(pk=alice.pk).update(time_zone="Asia/Tokyo")
    path = tmp_path / "mine.zip"
    with my_data.my_data(alice) as file:
        path.write_bytes(file.read())
    assert places == ["replica"]
    assert b"the last word" in cards_in(path)
    with zipfile.ZipFile(path) as archive:
        assert b"Asia/Tokyo" in archive.read("accounts_user.csv")


def test_a_snapshot_of_the_replica_is_one_instant(site: Pair, alice: User) -> None:
    make_card(alice, front="before")
    site.follow()
    with snapshot_of("replica") as found:
        assert isinstance(found, PostgresSnapshot)
        make_card(alice, front="after")
        with connections["replica"].cursor() as cursor:
            site.follow()
            cursor.execute("SELECT count(*) FROM cards_card")
            assert cursor.fetchone() == (2,)
        found.cursor.execute("SELECT count(*) FROM cards_card")
        assert found.cursor.fetchone() == (1,)


def test_the_commands_work_with_a_replica_and_it_follows_a_restore(
    site: Pair, alice: User, places: list[str], tmp_path: Path, settings: Any
) -> None:
    settings.STORAGES = {**settings.STORAGES, "backups": folder(tmp_path / "backups")}
    make_cards(alice, 3)
    call_command("export_backup", "--no-progress")
    call_command("verify_backup", "latest", "--no-progress")
    Card.objects.all().delete()
    call_command("restore_backup", "latest", "--replace", "--no-progress")
    # The backup, and the one that was made of what was there before the restore.
    assert places == ["replica", "replica"]
    site.follow()
    alice.refresh_from_db()
    assert replica.read(alice, lambda: Card.objects.of(alice).count()) == 3
    assert Card.objects.using("replica").count() == 3

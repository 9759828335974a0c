"""A disk that is full, for real: one sentence, exit code 1, nothing changed, nothing left."""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from backups.checksum import checksum_of
from backups.models import BackupRun
from backups.tables import tables
from cards.models import Card
from tests.backups.leitner_files import empty_file
from tests.backups.small_disks import Ended, command_on, contents
from tests.backups.test_killed import target_url
from tests.factories import make_deck

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = ["tmpfs", "file size"]
COMMANDS = ["export_backup", "verify_backup latest", "restore_backup latest --replace"]


@pytest.fixture
def seed(alice: User, backup_folder: Path, tmp_path: Path) -> Path:
    """A folder with a good backup of half a megabyte in it; the site is as in the backup."""
    deck = make_deck(alice)
    cards = (Card(owner=alice, deck=deck, front=secrets.token_hex(1_000)) for _ in range(500))
    Card.objects.bulk_create(cards)
    call_command("export_backup", "--no-progress", verbosity=0)
    folder = tmp_path / "seed"
    folder.mkdir()
    backup_folder.rename(folder / "backups")
    return folder


def sums() -> list[object]:
    """Of every table that travels."""
    found = [(table.name, checksum_of(connection, table, table.columns)) for table in tables()]
    connection.close()
    return [*found]


def refused(ended: Ended, here: dict[str, bytes]) -> None:
    """One sentence says that there is no room; the disk holds what it held before."""
    assert ended.code == 1, ended.said
    [said] = [line for line in ended.said.splitlines() if line.startswith("CommandError: ")]
    assert "no room" in said
    assert "Traceback" not in ended.said
    assert backups(contents(ended.folder)) == backups(here)


def backups(files: dict[str, bytes]) -> dict[str, bytes]:
    """All but what belongs to a database: run records and lock files."""
    return {name: data for name, data in files.items() if not name.startswith("leitner.sqlite3")}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("command", COMMANDS)
def test_no_room_for_what_a_command_writes(seed: Path, kind: str, command: str) -> None:
    connection.set_autocommit(True)
    before, here = sums(), contents(seed)
    env = {"DATABASE_URL": target_url(), "BACKUP_DIR": "DISK/backups", "TMPDIR": "DISK"}
    # Next to none, and too little for the archive.
    for room in (8_192, 200_000):
        refused(command_on(kind, seed, room, env, *command.split(), "--no-progress"), here)
        assert sums() == before
        assert not BackupRun.objects.unended().exists()
        connection.close()


@pytest.mark.parametrize("kind", KINDS)
def test_no_room_for_the_database_itself(seed: Path, kind: str) -> None:
    """There is room for a copy of the archive, and not for what comes out of it."""
    empty = empty_file(seed, "leitner.sqlite3").stat().st_size
    here = contents(seed)
    room = max(map(len, here.values())) + 300_000
    assert room < empty + 500 * 2_000
    env = {"DATABASE_URL": "sqlite:///DISK/leitner.sqlite3", "BACKUP_DIR": "DISK/backups"}
    ended = command_on(kind, seed, room, env, "restore_backup", "latest", "--no-progress")
    refused(ended, here)
    with closing(sqlite3.connect(ended.folder / "leitner.sqlite3")) as raw:
        assert raw.execute("SELECT count(*) FROM accounts_user").fetchone() == (0,)
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)

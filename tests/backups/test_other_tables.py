"""A database without tables, with a newer release's, or out of reach: one sentence a command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from accounts.models import User
from backups.archives.archive import Reader
from backups.models import BackupRun
from tests.backups.exports import export

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = "backups_backuprun", "backups_maintenance"


def rename(name: str, to: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {name} RENAME TO {to}")


@pytest.fixture
def no_tables() -> Iterator[None]:
    """As before the first `migrate`, as far as the commands look."""
    recorder = MigrationRecorder(connection)
    gone = [key for key in recorder.applied_migrations() if key[0] == "backups"]
    for name in TABLES:
        rename(name, f"{name}_away")
    for key in gone:
        recorder.record_unapplied(*key)
    yield
    for key in gone:
        recorder.record_applied(*key)
    for name in TABLES:
        rename(f"{name}_away", name)


@pytest.fixture
def newer_tables() -> Iterator[None]:
    recorder = MigrationRecorder(connection)
    recorder.record_applied("cards", "9999_later")
    yield
    recorder.record_unapplied("cards", "9999_later")


COMMANDS = (
    *(["backup_status"], ["export_backup"], ["verify_backup"], ["restore_backup", "latest"]),
    *(["restore_backup", "latest", "--dry-run"], ["prune_backups"], ["maintenance", "status"]),
    ["maintenance", "on"],
)


@pytest.mark.usefixtures("no_tables", "backup_folder")
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_database_without_tables_asks_for_migrate(command: list[str]) -> None:
    with pytest.raises(CommandError, match=r"manage\.py migrate") as caught:
        call_command(*command)
    assert caught.value.returncode == 1
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("no_tables")
def test_whoever_lost_the_database_still_sees_what_lies_where(
    backup_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup_folder.mkdir(exist_ok=True)
    (backup_folder / "leitner-20260106-094000Z.zip").write_text("a file.")
    with pytest.raises(SystemExit):
        call_command("list_backups", "--json")
    said = json.loads(capsys.readouterr().out)
    (held,) = said["backups"]
    assert (held["name"], held["bytes"]) == ("leitner-20260106-094000Z.zip", 7)
    assert "manage.py migrate" in said["failures"]["database"]


@pytest.mark.usefixtures("no_tables")
def test_a_monitor_hears_of_a_database_that_does_not_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(CommandError):
        call_command("backup_status", "--json")
    said = json.loads(capsys.readouterr().out)
    assert said["good"] is False
    assert list(said["troubles"]) == ["database"]


@pytest.mark.usefixtures("newer_tables")
def test_after_a_rollback_backups_go_on_and_say_what_they_leave_out(
    alice: User,
    backup_folder: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = export(capsys)
    assert said["good"]
    assert "NOT WHOLE" in caplog.text
    assert "cards.9999_later" in caplog.text
    call_command("verify_backup", "--no-progress")
    with Reader(backup_folder / said["name"]) as reader:
        assert reader.manifest.migrations["cards"] != "9999_later"


@pytest.mark.usefixtures("newer_tables", "backup_folder")
def test_an_older_release_empties_no_newer_tables(alice: User) -> None:
    call_command("export_backup", "--no-progress")
    with pytest.raises(CommandError, match=r"cards\.9999_later is unknown here"):
        call_command("restore_backup", "latest", "--replace", "--no-progress")
    assert BackupRun.objects.exports().count() == 1

"""The restore drill: a sound backup stands it and leaves no trace; ten kinds of damage do not."""

from __future__ import annotations

import datetime as dt
import json
import os
import zipfile
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import User
from backups.archives.exporting import export
from backups.models import BackupRun
from backups.runs.status import status
from tests.backups.damage import DAMAGE, lines, too_many_told
from tests.backups.kept import as_the_orm_reads, some_of_everything
from tests.backups.restores import MANIFEST, Opened, changed
from tests.factories import make_card, make_review, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Any) -> None:
    settings.BACKUP_DIR = tmp_path / "kept"
    settings.STORAGES = settings.STORAGES | {
        "backups": {
            "BACKEND": "backups.places.folder.LocalFolder",
            "OPTIONS": {"location": str(tmp_path / "kept")},
        }
    }


def verify(asked: str = "latest") -> dict[str, Any]:
    out = StringIO()
    call_command("verify_backup", asked, "--json", "--no-progress", stdout=out)
    said: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return said


def schemas() -> list[Any]:
    """What PostgreSQL has beside its own and the site's."""
    if connection.vendor == "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'leitner%'")
        return list(cursor.fetchall())


def test_a_backup_that_stands_it_is_recorded_as_verified_and_nothing_stays(tmp_path: Path) -> None:
    some_of_everything()
    call_command("export_backup", "--no-progress", stdout=StringIO())
    before = as_the_orm_reads()
    said = verify()
    assert said["verified"] is True
    assert said["tables"]["cards_card"] == len(before["cards_card"])
    export_run = BackupRun.objects.exports().get()
    drill = BackupRun.objects.drills().get()
    assert drill.good
    assert drill.name == export_run.name == said["name"]
    assert export_run.verified_at == drill.ended_at
    assert as_the_orm_reads() == before
    assert schemas() == []
    assert [path.name for path in (tmp_path / "kept").iterdir()] == [export_run.name]


def test_a_file_of_any_name_is_told_by_one_that_can_be_stored(tmp_path: Path) -> None:
    export(path := tmp_path / os.fsdecode(b"b\xff.zip"))
    call_command("verify_backup", str(path), "--no-progress", stdout=StringIO())
    assert BackupRun.objects.get().name == str(tmp_path / "b?.zip")[-100:]


@pytest.mark.parametrize("there", [True, False])
def test_a_file_that_fails_says_nothing_of_the_backups_that_are_kept(
    tmp_path: Path, there: bool
) -> None:
    call_command("export_backup", "--no-progress", stdout=StringIO())
    if there:
        (tmp_path / "odd.zip").write_text("no backup")
    with pytest.raises(CommandError):
        call_command("verify_backup", str(tmp_path / "odd.zip"), "--no-progress")
    assert BackupRun.objects.drills().get().outcome == "failed"
    assert status(timezone.now()).good


def test_without_any_backup_it_says_so() -> None:
    with pytest.raises(CommandError, match="There is no backup in the folder"):
        verify()
    assert "There is no backup" in BackupRun.objects.drills().get().why_not


@pytest.fixture
def archive(tmp_path: Path, real_hashers: None) -> Path:
    """Two learners, five cards; every account has a password of ours or of the legacy app."""
    alice = make_user("alice@example.org")
    bob = make_user("bob@example.org")
    User.objects.filter(pk=bob.pk).update(password=f"werkzeug$scrypt:32768:8:1$salt${'ab' * 64}")
    cards = [make_card(alice, front=f"Card {n}", due=dt.date(2026, 1, n)) for n in range(1, 5)]
    make_review(cards[0])
    make_card(bob, front="Bob's")
    export(tmp_path / "a.zip")
    return tmp_path / "a.zip"


def test_a_sound_archive_stands_it(archive: Path) -> None:
    assert verify(str(archive))["verified"] is True
    assert verify(str(changed(archive, lambda opened: None)))["rows"] > 5


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_in_an_archive_whose_manifest_agrees_is_found(archive: Path, kind: str) -> None:
    change, sentence = DAMAGE[kind]
    damaged = changed(archive, lambda opened: change(with_a_deck(opened)))
    caught(damaged, sentence)


def with_a_deck(opened: Opened) -> Opened:
    """Nothing is changed; DECK in a cell will be Alice's deck."""
    agree = opened.agree
    deck = opened.texts["cards_deck"].split(b"\r\n")[1].split(b",")[0]

    def agreed() -> None:
        text = opened.texts["cards_card"]
        opened.texts["cards_card"] = text.replace(b"DECK", deck)
        agree()

    opened.agree = agreed  # type: ignore[method-assign]
    return opened


def test_a_manifest_with_a_wrong_number_of_rows_is_found(archive: Path) -> None:
    caught(changed(archive, too_many_told, agree=False), "rows|add up")


def test_a_flipped_byte_is_found_anywhere_in_the_file(archive: Path) -> None:
    whole = archive.read_bytes()
    damaged = archive.with_name("flipped.zip")
    for place in range(7, len(whole), len(whole) // 12):
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        # Some bytes of a zip say nothing about its contents, such as times.
        if not same_contents(damaged, archive):
            with pytest.raises(CommandError, match=r"flipped\.zip"):
                verify(str(damaged))


def same_contents(one: Path, other: Path) -> bool:
    try:
        with zipfile.ZipFile(one) as this, zipfile.ZipFile(other) as that:
            names = that.namelist()
            return this.namelist() == names and all(this.read(n) == that.read(n) for n in names)
    except Exception:  # Whatever a damaged zip makes of it.
        return False


def test_a_backup_that_was_changed_where_it_is_kept_is_found(tmp_path: Path) -> None:
    """Whatever was changed, also when everything in it agrees: it is not what was sent there."""
    make_card(make_user("alice@example.org"))
    call_command("export_backup", "--no-progress", stdout=StringIO())
    (kept,) = (tmp_path / "kept").glob("leitner-*.zip")
    changed(kept, lines("cards_card", lambda given: given[:1])).replace(kept)
    with pytest.raises(CommandError, match="is not the file that was kept there"):
        verify()
    run = BackupRun.objects.exports().get()
    assert run.verified_at is None


def caught(damaged: Path, sentence: str) -> None:
    before = as_the_orm_reads()
    with pytest.raises(CommandError, match=sentence) as caught:
        verify(str(damaged))
    assert caught.value.returncode == 1
    assert "\n" not in str(caught.value)
    assert BackupRun.objects.drills().get().why_not == str(caught.value)
    assert as_the_orm_reads() == before
    assert schemas() == []


def test_the_manifest_is_named_as_the_tests_think(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        assert MANIFEST in opened.namelist()

"""The restore drill: a sound backup stands it and leaves no trace; ten kinds of damage do not."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from backups.exporting import export
from backups.models import BackupRun
from tests.backups.kept import as_the_orm_reads, some_of_everything
from tests.backups.restores import MANIFEST, Opened, changed
from tests.factories import make_card, make_review, make_user

pytestmark = pytest.mark.django_db(transaction=True)
Change = Callable[[Opened], object]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: Any) -> None:
    settings.BACKUP_DIR = tmp_path / "kept"
    settings.STORAGES = settings.STORAGES | {
        "backups": {
            "BACKEND": "backups.folder.LocalFolder",
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


def cells(table: str, column: str, to: bytes, row: int = 1) -> Change:
    """Change one value; no value of the table may hold a comma."""

    def change(opened: Opened) -> None:
        place = opened.member(table)["columns"].index(column)

        def lines(given: list[bytes]) -> list[bytes]:
            values = given[row].split(b",")
            values[place] = to
            return [*given[:row], b",".join(values), *given[row + 1 :]]

        opened.lines(table, lines)

    return change


def lines(table: str, change: Callable[[list[bytes]], list[bytes]]) -> Change:
    return lambda opened: opened.lines(table, change)


def swapped(opened: Opened) -> None:
    """Two columns change their names, in the file and in the manifest."""
    member = opened.member("cards_card")
    names = {"box": "due", "due": "box"}
    member["columns"] = [names.get(name, name) for name in member["columns"]]
    header = ",".join(member["columns"]).encode()
    opened.lines("cards_card", lambda given: [header, *given[1:]])


def without_table(opened: Opened) -> None:
    del opened.texts["cards_review"]
    tables = opened.manifest["tables"]
    opened.manifest["tables"] = [each for each in tables if each["table"] != "cards_review"]


def without_column(opened: Opened) -> None:
    """The last column of the cards is gone, which may be empty."""
    opened.member("cards_card")["columns"].pop()
    opened.lines("cards_card", lambda given: [line.rpartition(b",")[0] for line in given])


def too_many_told(opened: Opened) -> None:
    opened.agree()
    opened.member("cards_card")["rows"] += 1


def lying_header(opened: Opened) -> None:
    opened.texts["cards_card"] = opened.texts["cards_card"].replace(b"front,back", b"back,front", 1)


def hash_cut_off(opened: Opened) -> None:
    """The end of an Argon2 hash, which stands in quotes because of the commas in it."""
    start, end = opened.texts["accounts_user"].split(b'"', 2)[0::2]
    encoded = opened.texts["accounts_user"].split(b'"', 2)[1]
    assert encoded.startswith(b"argon2$")
    opened.texts["accounts_user"] = b'%s"%s"%s' % (start, encoded[:-3], end)


DAMAGE: dict[str, tuple[Change, str]] = {
    "a missing card that a review is of": (
        lines("cards_card", lambda given: [given[0], *given[2:]]),
        "cards_review",
    ),
    "a row twice": (lines("cards_review", lambda given: [*given, given[-1]]), "cards_review"),
    "an orphan": (cells("cards_card", "owner_id", b"999999"), "cards_card|account"),
    "a due date that is none": (cells("cards_card", "due", b"2026-02-30"), "2026-02-30"),
    "a due date in another form": (cells("cards_card", "due", b"2026-1-3"), "cards_card"),
    "a text for a number": (cells("cards_card", "box", b"one"), "one"),
    "a box that is none": (cells("cards_card", "box", b"0"), "box"),
    "a box that the learner does not have": (cells("cards_card", "box", b"9"), "does not have"),
    "a box missing between others": (cells("cards_box", "number", b"9"), "miss a box"),
    "a deck of somebody else": (cells("cards_card", "deck_id", b"DECK", row=5), "somebody else"),
    "a hash cut off": (
        cells("accounts_user", "password", b"werkzeug$scrypt:32768:8:1$salt$abab", row=2),
        "password of account",
    ),
    "a hash of ours cut off": (hash_cut_off, "password of account"),
    "a hash of no kind": (
        cells("accounts_user", "password", b"secret", row=2),
        "password of account",
    ),
    "a table missing": (without_table, "cards_review lacks"),
    "a column missing": (without_column, "cards_card lacks"),
    "swapped columns": (swapped, "cards_card"),
    "one column too few in a row": (
        lines("cards_card", lambda given: [*given[:-1], given[-1].rpartition(b",")[0]]),
        "cards_card",
    ),
    "a header that lies": (lying_header, "name its columns"),
}


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
        try:
            verify(str(damaged))
        except CommandError as error:
            assert "flipped.zip" in str(error)
        else:
            # Some bytes of a zip say nothing about its contents, such as times.
            with zipfile.ZipFile(damaged) as one, zipfile.ZipFile(archive) as other:
                assert {n: one.read(n) for n in one.namelist()} == {
                    n: other.read(n) for n in other.namelist()
                }


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

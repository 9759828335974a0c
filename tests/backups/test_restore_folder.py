"""The legacy app's CSV backup: cards come back to their owners; who has no password gets mail."""

from __future__ import annotations

import csv
import json
import re
import shutil
from contextlib import nullcontext
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from backups.models import BackupRun
from cards.models import Box, Card
from tests.backups.kept import as_the_orm_reads
from tests.backups.legacy_files import DATA
from tests.factories import PASSWORD, make_card, make_user

pytestmark = pytest.mark.django_db(transaction=True)
FOLDER = DATA / "backup_20260106_094000"
ALICE, BOB = "alice.ng@example.com", "bob+leet@example.org"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = settings.BACKUP_DIR = tmp_path / "home"
    settings.ALLOWED_HOSTS = [".leitner.example", "testserver"]


def restore(folder: Path, *options: str, code: int = 0) -> dict[str, Any]:
    out = StringIO()
    with pytest.raises(SystemExit) if code else nullcontext() as ended:
        call_command("restore_backup", str(folder), *options, "--json", "--no-progress", stdout=out)
    assert not ended or ended.value.code == code
    said: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return said


def owners() -> dict[str, int]:
    """How many cards each account has."""
    return {user.email: Card.objects.filter(owner=user).count() for user in User.objects.all()}


def reasons(said: dict[str, Any]) -> list[tuple[str, int]]:
    return [(each["what"], each["rows"]) for each in said["set_aside"]]


def test_cards_come_back_to_their_owners_and_each_gets_a_mail_to_set_a_password(
    client: Client,
) -> None:
    said = restore(FOLDER)
    assert sum(owners().values()) == said["tables"]["cards"]["written"] == 66
    assert len(owners()) == len(mail.outbox) == 4
    assert {message.to[0] for message in mail.outbox} == set(owners())
    assert not any(user.has_usable_password() for user in User.objects.all())
    assert any("4 accounts were made without a password" in note for note in said["notes"])
    (run,) = BackupRun.objects.all()
    assert (run.kind, run.good, run.tables["cards"]) == ("restore", True, 66)
    # The link lets them in.
    link = re.search(r"http://leitner\.example(/\S+)", str(mail.outbox[0].body))
    assert link
    page = client.get(link[1], follow=True)
    client.post(page.request["PATH_INFO"], {"password1": PASSWORD})
    assert User.objects.get(email=mail.outbox[0].to[0]).check_password(PASSWORD)


def test_accounts_that_are_here_keep_everything() -> None:
    alice = make_user(ALICE, intervals=[2, 4, 8, 16, 32, 64])
    make_card(alice, front="Her own")
    said = restore(FOLDER)
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    assert Card.objects.filter(owner=alice, front="Her own").exists()
    assert Box.objects.filter(owner=alice).count() == 6
    assert {message.to[0] for message in mail.outbox} == set(owners()) - {ALICE}
    assert sum(owners().values()) == 67
    # Twice is as once.
    once = owners()
    mail.outbox.clear()
    assert said["tables"] == restore(FOLDER)["tables"]
    assert owners() == once
    assert mail.outbox == []


def test_a_mail_server_that_is_away_takes_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object) -> int:
        raise ConnectionRefusedError("connection refused")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", away)
    said = restore(FOLDER)
    assert sum(owners().values()) == 66
    (note,) = [note for note in said["notes"] if "got none" in note]
    assert "connection refused" in note
    assert all(email in note for email in owners())


def test_a_dry_run_changes_nothing_and_writes_to_nobody() -> None:
    said = restore(FOLDER, "--dry-run")
    assert any("4 accounts would be made" in note for note in said["notes"])
    assert owners() == {}
    assert mail.outbox == []


def copied(tmp_path: Path, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """The folder again, as another program would write it."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("users.csv", "cards.csv"):
        with (FOLDER / name).open(encoding="utf-8", newline="") as source:
            rows = list(csv.reader(source))
        with (folder / name).open("w", encoding=encoding, errors="replace", newline="") as target:
            csv.writer(target, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return folder


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8-sig", ","), ("cp1252", ","), ("utf-16", "\t"), ("utf-8", ";")],
)
def test_whatever_a_spreadsheet_made_of_it(tmp_path: Path, encoding: str, delimiter: str) -> None:
    restore(copied(tmp_path, encoding, delimiter))
    assert len(owners()) == 4
    assert sum(owners().values()) == 66
    if encoding != "cp1252":
        assert Card.objects.filter(back__contains="✓").exists()


def altered(tmp_path: Path, change: Any) -> Path:
    """The folder with its cards as dictionaries changed in place; the columns of the first stay."""
    folder = copied(tmp_path)
    with (folder / "cards.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    rows = [change(row) or row for row in rows]
    with (folder / "cards.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


def test_columns_in_another_order_and_unknown_ones(tmp_path: Path) -> None:
    said = restore(altered(tmp_path, lambda row: {"extra": "x", **dict(reversed(row.items()))}))
    assert sum(owners().values()) == 66
    assert 'The column "extra" of cards is unknown and stays behind.' in said["notes"]


def test_a_missing_column_is_made_up_for(tmp_path: Path) -> None:
    def without(row: dict[str, str]) -> None:
        del row["next_review"]

    said = restore(altered(tmp_path, without))
    assert sum(owners().values()) == 66
    assert "cards.csv has no column next_review; it was made up for." in said["notes"]
    assert said["tables"]["cards"]["mended"] == 66
    assert not Card.objects.filter(due=None).exists()


def test_ragged_rows_are_set_aside(tmp_path: Path) -> None:
    said = restore(DATA / "csv" / "ragged_rows", code=2)
    assert sum(owners().values()) == 3
    assert sorted(reasons(said)) == [
        ("The row has fewer cells than the first line has headings.", 1),
        ("The row has more cells than the first line has headings.", 1),
    ]
    with Path(said["rejects_file"]).open(newline="") as file:
        rows = {row["row"]: row for row in csv.DictReader(file)}
    assert rows["901"]["title"] == "Short Row"
    assert rows["902"]["cells_too_many"] == "extra, extra"


def test_an_id_that_comes_twice_is_taken_once() -> None:
    said = restore(DATA / "csv" / "duplicate_ids", code=2)
    assert sum(owners().values()) == 3
    assert reasons(said) == [("Another row before it has the same id.", 3)]


def test_a_quote_that_is_never_closed_is_said_with_its_line() -> None:
    before = as_the_orm_reads()
    with pytest.raises(CommandError, match="in the row that begins in line 8") as caught:
        restore(DATA / "csv" / "unclosed_quote")
    assert caught.value.returncode == 1
    assert as_the_orm_reads() == before
    assert not BackupRun.objects.get().good


def test_cards_alone_are_set_aside_unless_they_name_an_owner(tmp_path: Path) -> None:
    folder = altered(tmp_path, lambda row: None)
    (folder / "users.csv").unlink()
    # Somebody has the number here that another had there.
    stranger = make_user("stranger@example.org")
    said = restore(folder, code=2)
    assert owners() == {stranger.email: 0}
    assert said["tables"]["cards"]["rejected"] == 66
    assert any("There is no users.csv beside cards.csv" in note for note in said["notes"])
    shutil.rmtree(folder)
    folder = altered(tmp_path, lambda row: row | {"owner_email": BOB * (row["id"] == "1")})
    (folder / "users.csv").unlink()
    said = restore(folder, "--rejects", str(tmp_path / "more.csv"), code=2)
    assert owners() == {stranger.email: 0, BOB: 1}
    assert said["tables"]["cards"]["rejected"] == 65
    assert [message.to for message in mail.outbox] == [[BOB]]


def test_a_folder_that_is_none_of_the_legacy_app_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"holds no cards\.csv"):
        restore(tmp_path)
    (tmp_path / "cards.csv").write_text("name,born\nx,1\n")
    with pytest.raises(CommandError, match="has no column title"):
        restore(tmp_path)
    with pytest.raises(CommandError, match="--replace is for a whole backup"):
        restore(FOLDER, "--replace")

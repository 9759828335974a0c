"""`manage.py export_backup`: one good backup at every destination, or none and the reason."""

from __future__ import annotations

import datetime as dt
import os
import re
import resource
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyrage
import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from backups.archives.archive import Reader
from backups.archives.naming import name_of
from backups.models import BackupRun
from backups.places.encryption import decrypt
from backups.runs import backing_up
from backups.runs.running import STOPPED, recorded
from cards.models import Card, Review
from leitner.storages import folder
from tests.answers import NOON, respond
from tests.backups.exports import export, files
from tests.backups.test_exporting import rows_of
from tests.factories import make_cards

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_good_backup_is_kept_and_recorded(
    alice: User, backup_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_cards(alice, 3)
    said = export(capsys)
    (run,) = BackupRun.objects.all()
    assert said == {
        "name": run.name,
        "rows": run.rows,
        "bytes": (backup_folder / run.name).stat().st_size,
        "sha256": run.sha256,
        "destinations": {"backups": "ok"},
        "encrypted": False,
        "seconds": round(run.seconds or 0, 2),
        "good": True,
        "removed": {"backups": []},
    }
    assert files(backup_folder) == [run.name]
    with Reader(backup_folder / run.name) as reader:
        reader.check()
        assert reader.manifest.rows == run.rows
    assert run.tables["cards_card"] == 3
    assert (run.kind, run.outcome, run.started_by) == ("export", "good", "command")
    assert backup_folder.stat().st_mode & 0o777 == 0o700


def test_two_in_a_row_have_two_names(
    alice: User, backup_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {export(capsys)["name"] for _ in range(2)}
    assert files(backup_folder) == sorted(names)
    assert len(names) == 2


def test_an_encrypted_one_opens_with_its_key_only(
    alice: User,
    backup_folder: Path,
    capsys: pytest.CaptureFixture[str],
    settings: Any,
    tmp_path: Path,
) -> None:
    key = pyrage.x25519.Identity.generate()
    settings.BACKUP_AGE_RECIPIENTS = [str(key.to_public())]
    said = export(capsys)
    assert said["encrypted"] is True
    assert said["name"].endswith(".zip.age")
    assert files(backup_folder) == [said["name"]]
    decrypt(backup_folder / said["name"], tmp_path / "plain.zip", str(key))
    with Reader(tmp_path / "plain.zip") as reader:
        reader.check()


def test_a_wrong_key_is_told_before_any_work(
    alice: User, backup_folder: Path, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.BACKUP_AGE_RECIPIENTS = ["age1wrong"]
    said = export(capsys)
    assert said["good"] is False
    assert said["code"] == 1
    assert "age1wrong" in said["error"]
    assert files(backup_folder) == []


def test_one_destination_that_fails_makes_the_backup_a_failed_one(
    alice: User,
    backup_folder: Path,
    capsys: pytest.CaptureFixture[str],
    settings: Any,
    tmp_path: Path,
) -> None:
    (tmp_path / "occupied").write_text("a file, where a folder should be")
    second = folder(tmp_path / "occupied")
    settings.STORAGES = {**settings.STORAGES, "backups_second": second}
    old = name_of(timezone.now() - dt.timedelta(days=90), encrypted=False)
    newer = name_of(timezone.now() - dt.timedelta(days=89), encrypted=False)
    settings.BACKUP_KEEP_DAYS, settings.BACKUP_KEEP_MONTHS = 1, 0
    backup_folder.mkdir()
    (backup_folder / old).touch()
    (backup_folder / newer).touch()
    said = export(capsys)
    assert said["good"] is False
    assert said["destinations"]["backups"] == "ok"
    assert "occupied" in said["destinations"]["backups_second"]
    assert files(backup_folder) == sorted([old, newer, said["name"]]), "old ones went all the same"
    (tmp_path / "occupied").unlink()
    again = export(capsys)
    assert again["good"] is True
    assert again["removed"]["backups"] == [old, newer]
    assert files(tmp_path / "occupied") == [again["name"]]


def test_old_ones_that_cannot_be_removed_do_not_spoil_the_new_one(
    alice: User,
    backup_folder: Path,
    capsys: pytest.CaptureFixture[str],
    settings: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.BACKUP_KEEP_DAYS = 0
    said = export(capsys)
    assert said["good"] is True
    assert "BACKUP_KEEP_DAYS is 0" in caplog.text


@contextmanager
def small_disk() -> Iterator[None]:
    """No file of this process may grow beyond a kilobyte."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("step", ["export", "encrypt", "put_everywhere"])
def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing(
    alice: User,
    backup_folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    step: str,
) -> None:
    settings.BACKUP_AGE_RECIPIENTS = [str(pyrage.x25519.Identity.generate().to_public())]
    real = getattr(backing_up, step)
    monkeypatch.setattr(backing_up, step, lambda *given: small_disk()(real)(*given))
    said = export(capsys)
    assert said["code"] == 1
    assert re.search(f"{backup_folder}.* no room is left", said["error"])
    assert "\n" not in said["error"]
    assert files(backup_folder) == []
    assert BackupRun.objects.get().why_not == said["error"]


def test_a_run_that_is_stopped_leaves_nothing(
    alice: User,
    backup_folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stopped(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(backing_up, "put_everywhere", stopped)
    said = export(capsys)
    assert (said["good"], said["code"], said["error"]) == (False, 130, STOPPED)
    assert files(backup_folder) == []
    assert BackupRun.objects.get().why_not == STOPPED


def test_a_second_one_says_since_when_the_first_is_running(
    alice: User, backup_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with recorded("drill", started_by="command"):
        said = export(capsys)
    assert (said["good"], said["code"]) == (False, 1)
    assert said["error"].startswith("A drill is running since ")
    assert BackupRun.objects.count() == 1
    assert files(backup_folder) == []


def test_learners_answer_during_it_and_the_archive_is_of_one_instant(
    alice: User, backup_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cards = make_cards(alice, 30)
    done = threading.Event()
    answered: list[Card] = []

    def learner() -> None:
        for card in cards * 6:
            if done.is_set():
                break
            card.refresh_from_db()
            at = NOON + dt.timedelta(days=200 * card.box)
            assert respond(card, now=at).status == "applied"
            answered.append(card)
        connection.close()

    thread = threading.Thread(target=learner)
    thread.start()
    while len(answered) < 5 and thread.is_alive():
        pass
    before = len(answered)
    name = export(capsys)["name"]
    meanwhile = len(answered) - before
    done.set()
    thread.join()
    boxes = {row["id"]: int(row["box"] or 0) for row in rows_of(backup_folder / name, "cards_card")}
    seen = Counter(row["card_id"] for row in rows_of(backup_folder / name, "cards_review"))
    assert boxes == {key: 2 + seen[key] - 1 for key in boxes}
    assert before <= sum(seen.values()) <= before + meanwhile + 1
    assert meanwhile
    assert Review.objects.count() == len(answered)

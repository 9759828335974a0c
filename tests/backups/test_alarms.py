"""The admins hear of trouble with backups by mail: at once, and not again and again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from backups.errors import TransferError
from backups.models import BackupAlarm, BackupRun
from backups.runs import backing_up
from backups.runs.alarms import raise_alarms
from backups.runs.running import recorded
from backups.runs.status import Trouble
from tests.backups.exports import export
from tests.backups.runs import make_run

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime(2026, 1, 6, 9, tzinfo=dt.UTC)
FAILED, STALE = Trouble("failed", "The last backup failed."), Trouble("stale", "It is old.")


@pytest.fixture(autouse=True)
def _admins(settings: Any) -> None:
    settings.ADMINS = [("", "admin@example.org")]


def hours(number: float) -> dt.datetime:
    return NOW + dt.timedelta(hours=number)


def test_trouble_is_told_at_once_and_once_a_day_while_it_stands() -> None:
    told = [bool(raise_alarms([FAILED], hours(number))) for number in (0, 1, 23.9, 24, 25, 48)]
    assert told == [True, False, False, True, False, True]
    assert len(mail.outbox) == 3
    assert mail.outbox[0].subject == "[Leitner] Backups: the last one failed"
    assert mail.outbox[0].to == ["admin@example.org"]
    assert mail.outbox[0].body.startswith("The last backup failed.\n\nHow backups stand:")


def test_trouble_that_was_over_is_told_at_once_when_it_comes_again() -> None:
    raise_alarms([FAILED], hours(0))
    raise_alarms([], hours(1))
    assert raise_alarms([FAILED], hours(2)) == [FAILED]
    assert BackupAlarm.objects.count() == 1


def test_two_troubles_are_one_mail_and_each_is_remembered_for_itself() -> None:
    raise_alarms([FAILED, STALE], hours(0))
    assert len(mail.outbox) == 1
    assert FAILED.sentence in mail.outbox[0].body
    assert STALE.sentence in mail.outbox[0].body
    raise_alarms([STALE], hours(1))
    assert raise_alarms([FAILED, STALE], hours(2)) == [FAILED]


def test_mail_that_could_not_be_sent_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("backups.runs.alarms.mail_admins", away)
        raise_alarms([FAILED], hours(0))
    assert FAILED.sentence in caplog.text
    assert mail.outbox == []
    assert raise_alarms([FAILED], hours(1)) == [FAILED]
    assert len(mail.outbox) == 1


def test_a_run_that_fails_tells_by_itself(
    alice: User, backup_folder: Path, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    make_run(hours_ago=20)
    backup_folder.write_text("a file, where a folder should be")
    said = export(capsys)
    assert said["code"] == 1
    (message,) = mail.outbox
    assert said["error"] in message.body
    export(capsys)
    assert len(mail.outbox) == 1


def test_a_shrinking_backup_is_kept_and_told(
    alice: User, backup_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_run(hours_ago=20, rows=100_000)
    assert export(capsys)["good"] is True
    assert [message.subject for message in mail.outbox] == [
        "[Leitner] Backups: much less is in the last one"
    ]


def test_a_failed_drill_is_told() -> None:
    run = make_run()
    with pytest.raises(TransferError):
        drill(run.name)
    (message,) = mail.outbox
    assert "cards differ." in message.body


def drill(name: str) -> None:
    with recorded("drill", started_by="schedule") as run:
        run.name = name
        raise TransferError("cards differ.")


def test_a_run_ends_as_it_ended_also_when_nobody_can_be_told(
    alice: User,
    backup_folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("a mistake of ours")

    monkeypatch.setattr("backups.runs.running.raise_alarms", broken)
    assert export(capsys)["good"] is True
    monkeypatch.setattr(backing_up, "export", broken)
    assert "a mistake of ours" in export(capsys)["error"]
    assert [run.outcome for run in BackupRun.objects.all()] == ["failed", "good"]


@pytest.mark.parametrize("option", [["--alarm"], []])
def test_the_monitor_tells_of_old_backups_when_asked_to(option: list[str]) -> None:
    make_run(hours_ago=30)
    for _ in range(2):
        with pytest.raises(SystemExit):
            call_command("backup_status", *option)
    assert len(mail.outbox) == len(option)
    assert BackupAlarm.objects.filter(told_at__lte=timezone.now()).count() == len(option)

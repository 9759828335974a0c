"""A clock that was ahead and set right again hides no trouble and no newer backup."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from backups.archives.naming import latest_of, name_of
from backups.models import BackupAlarm, BackupRun
from backups.places.fetching import fetch
from backups.runs.alarms import raise_alarms
from backups.runs.status import Trouble, status
from tests.backups.exports import export, files
from tests.backups.runs import make_run

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime(2026, 1, 6, 9, 40, tzinfo=dt.UTC)
YEAR_AHEAD = -365 * 24  # hours ago


def name_at(**ago: float) -> str:
    return name_of(NOW - dt.timedelta(**ago), encrypted=False)


def test_the_latest_is_the_newest_that_is_not_of_a_later_time() -> None:
    names = [name_at(days=-365), name_at(days=2), name_at(days=1), "notes.txt"]
    assert latest_of(names, NOW) == name_at(days=1)
    assert latest_of([name_at(minutes=-4), *names], NOW) == name_at(minutes=-4)


def test_where_all_are_of_a_later_time_the_newest_is_the_latest() -> None:
    assert latest_of([name_at(days=-3), name_at(days=-2)], NOW) == name_at(days=-3)
    assert latest_of(["notes.txt"], NOW) is None


def test_the_latest_is_fetched_as_such(backup_folder: Path, tmp_path: Path) -> None:
    backup_folder.mkdir(exist_ok=True)
    now = timezone.now()
    wrong, right = (name_of(now + dt.timedelta(days=days), encrypted=False) for days in (365, -1))
    for name in (wrong, right):
        (backup_folder / name).write_text(name)
    assert fetch("latest", tmp_path).name == right


def test_failures_are_seen_behind_a_good_one_of_next_year() -> None:
    make_run(hours_ago=YEAR_AHEAD)
    make_run("drill", hours_ago=YEAR_AHEAD)
    make_run(hours_ago=30)
    make_run(hours_ago=1, why_not="No room.")
    make_run("drill", hours_ago=1, why_not="Flipped.")
    kinds = {trouble.kind for trouble in status(timezone.now()).troubles}
    assert kinds == {"stale", "failed", "drill"}


def test_admins_who_were_told_next_year_are_told_again(settings: Any) -> None:
    settings.ADMINS = [("Ops", "ops@example.org")]
    BackupAlarm.objects.create(
        kind="stale", sentence="Old.", told_at=timezone.now() + dt.timedelta(days=365)
    )
    raise_alarms([Trouble("stale", "Old.")], timezone.now())
    raise_alarms([Trouble("stale", "Old.")], timezone.now())
    assert len(mail.outbox) == 1


def test_two_backups_are_kept_apart_although_the_first_one_is_of_next_year(
    backup_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_run(hours_ago=YEAR_AHEAD)
    first, second = export(capsys), export(capsys)
    assert first["good"]
    assert second["good"]
    assert files(backup_folder) == [first["name"], second["name"]]


def test_a_button_that_was_pressed_next_year_can_be_pressed_again(admin_client: Client) -> None:
    session = admin_client.session
    session["backup_pressed_at"] = (timezone.now() + dt.timedelta(days=365)).isoformat()
    session.save()
    page = admin_client.get("/admin/backups/backuprun/")
    assert page.context["starting"] is False
    assert not BackupRun.objects.exists()

"""Reminders and announcements in backups, in archives of before, and in a learner's own file."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from accounts.models import Announcement, User
from backups.archives.exporting import export
from backups.own.my_data import write_my_data
from tests.backups.restores import Opened, bring_back, changed
from tests.reminders.learners import NOW, asked

WISH = ("remind_at", "next_reminder", "reminded_on", "reminder_refusals")


def wish_of(user: User) -> dict[str, object]:
    return {**User.objects.values(*WISH).get(pk=user.pk)}


@pytest.mark.django_db(transaction=True)
def test_a_backup_brings_them_back(tmp_path: Path) -> None:
    alice = asked("alice@example.org")
    User.objects.filter(pk=alice.pk).update(reminded_on=NOW.date(), reminder_refusals=2)
    Announcement.objects.create(text="We move house.", level="warning", ends_at=None)
    before = wish_of(alice), list(Announcement.objects.values())
    export(tmp_path / "a.zip")
    User.objects.update(remind_at=None, next_reminder=None, reminded_on=None)
    Announcement.objects.all().delete()
    bring_back(tmp_path / "a.zip")
    assert (wish_of(alice), list(Announcement.objects.values())) == before


@pytest.mark.django_db(transaction=True)
def test_an_archive_of_a_release_without_them_comes_back_with_reminders_off(
    tmp_path: Path,
) -> None:
    alice = asked("alice@example.org")
    export(tmp_path / "a.zip")

    def older(opened: Opened) -> None:
        opened.manifest["migrations"]["accounts"] = "0002_wider_password"
        opened.without("accounts_user", *WISH)
        opened.without_table("accounts_announcement")

    bring_back(changed(tmp_path / "a.zip", older))
    off = {"remind_at": None, "next_reminder": None, "reminded_on": None, "reminder_refusals": 0}
    assert wish_of(alice) == off


@pytest.mark.django_db(transaction=True)
def test_a_learners_own_file_tells_the_hour_and_holds_no_announcement(tmp_path: Path) -> None:
    alice, bob = asked("alice@example.org", hour=7), asked("bob@example.org", hour=None)
    Announcement.objects.create(text="We move house.")
    for user, hour in ((alice, "07:00"), (bob, "never")):
        path = tmp_path / f"{user.pk}.zip"
        write_my_data(path, user)
        with zipfile.ZipFile(path) as file:
            assert json.loads(file.read("settings.json"))["reminder by mail at"] == hour
            assert "accounts_announcement.csv" not in file.namelist()
            assert b"next_reminder" in file.read("accounts_user.csv")

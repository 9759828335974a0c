"""The admin's pages about backups: seen, started and taken along by those who may."""

from __future__ import annotations

import datetime as dt
import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from backups import admin as pages
from backups.background import log_path, start
from backups.places.destinations import destinations, put
from backups.runs.lock import hold
from tests.backups.runs import dead_run, make_run
from tests.factories import make_user

RUNS = "/admin/backups/backuprun/"
BUTTONS = [f"{RUNS}back-up/", f"{RUNS}verify/"]


@pytest.fixture
def staff_client(db: None) -> Client:
    """Staff who may look at runs, and no more."""
    user = make_user("staff@example.org", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_backuprun"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    commands: list[tuple[str, ...]] = []
    monkeypatch.setattr(pages, "start", lambda *arguments: commands.append(arguments))
    return commands


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_list_asks_as_often_for_more_runs(admin_client: Client) -> None:
    make_run()
    with CaptureQueriesContext(connection) as few:
        assert "Backups are good" in text(admin_client.get(RUNS))
    for hours in range(2, 9):
        make_run(hours_ago=hours)
    with CaptureQueriesContext(connection) as more:
        admin_client.get(RUNS)
    assert len(more) == len(few)


def test_the_list_says_what_is_amiss_and_a_dead_run_is_failed(admin_client: Client) -> None:
    dead_run()
    page = text(admin_client.get(RUNS))
    assert "There is no good backup yet." in page
    assert "the process was killed" in page
    assert 'http-equiv="refresh"' not in page


def test_looking_writes_nothing(admin_client: Client, admin_user: User) -> None:
    run = make_run()
    session = admin_client.session
    session["backup_pressed_at"] = (timezone.now() - dt.timedelta(hours=1)).isoformat()
    session.save()
    for page in (RUNS, f"{RUNS}{run.pk}/change/", f"{RUNS}{run.pk}/history/"):
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get(page).status_code == 200
        assert not [each["sql"] for each in queries if not each["sql"].startswith("SELECT")]


def test_a_run_is_only_looked_at(admin_client: Client) -> None:
    run = make_run(tables={"cards_card": 1234}, destinations={"backups": "ok"})
    page = text(admin_client.get(f"{RUNS}{run.pk}/change/"))
    assert "1,234" in page
    assert admin_client.get(f"{RUNS}add/").status_code == 403
    assert admin_client.post(f"{RUNS}{run.pk}/delete/").status_code == 403


@pytest.mark.parametrize("button", BUTTONS)
def test_a_button_starts_once(
    admin_client: Client, started: list[tuple[str, ...]], button: str
) -> None:
    page = text(admin_client.post(button, follow=True))
    assert "is being started" in page
    assert 'http-equiv="refresh"' in page
    assert "already" in text(admin_client.post(button, follow=True))
    assert [command[2] for command in started] == ["--started-by=admin@example.org"]


@pytest.mark.parametrize("button", BUTTONS)
def test_nothing_is_started_while_one_runs(
    admin_client: Client, started: list[tuple[str, ...]], button: str
) -> None:
    with hold("default"):
        dead_run()
        page = text(admin_client.post(button, follow=True))
    assert "is running already" in page
    assert "is running for 60 min" in page
    assert started == []


@pytest.mark.parametrize("button", BUTTONS)
def test_others_start_nothing(
    staff_client: Client, alice_client: Client, started: list[tuple[str, ...]], button: str
) -> None:
    assert staff_client.post(button).status_code == 403
    assert alice_client.post(button).status_code in {302, 403}
    assert staff_client.get(button).status_code == 405
    assert started == []


def test_a_download_is_audited(
    admin_client: Client, staff_client: Client, backup_folder: Path, tmp_path: Path
) -> None:
    run = make_run()
    (tmp_path / "file").write_bytes(b"all of it")
    run.sha256 = put(destinations()[0], tmp_path / "file", run.name).sha256
    run.save()
    address = f"{RUNS}{run.pk}/download/"
    assert staff_client.post(address).status_code == 403
    assert admin_client.get(address).status_code == 405
    page = text(admin_client.get(f"{RUNS}{run.pk}/change/"))
    assert f'method="post" action="{address}"' in page
    response: Any = admin_client.post(address)
    assert b"".join(response.streaming_content) == b"all of it"
    entry = LogEntry.objects.get()
    assert run.name in entry.change_message
    assert "127.0.0.1" in entry.change_message
    assert [path.name for path in backup_folder.iterdir()] == [run.name]
    run.sha256 = "f" * 64
    run.save()
    assert "damaged" in text(admin_client.post(address, follow=True))
    assert LogEntry.objects.count() == 1


def test_what_a_killed_download_left_is_gone_a_day_later(
    admin_client: Client, backup_folder: Path
) -> None:
    old, fresh = backup_folder / ".leitner-download-old", backup_folder / ".leitner-download-new"
    for folder in (old, fresh):
        folder.mkdir(parents=True)
        (folder / "0").write_text("everybody's password hashes")
    yesterday = time.time() - 25 * 60 * 60
    os.utime(old, (yesterday, yesterday))
    admin_client.post(f"{RUNS}{make_run().pk}/download/")
    assert [path.name for path in backup_folder.iterdir()] == [fresh.name]


@pytest.mark.parametrize("pk", ["999999999999999999999999999", "0", "-1", "..", "1/../2", "x.zip"])
def test_a_download_of_anything_else_is_not_found(admin_client: Client, pk: str) -> None:
    make_run()
    make_run("drill")
    assert admin_client.post(f"{RUNS}{pk}/download/").status_code in {302, 404}


@pytest.mark.parametrize("button", ["back-up", "verify", "1/download"])
def test_no_other_site_presses_a_button(admin_user: User, started: list[Any], button: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    assert client.post(f"{RUNS}{button}/").status_code == 403
    assert started == []


def test_a_command_runs_beside_the_server(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path / "new"
    assert start("version").wait() == 0
    assert log_path().read_text().startswith("5.")

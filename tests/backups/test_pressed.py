"""A run that an admin started and that died before it was recorded is told of on the page."""

from __future__ import annotations

import datetime as dt
import logging
import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backups import admin as pages
from backups import background
from backups.pressed import PRESSED
from tests.backups.runs import make_run
from tests.backups.test_backups_admin import BUTTONS, RUNS, text

pytestmark = pytest.mark.django_db
DIED = "never began"


@pytest.fixture
def log(tmp_path: Path, settings: Any) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    return background.log_path()


def pressed(client: Client, **ago: float) -> None:
    """The button was pressed so long ago."""
    session = client.session
    session[PRESSED] = (timezone.now() - dt.timedelta(**ago)).isoformat()
    session.save()


@pytest.mark.parametrize("button", BUTTONS)
def test_the_page_names_the_log_and_the_last_that_the_process_said(
    admin_client: Client,
    log: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    button: str,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "nonsense")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "leitner.settings")
    children = []

    def start(*arguments: str) -> None:
        children.append(background.start(*arguments))

    monkeypatch.setattr(pages, "start", start)
    page = text(admin_client.post(button, follow=True))
    assert DIED not in page
    assert [child.wait() for child in children] == [1]
    pressed(admin_client, seconds=31)
    page = text(admin_client.get(RUNS))
    assert DIED in page
    assert str(log) in page
    last = log.read_text().strip().splitlines()[-1]
    assert "DATABASE_URL" in last
    assert last[:40] in page
    assert "start it again" in page
    assert 'http-equiv="refresh"' not in page


def test_a_process_that_fails_is_logged(caplog: pytest.LogCaptureFixture, log: Path) -> None:
    caplog.set_level(logging.ERROR)
    child = background.start("no-such-command")
    background._watch(child, "no-such-command")
    assert f"ended with code 1: see {log}" in caplog.text


def test_a_run_that_began_says_for_itself_what_became_of_it(
    admin_client: Client, log: Path
) -> None:
    pressed(admin_client, minutes=5)
    assert DIED in text(admin_client.get(RUNS))
    make_run(hours_ago=0, why_not="The disk is full.")
    assert DIED not in text(admin_client.get(RUNS))


def test_the_page_speaks_of_the_last_day(admin_client: Client, log: Path) -> None:
    pressed(admin_client, hours=23)
    assert DIED in text(admin_client.get(RUNS))
    pressed(admin_client, hours=25)
    assert DIED not in text(admin_client.get(RUNS))


def test_an_older_line_of_the_log_is_not_shown(admin_client: Client, log: Path) -> None:
    log.parent.mkdir()
    log.write_text("Long ago this went well.\n")
    pressed(admin_client, minutes=5)
    assert "Long ago" in text(admin_client.get(RUNS))
    before = timezone.now().timestamp() - 600
    os.utime(log, (before, before))
    page = text(admin_client.get(RUNS))
    assert DIED in page
    assert "Long ago" not in page
    log.unlink()
    page = text(admin_client.get(RUNS))
    assert DIED in page
    assert "The last that it said" not in page

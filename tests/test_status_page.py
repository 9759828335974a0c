"""The admin's page that shows how the site is: for who may see backups, writing nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from leitner.alerts import remember
from leitner.health import Health, Part
from leitner.status import readable
from tests.factories import make_user

PAGE = "/admin/status/"
HEALTH = Health((Part("database", figures={"ms": 1.5}), Part("backups", "degraded", "One failed.")))


@pytest.fixture(autouse=True)
def _health(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leitner.status.watch.health", lambda: HEALTH)


def test_it_shows_all_parts_and_what_is_amiss(admin_client: Client) -> None:
    text = admin_client.get(PAGE).content.decode()
    for word in ("Database", "1.5", "Backups", "One failed.", "somebody should look"):
        assert word in text


def test_it_shows_the_errors_of_the_day(admin_client: Client) -> None:
    remember("OperationalError in cards/queue.py:31")
    remember("OperationalError in cards/queue.py:31")
    text = admin_client.get(PAGE).content.decode()
    assert '<span class="status-mark">2</span>' in text
    assert "cards/queue.py:31" in text


def test_looking_writes_nothing(admin_client: Client) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        admin_client.get(PAGE)
    assert not [q for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def test_strangers_are_asked_in(alice_client: Client, client: Client) -> None:
    assert client.get(PAGE).status_code == 302
    assert alice_client.get(PAGE).status_code == 302


def test_staff_need_the_permission(db: None) -> None:
    staff = make_user("staff@example.org", is_staff=True)
    client = Client()
    client.force_login(staff)
    assert client.get(PAGE).status_code == 403
    assert "Status of the site" not in client.get("/admin/").content.decode()
    staff.user_permissions.add(Permission.objects.get(codename="view_backuprun"))
    assert client.get(PAGE).status_code == 200
    assert PAGE in client.get("/admin/").content.decode()


def test_it_asks_for_the_second_factor(admin: User, settings: Any) -> None:
    settings.STAFF_TWO_FACTOR = True
    client = Client()
    client.force_login(admin)
    assert client.get(PAGE).status_code == 302


def test_figures_are_shown_as_people_read_them() -> None:
    figures = {
        "free_bytes": 70_066_343_936,
        "set": False,
        "last_failed": None,
        "most_connections": 9,
    }
    shown = dict(readable({**figures, "last_sent": "2026-11-22T23:24:59+01:00"}))
    assert shown == {
        "free": "65.3\xa0GB",
        "set": "no",
        "last failed": "–",
        "most connections": "9",
        "last sent": "2026-11-22 22:24 UTC",
    }

"""/health/ and /ready/: what load balancers and monitors are told, however the site is."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client, override_settings
from django.utils import timezone

from backups.models import BackupRun
from leitner.health import Health, Part, Watch, look

TOKEN = "a-token-that-is-long-enough"
KNOWN = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture(autouse=True)
def _looks_anew(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """In this thread, where the rows of the test are."""
    watch = Watch()
    settings.METRICS_TOKEN = TOKEN
    monkeypatch.setattr(watch, "health", lambda: look())
    monkeypatch.setattr("leitner.probes.watch", watch)


def parts(client: Client) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = client.get("/ready/").json()["parts"]
    return found


def test_alive_asks_nothing_and_nobody(client: Client, django_assert_num_queries: Any) -> None:
    with override_settings(SECURE_SSL_REDIRECT=True, ALLOWED_HOSTS=["learn.example.org"]):
        response = client.get("/health/", HTTP_HOST="10.0.0.7:8000")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies


@pytest.mark.django_db
def test_ready_tells_of_every_part(client: Client) -> None:
    BackupRun.objects.create(
        kind=BackupRun.Kind.EXPORT,
        name="leitner-20260101-000000Z.zip",
        started_at=timezone.now() - dt.timedelta(hours=1),
        ended_at=timezone.now(),
        outcome=BackupRun.Outcome.GOOD,
        rows=7,
        sha256="0" * 64,
    )
    response = client.get("/ready/")
    body = response.json()
    assert (response.status_code, body["status"]) == (200, "ok")
    assert set(body["parts"]) == {
        *("database", "migrations", "cache", "replica", "backups"),
        *("reminders", "mail", "disk", "cards"),
    }
    assert body["parts"]["database"]["vendor"] == connection.vendor
    assert body["parts"]["backups"]["age_hours"] == 1.0
    assert body["parts"]["backups"]["rows"] == 7


@pytest.mark.django_db
def test_without_a_good_backup_pages_are_served_and_somebody_should_look(client: Client) -> None:
    response = client.get("/ready/", headers=KNOWN)
    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert response.json()["parts"]["backups"]["said"] == "There is no good backup yet."


@pytest.mark.django_db
def test_what_was_not_migrated_cannot_be_served(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: [(None, False)])
    response = client.get("/ready/", headers=KNOWN)
    assert (response.status_code, response.json()["status"]) == (503, "failed")
    assert "python manage.py migrate" in response.json()["parts"]["migrations"]["said"]


@pytest.mark.django_db
def test_sentences_are_for_who_knows_the_token(client: Client, settings: Any) -> None:
    assert not [part for part in parts(client).values() if "said" in part]
    settings.METRICS_TOKEN = ""
    answer = client.get("/ready/", headers={"authorization": "Bearer "})
    assert "said" not in answer.content.decode()


@pytest.mark.django_db
def test_a_part_that_breaks_is_named_without_its_secrets(client: Client, settings: Any) -> None:
    settings.HEALTH_CHECKS = ["tests.test_probes.broken"]
    response = client.get("/ready/", headers=KNOWN)
    assert response.status_code == 200
    assert response.json()["parts"] == {
        "broken": {"status": "degraded", "said": "It does not answer (RuntimeError)."}
    }
    assert "secret" not in response.content.decode()


@pytest.mark.django_db
def test_without_a_database_no_page_can_be_served(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HEALTH_CHECKS = ["leitner.health.database"]

    def away(*args: Any) -> None:
        raise OperationalError("could not connect to 10.0.0.5")

    monkeypatch.setattr("leitner.health.connection.cursor", away)
    response = client.get("/ready/")
    assert (response.status_code, response.json()["status"]) == (503, "failed")
    assert "10.0.0.5" not in response.content.decode()
    assert client.get("/health/").status_code == 200


def broken() -> Part:
    raise RuntimeError("cannot reach postgres://leitner:secret@db")


def test_what_hangs_is_not_waited_for(settings: Any) -> None:
    settings.HEALTH_CHECKS = ["tests.test_probes.hanging"]
    watch = Watch()
    try:
        first, second = watch.health(patience=0.05), watch.health(patience=0.05)
    finally:
        let_go.set()
    assert [found.state for found in (first, second)] == ["failed", "failed"]
    assert "something hangs" in first.parts[0].said
    assert asked == ["once"]


asked: list[str] = []
let_go = threading.Event()


def hanging() -> Part:
    asked.append("once")
    let_go.wait(30)
    return Part("hanging")


def test_many_who_ask_cause_one_look(settings: Any) -> None:
    settings.HEALTH_CHECKS = ["tests.test_probes.counted"]
    watch = Watch()
    assert {watch.health().state for _ in range(50)} == {"ok"}
    assert looks == [1]


looks: list[int] = []


def counted() -> Part:
    looks.append(1)
    return Part("counted")


def test_the_worst_part_is_what_counts() -> None:
    ok, degraded, failed = Part("a"), Part("b", "degraded"), Part("c", "failed")
    assert Health((ok, degraded, failed)).state == "failed"
    assert Health((ok, degraded)).state == "degraded"
    assert Health((ok,)).state == "ok"


@pytest.mark.parametrize("path", ["/health/", "/ready/"])
def test_probes_are_for_reading(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


def test_a_site_that_is_not_ready_is_no_page_that_broke(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failed = Health((Part("database", "failed"),))
    monkeypatch.setattr("leitner.probes.watch.health", lambda: failed)
    monkeypatch.setattr("leitner.metrics.count_error", pytest.fail)
    assert client.get("/ready/").status_code == 503
    assert client.get("/metrics/").status_code == 404
    assert client.post("/health/").status_code == 405
    assert not caplog.records

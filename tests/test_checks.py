"""`manage.py check --deploy` names each half-done setting, and is silent when it is done."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from leitner.checks import check_mail, check_processes, check_transport, check_watching

PROXY = ("HTTP_X_FORWARDED_PROTO", "https")
FOLDER = {"backups": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
BUCKET = {"backups": {"BACKEND": "backups.places.s3.S3Storage"}}
DONE: dict[str, Any] = {
    "ON_RENDER": True,
    "HTTPS": True,
    "SECURE_PROXY_SSL_HEADER": PROXY,
    "EMAIL_HOST": "smtp.example.org",
    "DEFAULT_FROM_EMAIL": "Leitner <leitner@example.org>",
    "ADMINS": [("", "admin@example.org")],
    "WEB_CONCURRENCY": 1,
    "WEB_MACHINES": 1,
    "REDIS_URL": "",
    "METRICS_TOKEN": "a" * 20,
    "DEMO": False,
    "STORAGES": BUCKET,
}
HALF_DONE = [
    ("leitner.E401", {"SECURE_PROXY_SSL_HEADER": None}),
    ("leitner.W402", {"SECURE_PROXY_SSL_HEADER": None, "ON_RENDER": False}),
    ("leitner.W411", {"EMAIL_HOST": ""}),
    ("leitner.W412", {"DEFAULT_FROM_EMAIL": "Leitner <leitner@localhost>"}),
    ("leitner.W413", {"ADMINS": []}),
    ("leitner.W423", {"WEB_MACHINES": 2}),
    ("leitner.W423", {"WEB_CONCURRENCY": 2}),
    ("leitner.E431", {"METRICS_TOKEN": "a" * 19}),
    ("leitner.W432", {"DEMO": True}),
    ("leitner.E433", {"STORAGES": FOLDER}),
]


def found() -> dict[str, str]:
    """By id, the fix."""
    checks = check_transport, check_mail, check_processes, check_watching
    return {str(one.id): str(one.hint) for check in checks for one in check()}


@pytest.fixture(autouse=True)
def _done(settings: Any) -> None:
    for name, value in DONE.items():
        setattr(settings, name, value)


def test_nothing_is_said_when_all_is_done() -> None:
    assert found() == {}


@pytest.mark.parametrize(("number", "changed"), HALF_DONE)
def test_what_is_half_done_is_named_with_its_fix(
    settings: Any, number: str, changed: dict[str, Any]
) -> None:
    for name, value in changed.items():
        setattr(settings, name, value)
    others = {"leitner.E421", "leitner.W422"}  # Those of SQLite, below.
    assert set(found()) - others == {number}
    assert found()[number]


@pytest.mark.parametrize(
    ("number", "name"), [("leitner.E421", "WEB_MACHINES"), ("leitner.W422", "WEB_CONCURRENCY")]
)
def test_sqlite_is_for_one_process(settings: Any, number: str, name: str) -> None:
    settings.REDIS_URL = "redis://localhost/0"
    setattr(settings, name, 2)
    assert (number in found()) == (connection.vendor == "sqlite")
    assert set(found()) <= {number}

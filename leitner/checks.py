"""What `manage.py check --deploy` says of settings that were done by half, each with its fix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004
from django.db import DEFAULT_DB_ALIAS, connections

TOKEN_LEAST = 20


def register_all() -> None:
    """Called once, when the app is ready."""
    for check in (check_transport, check_mail, check_processes, check_watching):
        register(check, Tags.security, deploy=True)


def check_transport(**_: Any) -> list[CheckMessage]:
    return list(_transport())


def check_mail(**_: Any) -> list[CheckMessage]:
    return list(_mail())


def check_processes(**_: Any) -> list[CheckMessage]:
    return list(_processes())


def check_watching(**_: Any) -> list[CheckMessage]:
    return list(_watching())


def _transport() -> Iterator[CheckMessage]:
    behind = settings.SECURE_PROXY_SSL_HEADER is not None
    if settings.ON_RENDER and settings.HTTPS and not behind:
        yield Error(
            "Every page would redirect to itself for ever: Render's proxy ends https.",
            hint="Set BEHIND_PROXY=1.",
            id="leitner.E401",
        )
    if settings.HTTPS and not behind and not settings.ON_RENDER:
        yield Warning(
            "HTTPS is on and BEHIND_PROXY is not, but gunicorn speaks plain http.",
            hint="Set BEHIND_PROXY=1 when a proxy that overwrites X-Forwarded-Proto ends https.",
            id="leitner.W402",
        )


def _mail() -> Iterator[CheckMessage]:
    if not settings.EMAIL_HOST:
        yield Warning(
            "No mail is sent: nobody can reset a password or be reminded.",
            hint="Set EMAIL_HOST, EMAIL_HOST_USER and EMAIL_HOST_PASSWORD.",
            id="leitner.W411",
        )
    elif settings.DEFAULT_FROM_EMAIL.endswith("@localhost>"):
        yield Warning(
            "Mail comes from leitner@localhost, which mail servers refuse.",
            hint="Set DEFAULT_FROM_EMAIL to an address that EMAIL_HOST may send from.",
            id="leitner.W412",
        )
    if not settings.ADMINS:
        yield Warning(
            "Nobody hears of errors or of trouble with backups.",
            hint="Set ADMINS to your e-mail address.",
            id="leitner.W413",
        )


def _processes() -> Iterator[CheckMessage]:
    several = settings.WEB_CONCURRENCY > 1 or settings.WEB_MACHINES > 1
    if connections[DEFAULT_DB_ALIAS].vendor == "sqlite" and settings.WEB_MACHINES > 1:
        yield Error(
            "Several machines cannot share an SQLite file.",
            hint="Set DATABASE_URL to a PostgreSQL database, or WEB_MACHINES=1.",
            id="leitner.E421",
        )
    elif connections[DEFAULT_DB_ALIAS].vendor == "sqlite" and settings.WEB_CONCURRENCY > 1:
        yield Warning(
            "Several processes write to one SQLite file, each in its turn.",
            hint="Set WEB_CONCURRENCY=1, or DATABASE_URL to a PostgreSQL database.",
            id="leitner.W422",
        )
    if several and not settings.REDIS_URL:
        yield Warning(
            "Each process counts limits for itself, so that they are as many times as high.",
            hint="Set REDIS_URL, so that all processes count together.",
            id="leitner.W423",
        )


def _watching() -> Iterator[CheckMessage]:
    if settings.METRICS_TOKEN and len(settings.METRICS_TOKEN) < TOKEN_LEAST:
        yield Error(
            "METRICS_TOKEN is short enough to be guessed.",
            hint=f"Give it at least {TOKEN_LEAST} random characters, or leave it empty.",
            id="leitner.E431",
        )
    if settings.HTTPS and settings.DEMO:
        yield Warning(
            "DEMO=1 lets a demo learner be made whose password everybody can read.",
            hint="Leave DEMO empty.",
            id="leitner.W432",
        )
    if settings.ON_RENDER and settings.STORAGES["backups"]["BACKEND"].endswith("FileSystemStorage"):
        yield Error(
            "Backups are kept on this service's own disk, which is not there for other jobs and "
            "goes with it.",
            hint="Set BACKUP_URL to a bucket elsewhere.",
            id="leitner.E433",
        )

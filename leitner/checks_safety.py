"""What `manage.py check --deploy` says of safety and privacy: what is half-done, and the fix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Info, Tags, Warning, register  # noqa: A004


def register_all() -> None:
    """Called once, when the app is ready."""
    register(check_safety, Tags.security, deploy=True)


def check_safety(**_: Any) -> list[CheckMessage]:
    """Settings that are no mistake by themselves, but not what a site for others should have."""
    return [*_safety(), *_privacy()]


def _safety() -> Iterator[CheckMessage]:
    if settings.HTTPS and not settings.STAFF_TWO_FACTOR:
        yield Warning(
            "A stolen password is enough to open the admin.",
            hint="Leave STAFF_TWO_FACTOR empty or set it to 1.",
            id="leitner.W201",
        )
    if settings.ADMIN_PATH == "admin/":
        yield Info(
            "The admin is at /admin/, where everybody looks for one first.",
            hint="Set ADMIN_PATH to a path of your own, such as back-office-7f3a/.",
            id="leitner.I202",
        )
    if settings.HTTPS and settings.STATIC_HOST.startswith("http://"):
        yield Warning(
            "STATIC_HOST begins with http://, which browsers refuse on pages that come by https.",
            hint="Let it begin with https://.",
            id="leitner.W203",
        )


def _privacy() -> Iterator[CheckMessage]:
    if not settings.OPERATOR_NAME or not settings.CONTACT_EMAIL:
        yield Warning(
            "/privacy/ does not say who runs this site and how to reach them.",
            hint="Set OPERATOR_NAME and CONTACT_EMAIL.",
            id="leitner.W204",
        )
    if settings.INACTIVE_ACCOUNT_DAYS and not settings.EMAIL_HOST:
        yield Warning(
            "INACTIVE_ACCOUNT_DAYS does nothing: without EMAIL_HOST nobody can be told ahead.",
            hint="Set EMAIL_HOST, or INACTIVE_ACCOUNT_DAYS to 0.",
            id="leitner.W205",
        )

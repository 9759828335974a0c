"""The admin's page that shows at a glance how the site is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat, yesno
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from leitner import __version__, metrics
from leitner.alerts import errors_of_the_day
from leitner.health import watch

# Who may see how backups stand may see the rest.
PERMISSION = "backups.view_backuprun"
NAMES = {
    "answer": _("Answer"),
    "database": _("Database"),
    "migrations": _("Migrations"),
    "cache": _("Cache"),
    "replica": _("Replica"),
    "backups": _("Backups"),
    "reminders": _("Reminders"),
    "mail": _("Mail"),
    "disk": _("Disk"),
    "cards": _("Cards"),
}


@require_safe
def status(request: HttpRequest) -> TemplateResponse:
    """All parts, the release, this process, and the errors of a day. Writes nothing."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    found, (errors, last) = watch.health(), errors_of_the_day(timezone.now())
    context = {
        **admin.site.each_context(request),
        "title": _("Status"),
        "state": found.state,
        "parts": [
            (NAMES.get(part.name, part.name), part, readable(part.figures)) for part in found.parts
        ],
        "release": settings.RELEASE or __version__,
        "machines": settings.WEB_MACHINES,
        "workers": settings.WEB_CONCURRENCY,
        "threads": settings.WEB_THREADS,
        "memory": round(metrics.resident_bytes() / 2**20),
        "errors": errors,
        "last_error": last,
        "shared": bool(settings.REDIS_URL),
        "sentry": bool(settings.SENTRY_DSN),
    }
    return TemplateResponse(request, "admin/status.html", context)


def readable(figures: Mapping[str, object]) -> list[tuple[str, str]]:
    """The figures of a part for people: bytes in larger units, instants to the minute (UTC)."""
    return [
        (name.removesuffix("_bytes").replace("_", " "), _shown(name, figures[name]))
        for name in figures
    ]


def _shown(name: str, value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(yesno(value))
    if name.endswith("_bytes"):
        return filesizeformat(str(value))
    if name.startswith("last_") and isinstance(value, str):
        return f"{dt.datetime.fromisoformat(value).astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
    return str(value)

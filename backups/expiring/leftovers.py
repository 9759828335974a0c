"""What nobody needs any more: trash, ended login sessions, files nobody decided on, old log."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import Exists, Model, OuterRef, QuerySet

from backups.models import Upload
from backups.own.uploads import KEPT
from cards.models import Import
from cards.trash import empty_trash, in_trash

BATCH = 1000
DAY = dt.timedelta(days=1)
# A file for a text import waits so long for its learner.
IMPORT_WAITS = 7 * DAY


def trash(now: dt.datetime, dry_run: bool) -> dict[str, int]:
    """Cards and decks that were deleted TRASH_DAYS ago."""
    if not settings.TRASH_DAYS:
        return {"cards": 0, "decks": 0}
    before = now - settings.TRASH_DAYS * DAY
    return in_trash(before) if dry_run else empty_trash(before)


def login_sessions(now: dt.datetime, dry_run: bool) -> dict[str, int]:
    """Login sessions whose cookie has expired, and what the list of them says of such."""
    over = Session.objects.filter(expire_date__lt=now)
    # A sign-in writes both rows, one after the other: what is of today is left alone.
    live = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gte=now)
    listed = UserSession.objects.filter(created_at__lt=now - DAY).exclude(Exists(live))
    return {
        "login sessions": _delete(over, dry_run),
        "listed login sessions": _delete(listed, dry_run),
    }


def uploads(now: dt.datetime, dry_run: bool) -> dict[str, int]:
    """Files that were uploaded and neither taken nor dismissed."""
    waiting = Import.objects.filter(applied_at=None, created_at__lt=now - IMPORT_WAITS)
    return {
        "uploads": _delete(Upload.objects.filter(created_at__lt=now - KEPT), dry_run),
        "imports not made": _delete(waiting, dry_run),
    }


def admin_log(now: dt.datetime, dry_run: bool) -> dict[str, int]:
    """What admins did more than ADMIN_LOG_DAYS ago."""
    if not settings.ADMIN_LOG_DAYS:
        return {"lines of the admin log": 0}
    old = LogEntry.objects.filter(action_time__lt=now - settings.ADMIN_LOG_DAYS * DAY)
    return {"lines of the admin log": _delete(old, dry_run)}


def _delete(rows: QuerySet[Any], dry_run: bool) -> int:
    """Deletes these rows, some at a time; how many they are."""
    if dry_run:
        return rows.count()
    model: type[Model] = rows.model
    number = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        model._default_manager.filter(pk__in=ids).only("pk").delete()
        number += len(ids)
    return number

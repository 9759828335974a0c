"""The least that an answer can cost: one view with the same SQL, behind the same middleware."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import include, path
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models import User

CARD = (
    "SELECT id, owner_id, deck_id, box, due, suspended, front, back, link, tags, guid, "
    "last_reviewed, created_at, solved_on, edited_at, deleted_at, added_by_id FROM cards_card "
    "WHERE owner_id = %s AND id = %s ORDER BY id LIMIT 1"
)
UNDONE = "SELECT 1 FROM cards_undonereview WHERE id = %s LIMIT 1"
BOXES = "SELECT interval_days FROM cards_box WHERE owner_id = %s ORDER BY number"
MOVE = (
    "UPDATE cards_card SET box = %s, due = %s, last_reviewed = %s "
    "WHERE id = %s AND box = %s AND due IS NOT DISTINCT FROM %s"
)
LOG = (
    "INSERT INTO cards_review (id, owner_id, card_id, passed, repetition, box_before, box_after, "
    'due_before, due_after, reviewed_before, answered_at, "on", took_ms) '
    "VALUES (%s, %s, %s, true, false, %s, %s, %s, %s, %s, %s, %s, NULL)"
)


def ok(request: HttpRequest) -> HttpResponse:
    """Nothing but the middleware and the signed-in learner."""
    return HttpResponse(str(request.user.pk))


def answer(request: HttpRequest) -> HttpResponse:
    """What an answer sends to the database, and nothing around it."""
    user: User = request.user  # type: ignore[assignment]
    form, now = request.POST, timezone.now()
    card, box, due, key = form["card"], int(form["box"]), form["due"] or None, uuid.UUID(form["id"])
    today = user.today(now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_user SET data_version = %s WHERE id = %s AND data_version = %s",
            [user.data_version + 1, user.pk, user.data_version],
        )
        cursor.execute(CARD, [user.pk, card])
        before = cursor.fetchone()[11]
        cursor.execute(UNDONE, [key])
        cursor.execute(BOXES, [user.pk])
        days = cursor.fetchall()
        after = min(box + 1, len(days))
        then = today + dt.timedelta(days=days[after - 1][0])
        cursor.execute(MOVE, [after, then, now, card, box, due])
        cursor.execute(LOG, [key, user.pk, card, box, after, due, then, before, now, today])
    return HttpResponseRedirect("/review/")


urlpatterns = [
    path("bare/ok/", ok),
    path("bare/answer/", answer),
    path("", include("leitner.urls")),
]

"""Deleting says so with a way back: a message with an Undo button."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cards import deck_editing
from cards.access import learner
from cards.views.paths import next_path

SALT = "undo-delete"
# The prefix by which templates/_messages.html knows that a message can be undone.
TAG = "undo:"


def say_deleted(request: HttpRequest, text: str, at: dt.datetime) -> None:
    """A message with a button that restores what was deleted at the instant `at`."""
    token = signing.dumps([learner(request).pk, at.isoformat()], salt=SALT)
    messages.success(request, text, extra_tags=TAG + token)


@require_POST
def undo_delete(request: HttpRequest) -> HttpResponse:
    """Bring back the cards, or the deck with its cards, of one deletion."""
    owner = learner(request)
    try:
        owner_pk, instant = signing.loads(request.POST.get("deletion", ""), salt=SALT)
    except signing.BadSignature:
        owner_pk = None
    if owner_pk != owner.pk:
        messages.error(request, _("It is not clear what to bring back. Nothing was changed."))
        return redirect(next_path(request))
    count = deck_editing.restore_deleted(owner=owner, at=dt.datetime.fromisoformat(instant))
    text = ngettext("%(n)d card is back.", "%(n)d cards are back.", count) % {"n": count}
    messages.success(request, text)
    return redirect(next_path(request))

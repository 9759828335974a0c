"""A session: the question, the answer, undo, and the end of the day."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cards import answering, queue
from cards.access import learner
from cards.forms_review import AnswerForm, NarrowingForm, UndoForm
from cards.models import Card
from cards.outlook import outlook
from cards.scheduling import place
from cards.summary import carry, recall_summary
from leitner import metrics

MORE_NEW = 10


@require_safe
@never_cache
def review(request: HttpRequest) -> HttpResponse:
    """The next card of the session, or the end of it."""
    owner = learner(request)
    form = NarrowingForm(request.GET)
    now = timezone.now()
    session = queue.start(owner, now, form.narrowing())
    card = _wanted(session, form) or next(iter(session.next_cards(1)), None)
    context = {
        "session": session,
        "query": session.narrowing.query(),
        "last_review": answering.last_review(owner, now),
    }
    if card is None:
        return render(request, "cards/finished.html", context | _going_on(session))
    left = session.left()
    context |= _places(session, card) | {
        "card": card,
        "left": left,
        "many": left >= queue.COUNT_LIMIT,
        "total": session.done + left,
        "review_id": uuid.uuid4(),
        "shown": int(time.time() * 1000),
    }
    return render(request, "cards/review.html", context)


@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """Store one answer, then ask for the next card."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(_("This answer is incomplete. Go back and reload the page."))
    owner, now = learner(request), timezone.now()
    counts = recall_summary(owner, owner.today(now))
    outcome = answering.answer(
        owner=owner,
        card_id=form.cleaned_data["card"],
        review_id=form.cleaned_data["id"],
        passed=form.cleaned_data["passed"],
        seen=form.seen(),
        now=now,
        took_ms=form.took_ms(int(time.time() * 1000)),
    )
    carry(owner, counts, outcome)
    metrics.count_answer(outcome.status)
    if outcome.status == "unknown":
        raise Http404
    if outcome.status == "stale":
        text = _(
            "That card was answered or changed elsewhere meanwhile, so this answer was not counted."
        )
        messages.warning(request, text)
    return redirect(_session_url(request))


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take back an answer and show its card again."""
    form = UndoForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(
            _("It is not clear what to undo. Go back and reload the page.")
        )
    outcome = answering.undo(
        owner=learner(request), review_id=form.cleaned_data["id"], now=timezone.now()
    )
    if outcome.status == "applied" and outcome.review:
        return redirect(_session_url(request, card=outcome.review.card_id))
    if outcome.status == "stale":
        messages.warning(
            request, _("This answer can no longer be taken back: its card moved since.")
        )
    return redirect(_session_url(request))


def _going_on(session: queue.Session) -> dict[str, object]:
    """For the end of a session: when the next cards come, and ten more new ones."""
    beyond = session.introduced - session.owner.new_per_day
    more = replace(session.narrowing, more=max(session.narrowing.more, beyond, 0) + MORE_NEW)
    return {
        "outlook": outlook(session.owner, session.today),
        "more_query": more.query() if session.cards().new().exists() else "",
    }


def _session_url(request: HttpRequest, card: int | None = None) -> str:
    query = NarrowingForm(request.GET).narrowing().query()
    if card is not None:
        query += f"{'&' if query else '?'}card={card}"
    return reverse("cards:review") + query


def _wanted(session: queue.Session, form: NarrowingForm) -> Card | None:
    """The card that an undo or an edit returns to, while it still wants an answer."""
    wanted = form.cleaned_data.get("card")
    card = session.cards().active().filter(pk=wanted).first() if wanted else None
    if card is None or (
        card.due and card.due > session.today and card.pk not in session.missed_ids
    ):
        return None
    return card


def _places(session: queue.Session, card: Card) -> dict[str, object]:
    """Where the card would go: both answers, unless this is a repetition, which moves nothing."""
    if card.due is not None and card.due > session.today:
        return {"repetition": True}
    owner, intervals = session.owner, answering.intervals_of(session.owner)
    on_pass = place(card.box, True, session.today, intervals, owner.again_rule)
    on_again = place(card.box, False, session.today, intervals, owner.again_rule)
    return {"repetition": False, "on_pass": on_pass, "on_again": on_again}

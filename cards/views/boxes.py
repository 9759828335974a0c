"""The boxes: what lies in them, and their change in two steps, plan and confirmation."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cards import boxes as services
from cards.access import learner
from cards.answering import intervals_of
from cards.box_plan import Slot, rebase
from cards.drawer import compartments
from cards.forms_boxes import BoxesForm, ConfirmForm, confirm_data
from cards.scheduling import CLASSIC, LONG_RUN
from cards.summary import summary

# A last box that comes back sooner is a lot of work after years of cards.
SHORT_TAIL_DAYS = 60


@never_cache
@require_safe
def boxes(request: HttpRequest) -> HttpResponse:
    """Each box with its cards, and a form to change them."""
    return _page(request, BoxesForm(intervals=intervals_of(learner(request))))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """What a change would move (GET), and the change itself (POST)."""
    owner = learner(request)
    if request.method != "POST":
        form = BoxesForm(request.GET, intervals=intervals_of(owner))
        return _plan(request, form.slots) if form.is_valid() else _page(request, form, 422)
    confirmed = ConfirmForm(request.POST)
    if not confirmed.is_valid():
        return HttpResponseBadRequest(_("This plan is incomplete. Go back to your boxes."))
    after, seen = confirmed.cleaned_data["after"], confirmed.cleaned_data["seen"]
    try:
        services.apply_change(owner=owner, after=after, seen=seen, now=timezone.now())
    except services.BoxesChanged:
        return _plan(request, rebase(after, seen, intervals_of(owner)), status=409)
    messages.success(request, _("Your boxes are changed. Every card keeps its due date."))
    return redirect("cards:boxes")


def _counts(request: HttpRequest) -> Any:
    owner = learner(request)
    return summary(owner, owner.today(timezone.now()))


def _page(request: HttpRequest, form: BoxesForm, status: int = 200) -> HttpResponse:
    counts, numbers = _counts(request), range(1, len(form.before) + 1)
    drawn = compartments(
        form.before,
        [counts.boxes[number].total for number in numbers],
        [counts.boxes[number].due for number in numbers],
    )
    context = {
        "form": form,
        "rows": [(box, *fields) for box, fields in zip(drawn, form.rows(), strict=True)],
        "counts": counts,
        "short_tail": form.before[-1] < SHORT_TAIL_DAYS,
        "is_long_run": tuple(form.before) == LONG_RUN,
        "is_classic": tuple(form.before) == CLASSIC,
    }
    return render(request, "cards/boxes.html", context, status=status)


def _plan(request: HttpRequest, after: list[Slot], status: int = 200) -> HttpResponse:
    plan = services.plan_change(owner=learner(request), after=after)
    counts = _counts(request)
    cards = {number: counts.boxes[number].total for number in plan.moves}
    rows = [
        {
            "number": number,
            "interval": slot.interval,
            "was": plan.before[slot.origin - 1] if slot.origin else None,
            "cards": held,
        }
        for number, (slot, held) in enumerate(
            zip(plan.after, plan.cards_after(cards), strict=True), start=1
        )
    ]
    context = {
        "rows": rows,
        "moves": plan.moves_of(cards),
        "confirm": confirm_data(plan.before, plan.after),
        "changed_meanwhile": status == 409,
    }
    return render(request, "cards/boxes_change.html", context, status=status)

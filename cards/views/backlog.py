"""Spreading a backlog: the effect first, then the deed."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cards.access import learner
from cards.backlog import MAX_DAYS, MIN_DAYS, plan, spread

USUAL_DAYS = 7


class SpreadForm(forms.Form):
    """Over how many days, today included."""

    days = forms.IntegerField(
        label=_("Days, today included"), min_value=MIN_DAYS, max_value=MAX_DAYS, initial=USUAL_DAYS
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def backlog(request: HttpRequest) -> HttpResponse:
    """GET shows what `?days=` would do; POST does it."""
    owner = learner(request)
    today = owner.today(timezone.now())
    data = request.POST if request.method == "POST" else request.GET
    form = SpreadForm(data if "days" in data else {"days": USUAL_DAYS})
    valid = form.is_valid()
    if request.method == "POST" and valid:
        moved = spread(owner=owner, today=today, days=form.cleaned_data["days"])
        text = ngettext("%(n)d card was put off.", "%(n)d cards were put off.", moved) % {
            "n": moved
        }
        messages.success(request, text)
        return redirect("cards:home")
    days = plan(owner, today, form.cleaned_data["days"]) if valid else []
    context = {
        "form": form,
        "plan": days,
        "today": today,
        "most": max((day.total for day in days), default=1) or 1,
        "due": sum(day.backlog for day in days),
    }
    return render(request, "cards/backlog.html", context, status=200 if valid else 422)

"""One action on many cards at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cards import editing
from cards.access import learner
from cards.forms_browse import BulkForm, FilterForm
from cards.models import CardQuerySet
from cards.views.undo import say_deleted


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Move, tag, suspend, reset or delete the picked cards, or all that the filter leaves."""
    form = BulkForm(request.POST)
    chosen = FilterForm(request.GET)
    if not form.is_valid() or not chosen.is_valid():
        # A filter that is not understood is never taken for "all cards".
        found = form.errors or chosen.errors
        for error in (text for texts in found.values() for text in texts):
            messages.error(request, str(error))
        return redirect(_back(request))
    cards, data = _cards(request, form), form.cleaned_data
    if data["action"] == "reset" and not data["sure"]:
        context = {"form": form, "count": cards.count(), "back": _back(request)}
        return render(request, "cards/reset.html", context)
    _act(request, cards, data["action"], data)
    return redirect(_back(request))


def _act(request: HttpRequest, cards: CardQuerySet, action: str, data: dict[str, Any]) -> None:
    """Do it in one transaction and say how many cards changed."""
    owner, now = learner(request), timezone.now()
    if action == "delete":
        n = editing.delete_cards(owner=owner, cards=cards, now=now)
        text = ngettext("%(n)d card is deleted.", "%(n)d cards are deleted.", n)
        say_deleted(request, text % {"n": n}, now)
        return
    if action == "move":
        deck = str(data["deck"])
        n = editing.move_cards(owner=owner, cards=cards, deck=deck)
        text = ngettext("%(n)d card moved to %(deck)s.", "%(n)d cards moved to %(deck)s.", n)
        messages.success(request, text % {"n": n, "deck": deck})
        return
    n, text = _simple(request, cards, action, data)
    messages.success(request, text % {"n": n})


def _simple(
    request: HttpRequest, cards: CardQuerySet, action: str, data: dict[str, Any]
) -> tuple[int, str]:
    """The number of cards that changed, and the sentence that says so."""
    owner, names = learner(request), data["tags"]
    if action == "tag":
        n = editing.add_tags(owner=owner, cards=cards, names=names)
        return n, ngettext("%(n)d card is tagged.", "%(n)d cards are tagged.", n)
    if action == "untag":
        n = editing.remove_tags(owner=owner, cards=cards, names=names)
        return n, ngettext("%(n)d card lost its tags.", "%(n)d cards lost their tags.", n)
    if action == "reset":
        n = editing.reset_cards(owner=owner, cards=cards)
        return n, ngettext("%(n)d card is new again.", "%(n)d cards are new again.", n)
    suspended = action == "suspend"
    n = editing.set_suspended(owner=owner, cards=cards, suspended=suspended)
    if suspended:
        return n, ngettext("%(n)d card is suspended.", "%(n)d cards are suspended.", n)
    return n, ngettext("%(n)d card is back in review.", "%(n)d cards are back in review.", n)


def _cards(request: HttpRequest, form: BulkForm) -> CardQuerySet:
    owner = learner(request)
    cards = FilterForm(request.GET).filter().cards(owner, owner.today(timezone.now()))
    return cards if form.cleaned_data["all"] else cards.filter(pk__in=form.cleaned_data["card"])


def _back(request: HttpRequest) -> str:
    """The browse page as it was, filter, order and place."""
    query = request.GET.urlencode()
    return reverse("cards:browse") + (f"?{query}" if query else "")

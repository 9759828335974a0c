"""The learner's decks."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from cards import deck_editing
from cards.access import get_deck, learner
from cards.forms import DeckForm
from cards.models import Deck
from cards.summary import summary
from cards.views.undo import say_deleted


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def decks(request: HttpRequest) -> HttpResponse:
    """Every deck with its counts; a POST makes a new one."""
    owner = learner(request)
    if request.method != "POST":
        return _page(request, DeckForm())
    form = DeckForm(request.POST)
    if form.is_valid():
        if deck_editing.add_deck(owner=owner, name=form.cleaned_data["name"]):
            messages.success(request, _("The deck is there."))
            return redirect("cards:decks")
        form.add_error("name", _("You have a deck of this name already."))
    return _page(request, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    owner = learner(request)
    deck = get_deck(owner, pk)
    form = DeckForm(request.POST if request.method == "POST" else None, initial={"name": deck.name})
    if form.is_valid():
        name = form.cleaned_data["name"]
        if deck_editing.rename_deck(owner=owner, deck_id=deck.pk, name=name):
            messages.success(request, _("The deck is renamed."))
            return redirect("cards:decks")
        form.add_error("name", _("You have a deck of this name already."))
    status = 422 if form.is_bound else 200
    return render(request, "cards/deck_rename.html", {"deck": deck, "form": form}, status=status)


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a deck away with its cards; the message has the way back."""
    owner = learner(request)
    deck, now = get_deck(owner, pk), timezone.now()
    count = deck_editing.delete_deck(owner=owner, deck_id=deck.pk, now=now)
    text = ngettext(
        "The deck %(name)s is deleted with its %(n)d card.",
        "The deck %(name)s is deleted with its %(n)d cards.",
        count,
    )
    say_deleted(request, text % {"name": deck.name, "n": count}, now)
    return redirect("cards:decks")


def _page(request: HttpRequest, form: DeckForm, status: int = 200) -> HttpResponse:
    owner = learner(request)
    counts = summary(owner, owner.today(timezone.now())).decks
    rows = [(deck, counts[deck.pk]) for deck in Deck.objects.of(owner).order_by("name")]
    return render(request, "cards/decks.html", {"rows": rows, "form": form}, status=status)

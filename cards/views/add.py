"""Adding cards, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from cards import editing
from cards.access import learner
from cards.forms import CardForm, with_link_moved
from cards.models import Card, CardQuerySet, Deck
from cards.views.choices import choices

if TYPE_CHECKING:
    from accounts.models import User

LAST_ADDED = 5


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def add(request: HttpRequest) -> HttpResponse:
    """A form that keeps deck and tags, so that the next card is one line away."""
    owner = learner(request)
    if request.method != "POST":
        return _page(request, CardForm(initial=_start(request)))
    data, moved = with_link_moved(request.POST)
    form = CardForm(data)
    if moved or not form.is_valid():
        return _page(request, form, proposed=moved, status=422)
    anyway = form.cleaned_data["anyway"]
    card, added = editing.add_card(owner=owner, text=form.text(), anyway=anyway)
    if not added:
        return _page(request, form, duplicate=card, status=409)
    messages.success(request, _("Saved. It comes up with the new cards."))
    kept = urlencode({"deck": card.deck_id, "tags": card.tags.strip()})
    return redirect(f"{reverse('cards:add')}?{kept}")


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Front and back as the review page will show them."""
    front, back = (request.POST.get(side, "") for side in ("front", "back"))
    return render(request, "cards/_preview.html", {"front": front, "back": back})


def _page(
    request: HttpRequest,
    form: CardForm,
    *,
    duplicate: Card | None = None,
    proposed: bool = False,
    status: int = 200,
) -> HttpResponse:
    owner = learner(request)
    recent = _newest_first(owner)[:LAST_ADDED]
    context = {
        "form": form,
        "duplicate": duplicate,
        "proposed": proposed,
        "recent": recent,
        **choices(owner),
    }
    return render(request, "cards/add.html", context, status=status)


def _newest_first(owner: User) -> CardQuerySet:
    return Card.objects.listed(owner).order_by("-owner_id", "-id")


def _start(request: HttpRequest) -> dict[str, str]:
    """Deck and tags of the card before; else the deck that was added to last; else a first name."""
    owner, wanted = learner(request), request.GET.get("deck", "")
    decks = Deck.objects.of(owner)
    deck = decks.filter(pk=wanted).first() if wanted.isdecimal() and len(wanted) < 19 else None
    if deck is None:
        last = _newest_first(owner).select_related("deck").first()
        deck = last.deck if last else decks.order_by("-id").first()
    name = deck.name if deck else _("My cards")
    return {"deck": name, "tags": request.GET.get("tags", "")[:2_000]}

"""One card: edit, suspend, delete."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from cards import editing
from cards.access import get_card, learner
from cards.forms import CardForm
from cards.models import Card, Review
from cards.views.choices import choices
from cards.views.paths import next_path
from cards.views.undo import say_deleted

HISTORY = 20
# By this templates/_messages.html knows that a message has a card to take back into review.
WAKE = "wake:"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a card's text; a change that was made meanwhile is pointed out, not overwritten."""
    owner = learner(request)
    card = get_card(owner, pk)
    now_seen = editing.version(editing.text_of(card))
    if request.method != "POST":
        return _page(request, card, CardForm(initial=CardForm.initial_of(card, now_seen)))
    form = CardForm(request.POST)
    if not form.is_valid():
        return _page(request, card, form, status=422)
    text, cleaned = form.text(), form.cleaned_data
    found = None if cleaned["anyway"] else editing.find_duplicate(owner=owner, text=text, but=pk)
    if found and not _unchanged(card, text):
        return _page(request, card, form, duplicate=found, status=409)
    seen, now = cleaned["seen"], timezone.now()
    if not editing.edit_card(owner=owner, card_id=pk, text=text, seen=seen, now=now):
        data = request.POST.copy()
        data["seen"] = now_seen
        return _page(request, card, CardForm(data), changed=True, status=409)
    messages.success(request, _("Saved."))
    return redirect(next_path(request))


@require_POST
def suspend(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a card out of review, or with `suspended=0` back into it."""
    card = get_card(learner(request), pk)
    suspended = request.POST.get("suspended") != "0"
    one = Card.objects.filter(pk=card.pk)
    editing.set_suspended(owner=learner(request), cards=one, suspended=suspended)
    text = _("Suspended: it rests until you take it back.") if suspended else _("Back in review.")
    messages.success(request, text, extra_tags=f"{WAKE}{card.pk}" if suspended else "")
    return redirect(next_path(request))


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a card away; the message has the way back."""
    card, now = get_card(learner(request), pk), timezone.now()
    editing.delete_cards(owner=learner(request), cards=Card.objects.filter(pk=card.pk), now=now)
    say_deleted(request, _("The card is deleted."), now)
    return redirect(next_path(request))


def _page(
    request: HttpRequest,
    card: Card,
    form: CardForm,
    *,
    duplicate: Card | None = None,
    changed: bool = False,
    status: int = 200,
) -> HttpResponse:
    owner = learner(request)
    reviews = Review.objects.of(owner).filter(card=card).order_by("-answered_at")
    context = {
        "card": card,
        "form": form,
        "duplicate": duplicate,
        "changed": changed,
        "next": next_path(request),
        "today": owner.today(timezone.now()),
        "reviews": reviews[:HISTORY],
        **choices(owner),
    }
    return render(request, "cards/edit.html", context, status=status)


def _unchanged(card: Card, text: editing.CardText) -> bool:
    """Whether front, link and deck are as they were: an old double is no news."""
    return (card.front, card.link, card.deck.name) == (text.front, text.link, text.deck)

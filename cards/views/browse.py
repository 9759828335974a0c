"""All cards: found, narrowed, sorted, and selected."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cards import answering, browsing, paging
from cards.access import get_deck, learner
from cards.forms_browse import SORT_NAMES, STATE_NAMES, BulkForm, FilterForm
from cards.queue import Narrowing
from cards.summary import summary
from cards.views.choices import choices
from leitner.replica import from_replica


@require_safe
@never_cache
@from_replica
def browse(request: HttpRequest) -> HttpResponse:
    """One page of cards; the number of queries does not depend on how many there are."""
    owner = learner(request)
    form = FilterForm(request.GET)
    chosen, sort = form.filter(), form.sort_name()
    deck = get_deck(owner, chosen.deck) if chosen.deck else None
    today = owner.today(timezone.now())
    cards = chosen.cards(owner, today)
    page = paging.page(cards, sort, form.clean_values().get("at", ""))
    total = summary(owner, today).all.total
    alone = not page.before and not page.after
    found = len(page.cards) if alone else browsing.count(cards) if chosen.query() else total
    base = chosen.parameters() | ({"sort": sort} if sort != "newest" else {})
    context = {
        "chosen": chosen,
        "deck": deck,
        "sort": sort,
        "page": page,
        "total": total,
        "found": found,
        "many": bool(chosen.query()) and found > browsing.COUNT_MAX,
        "today": today,
        "narrowing": Narrowing(chosen.deck, chosen.tag).query(),
        "before": urlencode(base | {"at": page.before}) if page.before else "",
        "after": urlencode(base | {"at": page.after}) if page.after else "",
        "boxes": range(1, len(answering.intervals_of(owner)) + 1),
        "states": STATE_NAMES,
        "sorts": SORT_NAMES,
        "actions": BulkForm.ACTIONS,
        **choices(owner),
    }
    return render(request, "cards/browse.html", context)


@require_safe
def deck(request: HttpRequest, pk: int) -> HttpResponse:
    """The cards of one deck."""
    found = get_deck(learner(request), pk)
    return redirect(f"{reverse('cards:browse')}?deck={found.pk}")

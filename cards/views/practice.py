"""Practice: through any selection of cards without moving one. Nothing is written."""

from __future__ import annotations

from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cards.access import learner
from cards.forms_browse import FilterForm
from cards.forms_review import ID_MAX
from cards.models import Card, CardQuerySet

# Misses are remembered in the address, in so many characters, to come round again at the end: some
# 375 cards, and the address stays short enough for every server and browser.
MISSED_MAX = 3_000


class PracticeForm(forms.Form):
    """Where the practice stands: the last card shown, the misses, and how many were shown."""

    after = forms.IntegerField(required=False, min_value=0, max_value=ID_MAX)
    missed = forms.RegexField(r"^\d{1,18}(\.\d{1,18})*$", required=False, max_length=MISSED_MAX)
    shown = forms.IntegerField(required=False, min_value=0, max_value=1_000_000)

    def state(self) -> tuple[int, list[int], int]:
        """(after, missed ids, number shown); what cannot be understood counts as the start."""
        self.is_valid()
        data = self.cleaned_data
        missed = [int(part) for part in (data.get("missed") or "").split(".") if part]
        return data.get("after") or 0, missed, data.get("shown") or 0


@require_safe
@never_cache
def practice(request: HttpRequest) -> HttpResponse:
    """One card of the selection; both answers are links to the next."""
    owner = learner(request)
    chosen = FilterForm(request.GET).filter()
    cards = chosen.cards(owner, owner.today(timezone.now()))
    if chosen.state != "suspended":
        cards = cards.active()
    after, missed, shown = PracticeForm(request.GET).state()
    card = _next(cards, after, missed)
    selection = chosen.query()
    context = {"card": card, "shown": shown, "selection": selection}
    if card is not None:
        again = card.pk <= after
        rest = [pk for pk in missed if pk != card.pk]
        with_it = [*rest, card.pk]
        full = len(_joined(with_it)) > MISSED_MAX
        position = after if again else card.pk
        context |= {
            "again": again,
            "full": full,
            "pass_query": _query(selection, position, rest, shown + 1),
            "again_query": _query(selection, position, rest if full else with_it, shown + 1),
        }
    return render(request, "cards/practice.html", context)


def _next(cards: CardQuerySet, after: int, missed: list[int]) -> Card | None:
    """The next card in the order of ids; after the last one, the one missed longest ago."""
    cards = cards.select_related("deck")
    card = cards.filter(pk__gt=after).order_by("pk").first()
    if card is not None or not missed:
        return card
    found = set(cards.filter(pk__in=missed).values_list("pk", flat=True))
    return cards.filter(pk__in=[pk for pk in missed if pk in found][:1]).first()


def _query(selection: str, after: int, missed: list[int], shown: int) -> str:
    state = {"after": after, "missed": _joined(missed), "shown": shown}
    return f"?{selection}{'&' if selection else ''}{urlencode(state)}"


def _joined(missed: list[int]) -> str:
    return ".".join(map(str, missed))

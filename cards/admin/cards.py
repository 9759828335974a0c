"""Cards for admins: the text can be mended; what moves a card are the services."""

from __future__ import annotations

import uuid
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cards import answering, editing
from cards.admin.lists import BoxFilter, LargeTableAdmin, learners_text
from cards.forms import TextField
from cards.links import is_web_address
from cards.models import Card, CardQuerySet
from cards.models.card import BACK_MAX, FRONT_MAX, LINK_MAX
from cards.scheduling import Placement

if TYPE_CHECKING:
    from accounts.models import User

    CardModelForm = forms.ModelForm[Card]
else:
    CardModelForm = forms.ModelForm

# One action takes so many cards at most: it is done within one request.
ACTION_LIMIT = 500


class CardForm(CardModelForm):
    """The text of a card, checked as on the learner's own page."""

    front = TextField(fits=FRONT_MAX, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}))
    back = TextField(
        fits=BACK_MAX, required=False, widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"})
    )
    link = TextField(fits=LINK_MAX, required=False, strip=True, widget=forms.URLInput)

    class Meta:
        model = Card
        fields = ("front", "back", "link", "suspended")

    def clean_link(self) -> str:
        link: str = self.cleaned_data["link"]
        if link and not is_web_address(link):
            raise forms.ValidationError(_("A link begins with http:// or https://."))
        return link


@admin.register(Card)
class CardAdmin(LargeTableAdmin):
    form = CardForm
    list_display = ("id", "front_start", "deck_name", "box", "due", "suspended", "owner")
    list_filter = (
        BoxFilter,
        ("due", admin.DateFieldListFilter),
        "suspended",
        ("deleted_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("owner", "deck")  # type: ignore[assignment]
    readonly_fields = (
        *("owner", "deck", "tags", "box", "due", "last_reviewed"),
        *("created_at", "solved_on", "edited_at", "deleted_at", "added_by", "guid"),
    )
    fields = ("front", "back", "link", "suspended", *readonly_fields)
    search_help_text = _(
        "The beginning of a learner's e-mail address with its @, a card's number, or words of its"
        " front."
    )
    actions = ("answer_pass", "answer_again", "reset", "delete")

    @admin.display(description=_("front"))
    def front_start(self, card: Card) -> SafeString:
        return learners_text(card.front)

    @admin.display(description=_("deck"))
    def deck_name(self, card: Card) -> SafeString:
        return learners_text(card.deck.name, 40)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Card]:
        return super().get_queryset(request).defer("back")

    def search_text(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        return queryset.filter(front__icontains=term)

    def save_model(self, request: HttpRequest, obj: Card, form: Any, change: bool) -> None:
        """The text and the suspension go through the services, as everywhere."""
        stored = Card.objects.select_related("deck", "owner").get(pk=obj.pk)
        text = editing.CardText(obj.front, obj.back, obj.link, stored.tags, stored.deck.name)
        seen = editing.version(editing.text_of(stored))
        owner, now = stored.owner, timezone.now()
        if not editing.edit_card(owner=owner, card_id=obj.pk, text=text, seen=seen, now=now):
            message = _("This card is deleted, so it was not changed. Its learner can restore it.")
            messages.error(request, message)
            return
        cards = Card.objects.filter(pk=obj.pk)
        editing.set_suspended(owner=owner, cards=cards, suspended=obj.suspended)

    @admin.action(description=_("Answer: pass"))
    def answer_pass(self, request: HttpRequest, queryset: CardQuerySet) -> None:
        self._answer(request, queryset, passed=True)

    @admin.action(description=_("Answer: again"))
    def answer_again(self, request: HttpRequest, queryset: CardQuerySet) -> None:
        self._answer(request, queryset, passed=False)

    @admin.action(description=_("Reset: back to new"))
    def reset(self, request: HttpRequest, queryset: CardQuerySet) -> None:
        changed = sum(
            editing.reset_cards(owner=owner, cards=cards)
            for owner, cards in self._by_owner(request, queryset)
        )
        self._say(request, ngettext("%(n)d card is new.", "%(n)d cards are new.", changed), changed)

    @admin.action(description=_("Delete: the learner can restore it"))
    def delete(self, request: HttpRequest, queryset: CardQuerySet) -> None:
        now = timezone.now()
        gone = sum(
            editing.delete_cards(owner=owner, cards=cards, now=now)
            for owner, cards in self._by_owner(request, queryset)
        )
        self._say(request, ngettext("%(n)d card deleted.", "%(n)d cards deleted.", gone), gone)

    def _answer(self, request: HttpRequest, queryset: CardQuerySet, *, passed: bool) -> None:
        applied, now = 0, timezone.now()
        for owner, cards in self._by_owner(request, queryset):
            for card in cards:
                outcome = answering.answer(
                    owner=owner,
                    card_id=card.pk,
                    review_id=uuid.uuid4(),
                    passed=passed,
                    seen=Placement(card.box, card.due),
                    now=now,
                )
                applied += outcome.status == "applied"
        text = ngettext(
            "%(n)d card was answered. Cards that are neither due nor new stay as they are.",
            "%(n)d cards were answered. Cards that are neither due nor new stay as they are.",
            applied,
        )
        self._say(request, text, applied)

    def _by_owner(
        self, request: HttpRequest, queryset: CardQuerySet
    ) -> list[tuple[User, CardQuerySet]]:
        """The chosen cards learner by learner; none when they are too many for one request."""
        chosen = queryset.select_related(None).select_related("owner").only("id", "owner")
        owners: dict[Any, list[int]] = defaultdict(list)
        for number, card in enumerate(chosen[: ACTION_LIMIT + 1]):
            if number == ACTION_LIMIT:
                text = _("At most %(n)d cards at a time. Nothing was changed.")
                messages.error(request, text % {"n": ACTION_LIMIT})
                return []
            owners[card.owner].append(card.pk)
        return [(owner, Card.objects.filter(pk__in=ids)) for owner, ids in owners.items()]

    def _say(self, request: HttpRequest, text: str, number: int) -> None:
        messages.success(request, text % {"n": number})

"""Decks, boxes, reviews, imports and tags for admins: to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from cards.admin.lists import ReadOnlyAdmin, learners_text
from cards.models import Box, Deck, Import, Review, Tag


@admin.register(Deck)
class DeckAdmin(ReadOnlyAdmin):
    list_display = ("id", "deck_name", "owner", "created_at", "deleted_at")
    list_filter = (("deleted_at", admin.EmptyFieldListFilter),)

    @admin.display(description=_("name"))
    def deck_name(self, deck: Deck) -> SafeString:
        return learners_text(deck.name)

    def search_text(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        return queryset.filter(name__icontains=term)


@admin.register(Box)
class BoxAdmin(ReadOnlyAdmin):
    """A learner changes boxes on the page of boxes, where the cards move along."""

    list_display = ("id", "owner", "number", "interval_days")


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = ("answered_at", "owner", "card_front", "passed", "repetition", "moved", "on")
    list_filter = ("passed", "repetition", ("on", admin.DateFieldListFilter))
    list_select_related = ("owner", "card")  # type: ignore[assignment]
    search_help_text = _(
        "The beginning of a learner's e-mail address with its @, or a card's number."
    )

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """By time for the reviews of a learner or a card; the ids of all others have no order."""
        return ("-answered_at",) if request.GET.get("q") else ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        return super().get_queryset(request).defer("card__back")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if term.isascii() and term.isdigit() and len(term) <= 18:
            return queryset.filter(card=int(term)), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=_("card"))
    def card_front(self, review: Review) -> SafeString:
        return learners_text(review.card.front, 60)

    @admin.display(description=_("box"))
    def moved(self, review: Review) -> str:
        return f"{review.box_before} → {review.box_after}"


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "file",
        "owner",
        "created_at",
        "applied_at",
        "undone_at",
        "added",
        "refused",
    )
    list_filter = (("applied_at", admin.EmptyFieldListFilter),)

    @admin.display(description=_("file"))
    def file(self, source: Import) -> SafeString:
        return learners_text(str(source), 60)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Import]:
        return super().get_queryset(request).defer("data")


@admin.register(Tag)
class TagAdmin(ReadOnlyAdmin):
    list_display = ("id", "tag_name", "owner")

    @admin.display(description=_("name"))
    def tag_name(self, tag: Tag) -> SafeString:
        return learners_text(tag.name)

    def search_text(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        return queryset.filter(name=term)

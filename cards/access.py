"""One function per object: the owner's, or 404. Foreign and deleted objects look absent."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from cards.models import Card, Deck, Import

if TYPE_CHECKING:
    from accounts.models import User


def learner(request: HttpRequest) -> User:
    """The signed-in learner; LoginRequiredMiddleware lets nobody else reach a learner's view."""
    return cast("User", request.user)


def get_card(owner: User, pk: int) -> Card:
    return get_object_or_404(Card.objects.of(owner).select_related("deck"), pk=pk)


def get_deck(owner: User, pk: int) -> Deck:
    return get_object_or_404(Deck.objects.of(owner), pk=pk)


def get_import(owner: User, pk: int) -> Import:
    return get_object_or_404(Import, owner=owner, pk=pk)

"""The data: one module a noun."""

from cards.models.box import Box
from cards.models.card import Card, CardQuerySet
from cards.models.deck import Deck, DeckQuerySet, Tag
from cards.models.imports import Import, ImportUpdate
from cards.models.review import Review, ReviewQuerySet, UndoneReview

__all__ = [
    "Box",
    "Card",
    "CardQuerySet",
    "Deck",
    "DeckQuerySet",
    "Import",
    "ImportUpdate",
    "Review",
    "ReviewQuerySet",
    "Tag",
    "UndoneReview",
]

"""What the forms on cards offer: the learner's decks and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cards.models import Deck, Tag

if TYPE_CHECKING:
    from accounts.models import User

# A list to choose from, not a search: beyond these the name is typed.
DECKS_MAX, TAGS_MAX = 500, 500


def choices(owner: User) -> dict[str, object]:
    """`decks` and `tags` by name, for datalists and selects; two queries."""
    return {
        "decks": list(Deck.objects.of(owner).order_by("name")[:DECKS_MAX]),
        "tags": list(
            Tag.objects.filter(owner=owner)
            .order_by("name")
            .values_list("name", flat=True)[:TAGS_MAX]
        ),
    }

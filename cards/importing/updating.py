"""Cards that an import changes: their text, never their schedule; and what an undo needs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cards import tags
from cards.importing.records import Record
from cards.importing.rewriting import rewrite_cards
from cards.models import Card, Import, ImportUpdate

if TYPE_CHECKING:
    from accounts.models import User

BATCH = 500


@dataclass
class Updater:
    """Collects updates and writes them a batch at a time, with a row of before and after each."""

    owner: User
    source: Import
    roles: list[str]
    now: dt.datetime
    waiting: list[tuple[int, Record, int | None]] = field(default_factory=list)
    changed: int = 0
    unchanged: int = 0

    def take(self, card_id: int, record: Record, deck_id: int | None) -> None:
        """`deck_id`: where the file puts the card; None when it does not say."""
        self.waiting.append((card_id, record, deck_id))
        if len(self.waiting) >= BATCH:
            self.finish()

    def finish(self) -> None:
        """Write what is waiting."""
        cards = Card.objects.of(self.owner).in_bulk([waiting[0] for waiting in self.waiting])
        changed, updates = [], []
        for card_id, record, deck_id in self.waiting:
            card = cards[card_id]
            before, after = self._difference(card, record, deck_id)
            if not after:
                self.unchanged += 1
                continue
            give_text(card, after, self.now)
            changed.append(card)
            updates.append(
                ImportUpdate(
                    owner=self.owner, source=self.source, card=card, before=before, after=after
                )
            )
        rewrite_cards(changed)
        ImportUpdate.objects.bulk_create(updates)
        self.changed += len(changed)
        self.waiting.clear()

    def _difference(
        self, card: Card, record: Record, deck_id: int | None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the file says otherwise, in the columns it has: before and after."""
        wanted: dict[str, Any] = {
            name: getattr(record, name)
            for name in ("back", "link", "tags")
            if name in self.roles and not (name == "link" and "link" in record.notes)
        }
        if "tags" not in self.roles and record.tags:
            wanted["tags"] = _with_tags(card.tags, record.tags)
        if record.guid:
            wanted["front"] = record.front
            if deck_id is not None:
                wanted["deck_id"] = deck_id
        after = {name: value for name, value in wanted.items() if getattr(card, name) != value}
        return {name: getattr(card, name) for name in after}, after


def give_text(card: Card, values: dict[str, Any], now: dt.datetime) -> None:
    """Set these fields; that the text changed is kept in mind, tags and deck are not text."""
    for name, value in values.items():
        setattr(card, name, value)
    if not values.keys().isdisjoint(Card.TEXT):
        card.edited_at = now


def _with_tags(have: str, more: str) -> str:
    """Tags that a header line gives to all notes are added to those a card has."""
    return tags.join([*have.split(), *more.split()])

"""Take back an import as a whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cards.importing.rewriting import rewrite_cards
from cards.importing.updating import BATCH, give_text
from cards.models import Card, Deck, Import, ImportUpdate
from cards.writing import writing

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did: cards removed, cards given their old text, and those it left alone."""

    removed: int = 0
    restored: int = 0
    kept: int = 0


def undo_import(*, owner: User, import_id: int, now: dt.datetime) -> Undone:
    """Take back the applied import `import_id` of this learner; a second time changes nothing.

    Added cards go to the trash, changed since or not (their reviews stay in the log); deleted at
    `now`, by which `deck_editing.restore_deleted` finds them. Updated cards get back the text
    they had, unless the learner changed or deleted them since: those stay, and their `ImportUpdate`
    rows too, so that the page can name them.
    """
    with writing(owner):
        source = Import.objects.defer("data").get(owner=owner, pk=import_id)
        if source.applied_at is None or source.undone_at is not None:
            return Undone()
        added = Card.objects.of(owner).filter(added_by=source)
        removed = added.update(deleted_at=now)
        restored = sum(_restore(owner, updates, now) for updates in _batches(source))
        kept = ImportUpdate.objects.filter(source=source).count()
        _remove_empty_decks(owner, source.applied_at, now)
        Import.objects.filter(pk=source.pk).update(undone_at=now)
    return Undone(removed, restored, kept)


def _batches(source: Import) -> Iterator[list[ImportUpdate]]:
    ids = list(ImportUpdate.objects.filter(source=source).values_list("id", flat=True))
    for start in range(0, len(ids), BATCH):
        yield list(ImportUpdate.objects.filter(pk__in=ids[start : start + BATCH]))


def _restore(owner: User, updates: list[ImportUpdate], now: dt.datetime) -> int:
    """Give back the old text where the card still is as the import left it."""
    cards = Card.objects.of(owner).in_bulk([update.card_id for update in updates])
    decks = set(Deck.objects.of(owner).values_list("id", flat=True))
    restored, done = [], []
    for update in updates:
        card = cards.get(update.card_id)
        if card is None or update.before.get("deck_id", card.deck_id) not in decks:
            continue
        if any(getattr(card, name) != value for name, value in update.after.items()):
            continue
        give_text(card, update.before, now)
        restored.append(card)
        done.append(update.pk)
    rewrite_cards(restored)
    ImportUpdate.objects.filter(pk__in=done).delete()
    return len(restored)


def _remove_empty_decks(owner: User, made_at: dt.datetime, now: dt.datetime) -> None:
    """Decks that the import made (at the instant of the import) and that hold nothing now."""
    made = Deck.objects.of(owner).filter(created_at=made_at)
    held = Card.objects.of(owner).filter(deck__in=made).values("deck")
    made.exclude(pk__in=held).update(deleted_at=now)

"""Carry out an import in one transaction: all of it, or nothing."""

from __future__ import annotations

import datetime as dt
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat

from cards.importing.dialect import IfMatches
from cards.importing.inserting import CardRow, insert_cards
from cards.importing.planning import Known, Step, key, plan
from cards.importing.reading import Choices, Reading, read
from cards.importing.records import Limits, Record
from cards.importing.updating import Updater
from cards.models import Box, Card, Deck, Import, Tag
from cards.models.card import BACK_MAX, FRONT_MAX, LINK_MAX, TAG_MAX, TAGS_MAX
from cards.scheduling import LONG_RUN, MAX_INTERVAL
from cards.writing import writing

if TYPE_CHECKING:
    from accounts.models import User

LIMITS = Limits(FRONT_MAX, BACK_MAX, LINK_MAX, TAGS_MAX, TAG_MAX)
BATCH = 2_000


class ImportGone(Exception):
    """The upload is no longer there."""


class NothingToImport(Exception):
    """The file cannot be imported as chosen; `problems` are keys of `words.FILE_PROBLEMS`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(*problems)
        self.problems = problems


def reading_of(source: Import, choices: Choices) -> Reading:
    """How the upload is read with these choices."""
    return read(zlib.decompress(bytes(source.data)) if source.data else b"", choices)


def steps_of(owner: User, reading: Reading, deck: str) -> Iterator[Step]:
    """The plan of this upload for this learner's cards; `deck` takes the rows that name none."""
    records = reading.records(deck=deck, limits=LIMITS)
    return plan(records, known_cards(owner, reading.roles))


def known_cards(owner: User, roles: list[str]) -> Known:
    """What identifies the learner's cards, as far as a file with these columns needs it."""
    decks = dict(Deck.objects.filter(owner=owner).values_list("id", "name"))
    known = Known()
    rows = Card.objects.of(owner).order_by("-id").values_list("id", "deck", "front", "link", "guid")
    for card_id, deck_id, front, link, guid in rows.iterator(chunk_size=BATCH):
        deck = decks[deck_id]
        known.fronts[key(deck, front)] = card_id
        if "guid" in roles:
            known.guids[guid] = card_id
        if link and "link" in roles:
            known.links.add(key(deck, link))
    return known


def apply_import(
    *,
    owner: User,
    import_id: int,
    choices: Choices,
    duplicates: IfMatches,
    now: dt.datetime,
) -> Import:
    """Import the waiting upload `import_id` of this learner.

    `duplicates`: what becomes of cards the learner has: `update` their text, `skip` them, or `add`
    them beside the old ones. An import that was applied before is returned as it is. Raises
    `NothingToImport` and leaves everything as it was when no column is the front, and `ImportGone`
    when a newer upload took its place meanwhile.
    """
    with writing(owner):
        source = Import.objects.filter(owner=owner, pk=import_id).first()
        if source is None:
            raise ImportGone
        if source.applied_at is not None:
            return source
        reading = reading_of(source, choices)
        if reading.problems:
            raise NothingToImport(reading.problems)
        job = _Job(owner, source, reading.roles, duplicates, now)
        for step in steps_of(owner, reading, choices.deck or ""):
            job.take(step)
        job.finish()
        return source


@dataclass
class _Job:
    """One import under way: rows are collected and written a batch at a time."""

    owner: User
    source: Import
    roles: list[str]
    duplicates: IfMatches
    now: dt.datetime
    decks: dict[str, int] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    rows: list[CardRow] = field(default_factory=list)
    freed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.decks = dict(Deck.objects.of(self.owner).values_list("name", "id"))
        self.boxes = Box.objects.filter(owner=self.owner).count() or len(LONG_RUN)
        self.last_due = self.owner.today(self.now) + dt.timedelta(days=MAX_INTERVAL)
        self.updater = Updater(self.owner, self.source, self.roles, self.now)
        self.trash = _guids_in_trash(self.owner) if "guid" in self.roles else set()

    def take(self, step: Step) -> None:
        if step.record is None:
            self.source.refused += 1
        elif step.kind == "new":
            self._add(step.record, step.record.guid)
        elif self.duplicates == "add":
            self._add(step.record, "")
        elif self.duplicates == "update" and step.kind == "duplicate":
            deck_id = self._deck_id(step.record.deck) if "deck" in self.roles else None
            self.updater.take(step.card_id, step.record, deck_id)
            self.tags.update(step.record.tags.split())
        else:
            self.source.skipped += 1

    def _add(self, record: Record, guid: str) -> None:
        """Only here does an import set box and due date: on cards that are new to the learner."""
        if guid in self.trash:
            self.freed.append(guid)
        due = min(record.due, self.last_due) if record.due else None
        row = (
            self.owner.pk,
            self._deck_id(record.deck),
            min(record.box, self.boxes),
            due,
            record.suspended,
            record.front,
            record.back,
            record.link,
            record.tags,
            guid or str(uuid.uuid4()),
            min(record.last_reviewed, self.now) if record.last_reviewed else None,
            min(record.created, self.now) if record.created else self.now,
            self.source.pk,
        )
        self.rows.append(row)
        self.source.added += 1
        if record.tags:
            self.tags.update(record.tags.split())
        if len(self.rows) >= BATCH:
            self._write_rows()

    def _write_rows(self) -> None:
        _free_guids(self.owner, self.freed)
        insert_cards(self.rows)
        self.freed.clear()
        self.rows.clear()

    def _deck_id(self, name: str) -> int:
        """The deck of this name, made when missing; made at `now`, so that an undo knows it."""
        if name not in self.decks:
            deck = Deck.objects.create(owner=self.owner, name=name, created_at=self.now)
            self.decks[name] = deck.pk
        return self.decks[name]

    def finish(self) -> None:
        self._write_rows()
        self.updater.finish()
        self.source.updated = self.updater.changed
        self.source.skipped += self.updater.unchanged
        names = [Tag(owner=self.owner, name=name) for name in sorted(self.tags)]
        Tag.objects.bulk_create(names, ignore_conflicts=True, batch_size=BATCH)
        self.source.applied_at = self.now
        self.source.data = b""
        self.source.save()


def _trashed(owner: User) -> QuerySet[Card]:
    return Card.objects.filter(owner=owner).exclude(deleted_at=None)


def _guids_in_trash(owner: User) -> set[str]:
    return set(_trashed(owner).values_list("guid", flat=True))


def _free_guids(owner: User, guids: list[str]) -> None:
    """Deleted cards give their stable ids to those that come in their place."""
    if guids:
        other = Concat(Value("deleted "), Cast("pk", CharField()), output_field=CharField())
        _trashed(owner).filter(guid__in=guids).update(guid=other)

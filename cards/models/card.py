"""A card, and the vocabulary in which the rest of the code reads cards."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cards.models.deck import Deck
from cards.models.imports import Import
from cards.scheduling import MAX_BOXES

if TYPE_CHECKING:
    from accounts.models import User

FRONT_MAX, BACK_MAX, LINK_MAX, TAGS_MAX, TAG_MAX = 20_000, 100_000, 2_000, 2_000, 100


def has_tag(name: str) -> GreaterThan[int]:
    """Whether the row has this tag, case and all, on every database (LIKE differs)."""
    return GreaterThan(StrIndex("tags", Value(f" {name} ")), 0)


class CardQuerySet(models.QuerySet["Card"]):
    """Each method narrows the one before; none looks at the clock."""

    def of(self, owner: User) -> CardQuerySet:
        """The cards this learner sees: theirs, not deleted."""
        return self.filter(owner=owner, deleted_at=None)

    def of_each(self, owner_ids: Iterable[int]) -> CardQuerySet:
        """The cards that each of these learners sees."""
        return self.filter(owner__in=owner_ids, deleted_at=None)

    def listed(self, owner: User) -> CardQuerySet:
        """The same cards as `of`, for lists that begin their order with `owner`.

        Said as a range, because PostgreSQL forgets an order by a column that equals a constant, and
        then walks the primary key through everybody's cards instead of this learner's index.
        """
        return self.filter(owner__gte=owner, owner__lte=owner, deleted_at=None)

    def active(self) -> CardQuerySet:
        return self.filter(suspended=False)

    def due(self, on: dt.date) -> CardQuerySet:
        """Cards to review on the local date `on`: for the badge, the queue and the mail alike."""
        return self.active().filter(due__lte=on)

    def new(self) -> CardQuerySet:
        """Cards that were never introduced."""
        return self.active().filter(due=None)

    def in_box(self, number: int) -> CardQuerySet:
        """Cards that are on their way and rest in this box (new ones have not entered it yet)."""
        return self.filter(box=number).exclude(due=None)

    def tagged(self, name: str) -> CardQuerySet:
        return self.filter(has_tag(name))


class Card(models.Model):
    """One thing to learn.

    `box` and `due` change by answers (`cards.answering`), with the boxes (`cards.boxes`), when a
    backlog is spread (`cards.backlog`), and when a card is made new again (`cards.editing`).
    """

    TEXT = ("front", "back", "link")  # Whoever changes one of these sets `edited_at` with it.

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, verbose_name=_("owner")
    )
    deck = models.ForeignKey(Deck, models.CASCADE, db_index=False, verbose_name=_("deck"))
    box = models.PositiveSmallIntegerField(_("box"), default=1)
    due = models.DateField(_("due"), null=True, blank=True)
    suspended = models.BooleanField(_("suspended"), default=False)
    front = models.TextField(_("front"), max_length=FRONT_MAX)
    back = models.TextField(_("back"), max_length=BACK_MAX, blank=True)
    link = models.CharField(_("link"), max_length=LINK_MAX, blank=True)
    # " verb irregular ": names between single spaces, one space at each end, or nothing at all.
    tags = models.CharField(_("tags"), max_length=TAGS_MAX, blank=True)
    guid = models.CharField(_("stable id"), max_length=64, default=uuid.uuid4)
    last_reviewed = models.DateTimeField(_("last reviewed"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    # When a problem was first solved elsewhere, as its learner wrote it down there.
    solved_on = models.DateField(_("solved on"), null=True, blank=True)
    # When front, back or link were last changed here: a second run of a migration leaves those be.
    edited_at = models.DateTimeField(_("text changed"), null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)
    added_by = models.ForeignKey(
        Import,
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        editable=False,
        verbose_name=_("added by import"),
    )

    objects = CardQuerySet.as_manager()

    class Meta:
        verbose_name = _("card")
        verbose_name_plural = _("cards")
        constraints = [
            models.UniqueConstraint(fields=["owner", "guid"], name="card_guid_unique"),
            models.CheckConstraint(
                condition=models.Q(box__gte=1, box__lte=MAX_BOXES), name="card_box_range"
            ),
            models.CheckConstraint(condition=~models.Q(front=""), name="card_front_not_empty"),
        ]
        indexes = [
            # What is due, longest overdue and lowest box first; new cards are at its end.
            models.Index(fields=["owner", "due", "box", "id"], name="card_due"),
            models.Index(fields=["owner", "id"], name="card_page"),
            models.Index(fields=["owner", "box", "id"], name="card_box"),
            models.Index(fields=["deck", "id"], name="card_deck"),
            models.Index(
                fields=["added_by"], name="card_import", condition=~models.Q(added_by=None)
            ),
        ]

    def __str__(self) -> str:
        return self.front[:80]

    @property
    def tag_list(self) -> list[str]:
        return self.tags.split()

    @property
    def is_new(self) -> bool:
        return self.due is None

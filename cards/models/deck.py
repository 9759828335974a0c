"""Decks and tags: a learner's ways to group cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.models import User


class DeckQuerySet(models.QuerySet["Deck"]):
    def of(self, owner: User) -> DeckQuerySet:
        """The decks this learner sees: theirs, not deleted."""
        return self.filter(owner=owner, deleted_at=None)


class Deck(models.Model):
    """A named group of cards. A deleted deck keeps its row until the trash is emptied."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, verbose_name=_("owner")
    )
    name = models.CharField(_("name"), max_length=200)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    objects = DeckQuerySet.as_manager()

    class Meta:
        verbose_name = _("deck")
        verbose_name_plural = _("decks")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                condition=models.Q(deleted_at=None),
                name="deck_name_unique",
                violation_error_message=_("You have a deck of this name already."),
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="deck_name_not_empty"),
        ]
        indexes = [models.Index(fields=["owner", "id"], name="deck_owner")]

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A tag this learner has used: what filters offer. The cards themselves carry the text."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, verbose_name=_("owner")
    )
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="tag_name_unique")]

    def __str__(self) -> str:
        return self.name

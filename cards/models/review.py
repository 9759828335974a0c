"""The record of every answer; rows are added, and only an undo takes one away."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cards.models.card import Card
from cards.scheduling import MAX_BOXES

if TYPE_CHECKING:
    from accounts.models import User

TOOK_MAX_MS = 600_000


class ReviewQuerySet(models.QuerySet["Review"]):
    def of(self, owner: User) -> ReviewQuerySet:
        return self.filter(owner=owner)

    def on(self, day: dt.date) -> ReviewQuerySet:
        """Reviews given on this local date."""
        return self.filter(on=day)

    def counted(self) -> ReviewQuerySet:
        """Without the repetitions of missed cards at the end of a session."""
        return self.filter(repetition=False)

    def of_due_cards(self) -> ReviewQuerySet:
        """The reviews whose share of passes is the retention."""
        return self.counted().exclude(due_before=None)


class Review(models.Model):
    """One answer. Its id is made where it was given, so that sending it twice counts once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, verbose_name=_("owner")
    )
    card = models.ForeignKey(Card, models.CASCADE, db_index=False, verbose_name=_("card"))
    passed = models.BooleanField(_("passed"))
    # A missed card shown again in the same session: logged, but it moves nothing.
    repetition = models.BooleanField(_("repetition"), default=False)
    box_before = models.PositiveSmallIntegerField(_("box before"))
    box_after = models.PositiveSmallIntegerField(_("box after"))
    due_before = models.DateField(_("due before"), null=True, blank=True)
    due_after = models.DateField(_("due after"))
    reviewed_before = models.DateTimeField(_("reviewed before"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered at"), default=timezone.now)
    on = models.DateField(_("local date"))
    took_ms = models.PositiveIntegerField(_("time taken in ms"), null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        indexes = [
            models.Index(fields=["owner", "on"], name="review_day"),
            models.Index(fields=["owner", "answered_at"], name="review_last"),
            models.Index(fields=["card", "answered_at"], name="review_card"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    box_before__gte=1,
                    box_before__lte=MAX_BOXES,
                    box_after__gte=1,
                    box_after__lte=MAX_BOXES,
                ),
                name="review_box_range",
            ),
            models.CheckConstraint(
                condition=models.Q(repetition=False)
                | models.Q(box_before=models.F("box_after"), due_before=models.F("due_after")),
                name="review_repetition_moves_nothing",
            ),
            models.CheckConstraint(
                condition=models.Q(took_ms=None) | models.Q(took_ms__lte=TOOK_MAX_MS),
                name="review_took_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.box_before} → {self.box_after}"


class UndoneReview(models.Model):
    """The id of an answer that was taken back: a late retry of it must not count."""

    id = models.UUIDField(primary_key=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("owner"))
    undone_at = models.DateTimeField(_("undone at"), default=timezone.now)

    class Meta:
        verbose_name = _("undone review")
        verbose_name_plural = _("undone reviews")

    def __str__(self) -> str:
        return str(self.id)

"""A learner's boxes: how many, and how long a card rests in each."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cards.scheduling import MAX_BOXES, MAX_INTERVAL, MIN_INTERVAL


class Box(models.Model):
    """Box `number` (1..n) of one learner; its cards rest `interval_days` after an answer."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, verbose_name=_("owner")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    interval_days = models.PositiveSmallIntegerField(_("interval in days"))

    class Meta:
        verbose_name = _("box")
        verbose_name_plural = _("boxes")
        ordering = ["owner_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "number"], name="box_number_unique"),
            models.CheckConstraint(
                condition=models.Q(number__gte=1, number__lte=MAX_BOXES), name="box_number_range"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    interval_days__gte=MIN_INTERVAL, interval_days__lte=MAX_INTERVAL
                ),
                name="box_interval_range",
            ),
        ]

    def __str__(self) -> str:
        return _("box %(number)s") % {"number": self.number}

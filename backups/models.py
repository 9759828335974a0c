"""What this app keeps about the site itself; it never travels with the learners' data."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Maintenance(models.Model):
    """The switch that makes the site read-only: one row, or none as long as nobody touched it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    on = models.BooleanField(_("on"), default=False)
    message = models.TextField(_("message"), blank=True)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    since = models.DateTimeField(_("since"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("maintenance")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="maintenance_one_row"),
        ]

    def __str__(self) -> str:
        return "on" if self.on else "off"

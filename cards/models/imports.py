"""Text imports: the uploaded file until it is decided on, and what is needed to take it back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Import(models.Model):
    """One import: waiting for a decision (`applied_at` empty), applied, or taken back."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("owner"))
    file_name = models.CharField(_("file"), max_length=255, blank=True)
    # The upload, zlib-compressed; emptied once the import is applied.
    data = models.BinaryField(default=b"")
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    applied_at = models.DateTimeField(_("imported"), null=True, blank=True)
    undone_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    added = models.PositiveIntegerField(_("added"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    skipped = models.PositiveIntegerField(_("skipped"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return self.file_name or str(_("pasted text"))


class ImportUpdate(models.Model):
    """A card as it was before an import changed it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("owner"))
    source = models.ForeignKey(Import, models.CASCADE, related_name="updates")
    card = models.ForeignKey("cards.Card", models.CASCADE)
    before = models.JSONField(_("before"))
    after = models.JSONField(_("after"))

    class Meta:
        verbose_name = _("card changed by an import")
        verbose_name_plural = _("cards changed by imports")
        constraints = [
            models.UniqueConstraint(fields=["source", "card"], name="import_update_once")
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.card}"

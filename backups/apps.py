"""Moving all data at once: migrations from SQLite files, and the switch that stops writes."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackupsConfig(AppConfig):
    name = "backups"
    verbose_name = _("Backups")

    def ready(self) -> None:
        from backups.checks import register_all

        register_all()

"""`manage.py prune_backups`: remove old backups now, or see which would go.

`export_backup` does the same after each good backup.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from backups.commands import told_in_a_sentence
from backups.places.pruning import prune
from backups.runs.running import only_one


class Command(BaseCommand):
    help = (
        "Removes backups that BACKUP_KEEP_DAYS and BACKUP_KEEP_MONTHS do not keep; never the "
        "newest verified one, and never what is not ours."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only show what would go")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run = options["dry_run"]
        with told_in_a_sentence(), only_one():
            gone = prune(timezone.now(), dry_run=dry_run)
        if options["json"]:
            self.stdout.write(json.dumps({"removed": gone, "dry_run": dry_run}))
            return
        word = "would be removed" if dry_run else "removed"
        lines = [f"{alias}: {name} {word}" for alias, names in gone.items() for name in names]
        self.stdout.write("\n".join(lines or ["Nothing is old enough to go."]))

"""`manage.py demo`: a learner with three decks, some way through the boxes.

Promises: it does nothing unless DEMO=1; it runs once, a second run changes nothing; it never
touches another account.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cards.demo import EMAIL, PASSWORD, make_demo


class Command(BaseCommand):
    help = "Make the demo learner, once (DEMO=1, never in production)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                "The demo learner is only made with DEMO=1, and never in production."
            )
        if settings.HTTPS:
            raise CommandError("HTTPS=1 means production; the demo learner's password is public.")
        made = make_demo(timezone.now())
        self.stdout.write(
            f"Demo learner {'made' if made else 'is there'}: {EMAIL} with password {PASSWORD}"
        )

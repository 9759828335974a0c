"""What a reminder tells: in which decks cards are due. Named by the setting REMINDER_DUE_DECKS."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping

from django.db.models import Count

from cards.models import Card


def due_decks(days: Mapping[int, dt.date]) -> dict[int, list[tuple[str, int]]]:
    """For learners by their id, each with their date: their decks with how many cards are due.

    Who has none due is left out. One query for each date, and at one time there are at most three.
    """
    owners: dict[dt.date, list[int]] = defaultdict(list)
    for owner, day in days.items():
        owners[day].append(owner)
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for day, ids in owners.items():
        rows = (
            Card.objects.of_each(ids)
            .due(day)
            .values_list("owner_id", "deck_id", "deck__name")
            .annotate(number=Count("id"))
            .order_by()
        )
        for owner, _deck, name, number in rows.iterator(chunk_size=1000):
            found[owner].append((name, number))
    return dict(found)

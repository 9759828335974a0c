"""The disk is full for a while: learners are told, nothing is half-written, and then it goes on."""

from __future__ import annotations

import datetime as dt
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from cards.models import Card, Review
from tests.elsewhere import databases
from tests.factories import make_cards, make_user
from tests.faults.site import PATIENCE, Given, learner, under, workers
from tests.gunicorns import machines

NO_LIMIT = resource.RLIM_INFINITY, resource.RLIM_INFINITY


@pytest.fixture
def laptop(tmp_path: Path, django_db_blocker: Any) -> Iterator[str]:
    """Leitner on an SQLite file, served by one worker; this process opens the file as well."""
    file = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "leitner.sqlite3")}
    plain = {"HOST": "", "PORT": "", "USER": "", "PASSWORD": "", "OPTIONS": {}}
    with django_db_blocker.unblock(), databases(default=file | plain):
        call_command("migrate", verbosity=0)
        with machines(1, tmp_path, workers=1, threads=4) as [address]:
            yield address


def test_answers_wait_until_there_is_room_again(laptop: str) -> None:
    user = make_user()
    due = timezone.now().date() - dt.timedelta(days=2)
    cards = make_cards(user, 30, box=2, due=due)
    alice = learner(laptop, user)
    [worker] = workers()

    def full_for_a_while() -> None:
        before = len(alice.troubles)
        # No file may grow any more; what is written over in place goes on.
        worker.rlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        until = time.monotonic() + PATIENCE
        while len(alice.troubles) < before + 3 and time.monotonic() < until:
            time.sleep(0.02)
        worker.rlimit(resource.RLIMIT_FSIZE, NO_LIMIT)

    under(full_for_a_while, [(alice, [Given.to(card) for card in cards])])
    assert len(alice.troubles) >= 3
    assert set(alice.troubles) <= {"500", "503"}
    connection.close()
    assert sorted(map(str, Review.objects.values_list("pk", flat=True))) == sorted(alice.taken)
    assert set(Card.objects.values_list("box", flat=True)) == {3}
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        assert cursor.fetchone() == ("ok",)

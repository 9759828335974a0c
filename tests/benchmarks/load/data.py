"""A real PostgreSQL with 10,000 learners, 1,000,000 cards and 5,000,000 reviews."""

from __future__ import annotations

import datetime as dt
import os
import time
import uuid
from pathlib import Path
from typing import Any

SCALE = float(os.environ.get("BENCH_SCALE", "1"))
LEARNERS, CARDS_EACH, REVIEWS_EACH = max(50, int(10_000 * SCALE)), 100, 500
PASSWORD = "a-fine-password-for-everybody"
INTERVALS = (1, 3, 7, 14, 30, 60, 120)
# A fifth of the cards is new, a tenth is due, the rest on its way.
CARDS = """
INSERT INTO cards_card (owner_id, deck_id, box, due, suspended, front, back, link, tags, guid,
                        last_reviewed, created_at)
SELECT u, u, CASE WHEN n %% 5 = 0 THEN 1 ELSE 1 + n %% 7 END,
       CASE WHEN n %% 5 = 0 THEN NULL WHEN n %% 10 = 1 THEN current_date - n %% 9
            ELSE current_date + 1 + n %% 90 END,
       false, 'Word ' || n || ' of learner ' || u, 'What word ' || n || ' stands for', '',
       ' list part' || n %% 50 || ' ', 'guid-' || u || '-' || n, now() - interval '10 days', now()
FROM unnest(%s::bigint[]) AS u, generate_series(1, %s) AS n
"""
REVIEWS = """
INSERT INTO cards_review (id, owner_id, card_id, passed, repetition, box_before, box_after,
                          due_before, due_after, answered_at, "on", took_ms)
SELECT gen_random_uuid(), owner_id, id, passed, false, 2, CASE WHEN passed THEN 3 ELSE 1 END,
       at::date, at::date + CASE WHEN passed THEN 7 ELSE 1 END, at, at::date, 4000
FROM (SELECT c.owner_id, c.id, random() < 0.9 AS passed,
             now() - interval '1 day' - random() * interval '364 days' AS at
      FROM cards_card c, generate_series(1, %s)) AS each
"""


def set_up_django(home: Path, database: str, cache: str) -> dict[str, str]:
    """Django in this process, and the environment that the servers get: as in production, http."""
    environment = {
        "ENV_FILE": os.devnull,
        "SECRET_KEY": uuid.uuid4().hex * 2,
        "HTTPS": "0",
        "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
        "TRUSTED_PROXIES": "1",
        "DATA_DIR": str(home),
        "LOG_LEVEL": "ERROR",
        "DATABASE_URL": database,
        "REDIS_URL": cache,
        "DJANGO_SETTINGS_MODULE": "leitner.settings",
    }
    os.environ |= environment
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    return environment


def fill() -> list[int]:
    """All rows; the ids of the learners."""
    from django.contrib.auth.hashers import make_password
    from django.db import connection

    from accounts.models import User
    from cards.models import Box, Deck

    start, password = time.perf_counter(), make_password(PASSWORD)
    users = User.objects.bulk_create(
        User(email=f"learner{number}@example.org", password=password) for number in range(LEARNERS)
    )
    Deck.objects.bulk_create(Deck(pk=user.pk, owner=user, name="Deck") for user in users)
    Box.objects.bulk_create(
        Box(owner=user, number=number, interval_days=days)
        for user in users
        for number, days in enumerate(INTERVALS, start=1)
    )
    owners = [user.pk for user in users]
    with connection.cursor() as cursor:
        # The rows are known to be right: foreign keys need not be looked up one by one.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(CARDS, [owners, CARDS_EACH])
        cursor.execute(REVIEWS, [REVIEWS_EACH // CARDS_EACH])
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("SELECT setval('cards_deck_id_seq', max(id)) FROM cards_deck")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT count(*) FROM cards_review")
        reviews = cursor.fetchone()[0]
    print(
        f"{LEARNERS:,} learners, {LEARNERS * CARDS_EACH:,} cards, {reviews:,} reviews in "
        f"{time.perf_counter() - start:.0f} s",
        flush=True,
    )
    return owners


def sign_in(owners: list[int]) -> dict[int, str]:
    """A login session for each, as if it had begun days ago; its key by the learner's id."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from accounts.models import User

    store: Any = import_module(settings.SESSION_ENGINE).SessionStore()
    keys, rows = {}, []
    until = timezone.now() + dt.timedelta(days=30)
    for user in User.objects.filter(pk__in=owners):
        data = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        keys[user.pk] = uuid.uuid4().hex
        rows.append(Session(keys[user.pk], store.encode(data), until))
    Session.objects.bulk_create(rows)
    return keys


def answerable(owners: list[int]) -> dict[int, list[tuple[int, int, str]]]:
    """Each learner's due and new cards: id, box, due date as the page sends it."""
    from django.db.models import Q
    from django.utils import timezone

    from cards.models import Card

    found: dict[int, list[tuple[int, int, str]]] = {owner: [] for owner in owners}
    cards = Card.objects.filter(owner__in=owners)
    cards = cards.filter(Q(due=None) | Q(due__lt=timezone.now().date())).order_by("id")
    for owner, pk, box, due in cards.values_list("owner", "pk", "box", "due"):
        found[owner].append((pk, box, due.isoformat() if due else ""))
    return found

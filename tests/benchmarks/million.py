"""A real PostgreSQL with 1,000,000 cards and 1,000,000 reviews, made once per run.

About a thousand learners have 900 cards each, one has 100 and one 100,000, all of the same shape:
a fifth new, one in twenty due, the rest on its way. Cards lie as imports leave them, one learner's
side by side; reviews lie as they came, everybody's mixed.
"""

from __future__ import annotations

import atexit
import datetime as dt
import io
import os
import random
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterable
from functools import cache
from itertools import islice
from pathlib import Path

SCALE = float(os.environ.get("BENCH_SCALE", "1"))
FEW, MANY, TOTAL = 100, int(100_000 * SCALE), int(1_000_000 * SCALE)
EACH, CHUNK = 900, 50_000
INTERVALS = (1, 3, 7, 14, 30, 60, 120)
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
TODAY = (NOW - dt.timedelta(hours=4)).date()
Row = tuple[object, ...]


@cache
def prepare() -> tuple[int, int]:
    """Start the server, fill it, set Django up; the ids of the small and the large learner."""
    home = Path(tempfile.mkdtemp(prefix="leitner-bench-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    _set_up_django(home)
    start = time.perf_counter()
    owners = _learners()
    cards = list(_cards(owners))
    _copy("cards_card", CARD_COLUMNS, cards)
    _copy("cards_review", REVIEW_COLUMNS, _reviews(cards))
    _settle()
    seconds = time.perf_counter() - start
    print(f"{len(cards):,} cards and reviews of {len(owners):,} learners in {seconds:.0f} s")
    return owners[0], owners[1]


def _set_up_django(home: Path) -> None:
    """As in production, but without https and with a database of its own."""
    from tests.servers import start_postgres

    (home / "postgres").mkdir()
    os.environ |= {
        "ENV_FILE": os.devnull,
        "SECRET_KEY": uuid.uuid4().hex * 2,
        "HTTPS": "0",
        "DATA_DIR": str(home),
        "LOG_LEVEL": "ERROR",
        "DATABASE_URL": start_postgres(home / "postgres"),
        "DJANGO_SETTINGS_MODULE": "leitner.settings",
    }
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


def _learners() -> list[int]:
    """Learners with their boxes and one deck each; the deck of a learner has the learner's id."""
    from accounts.models import User
    from cards.models import Box, Deck

    count = 2 + max(1, (TOTAL - MANY - FEW) // EACH)
    users = User.objects.bulk_create(
        User(email=f"learner{number}@example.org", password="!") for number in range(count)
    )
    Deck.objects.bulk_create(Deck(pk=user.pk, owner=user, name="Deck") for user in users)
    Box.objects.bulk_create(
        Box(owner=user, number=number, interval_days=days)
        for user in users
        for number, days in enumerate(INTERVALS, start=1)
    )
    return [user.pk for user in users]


CARD_COLUMNS = (
    "id, owner_id, deck_id, box, due, suspended, front, back, link, tags, guid, last_reviewed, "
    "created_at"
)


def _cards(owners: list[int]) -> Iterable[Row]:
    """The rows of `CARD_COLUMNS`, learner after learner."""
    dice = random.Random(1)
    pk = 0
    for index, owner in enumerate(owners):
        for number in range({0: FEW, 1: MANY}.get(index, EACH)):
            pk += 1
            box, due = _placement(number, dice)
            text = f"Word {number} of learner {owner}", f"What word {number} stands for"
            tags = f" list part{number % 50} "
            yield pk, owner, owner, box, due, "f", *text, "", tags, f"guid-{pk}", NOW, NOW


def _placement(number: int, dice: random.Random) -> tuple[int, dt.date | None]:
    if number % 5 == 0:
        return 1, None
    box = dice.randint(1, len(INTERVALS))
    if number % 20 == 1:
        return box, TODAY - dt.timedelta(days=dice.randint(0, 9))
    return box, TODAY + dt.timedelta(days=dice.randint(1, INTERVALS[box - 1] + 1))


REVIEW_COLUMNS = (
    "id, owner_id, card_id, passed, repetition, box_before, box_after, due_before, due_after, "
    'answered_at, "on", took_ms'
)


def _reviews(cards: list[Row]) -> Iterable[Row]:
    """One review a card, over the last year, oldest first; none today."""
    dice = random.Random(2)
    mixed = cards.copy()
    dice.shuffle(mixed)
    for index, card in enumerate(mixed):
        at = NOW - dt.timedelta(days=1 + 364 * (1 - index / len(mixed)))
        on, passed = (at - dt.timedelta(hours=4)).date(), dice.random() < 0.9
        after = 3 if passed else 1
        due = on + dt.timedelta(days=INTERVALS[after - 1])
        yield uuid.UUID(int=index), card[1], card[0], passed, "f", 2, after, on, due, at, on, 4000


def _copy(table: str, columns: str, rows: Iterable[Row]) -> None:
    """COPY with foreign keys unchecked: the rows are known to be right."""
    from django.db import connection

    source = iter(rows)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        while chunk := list(islice(source, CHUNK)):
            lines = ("\t".join(_field(value) for value in row) for row in chunk)
            text = io.StringIO("\n".join(lines) + "\n")
            cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", text)
        cursor.execute("SET session_replication_role = DEFAULT")


def _field(value: object) -> str:
    return r"\N" if value is None else str(value)


def _settle() -> None:
    """What autovacuum does within minutes, at once; and ids go on after the copied ones."""
    from django.core.management.color import no_style
    from django.db import connection

    from cards.models import Card, Deck

    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Card, Deck]):
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE")

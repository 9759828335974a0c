"""Everything goes on through a real PgBouncer that has three connections for all of it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import Client

from accounts.models import User
from backups.own.my_data import my_data
from backups.runs.lock import KEY, Busy, hold, is_held
from cards.models import Card, Review
from leitner.storages import folder
from tests.answers import TODAY
from tests.elsewhere import databases
from tests.factories import PASSWORD, make_card, make_cards, make_user
from tests.importing.pages import apply, upload
from tests.pgbouncer import pgbouncer
from tests.servers import postgres_url
from tests.sessions import give
from tests.test_answering_races import answers, at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="about connections to PostgreSQL"),
]
SIZE = 3
LEARNERS = 12
TRY = "SELECT pg_try_advisory_xact_lock(%s)"
# What PgBouncer itself sets anew for each client.
FOLLOWED = {"TimeZone", "DateStyle", "client_encoding", "standard_conforming_strings"}
LEFT = """
SELECT 'setting ' || name FROM pg_settings
    WHERE source = 'session' AND name <> ALL(%(followed)s) AND name <> 'application_name'
UNION ALL SELECT 'zone ' || setting FROM pg_settings WHERE name = 'TimeZone' AND setting !~ 'UTC$'
UNION ALL SELECT 'cursor ' || name FROM pg_cursors WHERE is_holdable
UNION ALL SELECT 'prepared ' || name FROM pg_prepared_statements
UNION ALL SELECT 'channel ' || name FROM pg_listening_channels() name
UNION ALL SELECT 'table ' || relname FROM pg_class WHERE relnamespace = pg_my_temp_schema()
UNION ALL SELECT 'lock' FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'
"""


@contextmanager
def through_the_pool() -> Iterator[dict[str, Any]]:
    """All code connects through PgBouncer meanwhile; how a test does so by itself."""
    name = connection.settings_dict["NAME"]
    with pgbouncer(postgres_url(), SIZE) as (host, port):
        there = {"HOST": host, "PORT": port, "DISABLE_SERVER_SIDE_CURSORS": True}
        with databases(default=there):
            yield {"host": host, "port": port, "dbname": name, "user": "postgres"}


@pytest.fixture
def pooled(transactional_db: None) -> Iterator[dict[str, Any]]:
    """Through the pool; and nothing is left behind there."""
    with through_the_pool() as how:
        yield how
        assert left_behind(how) == []


def left_behind(how: dict[str, Any]) -> list[str]:
    """What a client would find of those before it, in each of the server's connections."""
    found, seen = [], set()
    with ExitStack() as stack:
        for _ in range(SIZE):
            # Each stays in its transaction, so that the next one gets another connection.
            raw = stack.enter_context(closing(psycopg2.connect(**how)))
            cursor = raw.cursor()
            cursor.execute(LEFT, {"followed": list(FOLLOWED)})
            found += [what for (what,) in cursor.fetchall()]
            cursor.execute("SELECT pg_backend_pid()")
            seen.add(cursor.fetchone())
    assert len(seen) == SIZE
    return found


@pytest.mark.usefixtures("transactional_db")
def test_what_would_be_left_behind_is_found() -> None:
    """The check of all other tests here finds what it looks for."""
    with through_the_pool() as how, closing(psycopg2.connect(**how)) as raw:
        raw.autocommit = True
        cursor = raw.cursor()
        cursor.execute("SET work_mem = '99MB'; CREATE TEMP TABLE mine (id int); LISTEN news")
        cursor.execute("SELECT pg_advisory_lock(7)")
        found = left_behind(how)
    assert sorted(found) == ["channel news", "lock", "setting work_mem", "table mine"]


def test_answers_in_parallel_count_once_each(pooled: Any, alice: User) -> None:
    cards = make_cards(alice, 4, box=2, due=TODAY)
    ids = [uuid.uuid4() for _ in cards]
    calls = [call for card, pk in zip(cards, ids, strict=True) for call in answers(card, [pk] * 5)]
    statuses = at_once(calls)
    assert statuses.count("applied") == len(cards)
    assert statuses.count("repeated") == len(calls) - len(cards)
    assert Review.objects.count() == len(cards)
    assert set(Card.objects.values_list("box", flat=True)) == {3}


def test_a_dozen_learners_sign_in_browse_import_and_answer_at_once(pooled: Any) -> None:
    learners = [make_user(f"learner{number}@example.org") for number in range(LEARNERS)]
    learned = at_once([lambda learner=learner: learn(learner) for learner in learners])  # type: ignore[misc]
    assert learned == [3] * LEARNERS
    for learner in learners:
        fronts = Card.objects.of(learner).values_list("front", flat=True)
        assert set(fronts) == {f"{learner.pk} {word}" for word in ("a", "b", "c")}
        assert Review.objects.of(learner).count() == 1


def learn(learner: User) -> int:
    """An hour of a learner's; how many cards the list shows."""
    client = Client()
    client.post("/accounts/login/", {"login": learner.email, "password": PASSWORD})
    text = "\n".join(f"{learner.pk} {word}\tback" for word in ("a", "b", "c"))
    apply(client, upload(client, text.encode()))
    give(client, passed=True)
    assert client.get("/statistics/").status_code == 200
    shown = int(client.get("/cards/").context["total"])
    connections.close_all()
    return shown


def test_rows_that_are_read_bit_by_bit_need_no_session(pooled: Any, alice: User) -> None:
    """A cursor of the server would lie in a connection that somebody else has by then."""
    cards = make_cards(alice, 30)
    rows = Card.objects.order_by("id").iterator(chunk_size=5)
    first = next(rows)
    assert left_behind(pooled) == []
    assert [first, *rows] == cards


def test_a_backup_is_made_restored_and_drilled_while_learners_answer(
    pooled: Any, tmp_path: Path, settings: Any, alice: User, charlie: User
) -> None:
    settings.STORAGES = {**settings.STORAGES, "backups": folder(tmp_path / "backups")}
    make_cards(charlie, 50)
    cards = make_cards(alice, 30, box=2, due=TODAY)
    answering = threading.Thread(target=answer_all, args=(cards,))
    answering.start()
    call_command("export_backup", "--no-progress")
    answering.join()
    call_command("export_backup", "--no-progress")
    call_command("verify_backup", "latest", "--no-progress")
    before = sorted(Card.objects.values_list("pk", "box", "due"))
    Card.objects.of(alice).update(box=7)
    call_command("restore_backup", "latest", "--replace", "--no-progress")
    assert sorted(Card.objects.values_list("pk", "box", "due")) == before
    Card.objects.filter(owner=charlie).delete()
    call_command("restore_backup", "latest", "--user", charlie.email, "--no-progress")
    assert Card.objects.of(charlie).count() == 50
    assert Review.objects.of(alice).count() == 30


def answer_all(cards: list[Card]) -> None:
    for card in cards:
        assert answers(card, [uuid.uuid4()])[0]() == "applied"
    connections.close_all()


def test_a_learner_takes_their_data_along(pooled: Any, alice: User) -> None:
    make_card(alice)
    with hold("default", alice.pk), my_data(alice) as file:
        assert file.read(2) == b"PK"


def test_the_lock_keeps_two_runs_apart(pooled: Any) -> None:
    """While others use the same few connections, and although the lock's client says nothing."""
    with hold("default"):
        assert is_held("default")
        for _ in range(2 * SIZE):
            with pytest.raises(Busy), hold("default"):
                pytest.fail("two runs at once")
            assert at_once([User.objects.count] * SIZE) == [0] * SIZE
    assert not is_held("default")
    with hold("default"):
        assert is_held("default")


def test_the_lock_holds_between_who_is_pooled_and_who_is_not(pooled: Any) -> None:
    """Pages go through the pool, commands connect directly: it is one and the same lock."""
    direct = psycopg2.connect(postgres_url(), dbname=pooled["dbname"])
    with hold("default"), direct.cursor() as cursor:
        cursor.execute(TRY, [KEY])
        assert cursor.fetchone() == (False,)
    direct.rollback()
    with direct.cursor() as cursor:
        cursor.execute(TRY, [KEY])
        assert cursor.fetchone() == (True,)
        assert is_held("default")
        with pytest.raises(Busy), hold("default"):
            pytest.fail("two runs at once")
    direct.close()


def test_a_run_that_dies_lets_go_of_the_lock(pooled: Any) -> None:
    raw = psycopg2.connect(**pooled)
    raw.cursor().execute("SELECT pg_advisory_xact_lock(%s)", [KEY])
    assert is_held("default")
    raw.close()
    cache.clear()
    with transaction.atomic(), connection.cursor() as cursor:
        # Who waits for it gets it: no look at the clock is needed.
        cursor.execute("SET LOCAL lock_timeout = '20s'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [KEY])
    assert not is_held("default")

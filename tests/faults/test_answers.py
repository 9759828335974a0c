"""Whatever happens while learners answer: each answer that was taken is stored, and once."""

from __future__ import annotations

import datetime as dt
import signal
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from cards.models import Card, Review
from tests.factories import make_cards, make_user
from tests.faults.site import TAKEN, Given, Learner, learner, under, workers
from tests.replica.servers import Server
from tests.valkey import Valkey

LEARNERS, EACH = 6, 15


def cast(address: str) -> list[tuple[Learner, list[Given]]]:
    """Learners with an answer to each of their cards; all of these lie in box 2 and are due."""
    due = timezone.now().date() - dt.timedelta(days=2)
    pairs = []
    for _ in range(LEARNERS):
        user = make_user()
        cards = make_cards(user, EACH, box=2, due=due)
        pairs.append((learner(address, user), [Given.to(card) for card in cards]))
    return pairs


def all_is_stored(pairs: list[tuple[Learner, list[Given]]]) -> None:
    connection.close()  # The database may have been away.
    taken = [key for one, _ in pairs for key in one.taken]
    assert len(taken) == LEARNERS * EACH
    assert sorted(str(pk) for pk in Review.objects.values_list("pk", flat=True)) == sorted(taken)
    # Moved by one box, however often an answer was sent.
    assert set(Card.objects.values_list("box", flat=True)) == {3}


def troubles(pairs: list[tuple[Learner, list[Given]]]) -> set[str]:
    return {trouble for one, _ in pairs for trouble in one.troubles}


def test_the_database_stops_and_comes_back(site: str, database: Server) -> None:
    pairs = cast(site)

    def stop_and_start() -> None:
        database.die()
        database.start()

    under(stop_and_start, pairs)
    all_is_stored(pairs)
    assert troubles(pairs)
    assert troubles(pairs) <= {"500", "503"}


def test_redis_is_killed_and_nobody_notices(site: str, redis: Valkey) -> None:
    pairs = cast(site)
    under(redis.kill, pairs)
    all_is_stored(pairs)
    assert troubles(pairs) == set()


def test_redis_hangs_and_nobody_notices(site: str, redis: Valkey) -> None:
    pairs = cast(site)
    with redis.frozen():
        under(lambda: None, pairs)
    all_is_stored(pairs)
    assert troubles(pairs) == set()


def test_a_worker_is_killed_while_it_answers(site: str) -> None:
    pairs = cast(site)
    under(lambda: workers()[0].kill(), pairs)
    all_is_stored(pairs)
    # The line breaks; no page says that something failed.
    assert not {trouble for trouble in troubles(pairs) if trouble.isdecimal()}


def test_a_new_release_takes_over_and_pages_of_the_old_one_go_on(site: str) -> None:
    pairs = cast(site)

    def reload() -> None:
        psutil.Process(workers()[0].ppid()).send_signal(signal.SIGHUP)

    before = {worker.pid for worker in workers()}
    under(reload, pairs)
    all_is_stored(pairs)
    assert not {trouble for trouble in troubles(pairs) if trouble.isdecimal()}
    assert before.isdisjoint({worker.pid for worker in workers()})


@pytest.mark.parametrize("same_id", [True, False], ids=["a retry", "another tab"])
def test_ten_tabs_send_two_hundred_answers_at_once(site: str, alice: User, same_id: bool) -> None:
    cards = make_cards(alice, 20, box=2, due=timezone.now().date() - dt.timedelta(days=2))
    browser = learner(site, alice)
    first = [Given.to(card) for card in cards]
    tabs = [first if same_id else [Given.to(card) for card in cards] for _ in range(10)]
    every = [given for tab in zip(*tabs, strict=True) for given in tab]
    with ThreadPoolExecutor(len(every)) as pool:
        statuses = set(pool.map(browser.send, every))
    assert statuses == {TAKEN}
    assert Review.objects.filter(owner=alice).count() == 20
    assert set(Review.objects.values_list("card", flat=True)) == {card.pk for card in cards}
    assert set(Card.objects.values_list("box", flat=True)) == {3}

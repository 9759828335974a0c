"""Twenty phones, tabs and retries at once: each answer counts once, each card moves once.

Every writer is a thread with a connection of its own; a barrier lets them go at the same instant.
"""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from django.db import connection, transaction

from accounts.models import User
from cards.answering import answer, undo
from cards.models import Card, Review, UndoneReview
from cards.scheduling import Placement
from cards.writing import writing
from tests.answers import NOON, TODAY, YESTERDAY, placed, respond
from tests.factories import make_card

pytestmark = pytest.mark.django_db(transaction=True)
T = TypeVar("T")
WRITERS = 20
PATIENCE = 60.0


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Run all of the calls in parallel; their results in order. An exception of one is raised."""
    barrier = threading.Barrier(len(calls), timeout=PATIENCE)

    def run(call: Callable[[], T]) -> T:
        try:
            connection.ensure_connection()
            barrier.wait()
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(PATIENCE) for future in [pool.submit(run, call) for call in calls]]


def answers(card: Card, ids: Sequence[uuid.UUID], passed: bool = True) -> list[Callable[[], str]]:
    """One answer per id, each by a learner who sees the card as it is in `card`."""
    seen, owner, pk = placed(card), card.owner, card.pk

    def one(review_id: uuid.UUID) -> str:
        return answer(
            owner=owner, card_id=pk, review_id=review_id, passed=passed, seen=seen, now=NOON
        ).status

    return [lambda review_id=review_id: one(review_id) for review_id in ids]  # type: ignore[misc]


def test_one_answer_sent_twenty_times_counts_once(alice: User) -> None:
    card = make_card(alice, box=2, due=TODAY)
    statuses = at_once(answers(card, [uuid.uuid4()] * WRITERS))
    assert Counter(statuses) == {"applied": 1, "repeated": WRITERS - 1}
    card.refresh_from_db()
    assert card.box == 3
    assert Review.objects.count() == 1


def test_twenty_answers_to_a_card_seen_in_one_state_move_it_once(alice: User) -> None:
    card = make_card(alice, box=2, due=TODAY)
    statuses = at_once(answers(card, [uuid.uuid4() for _ in range(WRITERS)]))
    assert Counter(statuses) == {"applied": 1, "stale": WRITERS - 1}
    card.refresh_from_db()
    assert placed(card) == Placement(3, TODAY + dt.timedelta(days=7))
    assert Review.objects.count() == 1


def test_pass_and_again_at_once_leave_card_and_log_in_agreement(alice: User) -> None:
    card = make_card(alice, box=2, due=TODAY)
    ids = [uuid.uuid4() for _ in range(WRITERS)]
    half = WRITERS // 2
    at_once([*answers(card, ids[:half]), *answers(card, ids[half:], passed=False)])
    card.refresh_from_db()
    first = Review.objects.counted().get()
    assert placed(card) == Placement(first.box_after, first.due_after)


def test_one_answer_undone_twenty_times_is_taken_back_once(alice: User) -> None:
    card = make_card(alice, box=2, due=YESTERDAY)
    review_id = uuid.uuid4()
    respond(card, review_id=review_id)
    statuses = at_once([lambda: undo(owner=alice, review_id=review_id, now=NOON).status] * WRITERS)
    assert Counter(statuses) == {"applied": 1, "repeated": WRITERS - 1}
    card.refresh_from_db()
    assert placed(card) == Placement(2, YESTERDAY)


def test_an_answer_and_its_undo_at_once_end_in_one_of_the_two_states(alice: User) -> None:
    card = make_card(alice, box=2, due=TODAY)
    review_id = uuid.uuid4()
    half = WRITERS // 2
    undos = [lambda: undo(owner=alice, review_id=review_id, now=NOON).status] * half
    statuses = at_once([*answers(card, [review_id] * half), *undos])
    assert statuses[:half].count("applied") == 1
    card.refresh_from_db()
    taken_back = UndoneReview.objects.exists()
    assert statuses[half:].count("applied") == int(taken_back)
    assert Review.objects.exists() is not taken_back
    assert card.box == (2 if taken_back else 3)


def test_twenty_cards_answered_at_once_all_count(alice: User) -> None:
    cards = [make_card(alice, box=2, due=TODAY) for _ in range(WRITERS)]
    calls = [call for card in cards for call in answers(card, [uuid.uuid4()])]
    assert set(at_once(calls)) == {"applied"}
    assert Card.objects.filter(box=3).count() == Review.objects.count() == WRITERS
    before, alice_now = alice.data_version, User.objects.get(pk=alice.pk)
    assert alice_now.data_version >= before + WRITERS


def test_one_learner_does_not_wait_for_another(alice: User, charlie: User) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time; this is about PostgreSQL")
    card = make_card(charlie, due=TODAY)
    with writing(alice), ThreadPoolExecutor(1) as pool:
        # Alice's transaction is open all the while; Charlie's must not need its end.
        done = pool.submit(lambda: at_once(answers(card, [uuid.uuid4()])))
        assert done.result(PATIENCE) == ["applied"]


def test_a_second_writer_of_one_learner_waits_and_sees_what_the_first_did(alice: User) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("an SQLite writer waits for the file; this is about PostgreSQL's row locks")
    card = make_card(alice, due=TODAY)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), writing(alice):
            done = pool.submit(lambda: at_once(answers(card, [uuid.uuid4()])))
            while not _somebody_waits():
                assert not done.done()
            Card.objects.filter(pk=card.pk).update(suspended=True)
        assert done.result(PATIENCE) == ["stale"]
    assert not Review.objects.exists()


def _somebody_waits() -> bool:
    """Whether PostgreSQL holds a connection back because of a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])

"""Learners go on working while a merge runs: they wait a moment at most, and lose nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest
from django.db import connection, transaction

from accounts.models import User
from backups.errors import TransferError
from backups.report import Report
from backups.sinks.merging import Merging
from backups.sources.leitner import LeitnerSource
from backups.sources.sqlite_file import open_snapshot
from cards.models import Card, Review
from tests.answers import NOON, TODAY, respond
from tests.backups.leitner_files import Aside, empty_file, living_in
from tests.factories import make_card, make_user

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor == 'sqlite'", reason="SQLite has one writer at a time; it just waits"
    ),
]
T = TypeVar("T")
PATIENCE = 60.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Alice's cards "one" and "two", as they were before she went on here."""
    path = empty_file(tmp_path)
    with living_in(path):
        alice = make_user("alice@example.org")
        for guid in ("one", "two"):
            make_card(alice, guid=guid, box=2, due=TODAY, front="from the file")
    return path


@pytest.fixture
def card() -> Card:
    """Alice's card "one" here."""
    return make_card(make_user("alice@example.org"), guid="one", box=2, due=TODAY)


def elsewhere(call: Callable[[], T]) -> T:
    """Run the call on a connection of its own."""
    try:
        return call()
    finally:
        connection.close()


def merge(file: Path, *, staged: Callable[[], object], decided: Callable[[], object]) -> None:
    """A merge that calls `staged` when all rows lie beside, `decided` when all is locked."""
    with open_snapshot(file) as snapshot, LeitnerSource(snapshot) as source:
        report, sink = Report("leitner", Aside()), Merging()
        with transaction.atomic():
            sink.begin()
            for stream in source.streams(report):
                sink.write(stream, lambda _: None)
            staged()
            sink.finish(report)
            decided()
            sink.verify(source)


def until_somebody_waits() -> None:
    """Until PostgreSQL holds a connection back because of a lock."""
    waiting = False
    while not waiting:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted")
            (waiting,) = cursor.fetchone()


def test_an_answer_while_rows_are_copied_waits_for_nothing_and_counts(
    file: Path, card: Card
) -> None:
    with ThreadPoolExecutor(1) as pool:

        def answer() -> None:
            done = pool.submit(elsewhere, lambda: respond(card).status)
            assert done.result(PATIENCE) == "applied"

        merge(file, staged=answer, decided=lambda: None)
    card.refresh_from_db()
    assert (card.box, card.last_reviewed, card.front) == (3, NOON, "from the file")
    assert Review.objects.get().card_id == card.pk
    assert Card.objects.count() == 2


def test_an_answer_while_rows_are_merged_waits_and_counts(file: Path, card: Card) -> None:
    with ThreadPoolExecutor(1) as pool:
        answers = []

        def answer() -> None:
            answers.append(pool.submit(elsewhere, lambda: respond(card).status))
            until_somebody_waits()
            assert not answers[0].done()

        merge(file, staged=lambda: None, decided=answer)
        assert answers[0].result(PATIENCE) == "applied"
    card.refresh_from_db()
    assert (card.box, card.front) == (3, "from the file")
    assert Review.objects.count() == 1


def test_other_learners_notice_nothing(file: Path, card: Card) -> None:
    other = make_card(make_user("charlie@example.org"), box=2, due=TODAY)
    with ThreadPoolExecutor(1) as pool:

        def answer() -> None:
            done = pool.submit(elsewhere, lambda: respond(other).status)
            assert done.result(PATIENCE) == "applied"

        merge(file, staged=answer, decided=lambda: None)
        other.refresh_from_db()

        def again() -> None:
            done = pool.submit(elsewhere, lambda: make_card(other.owner).pk)
            assert done.result(PATIENCE)

        merge(file, staged=lambda: None, decided=again)
    assert other.box == 3


def test_who_signs_up_in_the_same_moment_gets_the_cards(file: Path) -> None:
    """The sign-up is not committed yet when the merge looks for the account."""
    ready, signed_up = threading.Event(), threading.Event()

    def sign_up() -> None:
        with transaction.atomic():
            make_user("alice@example.org", theme="dark")
            ready.set()
            assert signed_up.wait(PATIENCE)

    def release() -> None:
        until_somebody_waits()
        signed_up.set()

    with ThreadPoolExecutor(2) as pool:
        done = []

        def begin() -> None:
            done.append(pool.submit(elsewhere, sign_up))
            assert ready.wait(PATIENCE)
            done.append(pool.submit(elsewhere, release))

        merge(file, staged=begin, decided=lambda: None)
        for each in done:
            each.result(PATIENCE)
    alice = User.objects.get()
    assert alice.theme == "dark"
    assert Card.objects.filter(owner=alice).count() == 2


def test_two_merges_at_once_are_one_too_many(file: Path) -> None:
    def second() -> None:
        with transaction.atomic():
            Merging().begin()

    with ThreadPoolExecutor(1) as pool:

        def start() -> None:
            with pytest.raises(TransferError, match="under way"):
                pool.submit(elsewhere, second).result(PATIENCE)

        merge(file, staged=start, decided=lambda: None)

"""A look at what a file would bring back: nobody waits for it, and it says what then happens."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from backups.errors import TransferError
from backups.report import Report
from backups.restores import own_file
from backups.restores.own_file import preview_own, restore_own
from backups.sinks.bringing_back import BringingBack
from backups.sinks.previewing import Previewing
from backups.sources import Source, Stream
from cards.deck_editing import delete_deck
from cards.models import Card, Deck, Review
from tests.answers import TODAY, respond
from tests.backups.own_data import AT, DAY, changed, file_of, furnish, rows_by_owner, with_value
from tests.factories import make_card, make_deck

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 60.0
# More than are read from a file at once.
MANY = 2_500
Step = Callable[[str], None]


def stepping(sink: type[BringingBack], step: Step) -> type[BringingBack]:
    """The sink that calls `step` with the name of what it did, after each thing that it did."""

    class Stepping(sink):  # type: ignore[misc, valid-type]
        def write(self, stream: Stream, passed: Callable[[int], None]) -> None:
            def also(rows: int) -> None:
                step("write")
                passed(rows)

            super().write(stream, also)

        def finish(self, report: Report) -> None:
            super().finish(report)
            step("finish")

        def verify(self, source: Source) -> dict[str, int]:
            held: dict[str, int] = super().verify(source)
            step("verify")
            return held

    return Stepping


@pytest.fixture
def answering(alice: User, charlie: User) -> Iterator[Callable[..., Step]]:
    """Steps at which these two, in other browsers, answer a card each and wait for its end."""
    with ThreadPoolExecutor(1) as pool:

        def answer(user: User) -> str:
            try:
                return str(respond(make_card(user, box=2, due=TODAY)).status)
            finally:
                connection.close()

        def step(name: str, at: set[str], done: list[str]) -> None:
            if name in at and done.count(name) < 3:
                done.append(name)
                for user in (alice, charlie):
                    assert pool.submit(answer, user).result(PATIENCE) == "applied"

        def make(at: set[str], done: list[str]) -> Step:
            return lambda name: step(name, at, done)

        yield make


@pytest.fixture
def large(alice: User, tmp_path: Path) -> Path:
    """Alice's file with many cards, which are in her trash now."""
    deck = furnish(alice).deck
    cards = (Card(owner=alice, deck=deck, front=f"{n}", created_at=AT) for n in range(MANY))
    Card.objects.bulk_create(cards)
    path = file_of(alice, tmp_path)
    delete_deck(owner=alice, deck_id=deck.pk, now=AT + DAY)
    return path


def test_learners_answer_at_every_moment_of_a_preview(
    alice: User,
    large: Path,
    answering: Callable[..., Step],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    step = answering({"write", "finish", "verify"}, done)
    monkeypatch.setattr(own_file, "Previewing", stepping(Previewing, step))
    before = Review.objects.count()
    brought = preview_own(large, alice)
    assert done == ["write"] * 3 + ["finish", "verify"]
    assert brought["cards_card"].back == MANY + 1
    assert Review.objects.count() == before + 2 * len(done)


def test_learners_answer_until_a_restore_has_read_the_whole_file(
    alice: User,
    large: Path,
    answering: Callable[..., Step],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What they answered meanwhile is seen, and stays."""
    done: list[str] = []
    monkeypatch.setattr(
        own_file, "BringingBack", stepping(BringingBack, answering({"write"}, done))
    )
    before = Review.objects.count()
    brought = restore_own(large, alice)
    assert brought["cards_card"].back == MANY + 1
    assert Review.objects.count() == before + 2 * len(done) == before + 6
    assert Card.objects.of(alice).filter(box=3, last_reviewed__isnull=False).count() == 4


def in_use(alice: User) -> None:
    """Nothing has happened since."""


def in_the_trash(alice: User) -> None:
    delete_deck(owner=alice, deck_id=Deck.objects.get(owner=alice).pk, now=AT + DAY)


def gone(alice: User) -> None:
    Deck.objects.filter(owner=alice).delete()


def edited(alice: User) -> None:
    Card.objects.filter(owner=alice).update(back="newer", edited_at=AT + DAY)


def gone_and_begun_anew(alice: User) -> None:
    gone(alice)
    make_card(alice, deck=make_deck(alice, "Español"))


@pytest.mark.parametrize("since", [in_use, in_the_trash, gone, edited, gone_and_begun_anew])
def test_a_preview_says_what_the_restore_then_does_and_changes_nothing(
    alice: User,
    charlie: User,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    since: Callable[[User], None],
) -> None:
    furnish(alice)
    furnish(charlie)
    path = file_of(alice, tmp_path)
    since(alice)
    before = rows_by_owner(alice), rows_by_owner(charlie)
    room = tmp_path / "room"
    room.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(room))
    said = preview_own(path, alice)
    assert (rows_by_owner(alice), rows_by_owner(charlie)) == before
    assert list(room.iterdir()) == []
    assert restore_own(path, alice) == said
    assert rows_by_owner(charlie) == before[1]


def odd_file(mine: Path, table: str, column: str, value: Any) -> Path:
    return changed(mine, with_value(table, column, value))


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("cards_card", "box", "0"), ("cards_deck", "name", ""), ("cards_review", "card_id", "4711")],
)
def test_what_the_restore_would_refuse_the_preview_refuses(
    alice: User, tmp_path: Path, table: str, column: str, value: str
) -> None:
    furnish(alice)
    mine = file_of(alice, tmp_path)
    Deck.objects.filter(owner=alice).delete()
    before = rows_by_owner(alice)
    for bring in (preview_own, restore_own):
        with pytest.raises(TransferError):
            bring(odd_file(mine, table, column, value), alice)
        assert rows_by_owner(alice) == before


def test_two_learners_look_and_restore_at_once(
    alice: User, charlie: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each holds off nobody but themselves while the file is read."""
    furnish(alice)
    furnish(charlie)
    mine, theirs = file_of(alice, tmp_path), file_of(charlie, tmp_path, "theirs.zip")
    Deck.objects.filter(owner__in=[alice, charlie]).delete()
    done: list[int] = []
    with ThreadPoolExecutor(1) as pool:

        def other() -> int:
            try:
                assert preview_own(theirs, charlie)["cards_card"].new == 1
                return restore_own(theirs, charlie)["cards_card"].new
            finally:
                connection.close()

        def step(_: str) -> None:
            if not done:
                done.append(0)
                done.append(pool.submit(other).result(PATIENCE))

        monkeypatch.setattr(own_file, "BringingBack", stepping(BringingBack, step))
        assert restore_own(mine, alice)["cards_card"].new == 1
    assert done == [0, 1]
    assert Card.objects.of(charlie).count() == 1

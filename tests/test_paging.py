"""Pages by keyset: every card exactly once, whatever happens between two pages."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from cards import paging
from cards.models import Card, CardQuerySet
from tests.factories import make_card, make_deck

pytestmark = pytest.mark.django_db
SIZE = 5


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "PAGE_SIZE", SIZE)


@pytest.fixture
def cards(alice: User) -> CardQuerySet:
    """Many with the same due date, box and beginning, so that the order is decided late."""
    chance, deck = random.Random(7), make_deck(alice)
    for number in range(43):
        make_card(
            alice,
            deck=deck,
            front=chance.choice(["same", "Same", "other", "Öl", "شنبه", f"n{number}", "x" * 100]),
            box=chance.choice([1, 2, 2, 3]),
            due=chance.choice(
                [None, None, dt.date(2026, 1, 1), dt.date(2026, 1, 1), dt.date(2026, 2, 1)]
            ),
        )
    return Card.objects.listed(alice)


def walk(cards: CardQuerySet, sort: str, between: Callable[[], Any] = lambda: None) -> list[int]:
    """The ids in the order of the pages, from the first to the last."""
    seen, at = list[int](), ""
    while True:
        page = paging.page(cards, sort, at)
        seen += [card.pk for card in page.cards]
        if not page.after:
            return seen
        assert len(page.cards) == SIZE
        at = page.after
        between()


EXPECTED: dict[str, Callable[[Card], Any]] = {
    "newest": lambda card: -card.pk,
    "oldest": lambda card: card.pk,
    "due": lambda card: (card.due is None, card.due or dt.date.max, card.box, card.pk),
    "box": lambda card: (card.box, card.pk),
}


@pytest.mark.parametrize("sort", EXPECTED)
def test_the_pages_hold_every_card_once_in_order(cards: CardQuerySet, sort: str) -> None:
    expected = [card.pk for card in sorted(cards, key=EXPECTED[sort])]
    assert walk(cards, sort) == expected


def test_names_are_sorted_whatever_their_case(cards: CardQuerySet) -> None:
    seen = walk(cards, "name")
    assert sorted(seen) == sorted(cards.values_list("pk", flat=True))
    fronts = [cards.get(pk=pk).front for pk in seen]
    ascii_only = [front.lower() for front in fronts if front.isascii()]
    assert ascii_only == sorted(ascii_only)


@pytest.mark.parametrize("sort", paging.SORTS)
def test_the_way_back_is_the_same_way(cards: CardQuerySet, sort: str) -> None:
    pages, at = [], ""
    while True:
        page = paging.page(cards, sort, at)
        pages.append([card.pk for card in page.cards])
        if not page.after:
            break
        at = page.after
    for earlier in reversed(pages[:-1]):
        page = paging.page(cards, sort, page.before)
        assert [card.pk for card in page.cards] == earlier
        assert page.after
    assert not paging.page(cards, sort, page.before).before


@pytest.mark.parametrize("sort", paging.SORTS)
def test_cards_that_come_and_go_neither_repeat_nor_hide_others(
    cards: CardQuerySet, sort: str, alice: User
) -> None:
    there = set(cards.values_list("pk", flat=True))
    chance = random.Random(11)

    def between() -> None:
        make_card(alice, due=chance.choice([None, dt.date(2026, 1, 1)]), box=chance.choice([1, 2]))
        gone = chance.choice(sorted(there))
        Card.objects.filter(pk=gone).update(deleted_at=timezone.now())
        deleted.add(gone)

    deleted = set[int]()
    seen = walk(cards, sort, between)
    assert len(seen) == len(set(seen))
    assert there - deleted <= set(seen)


@pytest.mark.parametrize("sort", paging.SORTS)
@pytest.mark.parametrize("cursor", ["x", "a:b:c", "🦉", "\0", "W10:1:x", "x" * 1_000])
def test_a_bad_cursor_is_the_first_page(cards: CardQuerySet, sort: str, cursor: str) -> None:
    # Cursors carry the second in which they were signed, so that only the cards are compared.
    assert paging.page(cards, sort, cursor).cards == paging.page(cards, sort).cards


def test_a_cursor_of_another_order_is_the_first_page(cards: CardQuerySet) -> None:
    cursor = paging.page(cards, "due").after
    assert paging.page(cards, "oldest", cursor) == paging.page(cards, "oldest")


@pytest.mark.parametrize("sort", paging.SORTS)
def test_when_all_beyond_is_gone_the_first_page_comes(cards: CardQuerySet, sort: str) -> None:
    first = paging.page(cards, sort)
    kept = cards.filter(pk__in=[card.pk for card in first.cards])
    assert paging.page(kept, sort, first.after).cards == first.cards
    assert paging.page(cards.none(), sort, first.after).cards == []


@pytest.mark.parametrize("sort", paging.SORTS)
def test_a_page_reads_no_whole_texts(
    cards: CardQuerySet, sort: str, django_assert_max_num_queries: Any
) -> None:
    cards.update(back="x" * 90_000)
    with django_assert_max_num_queries(2):
        page = paging.page(cards, sort)
        assert max(len(vars(card)["back_start"]) for card in page.cards) == 600
    assert "back" in page.cards[0].get_deferred_fields()

"""Pages read from the replica what it surely has, and from the primary what it may lack."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connections, router
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from cards.models import Card, Deck, Review
from cards.writing import writing
from leitner import replica, replica_health
from tests.factories import make_card, make_cards, make_review
from tests.replica.servers import Pair

PAGES = ["/cards/", "/cards/?q=front&sort=due", "/statistics/", "/export/?format=csv"]
TABLES = "cards_card", "cards_review", "cards_deck", "cards_tag", "cards_box"


def asked(client: Client, page: str) -> tuple[bytes, list[str], list[str]]:
    """The page, and the queries to the primary and to the replica that it took."""
    cache.clear()
    with (
        CaptureQueriesContext(connections["default"]) as primary,
        CaptureQueriesContext(connections["replica"]) as copy,
    ):
        response = client.get(page)
        assert response.status_code == 200
        content = b"".join(response) if response.streaming else response.content
    return (
        content,
        [query["sql"] for query in primary.captured_queries],
        [query["sql"] for query in copy.captured_queries],
    )


def of_cards(queries: list[str]) -> list[str]:
    return [query for query in queries if any(f'FROM "{table}"' in query for table in TABLES)]


def without_token(page: bytes) -> bytes:
    return re.sub(rb'(csrf[^>]*value=")[^"]*', rb"\1", page)


def furnished(user: User) -> Client:
    for card in make_cards(user, 3, tags=["verb"]):
        make_review(card)
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("page", PAGES)
def test_a_page_comes_from_the_replica_for_one_query_more(
    site: Pair, alice: User, page: str
) -> None:
    client = furnished(alice)
    site.follow()
    assert replica_health.usable()  # Once a process it is looked at more closely.
    shown, primary, copy = asked(client, page)
    assert of_cards(primary) == []
    assert len(of_cards(copy)) > 0
    replica_health.gave_up(DatabaseError("away"))  # As if there were none.
    alone, queries, none = asked(client, page)
    assert none == []
    pieces = 2 if "export" in page else 1  # An export asks for each of its pieces.
    assert len(primary) + len(copy) == len(queries) + pieces
    assert without_token(shown) == without_token(alone)


def test_a_learner_who_just_wrote_reads_their_write(site: Pair, alice: User, charlie: User) -> None:
    mine, theirs = furnished(alice), furnished(charlie)
    site.lag()
    with writing(alice):
        make_card(alice, front="brand new")
    shown, primary, copy = asked(mine, "/cards/")
    assert b"brand new" in shown
    assert of_cards(primary)
    assert of_cards(copy) == []
    # Who wrote nothing since is answered by the replica as before.
    _, primary, copy = asked(theirs, "/cards/")
    assert of_cards(primary) == []
    assert of_cards(copy)


def test_every_way_to_write_counts_as_one(site: Pair, alice: User) -> None:
    """An answer and a new deck raise the number that the replica must have."""
    client = furnished(alice)
    site.lag()
    client.post("/decks/", {"name": "Since then"})
    assert Deck.objects.filter(name="Since then").exists()
    shown, _, copy = asked(client, "/cards/")
    assert b"Since then" in shown
    assert of_cards(copy) == []


def test_a_replica_that_has_more_writes_is_not_believed_either(site: Pair, alice: User) -> None:
    """So it is just after a restore, until the replica has followed."""
    client = furnished(alice)
    User.objects.filter(pk=alice.pk).update(data_version=9)
    site.lag()
    User.objects.filter(pk=alice.pk).update(data_version=5)
    Card.objects.filter(owner=alice).update(front="restored")
    shown, _, copy = asked(client, "/cards/")
    assert shown.count(b"restored") >= 3
    assert of_cards(copy) == []


def test_nothing_is_ever_written_to_the_replica(site: Pair, alice: User) -> None:
    make_card(alice)
    site.follow()
    card = replica.read(alice, Card.objects.get)
    assert card._state.db == "replica"
    # What was read there is written, and read again, where everything is written.
    card.front = "changed"
    card.save(update_fields=["front"])
    card.refresh_from_db()
    assert card.front == "changed"
    assert card.deck._state.db == "default"
    assert make_review(card)._state.db == "default"
    assert Review.objects.get().card == card
    assert not router.allow_migrate("replica", "cards")
    with pytest.raises(DatabaseError, match="read-only"):
        Card.objects.using("replica").update(front="no")


def test_accounts_and_sessions_are_always_read_from_the_primary(site: Pair, alice: User) -> None:
    client = furnished(alice)
    site.follow()
    assert replica_health.usable()
    _, primary, copy = asked(client, "/cards/")
    assert [query for query in primary if "django_session" in query]
    tables = {query.split(' FROM "')[1].split('"')[0] for query in copy}
    assert tables <= {"accounts_user", *TABLES}
    assert len([query for query in copy if 'FROM "accounts_user"' in query]) == 1

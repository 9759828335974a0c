"""On every address: strangers find nothing, the signed-out are asked in, a GET writes nothing."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, reverse
from django.utils import timezone

import accounts.urls
import backups.urls
import cards.urls
from accounts.models import User
from backups.models import Upload
from cards.models import Import, ImportUpdate, Review, Tag
from tests.factories import make_card, make_deck, make_review

PUBLIC = {"cards:home", "backups:deleted"}
WRITES = ("INSERT", "UPDATE", "DELETE")


def patterns() -> Iterator[tuple[str, list[str]]]:
    """(name, names of the parameters) of every address of ours."""
    for module in (cards.urls, accounts.urls, backups.urls):
        for pattern in module.urlpatterns:
            assert isinstance(pattern, URLPattern)
            yield f"{module.app_name}:{pattern.name}", list(pattern.pattern.converters)


PLAIN = sorted(name for name, parameters in patterns() if not parameters)
OF_OBJECTS = sorted((name, len(parameters)) for name, parameters in patterns() if parameters)


@pytest.fixture
def belongings(alice: User) -> dict[str, int]:
    """One object of Alice's of each kind, by kind; their ids differ from kind to kind."""
    Tag.objects.bulk_create(Tag(owner=alice, name=f"tag{n}") for n in range(40))
    decks = [make_deck(alice) for _ in range(10)]
    cards = [make_card(alice, deck=decks[-1], front=f"Front of Alice {n}") for n in range(20)]
    done = make_card(alice, deck=decks[-1], box=2, due=dt.date(2030, 1, 1))
    make_review(done)
    imports = [Import.objects.create(owner=alice, applied_at=timezone.now()) for _ in range(30)]
    ImportUpdate.objects.create(owner=alice, source=imports[-1], card=done, before={}, after={})
    return {
        "card": cards[-1].pk,
        "reviewed card": done.pk,
        "deck": decks[-1].pk,
        "import": imports[-1].pk,
        "upload": Upload.objects.create(id=77, owner=alice, created_at=timezone.now()).pk,
        "account": alice.pk,
    }


def everything(owner: User) -> dict[str, list[Any]]:
    """All rows of this learner, table by table."""
    rows: dict[str, list[Any]] = {"account": list(User.objects.filter(pk=owner.pk).values())}
    for model in apps.get_app_config("cards").get_models():
        found = model._default_manager.filter(owner=owner).order_by("pk").values()
        rows[model.__name__] = [
            {key: str(row[key]) for key in row if key != "data"} for row in found
        ]
    return rows


@pytest.mark.parametrize(("name", "parameters"), OF_OBJECTS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_foreign_object_is_absent(
    alice: User,
    charlie_client: Client,
    belongings: dict[str, int],
    name: str,
    parameters: int,
    method: str,
) -> None:
    before = everything(alice)
    for ids in itertools.product(belongings.values(), repeat=parameters):
        response = getattr(charlie_client, method)(reverse(name, args=ids))
        assert response.status_code in (404, 405), f"{method} {name} {ids}: {response.status_code}"
    assert everything(alice) == before


@pytest.mark.parametrize("name", PLAIN)
def test_a_foreign_id_in_a_form_or_query_reaches_nothing(
    alice: User, charlie_client: Client, belongings: dict[str, int], name: str
) -> None:
    before = everything(alice)
    review = str(Review.objects.get(owner=alice).pk)
    for pk in belongings.values():
        ids = ["card", "deck", "ids", "cards", "import", "selected", "owner", "box", "after"]
        data = dict.fromkeys(ids, str(pk)) | {"id": review, "passed": "1", "due": "2030-01-01"}
        for action in ("", "delete", "move", "tag", "suspend", "reset"):
            response = charlie_client.post(reverse(name), data | {"action": action})
            assert response.status_code < 500
            if response.streaming:
                assert b"Front of Alice" not in b"".join(response)
        response = charlie_client.get(reverse(name), data)
        assert response.status_code < 500
        body = b"".join(response) if response.streaming else response.content
        assert b"Front of Alice" not in body
    assert everything(alice) == before


@pytest.mark.parametrize("name", sorted(set(PLAIN) - PUBLIC))
def test_the_signed_out_are_asked_to_sign_in(db: None, client: Client, name: str) -> None:
    for response in (client.get(reverse(name)), client.post(reverse(name))):
        assert response.status_code in (302, 405)
        if response.status_code == 302:
            assert response.headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(("name", "parameters"), [*OF_OBJECTS, *((name, 0) for name in PLAIN)])
def test_a_get_writes_nothing(
    alice: User,
    alice_client: Client,
    belongings: dict[str, int],
    name: str,
    parameters: int,
) -> None:
    for ids in itertools.product(belongings.values(), repeat=parameters):
        with CaptureQueriesContext(connection) as queries:
            response = alice_client.get(reverse(name, args=ids))
            if response.streaming:
                b"".join(response)
        assert response.status_code < 500
        wrote = [query["sql"] for query in queries if query["sql"].lstrip().startswith(WRITES)]
        assert not wrote, f"GET {name} wrote: {wrote}"

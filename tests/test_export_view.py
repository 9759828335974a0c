"""Export: all columns, streamed, and read back without a difference."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from cards.exporting.text import CHUNK, export_text
from cards.importing.applying import apply_import
from cards.importing.mapping import OWN_COLUMNS
from cards.importing.reading import Choices, read
from cards.importing.records import Record
from cards.importing.uploading import receive_upload
from cards.models import Card, Deck
from tests.factories import make_card, make_cards, make_deck, make_user
from tests.importing.pages import apply, counts, page, upload

FIELDS = (
    *("front", "back", "link", "tags", "deck__name", "guid"),
    *("box", "due", "suspended", "created_at", "last_reviewed"),
)


def content(client: Client, query: str = "format=csv") -> bytes:
    response = client.get(f"/export/?{query}")
    assert isinstance(response, StreamingHttpResponse)
    return b"".join(response.streaming_content)


def state(owner: User) -> list[tuple[Any, ...]]:
    return list(Card.objects.of(owner).order_by("id").values_list(*FIELDS))


def awkward_cards(owner: User) -> None:
    """Fronts that spreadsheets would calculate, and all else that a text format may trip over."""
    decks = make_deck(owner, "Ελληνικά"), make_deck(owner, '=SUM(A1), "quoted"')
    fronts = ["=1+1", "+1", "-1", "@x", "#separator:tab", "# not a comment", '"quoted"', " spaced "]
    fronts += [
        "two\nlines",
        "cr\r\nlf",
        "lone\rcr",
        "tab\there",
        "a,b;c|d",
        "front",
        "'",
        "שלום",
        "😀",
    ]
    fronts += ["<b>html</b> &amp; co", "\\N", "\\.", "back\\slash", "\ufeffmark", "twin", "twin"]
    for number, front in enumerate(fronts):
        make_card(
            owner,
            deck=decks[number % 2],
            front=front,
            back=fronts[-number],
            link="https://example.org/?a=1&b=%20" if number % 3 else "",
            tags=["verb", "ä-b::c"] if number % 2 else [],
            guid=f"={number}-@,\"'",
            box=number % 7 + 1,
            due=dt.date(2026, 1, 1) + dt.timedelta(days=number) if number % 4 else None,
            suspended=number % 5 == 0,
            last_reviewed=timezone.now() - dt.timedelta(minutes=number) if number % 4 else None,
        )


@pytest.mark.parametrize("query", ["format=csv", "format=tsv", "format=csv&bom=1"])
def test_a_round_trip_to_another_account_changes_nothing(
    alice: User, alice_client: Client, charlie: User, charlie_client: Client, query: str
) -> None:
    awkward_cards(alice)
    source = upload(charlie_client, content(alice_client, query))
    assert counts(page(charlie_client, source)) == [Card.objects.of(alice).count(), 0, 0, 0]
    apply(charlie_client, source)
    assert state(charlie) == state(alice)


@pytest.mark.parametrize("duplicates", ["skip", "update"])
def test_a_round_trip_to_the_same_account_changes_nothing(
    alice: User, alice_client: Client, duplicates: str
) -> None:
    awkward_cards(alice)
    before = state(alice)
    source = upload(alice_client, content(alice_client))
    assert counts(page(alice_client, source)) == [0, len(before), 0, 0]
    apply(alice_client, source, duplicates=duplicates)
    source.refresh_from_db()
    assert (source.added, source.updated, source.skipped) == (0, 0, len(before))
    assert state(alice) == before


any_text = st.text(
    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(any_text.filter(str.strip), any_text)
def test_any_text_is_read_back_as_it_was(alice: User, front: str, back: str) -> None:
    Card.objects.filter(owner=alice).delete()
    make_card(alice, front=front, back=back)
    for kind in ("csv", "tsv"):
        data = b"".join(export_text(alice, kind=kind))
        (record,) = read(data).records()
        assert isinstance(record, Record)
        assert (record.front, record.back) == (front, back)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25
)
@given(st.lists(st.tuples(any_text.filter(str.strip), any_text), min_size=1, max_size=5))
def test_any_text_is_stored_as_it_was(db: None, sides: list[tuple[str, str]]) -> None:
    source_owner, target_owner = make_user(), make_user()
    for front, back in sides:
        make_card(source_owner, front=front, back=back)
    data = b"".join(export_text(source_owner))
    now = timezone.now()
    source = receive_upload(owner=target_owner, data=data, file_name="", now=now)
    apply_import(
        owner=target_owner, import_id=source.pk, choices=Choices(), duplicates="skip", now=now
    )
    assert state(target_owner) == state(source_owner)


def test_a_deck_is_exported_alone(alice: User, alice_client: Client) -> None:
    deck, other = make_deck(alice, "Español / 1"), make_deck(alice, "Other")
    make_card(alice, deck=deck, front="uno")
    make_card(alice, deck=other, front="one")
    make_card(alice, deck=deck, front="gone", deleted_at=timezone.now())
    response = alice_client.get(f"/export/?format=csv&deck={deck.pk}")
    today = alice.today(timezone.now())
    disposition = f'attachment; filename="leitner-espanol-1-{today}.csv"'
    assert response["Content-Disposition"] == disposition
    rows = list(
        csv.reader(io.StringIO(content(alice_client, f"format=csv&deck={deck.pk}").decode()))
    )
    assert rows[0] == list(OWN_COLUMNS)
    assert [row[0] for row in rows[1:]] == ["uno"]


def test_the_cards_of_others_are_not_in_it(
    alice: User, alice_client: Client, charlie_client: Client
) -> None:
    card = make_card(alice, front="secret")
    assert b"secret" not in content(charlie_client)
    assert charlie_client.get(f"/export/?format=csv&deck={card.deck_id}").status_code == 404
    assert Client().get("/export/?format=csv").status_code == 302


def test_excel_gets_its_mark_only_when_asked(alice: User, alice_client: Client) -> None:
    make_card(alice)
    assert content(alice_client, "format=csv&bom=1").startswith(b"\xef\xbb\xbf")
    assert not content(alice_client).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("query", ["", "format=xls", "format=csv&deck=x", "format=csv&deck=-1"])
def test_without_a_format_the_page_asks_for_one(alice_client: Client, query: str) -> None:
    response = alice_client.get(f"/export/?{query}")
    assert response.status_code == 302
    assert response["Location"] == "/import/"


def test_cards_are_fetched_a_page_at_a_time(alice: User) -> None:
    deck = make_deck(alice)
    card = make_cards(alice, 1, deck=deck)[0]
    fields = {"owner": alice, "deck": deck}
    more = [Card(front=f"f{number}", **fields) for number in range(2 * CHUNK)]
    Card.objects.bulk_create(more)
    with CaptureQueriesContext(connection) as queries:
        pieces = list(export_text(alice))
    assert (len(queries), len(pieces)) == (4, 4)
    assert sum(piece.count(b"\r\n") for piece in pieces) == 2 * CHUNK + 2
    assert card.front.encode() in pieces[1]
    assert Deck.objects.count() == 1

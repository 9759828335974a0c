"""Upload, preview and decision, as the learner's browser sends them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from cards.importing.applying import ImportGone, apply_import
from cards.importing.reading import Choices
from cards.importing.uploading import receive_upload
from cards.models import Card, Deck
from cards.scheduling import MAX_INTERVAL
from tests.factories import make_card, make_deck
from tests.importing.pages import apply, counts, filled, page, upload


def test_a_file_becomes_cards_only_after_the_decision(alice: User, alice_client: Client) -> None:
    source = upload(alice_client, b"Wort,word\nBaum,tree\n", "german words.csv")
    soup = page(alice_client, source)
    assert counts(soup) == [2, 0, 0, 0]
    assert Card.objects.count() == 0
    assert Deck.objects.count() == 0
    apply(alice_client, source)
    cards = Card.objects.of(alice).order_by("id")
    assert [(card.front, card.back, card.deck.name) for card in cards] == [
        ("Wort", "word", "german words"),
        ("Baum", "tree", "german words"),
    ]
    assert {(card.box, card.due, card.added_by_id) for card in cards} == {(1, None, source.pk)}
    source.refresh_from_db()
    assert (source.added, bytes(source.data)) == (2, b"")


def test_what_the_learner_has_is_skipped_updated_or_added(
    alice: User, alice_client: Client
) -> None:
    deck = make_deck(alice, "words")
    for choice, backs in [
        ("skip", ["old"]),
        ("update", ["new"]),
        ("add", ["new", "newer"]),
    ]:
        if choice == "skip":
            make_card(alice, deck=deck, front="Baum", back="old", box=3, due=dt.date(2030, 1, 1))
        source = upload(alice_client, b"Baum\tnewer\n" if choice == "add" else b"Baum\tnew\n")
        assert counts(page(alice_client, source)) == [0, 1, 0, 0]
        apply(alice_client, source, duplicates=choice)
        cards = Card.objects.of(alice).order_by("id")
        assert [card.back for card in cards] == backs
        assert (cards[0].box, cards[0].due) == (3, dt.date(2030, 1, 1))


def test_an_update_by_guid_changes_text_and_deck_but_never_the_schedule(
    alice: User, alice_client: Client
) -> None:
    card = make_card(alice, front="a", guid="=g", box=4, due=dt.date(2030, 1, 1), suspended=True)
    text = "guid,front,deck,box,due,suspended\n=g,A,Else,1,2026-01-01,0\n"
    apply(alice_client, upload(alice_client, text.encode()), duplicates="update")
    card.refresh_from_db()
    assert (card.front, card.deck.name) == ("A", "Else")
    assert (card.box, card.due, card.suspended) == (4, dt.date(2030, 1, 1), True)


def test_every_refused_line_is_named_with_its_reason(alice_client: Client) -> None:
    source = upload(alice_client, b'a\t1\n"b\t2\nc\t3\n\t4\n')
    soup = page(alice_client, source)
    assert counts(soup) == [2, 0, 0, 2]
    rows = [li.text for li in soup.select(".lines li")]
    assert "2" in rows[0]
    assert "quotation mark" in rows[0]
    assert "The front is empty" in rows[1]
    apply(alice_client, source)
    source.refresh_from_db()
    assert (source.added, source.refused) == (2, 2)


def test_of_very_many_refused_lines_the_first_500_are_shown(alice_client: Client) -> None:
    soup = page(alice_client, upload(alice_client, b"a\tb\n" + b"\tx\n" * 1_200))
    assert counts(soup) == [1, 0, 0, 1_200]
    assert len(soup.select(".lines li")) == 500
    assert "The first 500 are shown" in soup.text


def test_what_was_changed_is_shown_before_it_is_imported(alice: User, alice_client: Client) -> None:
    source = upload(alice_client, b"a,b\nc,d\n")
    data = filled(page(alice_client, source))
    changed = data | {"do": "import", "column0": "back", "column1": "front"}
    response = alice_client.post(f"/import/{source.pk}/apply/", changed, follow=True)
    assert "look at its effect" in response.content.decode()
    assert Card.objects.count() == 0
    again = filled(BeautifulSoup(response.content, "html.parser")) | {"do": "import"}
    alice_client.post(f"/import/{source.pk}/apply/", again)
    assert set(Card.objects.of(alice).values_list("front", flat=True)) == {"b", "d"}


def test_a_changed_choice_is_looked_at_without_importing(alice_client: Client) -> None:
    source = upload(alice_client, "Hund::dog;;Katze::cat".encode("utf-16"))
    data = filled(page(alice_client, source))
    own = {"separator": "own", "between_sides": "::", "between_cards": ";;", "do": "preview"}
    response = alice_client.post(f"/import/{source.pk}/apply/", data | own, follow=True)
    soup = BeautifulSoup(response.content, "html.parser")
    assert counts(soup) == [2, 0, 0, 0]
    assert "UTF-16 LE" in soup.text
    assert Card.objects.count() == 0


def test_importing_twice_imports_once(alice_client: Client) -> None:
    source = upload(alice_client, b"a\tb\n")
    data = filled(page(alice_client, source)) | {"do": "import", "duplicates": "add"}
    for _ in range(2):
        assert alice_client.post(f"/import/{source.pk}/apply/", data).status_code == 302
    assert Card.objects.count() == 1


def test_a_preview_writes_nothing(
    alice: User, alice_client: Client, django_assert_max_num_queries: Any
) -> None:
    source = upload(alice_client, b"a\tb\n" * 50)
    with CaptureQueriesContext(connection) as queries:
        page(alice_client, source)
    small = len(queries)
    assert not [q for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    source = upload(alice_client, b"".join(b"x%d\tb\n" % number for number in range(5_000)))
    before = User.objects.get(pk=alice.pk).data_version
    with django_assert_max_num_queries(small):
        page(alice_client, source)
    assert User.objects.get(pk=alice.pk).data_version == before


def test_an_import_of_twice_the_rows_takes_no_more_statements_a_batch(alice: User) -> None:
    numbers = []
    for count in (1_000, 2_000):
        text = b"".join(b"x%d-%d\tb\n" % (count, number) for number in range(count))
        source = receive_upload(owner=alice, data=text, file_name="", now=timezone.now())
        alice.refresh_from_db()
        with CaptureQueriesContext(connection) as queries:
            apply_import(
                owner=alice,
                import_id=source.pk,
                choices=Choices(deck="D"),
                duplicates="skip",
                now=timezone.now(),
            )
        numbers.append(len(queries))
    assert numbers[1] <= numbers[0]


def test_progress_is_taken_over_and_kept_within_the_learners_boxes(
    alice: User, alice_client: Client
) -> None:
    text = (
        "front,back,box,due,last_reviewed,created\n"
        "a,b,10,2026-03-01,2026-02-01T10:00:00Z,2025-01-01\nc,d,2,2199-12-31,,\n"
    )
    apply(alice_client, upload(alice_client, text.encode()))
    first, second = Card.objects.of(alice).order_by("id")
    assert (first.box, first.due) == (7, dt.date(2026, 3, 1))
    assert first.last_reviewed == dt.datetime(2026, 2, 1, 10, tzinfo=dt.UTC)
    assert first.created_at == dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    assert second.due is not None
    assert (second.due - alice.today(timezone.now())).days == MAX_INTERVAL


def test_the_id_of_a_deleted_card_goes_to_the_one_that_comes_in_its_place(
    alice: User, alice_client: Client
) -> None:
    make_card(alice, front="a", guid="g", deleted_at=timezone.now())
    apply(alice_client, upload(alice_client, b"front,guid\na,g\n"))
    assert Card.objects.of(alice).get().guid == "g"
    assert Card.objects.count() == 2


def test_years_that_no_card_has_are_refused(alice: User, alice_client: Client) -> None:
    text = b"front,due,created\na,0001-01-01,\nb,2201-01-01,\nc,,0001-01-01T00:00\nd,,9999-12-31\n"
    source = upload(alice_client, text + b"e,1900-01-01,2200-12-31\n")
    assert counts(page(alice_client, source)) == [1, 0, 0, 4]


def test_cards_that_lie_in_the_trash_give_their_ids_in_one_statement_a_batch(alice: User) -> None:
    numbers = []
    for count in (10, 300):
        rows = b"".join(b"g%d-%d,x%d,b\n" % (count, row, row) for row in range(count))
        for _ in range(2):
            source = receive_upload(
                owner=alice, data=b"guid,front,back\n" + rows, file_name="", now=timezone.now()
            )
            alice.refresh_from_db()
            with CaptureQueriesContext(connection) as queries:
                apply_import(
                    owner=alice,
                    import_id=source.pk,
                    choices=Choices(deck=f"D{count}"),
                    duplicates="skip",
                    now=timezone.now(),
                )
            assert Card.objects.of(alice).count() == count
            Card.objects.update(deleted_at=timezone.now())
        numbers.append(len(queries))
    assert numbers[1] <= numbers[0]


def test_an_upload_that_is_gone_is_said_to_be_gone(alice: User) -> None:
    with pytest.raises(ImportGone):
        apply_import(
            owner=alice,
            import_id=1,
            choices=Choices(deck="D"),
            duplicates="skip",
            now=timezone.now(),
        )

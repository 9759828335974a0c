"""Imports that go wrong: strangers, broken files, hostile files, failures half-way."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from cards.importing.uploading import WAITING_MAX, receive_upload
from cards.models import Card, Deck, Import
from tests.factories import make_card, make_deck
from tests.importing.pages import apply, counts, filled, page, upload


def test_a_failure_leaves_nothing_half_written(
    alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_card(alice, deck=make_deck(alice, "words"), front="x0", back="old")
    text = b"".join(b"x%d,b,tag%d\n" % (number, number) for number in range(3_000))
    source = upload(alice_client, b"front,back,tags\n" + text)
    data = filled(page(alice_client, source)) | {"do": "import", "duplicates": "update"}

    def fail(*args: object, **options: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("cards.importing.applying.Tag.objects.bulk_create", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        alice_client.post(f"/import/{source.pk}/apply/", data)
    assert list(Card.objects.values_list("back", flat=True)) == ["old"]
    source.refresh_from_db()
    assert source.applied_at is None
    assert counts(page(alice_client, source)) == [2_999, 1, 0, 0]


def test_a_stranger_gets_404_and_nothing_happens(
    alice_client: Client, charlie_client: Client
) -> None:
    source = upload(alice_client, b"a\tb\n")
    data = filled(page(alice_client, source)) | {"do": "import"}
    assert charlie_client.get(f"/import/{source.pk}/").status_code == 404
    assert charlie_client.post(f"/import/{source.pk}/apply/", data).status_code == 404
    assert charlie_client.post(f"/import/{source.pk}/undo/").status_code == 404
    assert Card.objects.count() == 0
    apply(alice_client, source)
    assert charlie_client.post(f"/import/{source.pk}/undo/").status_code == 404
    assert Card.objects.filter(deleted_at=None).count() == 1


def test_a_file_with_the_cards_of_another_learner_makes_cards_of_ones_own(
    alice: User, charlie: User, charlie_client: Client
) -> None:
    card = make_card(alice, front="a", back="b", guid="shared")
    apply(charlie_client, upload(charlie_client, b"front,back,guid\na,x,shared\n"))
    card.refresh_from_db()
    assert card.back == "b"
    assert Card.objects.of(charlie).get().guid == "shared"


def test_without_signing_in_there_is_no_import(db: None) -> None:
    assert Client().get("/import/").status_code == 302
    assert Client().post("/import/", {"text": "a\tb"}).status_code == 302
    assert Import.objects.count() == 0


def test_a_file_that_is_too_big_is_refused_with_its_size(
    alice_client: Client, settings: Any
) -> None:
    settings.IMPORT_MAX_BYTES = 1_000
    file = SimpleUploadedFile("big.csv", b"a,b\n" * 300)
    response = alice_client.post("/import/", {"file": file})
    assert response.status_code == 422
    assert "Split it into several files" in response.content.decode()
    assert Import.objects.count() == 0


@pytest.mark.parametrize("data", [{}, {"text": "  \n "}, {"text": "a\x00\tb"}])
def test_an_upload_of_nothing_or_of_nul_is_refused(
    alice_client: Client, data: dict[str, str]
) -> None:
    assert alice_client.post("/import/", data).status_code == 422
    assert Import.objects.count() == 0


def test_an_empty_file_is_told_to_be_empty(alice_client: Client) -> None:
    source = upload(alice_client, b"#separator:tab\n")
    soup = page(alice_client, source)
    assert "No cards were found" in soup.text
    data = filled(soup) | {"do": "import"}
    response = alice_client.post(f"/import/{source.pk}/apply/", data, follow=True)
    assert "No cards were found" in response.content.decode()


def test_an_anki_package_makes_no_junk_cards(alice_client: Client) -> None:
    source = upload(alice_client, b"PK\x03\x04\x14\x00a\tb\nc\td\n", "deck.apkg")
    soup = page(alice_client, source)
    assert "This is not a text file" in soup.text
    data = filled(soup) | {"do": "import"}
    alice_client.post(f"/import/{source.pk}/apply/", data)
    assert Card.objects.count() == 0


def test_a_paste_of_a_megabyte_is_imported(alice: User, alice_client: Client) -> None:
    lines = [f"front {number}\t{'long answer ' * 8}" for number in range(10_000)]
    text = "\r\n".join(lines)
    assert len(text) > 1_000_000
    response = alice_client.post("/import/", {"text": text})
    source = Import.objects.get()
    assert response["Location"] == f"/import/{source.pk}/"
    apply(alice_client, source)
    assert Card.objects.of(alice).count() == 10_000
    assert Deck.objects.get().name == "Imported"


HOSTILE = {
    "a NUL": b"a\x00\tb\nc\td\n",
    "unreadable bytes": "é".encode() * 40 + b"\tb\n\xff\xfe\xed\xa0\x80\tx\n",
    "halves of pairs in UTF-16": b"\xff\xfe"
    + "a\tb\n".encode("utf-16-le")
    + b"\x00\xd8\t\x00x\x00",
    "an odd byte at the end": "a\tb\n".encode("utf-16") + b"x",
    "script": b"<script>alert(1)</script>\t<img src=x onerror=alert(1)>\nx\ty\n",
    "direction": "שלום\t\u202eevil\u202c\nمرحبا\t😀👩‍👩‍👧\n".encode(),
    "very many columns": b"," * 100_000 + b"\nx,y\n",
    "an endless line": b"x" * 900_000,
    "an open quote": b'"' * 10_001 + b"\n" + b"x,y\n" * 1_000,
    "only separators": b"\t\t\t\n" * 1_000,
    "a zip": b"PK\x03\x04" + bytes(range(256)) * 40,
    "a long name of a column": b"front,back," + b"n" * 100_000 + b"\na,b,c\n",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_have_a_preview_and_can_be_imported(
    alice_client: Client, data: bytes
) -> None:
    source = upload(alice_client, data, "<b>x</b>.csv")
    response = alice_client.get(f"/import/{source.pk}/")
    assert response.status_code == 200
    assert b"<script>alert" not in response.content
    assert b"<b>x</b>" not in response.content
    assert len(response.content) < 400_000
    apply(alice_client, source)
    for card in Card.objects.all():
        assert card.front.strip()
        assert "\x00" not in card.front + card.back


@pytest.mark.parametrize(
    "choices",
    [
        {"encoding": "rot13"},
        {"separator": "banana"},
        {"deck": "d" * 201},
        {"column0": "owner", "column1": "front"},
        {"separator": "own", "between_sides": "x" * 21},
        {"deck": "a\x00b"},
    ],
)
def test_senseless_choices_are_refused(alice_client: Client, choices: dict[str, str]) -> None:
    source = upload(alice_client, b"a\tb\n")
    page(alice_client, source, status=422, **choices)
    data = filled(page(alice_client, source)) | {"do": "import"} | choices
    assert alice_client.post(f"/import/{source.pk}/apply/", data).status_code == 422
    assert Card.objects.count() == 0


def test_a_script_for_a_link_is_left_out_and_pointed_out(alice_client: Client) -> None:
    source = upload(alice_client, b"front,back,link\na,b,javascript:alert(1)\n")
    assert "not a web address" in page(alice_client, source).text
    apply(alice_client, source)
    assert Card.objects.get().link == ""


def test_only_a_few_uploads_wait(alice: User, alice_client: Client, charlie: User) -> None:
    receive_upload(owner=charlie, data=b"x", file_name="", now=timezone.now())
    sources = [upload(alice_client, b"a%d\tb\n" % number) for number in range(WAITING_MAX + 2)]
    left = Import.objects.filter(owner=alice).order_by("id")
    assert list(left) == sources[2:]
    assert alice_client.get(f"/import/{sources[0].pk}/").status_code == 404
    assert Import.objects.filter(owner=charlie).count() == 1

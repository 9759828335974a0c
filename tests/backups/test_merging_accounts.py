"""Accounts, boxes and decks that are there stay as their owners have them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission

from accounts.models import User
from backups.tables import table
from cards.models import Box, Card, Deck
from tests.answers import NOON
from tests.backups.leitner_files import changed, empty_file, living_in, merge
from tests.factories import make_card, make_deck, make_user

pytestmark = pytest.mark.django_db
ALICE = "alice@example.org"
OLD, NEW = "werkzeug$scrypt:32768:8:1$a$b", "werkzeug$scrypt:32768:8:1$c$d"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return empty_file(tmp_path)


def with_password(password: str) -> User:
    user = make_user(ALICE)
    User.objects.filter(pk=user.pk).update(password=password)
    return user


@pytest.mark.parametrize(
    ("here", "there", "kept"),
    [
        (OLD, NEW, NEW),
        ("!unusable", NEW, NEW),
        ("", NEW, NEW),
        ("argon2$renewed", NEW, "argon2$renewed"),
        (OLD, "!unusable", OLD),
        (OLD, "", OLD),
        (OLD, "argon2$other", "argon2$other"),
    ],
)
def test_a_password_comes_only_over_one_that_was_not_renewed_here(
    file: Path, here: str, there: str, kept: str
) -> None:
    with living_in(file):
        with_password(there)
    alice = with_password(here)
    merge(file)
    alice.refresh_from_db()
    assert alice.password == kept


@pytest.mark.parametrize(
    ("here", "fields"),
    [
        ("!unusable", {"is_staff": True}),
        ("!unusable", {"is_superuser": True}),
        (OLD, {"is_staff": True}),
        ("!passkey", {"last_login": NOON}),
    ],
)
def test_the_old_site_opens_no_account_with_rights_or_of_a_passkey(
    file: Path, here: str, fields: dict[str, object]
) -> None:
    with living_in(file):
        with_password(NEW)
    User.objects.filter(pk=with_password(here).pk).update(**fields)
    merge(file)
    assert User.objects.get().password == here


@pytest.mark.parametrize(
    ("confirmed", "last_login", "kept"),
    [(False, None, NEW), (False, NOON, "argon2$first"), (True, None, "argon2$first")],
)
def test_who_took_an_address_here_without_confirming_it_does_not_get_its_learners_cards(
    file: Path, confirmed: bool, last_login: dt.datetime | None, kept: str
) -> None:
    with living_in(file):
        make_card(with_password(NEW))
    stranger = with_password("argon2$first")
    User.objects.filter(pk=stranger.pk).update(last_login=last_login)
    EmailAddress.objects.update(verified=confirmed)
    merge(file)
    merge(file)
    assert User.objects.get().password == kept
    assert EmailAddress.objects.get().verified is confirmed


def test_nobody_becomes_more_powerful_than_here(file: Path) -> None:
    with living_in(file):
        other = make_user(ALICE, is_staff=True, is_superuser=True)
        group = Group.objects.create(name="Helpers")
        group.permissions.set(Permission.objects.all()[:3])
        other.groups.add(group)
        other.user_permissions.set(Permission.objects.all()[:2])
        Authenticator.objects.create(user=other, type="totp", data={"secret": "theirs"})
    alice = make_user(ALICE, theme="dark")
    Group.objects.create(name="Helpers")
    report, _ = merge(file)
    alice.refresh_from_db()
    assert not alice.is_staff
    assert not alice.is_superuser
    assert alice.theme == "dark"
    assert not alice.groups.exists()
    assert not alice.user_permissions.exists()
    assert not Group.objects.get().permissions.exists()
    assert not Authenticator.objects.exists()
    counts = report.tables[table("accounts_user_user_permissions").label]
    assert counts.read == counts.written == 2


def test_a_new_account_comes_with_all_that_it_has(file: Path) -> None:
    with living_in(file):
        other = make_user(ALICE, is_staff=True)
        other.groups.add(Group.objects.create(name="Helpers"))
        other.groups.get().permissions.set(Permission.objects.filter(codename="view_card"))
        Authenticator.objects.create(user=other, type="totp", data={"secret": "theirs"})
    make_user("somebody@example.org")
    merge(file)
    alice = User.objects.get(email=ALICE)
    assert alice.has_perm("cards.view_card")
    assert Authenticator.objects.get().user == alice


def test_an_address_has_one_owner_and_no_other_address_opens_an_account(file: Path) -> None:
    with living_in(file):
        strange = EmailAddress.objects.create(
            user=make_user(ALICE), email="second@example.org", verified=True
        )
        EmailConfirmation.objects.create(email_address=strange, key="k" * 64, sent=NOON)
        make_user("third@example.org")
    make_user(ALICE)
    charlie = make_user("charlie@example.org")
    EmailAddress.objects.filter(user=charlie).update(email="third@example.org")
    merge(file)
    rows = EmailAddress.objects.order_by("user__email", "email")
    assert list(rows.values_list("user__email", "email", "primary", "verified")) == [
        (ALICE, ALICE, True, True),
        ("charlie@example.org", "third@example.org", True, True),
        ("third@example.org", "third@example.org", True, False),
    ]


def test_boxes_that_are_there_stay_and_deeper_ones_come_only_for_their_cards(file: Path) -> None:
    with living_in(file):
        make_card(make_user(ALICE, intervals=(1, 3, 7, 14, 30)), box=4, due=NOON.date())
    alice = make_user(ALICE, intervals=(2, 20))
    merge(file)
    boxes = Box.objects.filter(owner=alice).order_by("number")
    assert list(boxes.values_list("interval_days", flat=True)) == [2, 20, 21, 22]


def test_boxes_without_cards_do_not_come_back(file: Path) -> None:
    with living_in(file):
        make_card(make_user(ALICE, intervals=(1, 3, 7, 14, 30)), box=2, due=NOON.date())
    alice = make_user(ALICE, intervals=(1, 3, 7))
    merge(file)
    assert Box.objects.filter(owner=alice).count() == 3


def test_a_deck_is_known_by_its_name(file: Path) -> None:
    with living_in(file):
        make_card(make_user(ALICE), deck=make_deck(User.objects.get(), "Verbs"))
    deck = make_deck(make_user(ALICE), "Verbs")
    merge(file)
    assert Card.objects.get().deck == Deck.objects.get() == deck


def test_a_deck_that_was_renamed_here_is_the_same_deck(file: Path) -> None:
    with living_in(file):
        make_card(make_user(ALICE), deck=make_deck(User.objects.get(), "Verbs"), guid="one")
    merge(file)
    Deck.objects.update(name="Verbos")
    with living_in(file):
        make_card(User.objects.get(), guid="two")
    merge(file)
    assert [card.deck.name for card in Card.objects.all()] == ["Verbos", "Verbos"]
    assert Deck.objects.count() == 1


def test_a_deck_that_was_deleted_here_stays_deleted_but_a_new_card_is_seen(file: Path) -> None:
    with living_in(file):
        make_card(make_user(ALICE), deck=make_deck(User.objects.get(), "Verbs"), guid="one")
    merge(file)
    Deck.objects.update(deleted_at=NOON)
    Card.objects.update(deleted_at=NOON)
    merge(file)
    assert Deck.objects.get().deleted_at == NOON
    with living_in(file):
        make_card(User.objects.get(), guid="two")
    merge(file)
    merge(file)
    [seen] = Card.objects.of(User.objects.get())
    assert (seen.guid, seen.deck.name, seen.deck.deleted_at) == ("two", "Verbs", None)
    assert Deck.objects.count() == 2


def test_an_account_known_by_its_address_alone_keeps_everything(file: Path) -> None:
    """As a rejects file names the owner of a card."""
    with living_in(file):
        make_card(with_password("!nothing-known"), guid="mended")
    changed(file, "DELETE FROM account_emailaddress", "DELETE FROM cards_box")
    alice = with_password(OLD)
    merge(file, kind="legacy")
    alice.refresh_from_db()
    assert alice.password == OLD
    assert Card.objects.get().owner == alice
    assert Box.objects.filter(owner=alice).count() == 7

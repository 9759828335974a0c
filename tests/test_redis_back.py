"""Redis comes back with what it had: nothing old is shown, and nobody who left is let in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.models import User
from cards.models import Card, Review
from cards.summary import Tally, summary
from tests.answers import TODAY, respond
from tests.factories import PASSWORD, make_card
from tests.test_redis_away import sign_in
from tests.valkey import Valkey, ask_again, server, valkey

__all__ = ["server", "valkey"]
pytestmark = pytest.mark.django_db


def seen(owner: User) -> Tally:
    """What the next request shows: it loads the learner anew."""
    return summary(User.objects.get(pk=owner.pk), TODAY).all


@pytest.fixture
def old(valkey: Valkey) -> Iterator[Valkey]:
    """Call `keep()` for what it shall come back with."""
    yield valkey
    with valkey.ask() as control:
        control.flushdb()
        control.save()


def come_back(valkey: Valkey) -> None:
    valkey.kill()
    valkey.start()
    ask_again()


def test_counts_are_of_now_whatever_it_comes_back_with(alice: User, old: Valkey) -> None:
    cards = [make_card(alice, due=TODAY) for _ in range(3)]
    assert seen(alice) == Tally(total=3, due=3)
    old.keep()
    respond(cards[0])
    assert seen(alice) == Tally(total=3, due=2)
    old.kill()
    respond(cards[1])
    assert seen(alice) == Tally(total=3, due=1)
    come_back(old)
    assert seen(alice) == Tally(total=3, due=1)
    respond(cards[2])
    assert seen(alice) == Tally(total=3, due=0)


def test_after_a_restore_of_the_database_too(alice: User, old: Valkey) -> None:
    """The next write must not come to a version under which another history was counted."""
    card = make_card(alice, due=TODAY)
    account = User.objects.filter(pk=alice.pk)
    before = Card.objects.filter(pk=card.pk).values("box", "due", "last_reviewed").get()
    [version] = account.values_list("data_version", flat=True)
    respond(card)
    assert seen(alice) == Tally(total=1, due=0)
    lost = account.values_list("data_version", flat=True).get()
    old.keep()
    Review.objects.all().delete()
    Card.objects.filter(pk=card.pk).update(**before)
    account.update(data_version=version)
    come_back(old)
    assert seen(alice) == Tally(total=1, due=1)
    alice.refresh_from_db()
    respond(make_card(alice, due=TODAY))
    assert account.values_list("data_version", flat=True).get() > lost
    assert seen(alice) == Tally(total=2, due=1)


def test_pages_of_other_learners_and_days_stay_apart(
    alice: User, charlie: User, old: Valkey
) -> None:
    make_card(alice, due=TODAY + dt.timedelta(days=1))
    assert (seen(alice).due, seen(charlie).total) == (0, 0)
    come_back(old)
    alice.refresh_from_db()
    assert summary(alice, TODAY + dt.timedelta(days=1)).all.due == 1


def test_who_signed_out_meanwhile_stays_out(alice: User, old: Valkey) -> None:
    client = sign_in(alice.email)
    stolen = client.cookies.output()
    assert client.get("/review/").status_code == 200
    old.keep()
    old.kill()
    client.post("/accounts/logout/")
    come_back(old)
    thief = Client()
    thief.cookies.load(stolen.replace("Set-Cookie:", ""))
    assert thief.get("/review/")["Location"].startswith("/accounts/login/")


def test_who_signed_in_meanwhile_stays_in(alice: User, old: Valkey) -> None:
    old.kill()
    client = sign_in(alice.email)
    come_back(old)
    assert client.get("/review/").status_code == 200


def test_an_end_that_redis_forgot_holds_after_five_minutes(alice: User, old: Valkey) -> None:
    """A crash may take back what Redis had stored, without anybody noticing."""
    sign_in(alice.email).get("/review/")
    with old.ask() as control:
        keys = list(control.scan_iter("*sessions*"))
        assert keys
        assert all(0 < control.ttl(key) <= 300 for key in keys)


def test_a_new_password_ends_old_sessions_whatever_is_cached(alice: User, old: Valkey) -> None:
    client = sign_in(alice.email)
    assert client.get("/review/").status_code == 200
    old.keep()
    old.kill()
    alice.set_password("another " + PASSWORD)
    alice.save(update_fields=["password"])
    come_back(old)
    assert client.get("/review/").status_code == 302


def test_values_that_this_release_cannot_read_are_not_there(alice: User, old: Valkey) -> None:
    make_card(alice, due=TODAY)
    assert seen(alice).due == 1
    client = sign_in(alice.email)
    with old.ask() as control:
        for key in control.scan_iter("*"):
            control.set(key, b"\x80\x04cno_such_module\nnothing\n.")
    assert seen(alice).due == 1
    assert client.get("/review/").status_code == 200

"""Forgotten and changed passwords."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "a newer and longer one"


def link_in(message: Any, part: str) -> str:
    word = next(word for word in str(message.body).split() if part in word)
    return word.removeprefix("http://testserver")


def test_a_forgotten_password_is_set_anew_through_the_mail(client: Client, alice: User) -> None:
    response = client.post("/accounts/password/reset/", {"email": "Alice@Example.org"})
    assert response["Location"] == "/accounts/password/reset/done/"
    [message] = mail.outbox
    link = link_in(message, "/password/reset/key/")
    form = client.get(link, follow=True)
    assert list(form.context["form"].fields) == ["password1"]
    done = client.post(form.request["PATH_INFO"], {"password1": NEW})
    assert done["Location"] == "/"
    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_the_link_works_once(client: Client, alice: User) -> None:
    client.post("/accounts/password/reset/", {"email": alice.email})
    link = link_in(mail.outbox[0], "/password/reset/key/")
    client.post(client.get(link)["Location"], {"password1": NEW})
    again = Client().get(link)
    assert b"This link is no longer good" in again.content


def test_an_unknown_address_gets_the_same_answer_and_a_mail(client: Client, alice: User) -> None:
    known = client.post("/accounts/password/reset/", {"email": alice.email})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [message.to for message in mail.outbox] == [[alice.email], ["nobody@example.org"]]
    assert "/accounts/signup/" in mail.outbox[1].body


def test_a_closed_account_gets_no_link(client: Client, alice: User) -> None:
    alice.is_active = False
    alice.save(update_fields=["is_active"])
    client.post("/accounts/password/reset/", {"email": alice.email})
    assert "/password/reset/key/" not in mail.outbox[0].body


def test_a_new_weak_password_is_refused(client: Client, alice: User) -> None:
    client.post("/accounts/password/reset/", {"email": alice.email})
    form = client.get(link_in(mail.outbox[0], "/password/reset/key/"), follow=True)
    response = client.post(form.request["PATH_INFO"], {"password1": "12345678"})
    assert response.context["form"].errors["password1"]


def test_changing_the_password_signs_other_browsers_out(alice_client: Client, alice: User) -> None:
    phone = Client()
    phone.force_login(alice)
    data = {"oldpassword": PASSWORD, "password1": NEW}
    response = alice_client.post("/accounts/password/change/", data)
    assert response.status_code == 302
    assert alice_client.get("/accounts/settings/").status_code == 200
    assert phone.get("/accounts/settings/")["Location"].startswith("/accounts/login/")
    assert "password was changed" in mail.outbox[0].body


def test_the_current_password_is_asked_for(alice_client: Client, alice: User) -> None:
    data = {"oldpassword": "something else", "password1": NEW}
    response = alice_client.post("/accounts/password/change/", data)
    assert response.context["form"].errors["oldpassword"]
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_an_account_without_a_password_sets_one(alice_client: Client, alice: User) -> None:
    alice.set_unusable_password()
    alice.save(update_fields=["password"])
    alice_client.force_login(alice)
    assert alice_client.get("/accounts/password/set/").status_code == 200
    alice_client.post("/accounts/password/set/", {"password1": NEW})
    alice.refresh_from_db()
    assert alice.check_password(NEW)


def test_passwords_are_kept_with_little_memory_and_dearer_ones_are_renewed(
    client: Client, alice: User, real_hashers: None
) -> None:
    alice.password = Argon2PasswordHasher().encode(PASSWORD, "some salt for it")
    alice.save(update_fields=["password"])
    assert "m=102400,t=2,p=8" in alice.password
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    alice.refresh_from_db()
    assert alice.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert alice.check_password(PASSWORD)

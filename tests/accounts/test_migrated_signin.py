"""Accounts that came from elsewhere: whatever their address looks like, nobody is locked out."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User, UserManager
from tests.accounts.test_passwords import link_in
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
ODD = [
    "zoë@example.com",
    "иван@mail.example.net",
    "a..b@example.com",
    "me@intranet",
    "日本@例え.jp",
]
NEW = "a newer and longer one"


@pytest.fixture
def must_confirm(settings: Any) -> None:
    """As with a mail server: addresses have to be confirmed."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


def sign_in(client: Client, email: str) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": PASSWORD})


@pytest.mark.usefixtures("must_confirm")
@pytest.mark.parametrize("email", ODD)
def test_an_address_that_sign_up_would_refuse_signs_in(client: Client, email: str) -> None:
    user = make_user(email)
    assert sign_in(client, email)["Location"] == "/"
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize(
    "typed",
    [
        " ZOË@Example.com ",
        unicodedata.normalize("NFD", "zoë@example.com"),
        unicodedata.normalize("NFD", "ZOË@EXAMPLE.COM"),
    ],
)
def test_neither_case_nor_the_way_accents_are_typed_matters(client: Client, typed: str) -> None:
    make_user("zoë@example.com")
    assert sign_in(client, typed)["Location"] == "/"
    client.post("/accounts/logout/")
    client.post("/accounts/password/reset/", {"email": typed})
    assert mail.outbox[0].to == ["zoë@example.com"]
    assert "/password/reset/key/" in mail.outbox[0].body


@pytest.mark.parametrize(
    "typed", ["", "zoë", "@example.com", "zoë@", "z oë@example.com", "<b>@x.org", "z\x00@x.org"]
)
def test_what_cannot_be_an_address_is_told_so(client: Client, typed: str) -> None:
    response = sign_in(client, typed)
    assert response.status_code == 200
    assert response.context["form"].errors["login"]
    again = client.post("/accounts/password/reset/", {"email": typed})
    assert again.context["form"].errors["email"]
    assert not mail.outbox


def test_the_field_lets_browsers_send_such_addresses(client: Client) -> None:
    """Chromium refuses letters outside ASCII before the @ of an input of the type "email"."""
    for url, name in [("/accounts/login/", "login"), ("/accounts/password/reset/", "email")]:
        widget = client.get(url).context["form"].fields[name].widget
        assert (widget.input_type, widget.attrs["inputmode"]) == ("text", "email")


@pytest.mark.parametrize("email", ODD)
def test_sign_up_is_as_strict_as_before(client: Client, email: str) -> None:
    response = client.post("/accounts/signup/", {"email": email, "password1": PASSWORD})
    assert response.context["form"].errors["email"]
    assert not User.objects.exists()


def test_sign_up_keeps_the_one_piece_form(client: Client) -> None:
    typed = unicodedata.normalize("NFD", "dora@exämple.org")
    client.post("/accounts/signup/", {"email": typed, "password1": PASSWORD})
    assert User.objects.get().email == EmailAddress.objects.get().email == "dora@exämple.org"


@given(st.text())
def test_normal_addresses_stay_as_they_are(text: str) -> None:
    once = UserManager.normalize_email(text)
    assert UserManager.normalize_email(once) == once


def test_an_account_without_a_usable_password_sets_one_by_mail(client: Client) -> None:
    user = make_user("иван@mail.example.net")
    user.set_unusable_password()
    user.save(update_fields=["password"])
    assert "_auth_user_id" not in client.session
    assert sign_in(client, user.email).status_code == 200
    client.post("/accounts/password/reset/", {"email": user.email})
    form = client.get(link_in(mail.outbox[0], "/password/reset/key/"), follow=True)
    done = client.post(form.request["PATH_INFO"], {"password1": NEW})
    assert done["Location"] == "/"
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert client.session["_auth_user_id"] == str(user.pk)


def test_the_page_to_change_a_password_leads_on_who_has_none(
    alice_client: Client, alice: User
) -> None:
    alice.set_unusable_password()
    alice.save(update_fields=["password"])
    alice_client.force_login(alice)
    response = alice_client.get("/accounts/password/change/")
    assert response["Location"] == "/accounts/password/set/"


def test_an_admin_can_change_such_an_account_but_not_give_it_a_bad_address(
    admin_client: Client,
) -> None:
    user = make_user("zoë@example.com")
    url = f"/admin/accounts/user/{user.pk}/change/"
    page = admin_client.get(url)
    form = page.context["adminform"].form
    data = {name: form.initial.get(name) or "" for name in form.fields if name != "password"}
    data |= {"is_active": "", "groups": []}
    for formset in page.context["inline_admin_formsets"]:
        prefix = formset.formset.prefix
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    response = admin_client.post(url, data)
    assert response.status_code == 302, response.context["errors"]
    user.refresh_from_db()
    assert (user.email, user.is_active) == ("zoë@example.com", False)
    bad = admin_client.post(url, data | {"email": "zoé@example.com"})
    assert bad.context["adminform"].form.errors["email"]
    good = admin_client.post(url, data | {"email": " Zoe@Example.com "})
    assert good.status_code == 302
    user.refresh_from_db()
    assert user.email == EmailAddress.objects.get(user=user).email == "zoe@example.com"

"""Admins look after learners; getting in goes through the same door as for everybody."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/user/"


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


def test_the_admin_is_entered_through_the_learners_door(client: Client) -> None:
    for path in ["/admin/", LIST]:
        chain = client.get(path, follow=True).redirect_chain
        assert chain[-1][0].startswith("/accounts/login/?next=")


def test_an_admin_with_codes_needs_them_for_the_admin(client: Client, admin: User) -> None:
    Authenticator.objects.create(user=admin, type=Authenticator.Type.TOTP, data={"secret": "ABCD"})
    data = {"login": admin.email, "password": PASSWORD, "next": "/admin/"}
    assert client.post("/accounts/login/", data)["Location"].startswith("/accounts/2fa/")
    assert client.get("/admin/").status_code == 302


def test_a_learner_is_refused(alice_client: Client) -> None:
    assert alice_client.get("/admin/login/").status_code == 403
    assert alice_client.get(LIST, follow=True).status_code == 403


def test_the_first_admin_comes_from_the_console(client: Client) -> None:
    call_command("createsuperuser", email="Root@Example.org", interactive=False, stdout=StringIO())
    user = User.objects.get()
    assert (user.email, user.is_staff, user.is_superuser) == ("root@example.org", True, True)
    assert EmailAddress.objects.get(user=user).verified
    # Without boxes, which come with a sign-up, every page works all the same.
    client.force_login(user)
    assert client.get("/").status_code == 200


def test_the_list_costs_the_same_for_twice_the_learners(admin_client: Client) -> None:
    for _ in range(5):
        make_user()
    before = queries(admin_client, LIST)
    for _ in range(5):
        make_user()
    assert queries(admin_client, LIST) == before <= 8


def test_a_learner_is_found_by_a_part_of_the_address(
    admin_client: Client, alice: User, charlie: User
) -> None:
    page = admin_client.get(LIST, {"q": "ALICE"}).content.decode()
    assert alice.email in page
    assert charlie.email not in page


def test_a_learners_page_has_no_list_of_learners(admin_client: Client, alice: User) -> None:
    make_user("somebody-else@example.org")
    page = admin_client.get(f"{LIST}{alice.pk}/change/").content.decode()
    assert alice.email in page
    assert "somebody-else" not in page
    assert alice.password.split("$")[-1] not in page


def test_no_secret_of_codes_is_shown(admin_client: Client, alice: User) -> None:
    Authenticator.objects.create(
        user=alice, type=Authenticator.Type.TOTP, data={"secret": "TOPSECRET"}
    )
    assert b"TOPSECRET" not in admin_client.get(f"{LIST}{alice.pk}/change/").content
    assert admin_client.get("/admin/mfa/authenticator/").status_code == 404


def form_of(client: Client, url: str) -> dict[str, Any]:
    """The values that the page's form would send."""
    context = client.get(url).context
    data = dict(context["adminform"].form.initial)
    for inline in context["inline_admin_formsets"]:
        formset = inline.formset
        data |= {f"{formset.prefix}-{k}": v for k, v in formset.management_form.initial.items()}
        for form in formset.initial_forms:
            data |= {form.add_prefix(k): v for k, v in form.initial.items()}
            data |= {form.add_prefix("id"): form.instance.pk, form.add_prefix("user"): ""}
    return {key: value for key, value in data.items() if value is not None and value is not False}


def test_an_admin_changes_an_address_in_both_places(admin_client: Client, alice: User) -> None:
    url = f"{LIST}{alice.pk}/change/"
    data = form_of(admin_client, url) | {"email": "Alicia@Example.org", "groups": []}
    data.pop("password", None)
    response = admin_client.post(url, data)
    assert response.status_code == 302, response.context["errors"]
    alice.refresh_from_db()
    assert alice.email == "alicia@example.org"
    address = EmailAddress.objects.get(user=alice)
    assert (address.email, address.verified) == ("alicia@example.org", False)
    login = {"login": "alicia@example.org", "password": PASSWORD}
    assert Client().post("/accounts/login/", login)["Location"] == "/"


def test_an_address_that_the_learner_has_already_added_becomes_theirs(
    admin_client: Client, alice: User
) -> None:
    EmailAddress.objects.create(user=alice, email="new@example.org")
    url = f"{LIST}{alice.pk}/change/"
    data = form_of(admin_client, url) | {"email": "New@Example.org", "groups": []}
    data.pop("password", None)
    assert admin_client.post(url, data).status_code == 302
    address = EmailAddress.objects.get(user=alice)
    assert (address.email, address.primary, address.verified) == ("new@example.org", True, False)


def test_an_admin_makes_a_learner_who_can_sign_in(admin_client: Client) -> None:
    data = {
        "email": "New@Example.org",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    response = admin_client.post(f"{LIST}add/", data)
    assert response.status_code == 302, response.context["errors"]
    login = {"login": "new@example.org", "password": PASSWORD}
    assert Client().post("/accounts/login/", login)["Location"] == "/"


def test_nobody_is_deleted_by_a_click(admin_client: Client, alice: User) -> None:
    assert admin_client.post(f"{LIST}{alice.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=alice.pk).exists()

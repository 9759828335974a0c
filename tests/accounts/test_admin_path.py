"""The admin lies where ADMIN_PATH says, and nowhere else."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import clear_url_caches, reverse

import leitner.urls

pytestmark = pytest.mark.django_db


@pytest.fixture
def moved(settings: Any) -> Iterator[None]:
    """The addresses of a site with ADMIN_PATH=back/office/."""
    before = settings.ADMIN_PATH
    settings.ADMIN_PATH = "back/office/"
    importlib.reload(leitner.urls)
    clear_url_caches()
    yield
    settings.ADMIN_PATH = before
    importlib.reload(leitner.urls)
    clear_url_caches()


@pytest.mark.usefixtures("moved")
def test_it_is_there_and_nothing_tells_where_it_would_be(
    client: Client, admin_client: Client, alice_client: Client
) -> None:
    assert reverse("admin:index") == "/back/office/"
    for visitor in (client, alice_client, admin_client):
        for address in ("/admin/", "/admin/login/", "/admin/cards/card/"):
            assert visitor.get(address).status_code == 404
    for address in ("", "cards/card/", "accounts/user/", "backups/backuprun/"):
        page = admin_client.get(f"/back/office/{address}")
        assert page.status_code == 200
        assert '"/admin/' not in page.content.decode()
    assert b"/back/office/" in admin_client.get("/").content
    assert b"/back/office/" not in alice_client.get("/").content


@pytest.mark.usefixtures("moved")
def test_there_too_a_second_factor_is_asked_for(admin_client: Client, settings: Any) -> None:
    settings.STAFF_TWO_FACTOR = True
    assert admin_client.get("/back/office/")["Location"] == "/accounts/2fa/"

"""Pages for what goes wrong say what happened and what to do next, in our look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.views.csrf import csrf_failure
from django.views.defaults import bad_request, permission_denied, server_error

from accounts.models import User


def heading(response: Any) -> str:
    page = BeautifulSoup(response.content, "html.parser")
    [h1] = page.find_all("h1")
    assert not page.find_all("style")
    assert not page.find_all(style=True)
    return str(h1.text)


@pytest.mark.django_db
def test_404_signed_out_and_signed_in(client: Client, alice_client: Client) -> None:
    for browser in [client, alice_client]:
        response = browser.get("/no-such-page/")
        assert response.status_code == 404
        assert heading(response) == "There is nothing here"


@pytest.mark.parametrize(
    ("view", "status", "text"),
    [
        (bad_request, 400, "This request was not understood"),
        (permission_denied, 403, "This is not for you"),
    ],
)
def test_400_and_403(
    rf: RequestFactory, view: Callable[..., HttpResponse], status: int, text: str
) -> None:
    request = rf.get("/")
    request.user = User()
    response = view(request, Exception())
    assert (response.status_code, heading(response)) == (status, text)


def test_a_form_that_is_too_old(rf: RequestFactory) -> None:
    response = csrf_failure(rf.post("/"), reason="")
    assert (response.status_code, heading(response)) == (403, "This form is too old")


def test_500_asks_neither_database_nor_storage(rf: RequestFactory, settings: Any) -> None:
    # No mark for the database: a query would fail here. Nor is there a list of static files.
    settings.STORAGES = {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    request: HttpRequest = rf.get("/")
    response = server_error(request)
    assert (response.status_code, heading(response)) == (500, "Something broke here")

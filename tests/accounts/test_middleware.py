"""Who is signed out is asked in and comes back to a page; a body beyond all uploads is refused."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from accounts.middleware import BodySizeMiddleware
from accounts.models import User

SIGN_IN = "/accounts/login/?next="


def test_a_post_that_comes_after_the_login_session_ended_leads_back_to_its_page(
    client: Client, db: None
) -> None:
    page = "http://testserver/review/?deck=3"
    response = client.post("/review/answer/?deck=3", headers={"referer": page})
    assert response.headers["Location"] == f"{SIGN_IN}http%3A//testserver/review/%3Fdeck%3D3"


@pytest.mark.parametrize("page", ["", "https://elsewhere.example/review/", "javascript:alert(1)"])
def test_a_post_from_nowhere_or_elsewhere_leads_to_the_first_page(
    client: Client, db: None, page: str
) -> None:
    response = client.post("/review/answer/", headers={"referer": page})
    assert response.headers["Location"] == f"{SIGN_IN}/"


def test_the_learner_who_signs_in_again_is_on_the_review_page(client: Client, alice: User) -> None:
    from tests.factories import PASSWORD

    page = "http://testserver/review/"
    asked = client.post("/review/answer/", headers={"referer": page})
    form = {"login": alice.email, "password": PASSWORD, "next": page}
    response = client.post(asked.headers["Location"], form)
    assert response.headers["Location"] == page


@pytest.mark.parametrize("length", [str(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1), "x", "-1"])
def test_too_large_a_body_is_refused_before_it_is_read(length: str) -> None:
    request = RequestFactory().post("/accounts/login/")
    request.META["CONTENT_LENGTH"] = length
    response = BodySizeMiddleware(lambda _: pytest.fail("it was let through"))(request)
    assert response.status_code == 413
    assert "32 MB" in response.content.decode()

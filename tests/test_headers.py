"""What every answer tells the browser: pages, refusals, files and downloads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import Client
from django.urls import URLResolver, get_resolver

from accounts.models import User
from leitner.headers import POLICY
from leitner.probes import PROBES
from tests.factories import make_card

pytestmark = pytest.mark.django_db
ADDRESSES = ["/", "/accounts/login/", "/cards/", "/nowhere/", "/admin/", "/accounts/settings/"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_allows_little_and_is_kept_by_nobody(
    client: Client, admin_client: Client, address: str
) -> None:
    for visitor in (client, admin_client):
        headers = visitor.get(address).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert "publickey-credentials-get=(self)" in headers["Permissions-Policy"]
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        kept = headers["Cache-Control"]
        assert "no-store" in kept
        assert "private" in kept


def test_each_feature_is_named_once() -> None:
    names = [name.split("=")[0] for name in POLICY.split()]
    assert len(names) == len(set(names))


def test_a_refused_post_is_kept_by_nobody_either(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    answer = strict.post("/cards/add/", {"front": "a"})
    assert answer.status_code == 403
    assert answer["Cache-Control"] == "private, no-store"


def test_a_download_is_a_file_that_runs_nothing(alice: User, alice_client: Client) -> None:
    make_card(alice, front="<script>alert(1)</script>")
    for ask, address in (
        (alice_client.get, "/export/?format=csv"),
        (alice_client.post, "/your-data/download/"),
    ):
        answer: Any = ask(address)
        b"".join(answer)
        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def every_address(patterns: Any, before: str = "/") -> Iterator[str]:
    """Each address of the site, with something for each parameter."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from every_address(pattern.url_patterns, route)
        else:
            text = re.sub(r"\(\?P<\w+>[^)]*\)\+?", "a-b", route)
            text = re.sub(r"<(\w+:)?key>", "a-b", re.sub(r"[\^$]|\\Z", "", text))
            yield re.sub(r"<[^>]*>", "1", text)


def test_no_post_is_taken_from_another_site(admin: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin)
    # Mail programs unsubscribe with one click (RFC 8058); what proves it is in the address.
    addresses = {
        address
        for address in every_address(get_resolver().url_patterns)
        if not address.startswith("/accounts/reminders/stop/") and address not in PROBES
    }
    assert len(addresses) > 80
    for address in sorted(addresses):
        status = strict.post(address, {"x": "1"}).status_code
        assert status == 403, f"POST {address} without a token: {status}"
    for address in PROBES:
        assert strict.post(address).status_code == 405


def test_static_files_have_the_headers_too(settings: Any, tmp_path: Any) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    answer: Any = Client().get(
        staticfiles_storage.url("leitner/base.css"), headers={"accept-encoding": "br"}
    )
    assert answer.status_code == 200
    assert b"".join(answer)
    assert answer["Content-Encoding"] == "br"
    assert answer["Cache-Control"] == "max-age=315360000, public, immutable"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in answer.headers

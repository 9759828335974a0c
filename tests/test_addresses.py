"""The client's address: what our own proxies saw, never what a client can write."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.test import Client, RequestFactory, override_settings
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from leitner.addresses import client_address, client_network
from tests.factories import PASSWORD

PROXY = "10.0.0.1"


def seen(rf: RequestFactory, forwarded: str | None, remote: str = PROXY) -> str:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return client_address(rf.get("/", headers=headers, REMOTE_ADDR=remote))


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, PROXY),
        (0, "203.0.113.9", PROXY),
        (1, None, PROXY),
        (1, "", PROXY),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 192.0.2.5", "203.0.113.9"),
        (2, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, nonsense", PROXY),
        (1, "198.51.100.1,", "198.51.100.1"),
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (1, "[2001:db8::7]:4711", "2001:db8::7"),
        (1, "2001:DB8:0::7", "2001:db8::7"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_it_is_counted_from_the_end(
    rf: RequestFactory, settings: Any, proxies: int, forwarded: str | None, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert seen(rf, forwarded) == address


@given(forged=st.text(max_size=80).map(lambda text: text.replace("\n", "").replace("\r", "")))
def test_whatever_a_client_writes_before_changes_nothing(forged: str) -> None:
    with override_settings(TRUSTED_PROXIES=1):
        assert seen(RequestFactory(), f"{forged}, 203.0.113.9") == "203.0.113.9"


@given(forwarded=st.text(max_size=80))
def test_no_header_is_an_error(forwarded: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1")
    request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    with override_settings(TRUSTED_PROXIES=2):
        assert client_network(request)


def test_without_an_address_there_is_one_all_the_same(rf: RequestFactory) -> None:
    """A server behind a Unix socket knows none."""
    assert seen(rf, None, remote="") == ""


def test_ipv6_is_counted_by_64_bits_and_ipv4_by_address(rf: RequestFactory) -> None:
    def network(address: str) -> str:
        return client_network(rf.get("/", REMOTE_ADDR=address))

    assert network("2001:db8:1:2:3:4:5:6") == network("2001:db8:1:2::") == "2001:db8:1:2::/64"
    assert network("2001:db8:1:3::1") != network("2001:db8:1:2::1")
    assert network("203.0.113.9") != network("203.0.113.10")
    assert network("::ffff:203.0.113.9") == network("203.0.113.9")


@pytest.mark.django_db
def test_sign_ins_and_the_list_of_sessions_know_the_same_address(
    alice: User, rf: RequestFactory, settings: Any
) -> None:
    settings.TRUSTED_PROXIES = 1
    headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
    request = rf.get("/", headers=headers)
    assert get_adapter(request).get_client_ip(request) == client_address(request)
    client = Client(headers=headers)
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert UserSession.objects.get(user=alice).ip == "203.0.113.9"


@pytest.mark.django_db
def test_a_forged_header_is_no_way_round_a_limit(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign-in": "3/h"}
    statuses = []
    for number in range(4):
        headers = {"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.9"}
        data = {"login": f"nobody{number}@example.org", "password": "x"}
        statuses.append(Client(headers=headers).post("/accounts/login/", data).status_code)
    assert statuses == [200, 200, 200, 429]
    other = Client(headers={"X-Forwarded-For": "203.0.113.10"})
    data = {"login": "nobody@example.org", "password": "x"}
    assert other.post("/accounts/login/", data).status_code == 200

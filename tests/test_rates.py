"""Every address has its limit, and operators can change each rate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.account import app_settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from leitner.env import env_rates
from leitner.rates import LIMITS, for_allauth, limits_of, rates

ROOT = Path(__file__).resolve().parent.parent
# What is dear although it only reads.
EXPENSIVE = {
    "cards:browse",
    "cards:deck",
    "cards:statistics",
    "cards:export",
    "cards:import-preview",
}


def addresses() -> Iterator[tuple[str, str]]:
    """(name, a path that leads there) of every address of the site; parameters are 1."""
    todo: list[tuple[URLResolver, str, str]] = [(get_resolver(), "", "")]
    for resolver, space, path in todo:
        for pattern in resolver.url_patterns:
            route = re.sub(r"<[^>]+>|\(\?P<\w+>(\([^)]*\)|[^()])*\)", "1", str(pattern.pattern))
            inner = path + route.strip("^").rstrip("$")
            if isinstance(pattern, URLPattern):
                yield f"{space}{pattern.name}", f"/{inner}"
            else:
                todo.append(
                    (pattern, space + (f"{pattern.namespace}:" if pattern.namespace else ""), inner)
                )


# The admin's address for what is not found, and one whose parameter is one of few words.
NAMELESS = {"admin:None", "admin:app_list"}
ALL = sorted(set(addresses()))


@pytest.fixture
def nothing_allowed(settings: Any) -> None:
    settings.RATE_LIMITS = dict.fromkeys(LIMITS, "0/h")


@pytest.mark.django_db
@pytest.mark.usefixtures("nothing_allowed")
@pytest.mark.parametrize(("name", "path"), ALL)
def test_whatever_is_sent_anywhere_is_limited(admin_client: Client, name: str, path: str) -> None:
    assert resolve(path).view_name == name or name in NAMELESS
    for method in ("post", "put", "patch", "delete"):
        response = getattr(admin_client, method)(path)
        # 405: what machines ask is answered before anything else, and takes nothing.
        assert response.status_code in (429, 405), f"{method} {path}: {response.status_code}"


@pytest.mark.django_db
@pytest.mark.usefixtures("nothing_allowed")
@pytest.mark.parametrize(("name", "path"), ALL)
def test_looking_is_limited_where_it_is_dear_and_nowhere_else(
    admin_client: Client, name: str, path: str
) -> None:
    assert (admin_client.get(path).status_code == 429) == (name in EXPENSIVE)


def test_the_list_names_addresses_that_there_are() -> None:
    there = {name for name, _ in ALL} | {"account_confirm_login_code"}
    for limit in LIMITS.values():
        for view in limit.views:
            beginning = view.removesuffix("*")
            assert view in there or any(
                view.endswith("*") and name.startswith(beginning) for name in there
            ), view


def test_an_exact_name_goes_before_a_beginning() -> None:
    assert limits_of("mfa_authenticate") == ["sign-in"]
    assert limits_of("mfa_index") == ["account"]
    assert limits_of("account_signup") == ["sign-up", "mail"]
    assert limits_of("no:such-view") == ["other"]


def test_operators_change_rates_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMITS", " sign-in=2000/10m, export=off ,")
    found = env_rates("RATE_LIMITS")
    assert (found["sign-in"], found["export"], found["answer"]) == ("2000/10m", "", "1200/5m")
    assert found.keys() == LIMITS.keys()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("login=1/m", "There is no limit 'login'; there are answer, write"),
        ("answer=many", "answer=many is no rate; write answer=1200/5m or answer=off"),
        ("answer", "answer= is no rate"),
        ("answer=5/0m", "is no rate"),
        ("answer=5/m/ip", "is no rate"),
        ("answer=-1/m", "is no rate"),
        ("answer=5 / m", "is no rate"),
    ],
)
def test_what_is_no_rate_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, text: str, says: str
) -> None:
    monkeypatch.setenv("RATE_LIMITS", text)
    with pytest.raises(ImproperlyConfigured, match=re.escape(says)):
        env_rates("RATE_LIMITS")


def test_django_allauth_counts_nothing_but_what_only_it_sees() -> None:
    mine = {name: rate for name, rate in for_allauth(rates("")).items() if rate}
    assert mine == {"login_failed": "100/10m/ip,5/5m/key"}
    assert not for_allauth(rates("wrong-from-address=off,wrong-for-account=off"))["login_failed"]
    left = {name for name, rate in app_settings.RATE_LIMITS.items() if rate} - mine.keys()
    # Ways in that are switched off, and the mail that confirms an address: three minutes apart.
    assert left == {"change_phone", "request_login_code", "verify_phone", "confirm_email"}


def test_the_page_of_limits_tells_operators_each_of_them() -> None:
    page = (ROOT / "docs/operations/limits.md").read_text("utf-8")
    for name, limit in LIMITS.items():
        assert f"| `{name}` | {limit.rate} |" in page

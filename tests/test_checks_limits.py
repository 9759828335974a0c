"""`manage.py check --deploy` names limits that would hit everybody, or nobody."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks

from leitner.checks_limits import check_limits

PROXY = ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.mark.parametrize(
    ("proxy", "proxies", "found"),
    [(None, 0, []), (PROXY, 1, []), (PROXY, 0, ["leitner.W301"]), (None, 1, ["leitner.W302"])],
)
def test_the_number_of_proxies(
    settings: Any, proxy: tuple[str, str] | None, proxies: int, found: list[str]
) -> None:
    settings.SECURE_PROXY_SSL_HEADER, settings.TRUSTED_PROXIES = proxy, proxies
    messages = check_limits()
    assert [message.id for message in messages] == found
    assert all(message.hint for message in messages)


def test_a_limit_that_is_off_is_named(settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign-in": "", "export": ""}
    [message] = check_limits()
    assert message.msg == "There is no limit for: export, sign-in."


def test_it_is_part_of_the_check_for_production_only(settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"export": ""}
    production = {each.id for each in run_checks(include_deployment_checks=True)}
    here = {each.id for each in run_checks()}
    assert "leitner.W303" in production - here

"""`check --deploy` names what is half-done about safety and privacy, and how to finish it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks

GOOD = {
    "HTTPS": True,
    "STAFF_TWO_FACTOR": True,
    "ADMIN_PATH": "back-office/",
    "STATIC_HOST": "https://cdn.example.org",
    "OPERATOR_NAME": "Ada's school",
    "CONTACT_EMAIL": "ada@example.org",
    "EMAIL_HOST": "smtp.example.org",
    "INACTIVE_ACCOUNT_DAYS": 400,
}


def found(settings: Any, **changed: Any) -> list[str]:
    for name, value in (GOOD | changed).items():
        setattr(settings, name, value)
    messages = run_checks(tags=["security"], include_deployment_checks=True)
    ours = [message for message in messages if str(message.id)[:9] in ("leitner.W", "leitner.I")]
    assert all(message.hint for message in ours)
    return [str(message.id) for message in ours if str(message.id)[9] == "2"]


def test_a_site_that_is_done_hears_nothing(settings: Any) -> None:
    assert found(settings) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"STAFF_TWO_FACTOR": False}, "leitner.W201"),
        ({"ADMIN_PATH": "admin/"}, "leitner.I202"),
        ({"STATIC_HOST": "http://cdn.example.org"}, "leitner.W203"),
        ({"OPERATOR_NAME": ""}, "leitner.W204"),
        ({"CONTACT_EMAIL": ""}, "leitner.W204"),
        ({"EMAIL_HOST": ""}, "leitner.W205"),
    ],
)
def test_what_is_half_done_is_named(settings: Any, changed: dict[str, Any], expected: str) -> None:
    assert found(settings, **changed) == [expected]


def test_a_laptop_needs_no_second_factor(settings: Any) -> None:
    assert found(settings, HTTPS=False, STAFF_TWO_FACTOR=False) == []

"""Settings about safety and privacy: each is checked, and safe when nobody says anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_settings import GOOD_KEY, load, start


@pytest.mark.parametrize("value", ["cdn.example.org", "https://cdn.example.org/static", "https:"])
def test_a_static_host_that_is_no_origin_is_refused(value: str) -> None:
    done = start("STATIC_URL", SECRET_KEY=GOOD_KEY, STATIC_HOST=value)
    assert "it must be like https://cdn.example.org" in done.stderr


def test_static_files_come_from_here_or_from_a_cdn() -> None:
    names = "STATIC_URL", "WHITENOISE_ALLOW_ALL_ORIGINS"
    assert list(load(*names).values()) == ["static/", False]
    there = load(*names, STATIC_HOST="https://cdn.example.org/")
    assert list(there.values()) == ["https://cdn.example.org/static/", True]


@pytest.mark.parametrize(("given", "path"), [("", "admin/"), ("/back/office", "back/office/")])
def test_the_admin_has_a_path_of_its_own_choosing(given: str, path: str) -> None:
    assert load("ADMIN_PATH", ADMIN_PATH=given) == {"ADMIN_PATH": path}


@pytest.mark.parametrize("value", ["/", "a b", "<x>", "../x", "a//b"])
def test_a_path_that_is_none_is_refused(value: str) -> None:
    done = start("ADMIN_PATH", SECRET_KEY=GOOD_KEY, ADMIN_PATH=value)
    assert "ADMIN_PATH is" in done.stderr


def test_staff_need_a_second_factor_in_production_and_not_on_a_laptop() -> None:
    for https, needed in (("1", True), ("0", False)):
        assert load("STAFF_TWO_FACTOR", HTTPS=https) == {"STAFF_TWO_FACTOR": needed}
    assert load("STAFF_TWO_FACTOR", HTTPS="0", STAFF_TWO_FACTOR="1") == {"STAFF_TWO_FACTOR": True}


def test_earlier_keys_can_come_from_a_mounted_file(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text("one\ntwo, three\n")
    keys = load("SECRET_KEY_FALLBACKS", SECRET_KEY_FALLBACKS_FILE=str(path))
    assert keys == {"SECRET_KEY_FALLBACKS": ["one", "two", "three"]}


@pytest.mark.parametrize("days", ["1", "179"])
def test_accounts_are_never_inactive_within_half_a_year(days: str) -> None:
    done = start("INACTIVE_ACCOUNT_DAYS", SECRET_KEY=GOOD_KEY, INACTIVE_ACCOUNT_DAYS=days)
    assert "it must be 0 (never) or at least 180" in done.stderr

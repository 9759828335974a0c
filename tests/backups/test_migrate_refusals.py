"""What `manage.py migrate_from_sqlite` refuses: one sentence, and the target is untouched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from cards.models import Box, Card, Deck
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def refused(source: Path, complaint: str, *options: str) -> None:
    """It is not done, one sentence says why, and the target is untouched."""
    before = counted()
    with pytest.raises(CommandError, match=complaint) as caught:
        call_command("migrate_from_sqlite", source, *options, no_progress=True)
    assert caught.value.returncode == 1
    assert "\n" not in str(caught.value)
    assert counted() == before


def counted() -> list[int]:
    return [model.objects.count() for model in (User, Box, Deck, Card)]


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("corrupt", "damaged|truncated|malformed"),
        ("empty", "empty"),
        ("notadb", "no SQLite database|not an SQLite database|not a database"),
        ("othertables", "neither|no table"),
        ("missing", "no file|not found|no such|does not exist"),
    ],
)
def test_any_other_file_is_refused_in_one_sentence(
    given: Callable[[str], Path], name: str, complaint: str
) -> None:
    refused(given(name), complaint)


def test_a_site_with_people_is_refused_without_merge(given: Callable[[str], Path]) -> None:
    make_user("first@example.org")
    refused(given("small"), "1 account already.*--merge")


def test_the_sites_own_database_is_no_source(tmp_path: Path) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL is no file")
    refused(Path(str(connection.settings_dict["NAME"])), "own database")


def test_a_rejects_file_that_is_there_is_not_overwritten(
    given: Callable[[str], Path], rejects: Path
) -> None:
    rejects.write_text("precious")
    refused(given("small"), "is there already", f"--rejects={rejects}")
    assert rejects.read_text() == "precious"


def test_a_zone_that_is_none_is_refused(given: Callable[[str], Path]) -> None:
    refused(given("small"), "no time zone 'Mars'", "--time-zone=Mars")

"""A role that may not make a schema is told what a drill needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.factories import make_user

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite knows no rights"),
]
ROLE = "leitner_test_without_create"


@pytest.fixture
def without_create(settings: Any) -> Iterator[None]:
    """Every connection that is made from now on is of a role that owns nothing."""
    usual = connection.settings_dict["USER"]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE} LOGIN")
        cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {ROLE}")
        cursor.execute(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
    connection.close()
    connection.settings_dict["USER"] = ROLE
    yield
    connection.close()
    connection.settings_dict["USER"] = usual
    with connection.cursor() as cursor:
        cursor.execute(f"DROP OWNED BY {ROLE}")
        cursor.execute(f"DROP ROLE {ROLE}")


@pytest.mark.usefixtures("without_create")
def test_the_right_that_is_missing_is_named(backup_folder: Path) -> None:
    make_user("alice@example.org")
    call_command("export_backup", "--no-progress")
    name = connection.settings_dict["NAME"]
    with pytest.raises(CommandError, match=f"GRANT CREATE ON DATABASE {name} TO {ROLE}"):
        call_command("verify_backup", "--no-progress")

"""A migration that is killed at any moment leaves the target as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from accounts.models import User
from cards.models import Card
from tests.backups.legacy_files import USER, make
from tests.servers import postgres_url


def target_url() -> str:
    """The address of this test's own database."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(postgres_url())._replace(path=f"/{name}"))


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_moment_the_target_is_as_it_was(tmp_path: Path) -> None:
    users = [USER | {"id": number, "email": f"{number}@x.org"} for number in range(1, 31)]
    cards = ({"user_id": number % 30 + 1, "title": f"Card {number}"} for number in range(6000))
    source = make(tmp_path / "legacy.sqlite3", users, cards)
    connection.close()
    done = subprocess.run(
        [sys.executable, "-m", "tests.backups.killed", str(source)],
        env=os.environ
        | {"DATABASE_URL": target_url(), "DJANGO_SETTINGS_MODULE": "leitner.settings"},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["moments"] >= 14, "too few moments to be killed at"
    assert {code for _, code, _ in said["killed"]} == {-9}
    assert [moment for moment, _, as_it_was in said["killed"] if not as_it_was] == []
    assert said["last"] == 0
    assert User.objects.count() == 30
    assert Card.objects.count() == 6000

"""A restore that is killed at any moment leaves the database as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from backups.archives.exporting import export
from cards.models import Card
from tests.backups.kept import as_the_orm_reads, some_of_everything
from tests.backups.test_killed import target_url
from tests.factories import make_user


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_moment_the_database_is_as_it_was(tmp_path: Path) -> None:
    some_of_everything()
    export(tmp_path / "a.zip")
    before = as_the_orm_reads()
    Card.objects.update(front="now")
    make_user("new@example.org")
    Session.objects.create(session_key="k", session_data="s", expire_date=timezone.now())
    connection.close()
    environment = {
        "DATABASE_URL": target_url(),
        "DATA_DIR": str(tmp_path),
        "BACKUP_DIR": str(tmp_path / "kept"),
        "DJANGO_SETTINGS_MODULE": "leitner.settings",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.backups.killed_restores", str(tmp_path / "a.zip")],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["moments"] > 30
    assert {code for _, code, _ in said["killed"]} == {-9}
    assert [moment for moment, _, as_it_was in said["killed"] if not as_it_was] == []
    assert said["last"] == 0
    assert said["left"] == {"files": [], "outcomes": ["failed"] * 12 + ["good"], "sessions": 0}
    assert as_the_orm_reads() == before

"""An export that is killed at any moment leaves nothing that pretends to be a backup."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import User
from backups.archives.naming import taken_at
from backups.runs.unended import DIED
from tests.backups.test_killed import target_url
from tests.factories import make_cards


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_moment_it_is_known_and_the_next_one_works(
    alice: User, tmp_path: Path
) -> None:
    make_cards(alice, 20)
    connection.close()
    env = {"DATABASE_URL": target_url(), "DJANGO_SETTINGS_MODULE": "leitner.settings"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.backups.killed_exports"],
        env=os.environ | env | {"BACKUP_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["moments"] >= 30, "too few moments to be killed at"
    for killed in said["killed"]:
        assert (killed["code"], killed["again"]) == (-9, 0)
        assert killed["after"]["broken"] == []
        assert killed["after"]["runs"][0] == ["failed", DIED]
    last = said["last"]
    assert [outcome for outcome, _ in last["runs"]] == ["good", "failed"] * 12 + ["good"]
    whole = [name for name in last["names"] if taken_at(name)]
    assert len(whole) >= 13
    # What the killed left half done waits a day under another name; nothing was left to work on.
    others = [name for name in last["names"] if name not in whole]
    assert [name for name in others if not name.endswith(".partial")] == []

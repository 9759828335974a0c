"""Limits that an operator set for pages do not end a backup that takes longer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from backups.archives.snapshot import PostgresSnapshot, snapshot_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no such limits"),
]
LIMITS = "statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout"


@pytest.fixture
def limited() -> Iterator[None]:
    """Every connection that is made from now on has them."""
    usual = connection.settings_dict["OPTIONS"]
    options = " ".join(f"-c {name}=600000" for name in LIMITS)
    connection.close()
    connection.settings_dict["OPTIONS"] = usual | {"options": options}
    yield
    connection.close()
    connection.settings_dict["OPTIONS"] = usual


@pytest.mark.usefixtures("limited")
def test_a_snapshot_lasts_as_long_as_it_takes() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_timeout")
        assert cursor.fetchone() == ("10min",)
    with snapshot_of("default") as snapshot:
        assert isinstance(snapshot, PostgresSnapshot)
        for name in LIMITS:
            snapshot.cursor.execute(f"SHOW {name}")
            assert snapshot.cursor.fetchone() == ("0",)

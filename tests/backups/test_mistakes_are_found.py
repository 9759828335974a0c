"""A mistake on the way, wherever it happens, is found before anything is final."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection

from accounts.models import User
from backups.display import Display
from backups.errors import TransferError
from backups.legacy.rules import Checks, usable_password
from backups.migration import migrate
from backups.sinks.filling import Filling
from backups.sinks.postgres import PostgresStore
from backups.sinks.sqlite import SqliteStore
from backups.sources.legacy import LegacySource
from tests.backups.legacy_files import HASH, NOW
from tests.backups.leitner_files import (
    changed,
    checksums,
    empty_file,
    fill_with_everything,
    living_in,
    merge,
)
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def brought(path: Path, rejects: Path, *, people: bool = False) -> None:
    """The migration is refused, and leaves neither a row nor a rejects file."""
    if people:
        make_user("somebody@example.org")
    before = checksums()
    with pytest.raises(TransferError, match="Nothing was changed"):
        migrate(path, rejects, Display(None), zone="UTC", now=NOW, merge=people)
    assert checksums() == before
    assert not rejects.exists()


@pytest.mark.parametrize("people", [False, True])
def test_owners_are_counted_by_both_sides(
    given: Callable[[str], Path], rejects: Path, people: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = LegacySource.cards_per_owner

    def one_less(self: LegacySource) -> Iterator[tuple[int, int]]:
        return iter(list(counted(self))[1:])

    monkeypatch.setattr(LegacySource, "cards_per_owner", one_less)
    brought(given("small"), rejects, people=people)


def test_what_gets_lost_before_a_merge_is_missed(
    given: Callable[[str], Path], rejects: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store: Any = PostgresStore if connection.vendor == "postgresql" else SqliteStore
    load = store.load

    def losing(
        self: Any, table: Any, columns: Any, batches: Iterable[list[Any]], checksum: Any
    ) -> None:
        load(self, table, columns, batches, checksum)
        with connection.cursor() as cursor:
            cursor.execute(f'DELETE FROM "{table.name}"')  # noqa: S608

    monkeypatch.setattr(store, "load", losing)
    brought(given("small"), rejects, people=True)


def test_what_was_read_is_written_or_set_aside(
    given: Callable[[str], Path], rejects: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = Filling.verify

    def one_less(self: Filling, source: Any) -> dict[str, int]:
        held = verify(self, source)
        return {**held, "cards": held["cards"] - 1}

    monkeypatch.setattr(Filling, "verify", one_less)
    brought(given("nasty"), rejects)


def test_a_failure_after_the_rejects_file_was_written_takes_it_back(
    given: Callable[[str], Path], rejects: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **options: Any) -> None:
        assert rejects.exists()
        raise DatabaseError("no room")

    monkeypatch.setattr("backups.transfer.transaction.set_rollback", fail)
    brought(given("nasty"), rejects)


def test_a_hash_that_is_marked_already_is_not_marked_twice() -> None:
    anything = Checks(lambda text: True, lambda text: True, NOW)
    assert usable_password(f"werkzeug${HASH}", anything) is None


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE mfa_authenticator SET data = CAST(x'4bff' AS TEXT)",
        "UPDATE accounts_user SET email = CAST(x'7aff40782e6f7267' AS TEXT) WHERE is_staff",
    ],
)
def test_bytes_that_are_no_text_concern_their_own_row_alone(tmp_path: Path, harm: str) -> None:
    path = empty_file(tmp_path)
    with living_in(path):
        fill_with_everything()
    report, _ = merge(changed(path, harm))
    assert User.objects.filter(email="alice@example.org").exists()
    for counts in report.tables.values():
        assert counts.read == counts.written + counts.rejected
    assert report.tables["cards"].rejected == 0

"""An export holds every row of one instant, the same from both databases, or leaves nothing."""

from __future__ import annotations

import datetime as dt
import stat
import threading
import uuid
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import User
from backups.archives.archive import ArchiveError, Reader
from backups.archives.csv_text import csv_rows
from backups.archives.exporting import export
from backups.archives.snapshot import PIECE, snapshot_of
from backups.tables import table, tables
from cards.models import Card, Import, ImportUpdate, UndoneReview
from tests.factories import make_card, make_cards, make_review

pytestmark = pytest.mark.django_db(transaction=True)
AT = dt.datetime(2026, 1, 6, 9, 40, 0, 120_000, tzinfo=dt.UTC)


def rows_of(path: Path, name: str) -> list[dict[str, str | None]]:
    with Reader(path) as reader:
        member = next(member for member in reader.manifest.tables if member.table == name)
        header, *rows = csv_rows(reader.chunks(member))
        assert header == member.columns
        assert len(rows) == member.rows
    return [dict(zip(member.columns, row, strict=True)) for row in rows]


def test_every_kind_of_value_is_written_as_it_is(alice: User, tmp_path: Path) -> None:
    card = make_card(
        alice,
        front='a "quoted", line\r\nand \\N another',
        back="",
        due=dt.date(2026, 1, 7),
        created_at=AT,
        suspended=True,
    )
    review = make_review(card, id=uuid.UUID(int=7), on=dt.date(2026, 1, 6), answered_at=AT)
    UndoneReview.objects.create(id=uuid.UUID(int=8), owner=alice, undone_at=AT)
    source = Import.objects.create(owner=alice, file_name="x.csv", data=b"\x00\xff")
    ImportUpdate.objects.create(
        owner=alice, source=source, card=card, before={"front": "é", "b": 1}, after={}
    )
    manifest = export(tmp_path / "a.zip")
    (row,) = rows_of(tmp_path / "a.zip", "cards_card")
    assert row["front"] == 'a "quoted", line\r\nand \\N another'
    assert row["back"] == ""
    assert row["due"] == "2026-01-07"
    assert row["created_at"] == "2026-01-06 09:40:00.12+00"
    assert row["suspended"] == "t"
    assert row["deleted_at"] is None
    (row,) = rows_of(tmp_path / "a.zip", "cards_review")
    assert row["id"] == str(review.id) == "00000000-0000-0000-0000-000000000007"
    (row,) = rows_of(tmp_path / "a.zip", "cards_import")
    assert row["data"] == r"\x00ff"
    (row,) = rows_of(tmp_path / "a.zip", "cards_importupdate")
    assert row["before"] == '{"b": 1, "front": "é"}'
    assert manifest.database == connection.vendor
    assert manifest.migrations["cards"] >= "0002"


def test_every_table_is_there_with_as_many_rows_as_the_database_has(
    alice: User, charlie: User, tmp_path: Path
) -> None:
    manifest = export(tmp_path / "a.zip")
    assert [member.table for member in manifest.tables] == [table.name for table in tables()]
    for member, each in zip(manifest.tables, tables(), strict=True):
        assert member.rows == each.model._default_manager.count(), each.name


def test_what_learners_do_meanwhile_is_not_in_it(alice: User, tmp_path: Path) -> None:
    make_card(alice, front="before")
    with snapshot_of("default") as snapshot:
        meanwhile = threading.Thread(target=answer_and_add, args=(alice.pk,))
        meanwhile.start()
        meanwhile.join()
        out = bytearray()
        rows = snapshot.write_csv(table("cards_card"), Bytes(out))
    assert rows == 1
    assert b"before" in out
    assert b"meanwhile" not in out
    assert Card.objects.count() == 2


class Bytes:
    """Something to write to."""

    def __init__(self, out: bytearray) -> None:
        self.out = out

    def write(self, data: bytes) -> None:
        self.out += data


def answer_and_add(pk: int) -> None:
    make_card(User.objects.get(pk=pk), front="meanwhile")
    connection.close()


def test_only_the_operator_may_read_it(alice: User, tmp_path: Path) -> None:
    export(tmp_path / "a.zip")
    assert stat.S_IMODE((tmp_path / "a.zip").stat().st_mode) == 0o600


def test_an_export_that_fails_leaves_nothing(
    alice: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Reader) -> None:
        raise ArchiveError("flipped")

    monkeypatch.setattr(Reader, "check", broken)
    with pytest.raises(ArchiveError, match="flipped"):
        export(tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []


def test_an_archive_that_is_there_is_never_written_over(alice: User, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_text("mine")
    with pytest.raises(FileExistsError):
        export(tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_text() == "mine"


def test_rows_lie_in_the_order_of_their_numbers_not_of_their_digits(
    alice: User, tmp_path: Path
) -> None:
    """Two databases write the same text only when they sort alike; "10" comes before "9"."""
    make_cards(alice, 12)
    export(tmp_path / "a.zip")
    numbers = [int(row["id"] or 0) for row in rows_of(tmp_path / "a.zip", "cards_card")]
    assert numbers == sorted(numbers)


def test_large_rows_are_not_gathered(alice: User, tmp_path: Path) -> None:
    """Memory holds one large row at a time, whichever the database."""
    for _ in range(6):
        Import.objects.create(owner=alice, file_name="x.csv", data=bytes(PIECE))
    pieces: list[int] = []

    class Pieces:
        def write(self, data: bytes) -> None:
            pieces.append(len(data))

    with snapshot_of("default") as snapshot:
        assert snapshot.write_csv(table("cards_import"), Pieces()) == 6
    assert max(pieces) < 3 * PIECE  # Two hexadecimal digits a byte, and a little more.

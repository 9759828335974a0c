"""A rejects file that an operator mended comes in again, however a spreadsheet left it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from backups.errors import TransferError
from backups.rejects import RejectsFile
from backups.report import Report
from backups.sources.legacy import LegacySource
from backups.sources.legacy_accounts import ADDRESS_ONLY
from backups.sources.legacy_cards import ORPHAN
from backups.sources.rejects import RejectsSource
from backups.sources.sqlite_file import open_snapshot
from tests.backups.legacy_files import (
    HASH,
    NOW,
    USER,
    Given,
    altered,
    make,
    read_source,
    settled,
)

HEAD = (
    "table,row,reason,id,email,password_hash,created_at,user_id,title,link,idea,solved_date,"
    "leitner_box,next_review,last_reviewed,owner_email\r\n"
)
CARD = "cards,7,,7,,,2025-10-15 13:10:28,{owner},Two Sum,,a note,2025-10-15,3,2026-01-09,,{email}\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rejects.csv"


def set_aside(database: Path, path: Path) -> None:
    """Read a file of the legacy app, and keep what is set aside."""
    rejects = RejectsFile(path)
    report = Report("legacy", rejects)
    with open_snapshot(database) as snapshot, LegacySource(snapshot, now=NOW) as source:
        for stream in source.streams(report):
            for _ in stream.batches:
                pass
    rejects.keep()


def mended(path: Path, mend: Callable[[dict[str, str]], object]) -> None:
    """Change each row of the file as an operator would."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        mend(row)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def read_again(path: Path) -> Given:
    return read_source(RejectsSource(path, now=NOW))


def refusal(path: Path, text: str | None = None) -> str:
    if text is not None:
        path.write_text(text, "utf-8", newline="")
    with pytest.raises(TransferError) as error:
        read_again(path)
    return str(error.value)


# ---- There and back ----


def test_what_was_set_aside_comes_in_when_it_is_mended(path: Path, tmp_path: Path) -> None:
    users: list[dict[str, object]] = [
        {**USER, "email": "=no address"},
        {**USER, "email": "b@x.org"},
    ]
    cards: list[dict[str, object]] = [
        {"user_id": 1, "idea": "-1 +1\r\n\"quoted\", 'it' \ufffd;\t"},
        {"user_id": 1, "title": "'=quoted", "last_reviewed": None},
        {"user_id": 2},
        {"user_id": 99, "id": 2**62},
    ]
    set_aside(make(tmp_path / "a.sqlite3", users, cards), path)
    again = read_again(path)
    assert len(again.rejected) == 4
    assert settled(again)

    def mend(row: dict[str, str]) -> None:
        if row["email"] == "'=no address":
            row["email"] = "A@x.org"
        if row["user_id"] == "99":
            row["owner_email"] = " Zoë@x.org"

    mended(path, mend)
    given = read_again(path)
    assert given.rejected == []
    assert settled(given)
    assert given.user("a@x.org")["password"] == f"werkzeug${HASH}"
    first, second, third = given.tables["cards_card"]
    assert first["back"] == cards[0]["idea"]
    assert first["guid"] == "legacy:1:20251015131028"
    assert (second["front"], second["last_reviewed"]) == ("'=quoted", None)
    assert third["guid"] == f"legacy:{2**62}:20251015131028"
    assert third["owner_id"] == given.user("zoë@x.org")["id"]


def test_unknown_columns_are_there_when_a_row_is_set_aside_again(
    path: Path, tmp_path: Path
) -> None:
    database = make(tmp_path / "a.sqlite3", cards=[{"user_id": 99}])
    set_aside(altered(database, "ALTER TABLE cards ADD difficulty DEFAULT 'Medium'"), path)
    mended(path, lambda row: row.update(owner_email="nobody"))
    given = read_again(path)
    assert given.report.notes == ['The column "difficulty" of cards is unknown and stays behind.']
    ((_, _, reason, row),) = given.rejected
    assert reason == ORPHAN
    assert (row["difficulty"], row["owner_email"]) == ("Medium", "nobody")


# ---- Owners by address ----


def test_an_owner_may_be_known_to_the_target_only(path: Path) -> None:
    path.write_text(HEAD + CARD.format(owner="", email="A@X.org"))
    given = read_again(path)
    assert given.user("a@x.org")["password"].startswith("!")  # type: ignore[union-attr]
    assert given.rules("users", -1) == [ADDRESS_ONLY]
    assert given.card(7)["owner_id"] == "1"


def test_an_account_made_for_an_address_is_nobodys_user_id(path: Path) -> None:
    """A card whose account is still not in the file goes to no other account."""
    named, orphan = CARD.format(owner="", email="a@x.org"), CARD.format(owner="1", email="")
    path.write_text(HEAD + named + orphan.replace("cards,7,,7", "cards,8,,8"))
    given = read_again(path)
    assert given.card(7)["owner_id"] == "1"
    assert [(row_id, reason) for _, row_id, reason, _ in given.rejected] == [("8", ORPHAN)]


def test_an_owner_may_be_an_account_of_the_same_file(path: Path) -> None:
    user = f"users,3,,3,A@x.org,{HASH},2025-10-15 13:06:34,,,,,,,,,\n"
    path.write_text(HEAD + CARD.format(owner="", email="a@X.org ") + user)
    given = read_again(path)
    assert given.user("a@x.org")["password"] == f"werkzeug${HASH}"
    assert len(given.tables["accounts_user"]) == 1
    assert given.owners == {1: 1}


# ---- As spreadsheets leave it ----


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_other_ways_to_write_it_are_read(
    delimiter: str, end: str, encoding: str, path: Path
) -> None:
    text = HEAD + CARD.format(owner="", email="zoë@x.org") + ",,,,,,,,,,,,,,,\n\n"
    text = text.replace("\r\n", "\n").replace(",", delimiter).replace("\n", end)
    path.write_bytes(text.encode(encoding))
    given = read_again(path)
    assert given.card(7)["due"] == "2026-01-09"
    assert given.user("zoë@x.org")["id"] == "1"


def test_headings_may_be_in_another_order_and_cells_at_the_end_missing(path: Path) -> None:
    names = HEAD.strip().split(",")[::-1]
    cells = CARD.format(owner="", email="a@x.org").strip().split(",")[::-1]
    path.write_text(f"{', '.join(names).upper()}\n{','.join(cells)}\n")
    assert read_again(path).card(7)["front"] == "Two Sum"
    path.write_text(HEAD + "users,5,,,b@x.org\n")
    assert read_again(path).rules("users", 5) == [ADDRESS_ONLY]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no rejects file"),
        ("id,email\n1,a@x.org\n", "has no heading table"),
        (HEAD.replace("title", "email"), "has two columns email"),
        (HEAD.replace("title,", "") + "cards,7\n", "up to line 2: cards need a column title"),
        (HEAD + 'cards,7,,7,,,,1,"Two Sum,,,\nmore\n', "up to line 3: quotes do not match"),
        (HEAD + 'cards,7,,7,,,,1,"Two" Sum,,,\n', "up to line 2: quotes do not match"),
        (HEAD + "\n\ndecks,1\n", "up to line 4: the table is 'decks'"),
        (HEAD + CARD.replace(",7,,7", ",7,,9.2E+18"), "the id '9.2E+18' is not a whole number"),
        (HEAD + CARD.replace(",7,,7", f",7,,{2**63}"), "is not a whole number"),
        (HEAD + CARD.strip() + ",more\n", "more cells than headings"),
        (HEAD + CARD * 2, "cards 7 stands in the file twice"),
    ],
    ids=lambda text: text[-20:],
)
def test_what_cannot_be_read_is_said_with_its_line(text: str, said: str, path: Path) -> None:
    sentence = refusal(path, text)
    assert said in sentence
    assert str(path) in sentence


def test_a_file_that_is_not_there_is_said(path: Path) -> None:
    assert "cannot be read" in refusal(path)

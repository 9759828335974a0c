"""What becomes of real files of the legacy app, and of every hostile row in nasty.sqlite3."""

from __future__ import annotations

from pathlib import Path

import pytest

from backups.legacy.text import NOT_UTF8
from backups.report import Report
from backups.sources import Stream, legacy_cards
from backups.sources.legacy import LegacySource
from backups.sources.legacy_accounts import ADDRESS_ONLY, MERGED, NAMED
from backups.sources.legacy_cards import ACCOUNT_SET_ASIDE, ORPHAN
from backups.sources.sqlite_file import open_snapshot
from tests.backups.legacy_files import (
    HASH,
    NOW,
    SCHEMA,
    USER,
    Kept,
    altered,
    copy_of,
    make,
    read,
    settled,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "legacy.sqlite3"


def users(*emails: str) -> list[dict[str, object]]:
    return [{**USER, "email": email} for email in emails]


def test_everything_the_app_left_is_there(tmp_path: Path) -> None:
    given = read(copy_of("small", tmp_path))
    counts = given.report.tables
    assert (counts["users"].read, counts["cards"].read) == (4, 66)
    assert (given.rejected, given.report.notes) == ([], [])
    # One link begins with javascript: and stands on the back now.
    assert (counts["users"].mended, counts["cards"].mended) == (0, 1)
    assert settled(given)
    boxes = [card["box"] for card in given.tables["cards_card"]]
    assert [boxes.count(str(box)) for box in range(1, 6)] == [11, 8, 9, 8, 30]
    assert sum(len(str(card["back"])) == 120_000 for card in given.tables["cards_card"]) == 1


@pytest.mark.parametrize(
    ("email", "due"),
    [
        ("alice.ng@example.com", {"2026-01-05": 0, "2026-01-06": 2, "2026-01-13": 18}),
        ("bob+leet@example.org", {"2026-01-05": 1, "2026-01-07": 7, "2026-02-10": 20}),
        ("carol.o-neil@example.com", {"2026-01-05": 8, "2026-01-07": 12, "2026-02-10": 15}),
        ("dave_99@sub.example.co.uk", {"2026-02-10": 0}),
    ],
)
def test_the_same_cards_are_due_as_before(email: str, due: dict[str, int], tmp_path: Path) -> None:
    given = read(copy_of("small", tmp_path))
    owner = given.user(email)["id"]
    cards = [card for card in given.tables["cards_card"] if card["owner_id"] == owner]
    for day, expected in due.items():
        assert sum(str(card["due"]) <= day for card in cards) == expected


def test_what_is_in_the_log_only_is_there_too(tmp_path: Path) -> None:
    given = read(copy_of("wal", tmp_path))
    assert (len(given.tables["accounts_user"]), len(given.tables["cards_card"])) == (5, 70)
    assert given.card(1)["box"] == "1"


def test_a_learner_gets_an_address_five_boxes_and_a_deck(path: Path) -> None:
    given = read(make(path, users("a@x.org", "b@x.org"), [{}, {}]), "America/Toronto")
    assert given.user("a@x.org") == {
        "id": "1", "password": f"werkzeug${HASH}", "is_superuser": "f", "email": "a@x.org",
        "is_active": "t", "is_staff": "f", "date_joined": "2025-10-15 13:06:34+00",
        "time_zone": "America/Toronto", "day_starts_at": "0", "new_per_day": "20",
        "again_rule": "first", "theme": "system", "data_version": "0",
        "reminder_refusals": "0",
    }  # fmt: skip
    address = {"user_id": "1", "email": "a@x.org", "verified": "t", "primary": "t"}
    assert {"id": "1"} | address in given.tables["account_emailaddress"]
    boxes = [
        (box["id"], box["number"], box["interval_days"])
        for box in given.tables["cards_box"]
        if box["owner_id"] == "2"
    ]
    assert boxes == [("6", "1", "1"), ("7", "2", "3"), ("8", "3", "7"), ("9", "4", "14"),
                     ("10", "5", "30")]  # fmt: skip
    # Who has no cards has no deck.
    now = f"{NOW:%Y-%m-%d %H:%M:%S}+00"
    decks = [{"id": "1", "owner_id": "1", "name": "My cards", "created_at": now}]
    assert given.tables["cards_deck"] == decks
    assert [card["deck_id"] for card in given.tables["cards_card"]] == ["1", "1"]
    assert given.owners == {1: 2}


def test_streams_leave_out_only_what_may_be_empty(path: Path) -> None:
    with open_snapshot(make(path)) as snapshot, LegacySource(snapshot, now=NOW) as source:
        streams: list[Stream] = []
        for stream in source.streams(Report("legacy", Kept())):
            streams.append(stream)
            assert all(len(row) == len(stream.columns) for batch in stream.batches for row in batch)
        assert source.totals() == {"users": 1, "cards": 0}
    for stream in streams:
        left_out = set(stream.table.columns) - set(stream.columns)
        assert all(column.null for column in left_out), stream.table.name


# ---- Accounts whose addresses are one ----


def test_the_account_that_could_sign_in_leads(path: Path) -> None:
    given = read(
        make(path, users("A@x.org", "a@x.org", "a@x.org "), [{"user_id": n} for n in (1, 2, 3)])
    )
    assert [user["id"] for user in given.tables["accounts_user"]] == ["1"]
    assert given.report.tables["users"].merged == 2
    assert given.rules("users", 1) == given.rules("users", 3) == [MERGED]
    assert given.rules("users", 2) == []
    assert {card["owner_id"] for card in given.tables["cards_card"]} == {"1"}
    assert settled(given)


def test_among_equals_the_oldest_leads(path: Path) -> None:
    rows = [
        {"id": 9, **USER, "email": "A@X.org", "password_hash": HASH.replace("salt", "nine")},
        {"id": -4, **USER, "email": "A@x.org"},
    ]
    given = read(make(path, rows))
    assert given.user("a@x.org")["password"] == f"werkzeug${HASH}"
    assert given.rules("users", 9) == [MERGED]


# ---- Set aside ----


def test_cards_without_an_account_are_set_aside_whole(path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"user_id": 4242},
        {"user_id": "alice"},
        {"user_id": "1"},
        {"user_id": b"1"},
    ]
    given = read(make(path, cards=rows))
    assert [(table, row, reason) for table, row, reason, _ in given.rejected] == [
        ("cards", "1", ORPHAN),
        ("cards", "2", ORPHAN),
        ("cards", "4", ORPHAN),
    ]
    assert given.rejected[1][3]["user_id"] == "alice"
    assert given.rejected[0][3]["created_at"] == "2025-10-15 13:10:28"
    assert settled(given)


def test_the_cards_of_an_account_that_is_set_aside_go_with_it(path: Path) -> None:
    given = read(make(path, users("no address", "b@x.org"), [{"user_id": 1}, {"user_id": 2}]))
    assert [row[:2] for row in given.rejected] == [("users", "1"), ("cards", "1")]
    assert given.rejected[1][2] == ACCOUNT_SET_ASIDE
    assert given.rejected[0][3]["password_hash"] == HASH
    assert settled(given)


# ---- Passwords ----


def test_who_cannot_sign_in_is_named(path: Path) -> None:
    rows = [
        {**USER, "email": f"{n}@x.org", "password_hash": f"plain {n}"} for n in range(NAMED + 3)
    ]
    given = read(make(path, rows))
    assert given.report.notes[0] == (
        "Account 1 (0@x.org) has a password that cannot be checked; its owner must set a new one "
        "by mail."
    )
    assert given.report.notes[NAMED:] == ["So must the owners of 3 more accounts."]
    passwords = {user["password"] for user in given.tables["accounts_user"]}
    assert len(passwords) == NAMED + 3
    assert all(str(password)[0] == "!" for password in passwords)


# ---- Texts ----


def test_texts_that_are_not_utf_8_do_not_stop_the_others(path: Path) -> None:
    schema_tail = "UPDATE cards SET idea = CAST(x'636166E9' AS TEXT) WHERE id IN (1, 2, 5);"
    cards = [{"id": id_, "idea": "ok"} for id_ in (1, 2, 4, 5, 2**63 - 1)]
    given = read(altered(make(path, cards=cards), schema_tail))
    backs = [card["back"] for card in given.tables["cards_card"]]
    assert backs == ["café", "café", "ok", "café", "ok"]
    assert given.report.mends[("cards", NOT_UTF8)].rows == ["1", "2", "5"]


def test_the_last_possible_card_may_be_the_broken_one(path: Path) -> None:
    tail = "UPDATE cards SET title = CAST(x'FF' AS TEXT) WHERE id = 9223372036854775807;"
    given = read(altered(make(path, cards=[{"id": -(2**63)}, {"id": 2**63 - 1}]), tail))
    assert [card["front"] for card in given.tables["cards_card"]] == ["Two Sum", "ÿ"]


def test_long_notes_make_small_batches(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(legacy_cards, "BATCH_TEXT", 1_000)
    make(path, cards=[{"idea": "n" * 400}] * 7)
    with open_snapshot(path) as snapshot, LegacySource(snapshot, now=NOW) as source:
        sizes = [
            [len(batch) for batch in stream.batches]
            for stream in source.streams(Report("legacy", Kept()))
        ]
    assert sizes[-1] == [3, 3, 1]


def test_unknown_parts_are_named(path: Path) -> None:
    tail = (
        "ALTER TABLE users ADD is_admin INTEGER; CREATE TABLE 'log\nbook' (x); "
        "INSERT INTO 'log\nbook' VALUES (1), (2); CREATE VIEW due AS SELECT 1;"
        "CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT 1; END; CREATE INDEX i ON cards (box);"
    )
    given = read(altered(make(path), tail.replace("(box)", "(title)")))
    assert given.report.notes == [
        'The column "is_admin" of users is unknown and stays behind.',
        'The table "log\\nbook" (2 rows) is unknown and stays behind.',
        'The trigger "t" is unknown and stays behind.',
        'The view "due" is unknown and stays behind.',
    ]


def test_only_an_address_is_no_account_with_a_lost_password(path: Path) -> None:
    schema = SCHEMA.replace("NOT NULL", "")
    row = {"email": "a@x.org", "password_hash": None, "created_at": None}
    given = read(make(path, [row], schema=schema))
    assert given.rules("users", 1) == [ADDRESS_ONLY]
    assert "unless it was here before" in given.report.notes[0]

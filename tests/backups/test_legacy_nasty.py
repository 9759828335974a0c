"""Every row of nasty.sqlite3: its manifest says what is in it, this says what becomes of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backups.legacy import rules as rules
from backups.legacy.dates import FIRST_DAY, LAST_DAY
from backups.legacy.text import NOT_UTF8, NUL
from backups.sources.legacy_accounts import MERGED, ONE_FORM
from backups.sources.legacy_cards import ORPHAN
from tests.backups.legacy_files import CARD, DATA, Given, copy_of, read, settled

LINK = CARD["link"]
READ = rules.CONVERTED.format
FAR = rules.CLAMPED.format
# The account's address, and what was mended.
USERS: dict[int, tuple[str, list[str]]] = {
    1: ("ok@example.org", []),
    2: ("a@x.org", [MERGED]),
    3: ("a@x.org", []),
    5: ("pbkdf2@x.org", []),
    6: ("pbkdf2d@x.org", []),
    7: ("oldsha@x.org", []),
    8: ("oldsha2@x.org", []),
    9: ("nohash@x.org", [rules.NO_PASSWORD]),
    10: ("plain@x.org", [rules.NO_PASSWORD]),
    11: ("bomb@x.org", [rules.NO_PASSWORD]),
    12: ("bomb2@x.org", [rules.NO_PASSWORD]),
    13: ("md5@x.org", []),
    14: ("epoch@x.org", [READ("created_at")]),
    15: ("epochms@x.org", [READ("created_at")]),
    16: ("nocreated@x.org", [rules.CREATED_NOW]),
    17: ("iso@x.org", [READ("created_at")]),
    21: ("zo\u00e9@x.org", []),
    22: ("zo\u00e9@x.org", [MERGED]),
    23: ("i\u0307stanbul@x.org", [ONE_FORM]),
    28: ("a@x.org", [MERGED]),
    -7: ("neg@x.org", []),
    0: ("zero@x.org", []),
    2147483653: ("big@x.org", []),
}
USERS_SET_ASIDE = {
    4: "blanks",
    18: "empty",
    19: "one @",
    20: "longer",
    24: "one @",
    25: "<, >",
    26: "UTF-8",
    27: "control",
}
# What differs from an ordinary card, and what was mended; ids that are not here are ordinary.
CARDS: dict[int, tuple[dict[str, str | None], list[str]]] = {
    1: ({"front": "Plus One", "back": "ok", "link": f"{LINK[:-8]}plus-one/"}, []),
    2: ({"front": LINK}, [rules.LINK_IS_FRONT]),
    3: ({"front": LINK}, [rules.LINK_IS_FRONT]),
    4: ({"box": "1", "link": f"{LINK[:-8]}box-0/"}, [rules.BOX_LOW]),
    5: ({"box": "5"}, [rules.BOX_HIGH]),
    6: ({"box": "1"}, [rules.BOX_LOW]),
    7: ({"box": "1"}, [rules.BOX_NONE]),
    8: ({"box": "1"}, [rules.BOX_NONE]),
    9: ({"box": "1"}, [rules.BOX_NONE]),
    10: ({"box": "5"}, [rules.BOX_HIGH]),
    **{id_: ({"due": "2026-01-06"}, [rules.DUE_UNKNOWN]) for id_ in (11, 12, 13, 14, 23)},
    **{id_: ({"due": "2025-10-20"}, [READ("next_review")]) for id_ in (15, 16, 17, 19, 20)},
    18: ({"due": "2025-01-05"}, [READ("next_review")]),
    21: ({"due": FIRST_DAY, "solved_on": FIRST_DAY}, [FAR("next_review"), FAR("solved_date")]),
    22: ({"due": FIRST_DAY}, [FAR("next_review")]),
    24: ({"due": LAST_DAY}, [FAR("next_review")]),
    25: ({"due": LAST_DAY}, [FAR("next_review")]),
    26: ({"due": FIRST_DAY}, [FAR("next_review")]),
    27: ({"solved_on": LAST_DAY}, [FAR("solved_date")]),
    28: ({"last_reviewed": "2024-01-01 12:00:00+00"}, []),
    29: ({}, [rules.DATE_UNKNOWN.format("last_reviewed")]),
    30: ({}, [rules.DATE_UNKNOWN.format("last_reviewed")]),
    35: ({"box": "4"}, []),
    38: ({"back": "before\ufffdafter"}, [NUL]),
    39: ({"front": "Two\ufffdSum"}, [NUL]),
    40: ({"back": "hiÿþÃ("}, [NOT_UTF8]),
    41: ({"front": "badí\xa0€"}, [NOT_UTF8]),
    42: ({"back": "café"}, [NOT_UTF8]),
    43: ({"back": "‰PNG\r\n\x1a\n\ufffd\x01"}, [NOT_UTF8, NUL]),
    44: ({"back": "12345"}, []),
    46: ({"back": "n" * 2 * 1024 * 1024}, []),
    47: ({"front": "T" * 10_000}, []),
    48: ({"front": "No Link", "link": ""}, []),
    49: ({"front": "Empty Link", "link": ""}, []),
    50: ({"back": "javascript:alert(1)//leetcode.com/problems/x/", "link": ""}, [rules.LINK_MOVED]),
    51: (
        {"back": "data:text/html,<script>alert(1)</script>//leetcode.com/problems/x/", "link": ""},
        [rules.LINK_MOVED],
    ),
    52: ({"link": 'https://leetcode.com/problems/x/"onmouseover="alert(1)'}, []),
    53: ({"link": "http://127.0.0.1:9/leetcode.com/problems/evil/"}, []),
    54: ({"link": "https://leetcode.com@evil.invalid/leetcode.com/problems/evil/"}, []),
    55: ({"back": f"{LINK[:-8]}{'a' * 5_000}", "link": ""}, [rules.LINK_MOVED]),
    56: ({}, [rules.LINK_TRIMMED]),
    57: ({"link": f"{LINK[:-8]}\u202etxt.exe/"}, []),
    58: ({"front": "\u202eevil\u202c Two\u200bSum Z\u0351\u036b\u0343"}, []),
    59: ({"front": "<img src=x onerror=alert(1)>"}, []),
    60: ({"back": "=cmd|' /C calc'!A0"}, []),
    61: ({}, [READ("created_at")]),
    62: ({"created_at": "2025-10-15 12:00:00.25+00"}, [READ("created_at")]),
    63: ({"created_at": "2025-10-15 00:00:00+00"}, [READ("created_at")]),
    64: ({"created_at": "2025-10-15 00:00:00+00"}, [rules.CREATED_SOLVED]),
    65: ({"created_at": "2025-10-15 16:00:00+00"}, [READ("created_at")]),
}
OWNERS = {34: "a@x.org", 35: "a@x.org", 36: "neg@x.org", 37: "big@x.org"}
CARDS_SET_ASIDE = {31: ORPHAN, 32: ORPHAN}
ORDINARY = {
    "front": "Two Sum", "back": "", "link": LINK, "box": "1", "due": "2025-10-16",
    "last_reviewed": None, "created_at": "2025-10-15 12:00:00+00", "solved_on": "2025-10-15",
    "suspended": "f", "tags": "",
}  # fmt: skip


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Given:
    return read(copy_of("nasty", tmp_path_factory.mktemp("nasty")))


def manifest(table: str) -> list[int]:
    rows = json.loads((DATA / "nasty_manifest.json").read_text("utf-8"))["rows"]
    return [row["id"] for row in rows if row["table"] == table and row["id"] is not None]


def all_rules(given: Given, table: str) -> dict[int, list[str]]:
    """By row; of a sentence with more than five rows, the others are not known."""
    return {
        id_: [rule for (of, rule), found in given.report.mends.items()
              if of == table and str(id_) in found.rows]
        for id_ in manifest(table)
    }  # fmt: skip


@pytest.mark.parametrize("id_", manifest("users"))
def test_an_account_comes_over_or_is_set_aside(id_: int, nasty: Given) -> None:
    aside = {row[1]: row[2] for row in nasty.rejected if row[0] == "users"}
    if id_ in USERS_SET_ASIDE:
        assert USERS_SET_ASIDE[id_] in aside[str(id_)]
        return
    email, said = USERS[id_]
    assert all_rules(nasty, "users")[id_] == said
    password = str(nasty.user(email)["password"])
    assert password.startswith("!" if rules.NO_PASSWORD in said else "werkzeug$")


@pytest.mark.parametrize("id_", manifest("cards"))
def test_a_card_comes_over_or_is_set_aside(id_: int, nasty: Given) -> None:
    if id_ in CARDS_SET_ASIDE:
        aside = {row[1]: row[2] for row in nasty.rejected if row[0] == "cards"}
        assert aside[str(id_)] == CARDS_SET_ASIDE[id_]
        return
    differs, said = CARDS.get(id_, ({}, []))
    card = nasty.card(id_)
    wanted = ORDINARY | differs
    assert {name: card[name] for name in wanted} == wanted
    assert card["owner_id"] == nasty.user(OWNERS.get(id_, "ok@example.org"))["id"]
    found = all_rules(nasty, "cards")[id_]
    # The sixth of a kind is counted, not listed.
    assert set(found) == set(said) or (found == [] and said == [READ("next_review")])


def test_every_row_is_accounted_for(nasty: Given) -> None:
    counts = nasty.report.tables
    users, cards = counts["users"], counts["cards"]
    assert (users.read, users.merged, users.rejected) == (31, 3, 8)
    assert (cards.read, cards.rejected) == (70, 2)
    assert cards.mended == sum(1 for _, said in CARDS.values() if said)
    assert settled(nasty)


def test_nobody_becomes_an_admin(nasty: Given) -> None:
    assert {user["is_staff"] for user in nasty.tables["accounts_user"]} == {"f"}
    assert {user["is_superuser"] for user in nasty.tables["accounts_user"]} == {"f"}
    whole = {row[1]: row[3] for row in nasty.rejected if row[0] == "users"}
    assert whole["25"]["is_admin"] == 1


def test_what_is_unknown_is_named(nasty: Given) -> None:
    assert nasty.report.notes[:6] == [
        'The column "is_admin" of users is unknown and stays behind.',
        'The column "difficulty" of cards is unknown and stays behind.',
        'The table "review log; --" (1 row) is unknown and stays behind.',
        'The table "tags" (0 rows) is unknown and stays behind.',
        'The trigger "t" is unknown and stays behind.',
        'The view "due" is unknown and stays behind.',
    ]
    assert [note.split(" ", 3)[2] for note in nasty.report.notes[6:]] == [
        "(nohash@x.org)",
        "(plain@x.org)",
        "(bomb@x.org)",
        "(bomb2@x.org)",
    ]


def test_the_file_is_left_as_it_was(tmp_path: Path) -> None:
    path = copy_of("nasty", tmp_path)
    before = path.read_bytes(), path.stat().st_mtime_ns
    read(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert list(tmp_path.iterdir()) == [path]

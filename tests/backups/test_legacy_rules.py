"""Each rule that mends a row of the legacy app, and the clean row that needs none."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from backups.legacy import rules as rules
from backups.legacy.dates import Days, Value
from backups.legacy.rules import CARD_COLUMNS, Checks, clean_card, mend_card, usable_password
from backups.legacy.text import BLOB, NOT_UTF8, NUL, NUMBER, BadAddress, read_email, read_text
from cards.links import is_web_address
from tests.backups.legacy_files import CARD, HASH, NOW

CHECKS = Checks(is_web_address, lambda text: text == HASH, NOW)


def mended(**changes: Value) -> tuple[dict[str, Any], list[str]]:
    """The row that a card becomes which differs from the clean `CARD` in these columns."""
    row, said = mend_card(5, {"id": 7, **CARD, **changes}, "2", "3", Days(), CHECKS)
    return dict(zip(CARD_COLUMNS, row, strict=True)), said


def quickly(**changes: Value) -> tuple[str | None, ...] | None:
    card = {**CARD, **changes}
    names = (
        "title", "link", "idea", "solved_date", "leitner_box", "next_review", "last_reviewed",
        "created_at",
    )  # fmt: skip
    return clean_card(5, (7, "2", "3", *(card[name] for name in names)), Days())


def test_a_clean_card_is_taken_as_it_is() -> None:
    row, said = mended()
    assert said == []
    assert row == {
        "id": "5", "owner_id": "2", "deck_id": "3", "box": "3", "due": "2026-01-09",
        "suspended": "f", "front": "Two Sum", "back": "one pass",
        "link": "https://leetcode.com/problems/two-sum/", "tags": "",
        "guid": "legacy:7:20251015131028", "last_reviewed": "2025-12-10 12:00:00+00",
        "created_at": "2025-10-15 13:10:28+00", "solved_on": "2025-10-15",
    }  # fmt: skip
    assert quickly() == tuple(row.values())


@pytest.mark.parametrize(
    "changes",
    [
        {"link": None, "idea": None, "last_reviewed": None},
        {"link": "", "idea": "", "title": "最短経路"},
        {"idea": "  blanks\r\nand lines \t", "title": "  Two\nSum "},
        {"leitner_box": 1},
        {"leitner_box": 5.0},
    ],
)
def test_the_quick_way_knows_clean_cards_and_gives_the_same(changes: dict[str, Value]) -> None:
    row, said = mended(**changes)
    assert said == []
    assert quickly(**changes) == tuple(row.values())


@pytest.mark.parametrize(
    ("changes", "front"),
    [
        ({"title": ""}, CARD["link"]),
        ({"title": " \t\u3000"}, CARD["link"]),
        ({"title": "", "link": " javascript:x "}, "javascript:x"),
        ({"title": "", "link": None, "idea": "\r\n  one  \r\ntwo"}, "one"),
        ({"title": "", "link": " ", "idea": None}, "Untitled"),
        ({"title": None, "link": "", "idea": " \n "}, "Untitled"),
    ],
)
def test_a_blank_title_gets_the_next_best_front(changes: dict[str, Value], front: str) -> None:
    row, said = mended(**changes)
    assert row["front"] == front
    assert {rules.LINK_IS_FRONT, rules.NOTE_IS_FRONT, rules.NO_FRONT} & set(said)


@pytest.mark.parametrize(
    ("value", "box", "rule"),
    [
        (0, "1", rules.BOX_LOW),
        (-(2**63), "1", rules.BOX_LOW),
        (6, "5", rules.BOX_HIGH),
        (1e15, "5", rules.BOX_HIGH),
        ("3", "3", rules.BOX_TEXT),
        (" 4.0 ", "4", rules.BOX_TEXT),
        ("three", "1", rules.BOX_NONE),
        ("", "1", rules.BOX_NONE),
        (None, "1", rules.BOX_NONE),
        (2.5, "1", rules.BOX_NONE),
        (math.inf, "1", rules.BOX_NONE),
        (b"3", "1", rules.BOX_NONE),
    ],
)
def test_a_box_is_brought_into_range(value: Value, box: str, rule: str) -> None:
    row, said = mended(leitner_box=value)
    assert row["box"] == box
    assert rule in said
    assert quickly(leitner_box=value) is None


def test_dates_that_nobody_can_read() -> None:
    row, said = mended(next_review="now", solved_date="", last_reviewed="never", created_at=" ")
    assert row["due"] == "2026-01-06"
    assert (row["solved_on"], row["last_reviewed"]) == (None, None)
    assert row["created_at"] == "2026-01-06 14:30:00+00"
    assert said == [
        rules.DUE_UNKNOWN,
        rules.DATE_UNKNOWN.format("solved_date"),
        rules.DATE_UNKNOWN.format("last_reviewed"),
        rules.CREATED_NOW,
    ]


def test_a_card_whose_making_is_unknown_was_made_when_it_was_solved() -> None:
    row, said = mended(created_at="garbage", solved_date="15.10.2025")
    assert row["created_at"] == "2025-10-15 00:00:00+00"
    assert said == [rules.CONVERTED.format("solved_date"), rules.CREATED_SOLVED]


def test_a_date_beyond_our_years_stays_due_or_not_due() -> None:
    row, said = mended(next_review="9999-12-31", solved_date="0001-01-01")
    assert (row["due"], row["solved_on"]) == ("2199-12-31", "1900-01-01")
    assert said == [rules.CLAMPED.format("next_review"), rules.CLAMPED.format("solved_date")]


@pytest.mark.parametrize(
    "written", ["2025-10-15T13:10:28", "2025-02-30 13:10:28", "2025-10-15 24:00:00", "", None, 7]
)
def test_only_a_cleanly_written_instant_is_part_of_the_lasting_name(written: str | int) -> None:
    name = str(mended(created_at=written)[0]["guid"])
    assert re.fullmatch("legacy:7:x[0-9a-f]{12}", name)
    assert mended(created_at=written)[0]["guid"] == name, "another run gives another name"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "https://a b", "https://x/" + "a" * 1999])
def test_what_is_no_address_stands_on_the_back(link: str) -> None:
    row, said = mended(link=link)
    assert (row["back"], row["link"], said) == (f"one pass\n\n{link}", "", [rules.LINK_MOVED])
    assert mended(link=link, idea=None)[0]["back"] == link
    assert quickly(link=link) is None


def test_blanks_around_a_link_go() -> None:
    row, said = mended(link=" https://example.org/\n")
    assert (row["link"], said) == ("https://example.org/", [rules.LINK_TRIMMED])


def test_a_link_with_other_letters_is_kept_without_a_word() -> None:
    link = "https://de.wikipedia.org/wiki/Übung?x=[1]"
    assert quickly(link=link) is None
    assert mended(link=link)[0]["link"] == link
    assert mended(link=link)[1] == []


@pytest.mark.parametrize(
    ("value", "text", "said"),
    [
        ("as\r\nit is ", "as\r\nit is ", []),
        (None, "", []),
        ("a\0b", "a\ufffdb", [NUL]),
        (b"caf\xe9 \xe2\x82\xac", "café €", [NOT_UTF8]),
        (b"\x80\x81\xff", "€\x81ÿ", [NOT_UTF8]),
        (b"\xed\xa0\x80", "í\xa0€", [NOT_UTF8]),
        ("Zoë".encode(), "Zoë", [BLOB]),
        (b"\xff\0", "ÿ\ufffd", [NOT_UTF8, NUL]),
        (12345, "12345", [NUMBER]),
        (2.5, "2.5", [NUMBER]),
    ],
)
def test_texts_keep_whatever_can_be_kept(value: Value, text: str, said: list[str]) -> None:
    found: list[str] = []
    assert read_text(value, found) == text
    assert found == said


@pytest.mark.parametrize(
    ("stored", "email"),
    [
        ("a@x.org", "a@x.org"),
        (" A@X.org\n", "a@x.org"),
        (b"A@x.org", "a@x.org"),
        ("zoe\u0301@x.org", "zo\u00e9@x.org"),
        ("ИВАН@пример.рф", "иван@пример.рф"),
        ("\u212bngstr\u00f6m@x.org", "\u00e5ngstr\u00f6m@x.org"),
        ("a" * 248 + "@x.org", "a" * 248 + "@x.org"),
    ],
)
def test_an_address_has_one_form(stored: Value, email: str) -> None:
    assert read_email(stored) == email
    assert read_email(email) == email


@pytest.mark.parametrize(
    "stored",
    [
        None, "", "  ", "a", "@", "a@", "@x.org", "a@b@x.org", "a b@x.org", "a@x.org\nBcc: b@x.org",
        "a\0@x.org", "<a@x.org>", "a\u00a0b@x.org", "a" * 249 + "@x.org", b"f\xff@x.org", 5, 0.5,
    ],
)  # fmt: skip
def test_what_cannot_be_an_address_is_said_to_be_none(stored: Value) -> None:
    with pytest.raises(BadAddress, match=r"^The e-mail address .*\.$"):
        read_email(stored)


@pytest.mark.parametrize("value", [None, 5, HASH.encode(), "", "other", f"werkzeug${HASH}"])
def test_a_password_that_cannot_be_checked_is_none(value: Value) -> None:
    assert usable_password(value, CHECKS) is None


def test_a_hash_is_kept_as_it_is_if_it_fits() -> None:
    assert usable_password(HASH, CHECKS) == f"werkzeug${HASH}"
    anything = Checks(is_web_address, lambda text: True, NOW)
    assert usable_password("x" * 246, anything) == "werkzeug$" + "x" * 246
    assert usable_password("x" * 247, anything) is None

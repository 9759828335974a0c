"""Whatever an SQLite file can hold: every row comes over in a form that fits, or is set aside."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from contextlib import closing
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from backups.legacy.dates import Days
from backups.legacy.rules import Checks, clean_card, mend_card
from backups.sources.legacy import LegacySource
from backups.tables import Column, table
from cards.links import is_web_address
from tests.backups.legacy_files import CARD, HASH, NOW, SCHEMA, Given, read_source, settled

CHECKS = Checks(is_web_address, lambda text: text == HASH, NOW)
COLUMNS = (
    "title", "link", "idea", "solved_date", "leitner_box", "next_review", "last_reviewed",
    "created_at",
)  # fmt: skip


class Raw(bytes):
    """A TEXT of these bytes, whether they are UTF-8 or not."""


ids = st.one_of(st.integers(-3, 4), st.integers(-(2**63), 2**63 - 1))
texts = st.text(st.characters(codec="utf-8"), max_size=12)
days = st.dates().map(str)
moments = st.datetimes().map(lambda moment: f"{moment:%Y-%m-%d %H:%M:%S}")
numbers = st.one_of(st.integers(0, 6), ids, st.floats(), st.sampled_from([1760529600, 2460964.5]))
anything = st.one_of(
    st.none(), numbers, texts, days, moments, st.binary(max_size=9), st.binary(max_size=9).map(Raw)
)
addresses = st.one_of(
    st.sampled_from(["a@x.org", "A@x.org", " a@X.org", "b@x.org", "B@x.org", "zoe\u0301@x.org"]),
    anything,
)
links = st.one_of(
    st.sampled_from(["https://x.org/a?b=c#d", " https://x.org", "javascript:x", "https://[/"]),
    st.from_regex(r"https?://[A-Za-z0-9./@:\[\]%-]{1,9}", fullmatch=True),
    anything,
)
users = st.lists(
    st.fixed_dictionaries(
        {"id": ids, "email": addresses, "password_hash": st.one_of(st.just(HASH), anything),
         "created_at": st.one_of(moments, anything)}
    ),
    max_size=5, unique_by=lambda user: user["id"],
)  # fmt: skip
card_values = {
    "title": st.one_of(st.just("Two Sum"), anything),
    "link": st.one_of(st.just(CARD["link"]), links),
    "idea": anything,
    "solved_date": st.one_of(st.just("2025-10-15"), days, anything),
    "leitner_box": st.one_of(st.integers(1, 5), numbers, anything),
    "next_review": st.one_of(st.just("2025-10-16"), days, anything),
    "last_reviewed": st.one_of(st.none(), days, anything),
    "created_at": st.one_of(st.just("2025-10-15 13:10:28"), moments, anything),
}
cards = st.lists(
    st.fixed_dictionaries({"id": ids, "user_id": st.one_of(st.integers(-3, 4), anything)})
    .flatmap(lambda fixed: st.fixed_dictionaries({**_just(fixed), **card_values})),
    max_size=6, unique_by=lambda card: card["id"],
)  # fmt: skip


def _just(values: dict[str, Any]) -> dict[str, Any]:
    return {name: st.just(value) for name, value in values.items()}


def database(schema: str, rows: dict[str, list[dict[str, Any]]]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(schema)
    for name, of in rows.items():
        for row in of:
            marks = ", ".join(
                "CAST(? AS TEXT)" if isinstance(value, Raw) else "?" for value in row.values()
            )
            connection.execute(
                f"INSERT OR IGNORE INTO {name} ({', '.join(row)}) VALUES ({marks})",  # noqa: S608
                list(row.values()),
            )
    return connection


def fits(column: Column, value: str | None) -> bool:
    """Whether PostgreSQL would take this value for the column, as it is."""
    if value is None:
        return column.null
    if "\0" in value or not value.encode():
        return column.kind == "text" and "\0" not in value
    if column.kind == "date":
        return value == str(dt.date.fromisoformat(value))
    if column.kind == "instant":
        return bool(re.fullmatch(r"[-0-9]{10} [:0-9]{8}(\.\d*[1-9])?\+00", value)) and (
            1900 <= dt.datetime.fromisoformat(value).year <= 2199
        )
    if column.kind == "text":
        return column.max_length is None or len(value) <= column.max_length
    return bool(re.fullmatch({"boolean": "[tf]", "integer": "[1-9][0-9]*|0"}[column.kind], value))


def check(found: Given) -> None:
    assert settled(found)
    for name, rows in found.tables.items():
        for row in rows:
            for column, value in row.items():
                assert fits(table(name).column(column), value), (name, column, value)
        assert len({row["id"] for row in rows}) == len(rows)
    owned = {deck["id"]: deck["owner_id"] for deck in found.tables["cards_deck"]}
    for card in found.tables["cards_card"]:
        assert owned[card["deck_id"]] == card["owner_id"]
        assert card["front"]
        assert card["box"] in {"1", "2", "3", "4", "5"}
    emails = [str(user["email"]) for user in found.tables["accounts_user"]]
    assert len(set(emails)) == len(emails)
    assert emails == [email.lower() for email in emails]
    guids = {(card["owner_id"], card["guid"]) for card in found.tables["cards_card"]}
    assert len(guids) == len(found.tables["cards_card"])


@settings(max_examples=300)
@given(users, cards)
def test_every_row_fits_or_is_set_aside(
    users: list[dict[str, Any]], cards: list[dict[str, Any]]
) -> None:
    rows = {"users": users, "cards": cards}
    # As the app declares its columns; and without types or rules, so that they hold just anything.
    bare = re.sub(r"(?<!id INTEGER) (TEXT|DATE|TIMESTAMP)|( UNIQUE)? NOT NULL", "", SCHEMA)
    for schema in (SCHEMA, bare):
        with closing(database(schema, rows)) as connection:
            check(read_source(LegacySource(connection, now=NOW)))


@settings(max_examples=500)
@given(st.fixed_dictionaries(card_values))
@example({**{name: CARD[name] for name in COLUMNS}, "leitner_box": 5.0})
@example({**{name: CARD[name] for name in COLUMNS}, "link": 0, "idea": b""})
def test_the_quick_way_and_the_thorough_one_agree(card: dict[str, Any]) -> None:
    card = {name: bytes(value) if isinstance(value, Raw) else value for name, value in card.items()}
    days = Days()
    quick = clean_card(5, (7, "2", "3", *(card[name] for name in COLUMNS)), days)
    thorough, said = mend_card(5, {"id": 7, **card}, "2", "3", days, CHECKS)
    assert quick is None or (quick, []) == (thorough, said)


@given(
    st.fixed_dictionaries(
        {"title": st.text("aé 🔥", min_size=1).filter(str.strip), "idea": st.none() | texts,
         "leitner_box": st.integers(1, 5), "next_review": days, "created_at": moments}
    )
)  # fmt: skip
def test_the_quick_way_takes_what_the_app_writes(card: dict[str, Any]) -> None:
    card = {**CARD, **card}
    card["next_review"] = card["next_review"].replace(card["next_review"][:2], "20", 1)
    card["created_at"] = "20" + card["created_at"][2:]
    days = Days()
    quick = clean_card(5, (7, "2", "3", *(card[name] for name in COLUMNS)), days)
    thorough, said = mend_card(5, {"id": 7, **card}, "2", "3", days, CHECKS)
    assert (quick is None) == bool(said)
    assert quick is None or quick == thorough

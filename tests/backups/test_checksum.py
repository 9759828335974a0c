"""What the database says about its rows is what our own code says about them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from backups.checksum import checksum_of
from backups.tables import table
from backups.wire import NULL, SEPARATOR, Checksum, Row, canonical_json, line_of
from cards.models import Card, ImportUpdate
from tests.factories import make_card, make_user

SPECIAL = st.sampled_from([SEPARATOR, NULL, "\x1d", "\\", "\n", "\r", "'", "é", "語", "👩‍💻"])
TEXTS = st.lists(
    SPECIAL | st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30
).map("".join)
FIRST, LAST = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
INSTANTS = st.builds(dt.datetime.combine, st.dates(FIRST, LAST), st.times(), tzinfo=st.just(dt.UTC))
FLOATS = st.floats(-1e9, 1e9).map(lambda value: round(value, 5))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(-1e9, 1e9).map(lambda x: round(x, 5))
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture
def wire_space(db: None) -> Iterator[None]:
    """The time zone for wire form is set until this ends."""
    with transaction.atomic():
        yield


def ours(*rows: Row) -> Checksum:
    checksum = Checksum()
    checksum.add(map(line_of, rows))
    return checksum


def instant(moment: dt.datetime | None) -> str | None:
    """As PostgreSQL prints it, written down once more and not taken from the code."""
    if moment is None:
        return None
    text = moment.strftime("%Y-%m-%d %H:%M:%S")
    fraction = f".{moment.microsecond:06}".rstrip("0") if moment.microsecond else ""
    return f"{text}{fraction}+00"


TEXT_COLUMNS = table("cards_card").only("front", "back", "tags")


@settings(max_examples=60)
@given(fronts=st.lists(TEXTS.filter(bool), min_size=1, max_size=5), data=st.data())
@pytest.mark.django_db
def test_texts_with_separators_and_odd_letters(fronts: list[str], data: Any) -> None:
    with transaction.atomic():
        owner = make_user()
        rows: list[Row] = [(front, data.draw(TEXTS), " a b ") for front in fronts]
        for front, back, tags in rows:
            make_card(owner, front=front, back=back, tags=tags)
        assert checksum_of(connection, table("cards_card"), TEXT_COLUMNS) == ours(*rows)
        transaction.set_rollback(True)


@settings(max_examples=60)
@given(
    moments=st.lists(st.none() | INSTANTS, min_size=1, max_size=5),
    due=st.none() | st.dates(FIRST, LAST),
    suspended=st.booleans(),
)
@pytest.mark.django_db
def test_instants_dates_booleans_and_nothing(
    moments: list[dt.datetime | None], due: dt.date | None, suspended: bool
) -> None:
    columns = table("cards_card").only("id", "suspended", "due", "last_reviewed")
    with transaction.atomic():
        owner = make_user()
        rows: list[Row] = []
        for moment in moments:
            card = make_card(owner, last_reviewed=moment, due=due, suspended=suspended)
            date = due.isoformat() if due else None
            rows.append((str(card.pk), "t" if suspended else "f", date, instant(moment)))
        assert checksum_of(connection, table("cards_card"), columns) == ours(*rows)
        transaction.set_rollback(True)


@settings(max_examples=60)
@given(value=JSON.filter(lambda value: value is not None), data=st.binary(max_size=40))
@pytest.mark.django_db
def test_json_and_bytes(value: Any, data: bytes) -> None:
    with transaction.atomic():
        card = make_card(make_user())
        source = card.owner.import_set.create(data=data)
        update = ImportUpdate.objects.create(
            owner=card.owner, source=source, card=card, before=value, after={}
        )
        stored = canonical_json(json.dumps(value))
        updates, imports = table("cards_importupdate"), table("cards_import")
        assert checksum_of(connection, updates, updates.only("id", "before", "after")) == ours(
            (str(update.pk), stored, "{}")
        )
        assert checksum_of(connection, imports, imports.only("id", "data")) == ours(
            (str(source.pk), f"\\x{data.hex()}")
        )
        transaction.set_rollback(True)


def test_long_texts(alice: Any, wire_space: None) -> None:
    fronts = ["語" * 50_000, "a\n" * 1_000_000]
    for front in fronts:
        make_card(alice, front=front)
    columns = table("cards_card").only("front")
    assert checksum_of(connection, table("cards_card"), columns) == ours(*((f,) for f in fronts))


def test_ids_that_are_uuids_and_names_that_last(alice: Any, wire_space: None) -> None:
    from django.contrib.admin.models import LogEntry
    from django.contrib.contenttypes.models import ContentType

    from tests.factories import make_review

    review = make_review(make_card(alice))
    reviews = table("cards_review")
    assert checksum_of(connection, reviews, reviews.only("id")) == ours((str(review.pk),))
    kind = ContentType.objects.get_for_model(Card)
    LogEntry.objects.create(user=alice, content_type=kind, action_flag=1)
    LogEntry.objects.create(user=alice, content_type=None, action_flag=1)
    entries = table("django_admin_log")
    columns = entries.only("content_type_id")
    assert checksum_of(connection, entries, columns) == ours(("cards.card",), (None,))


def test_some_rows_only(alice: Any, wire_space: None) -> None:
    make_card(alice, front="one")
    make_card(alice, front="two")
    cards = table("cards_card")
    found = checksum_of(connection, cards, cards.only("front"), where="front = 'two'")
    assert found == ours(("two",))


@pytest.mark.parametrize("name", ["due", "deleted_at"])
def test_a_value_where_none_is_expected_makes_another_sum(
    alice: Any, wire_space: None, name: str
) -> None:
    make_card(alice, front="one")
    cards = table("cards_card")
    columns, empty = cards.only("front"), cards.only("due", "deleted_at")
    assert checksum_of(connection, cards, columns, empty=empty) == ours(("one",))
    Card.objects.update(**{name: "2026-01-31" if name == "due" else dt.datetime.now(dt.UTC)})
    found = checksum_of(connection, cards, columns, empty=empty)
    assert found.rows == 1
    assert found != ours(("one",))
    assert checksum_of(connection, cards, columns) == ours(("one",))


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no such settings")
def test_the_settings_of_a_session_do_not_matter(alice: Any, wire_space: None) -> None:
    """An operator may have given the database's role other ones."""
    make_card(alice, due=dt.date(2026, 1, 31), last_reviewed=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    cards = table("cards_card")
    columns = cards.only("due", "last_reviewed")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL datestyle = 'German'; SET LOCAL TIME ZONE 'Asia/Tokyo'")
    expected = ours(("2026-01-31", "2026-01-01 00:00:00+00"))
    assert checksum_of(connection, cards, columns) == expected

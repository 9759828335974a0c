"""Many new cards at once: COPY on PostgreSQL, executemany elsewhere."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence

from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper

from cards.models import Card

# All columns but the id, in the order in which rows give them.
COLUMNS = (
    "owner_id",
    "deck_id",
    "box",
    "due",
    "suspended",
    "front",
    "back",
    "link",
    "tags",
    "guid",
    "last_reviewed",
    "created_at",
    "added_by_id",
)
CardRow = tuple[
    int,
    int,
    int,
    dt.date | None,
    bool,
    str,
    str,
    str,
    str,
    str,
    dt.datetime | None,
    dt.datetime,
    int,
]
_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def insert_cards(rows: Sequence[CardRow]) -> None:
    """Insert rows of `COLUMNS`; call it with a few thousand at a time, in a transaction.

    It takes the short way past the ORM, so the rows must be valid; constraints are still checked.
    """
    connection = connections[router.db_for_write(Card)]
    if connection.vendor == "postgresql":
        _copy(connection, rows)
    else:
        _insert(connection, rows)


def _copy(connection: BaseDatabaseWrapper, rows: Iterable[CardRow]) -> None:
    text = io.StringIO()
    for row in rows:
        text.write("\t".join([_copy_value(value) for value in row]))
        text.write("\n")
    text.seek(0)
    columns = ", ".join(map(connection.ops.quote_name, COLUMNS))
    table = connection.ops.quote_name(Card._meta.db_table)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", text)


def _copy_value(value: object) -> str:
    if value is None:
        return "\\N"
    text = value if isinstance(value, str) else str(value)
    return text.translate(_ESCAPES) if _SPECIAL.search(text) else text


def _insert(connection: BaseDatabaseWrapper, rows: Iterable[CardRow]) -> None:
    ops = connection.ops
    columns = ", ".join(map(ops.quote_name, COLUMNS))
    holes = ", ".join(["%s"] * len(COLUMNS))
    table = ops.quote_name(Card._meta.db_table)
    values = [
        (
            *row[:3],
            ops.adapt_datefield_value(row[3]),
            *row[4:10],
            ops.adapt_datetimefield_value(row[10]),
            ops.adapt_datetimefield_value(row[11]),
            row[12],
        )
        for row in rows
    ]
    # Names of our own model, quoted; the values go apart.
    sql = f"INSERT INTO {table} ({columns}) VALUES ({holes})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)

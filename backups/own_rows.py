"""Rows of a file that a learner uploads: what no page would have let in stays outside."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.utils.crypto import salted_hmac

from backups.errors import TransferError
from backups.tables import Column, Table
from backups.wire import Row
from cards.links import is_web_address
from cards.models import Review, UndoneReview

FIRST_YEAR, LAST_YEAR = "1900", "2200"
# Dates a thousand years away make calendars that never end.
DATES = {"date", "instant"}
ANSWERS = {"cards_review": Review, "cards_undonereview": UndoneReview}


class OwnRows:
    """Checks and changes batches of rows for the account `user_id` (see `sources.one_learner`)."""

    def __init__(self, user_id: int, using: str = "default") -> None:
        self._user_id, self._using = user_id, using

    def __call__(self, table: Table, columns: tuple[Column, ...], rows: list[Row]) -> list[Row]:
        """The rows as they may come in; TransferError for one that may not."""
        limits = _limits(table)
        for row in rows:
            for column, value in zip(columns, row, strict=True):
                if value is not None:
                    _check(table, column, value, limits.get(column.name))
        if table.name in ANSWERS:
            return self._renamed([column.name for column in columns].index(table.key), rows)
        return rows

    def _renamed(self, key: int, rows: list[Row]) -> list[Row]:
        """An answer whose id is somebody else's gets another, the same one in every run.

        Ids of answers are made by browsers. Who copies an account's data to a second account has
        them twice; nobody may take one that is in use, nor find out whose.
        """
        here, others = self._answers(str(row[key]) for row in rows)
        renamed = {name: self._other_name(name) for name in {str(row[key]) for row in rows} - here}
        again, _ = self._answers(renamed.values())
        return [
            (*row[:key], renamed[name], *row[key + 1 :])
            if (name := str(row[key])) in renamed and (name in others or renamed[name] in again)
            else row
            for row in rows
        ]

    def _answers(self, names: Iterable[str]) -> tuple[set[str], set[str]]:
        """Which of these ids are answers of this learner, and which are somebody else's."""
        wanted, mine, others = list(names), set[str](), set[str]()
        for model in ANSWERS.values():
            found = model._default_manager.using(self._using).filter(pk__in=wanted)
            for name, owner in found.values_list("pk", "owner_id"):
                (mine if owner == self._user_id else others).add(str(name))
        return mine, others

    def _other_name(self, name: str) -> str:
        digest = salted_hmac("leitner.own_rows", f"{self._user_id}:{name}", algorithm="sha256")
        return str(uuid.UUID(bytes=digest.digest()[:16]))


def _limits(table: Table) -> dict[str, int]:
    """By column: the most letters that a form takes; the database has no limit for some."""
    fields = table.model._meta.concrete_fields
    return {str(field.column): most for field in fields if (most := field.max_length)}


def _check(table: Table, column: Column, value: str, most: int | None) -> None:
    if column.kind == "text" and most is not None and len(value) > most:
        raise TransferError(f"A {column.name} is longer than {most:,} letters.")
    if column.kind in DATES and not FIRST_YEAR <= value[:4] < LAST_YEAR:
        raise TransferError(f"A date is out of range: {column.name} is {value}.")
    if table.name != "cards_card":
        return
    if column.name == "link" and value and not is_web_address(value):
        raise TransferError("A link is no web address.")
    if column.name == "tags" and value.split() and value != f" {' '.join(value.split())} ":
        raise TransferError("The tags of a card are not as Leitner writes them.")

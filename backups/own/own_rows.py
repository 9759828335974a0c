"""Rows of a file that a learner uploads: what no page would have let in stays outside."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.utils.crypto import salted_hmac

from backups.errors import TransferError
from backups.rejects import NoRejects
from backups.report import Report
from backups.sentences import gettext_noop
from backups.sources.archive import ArchiveSource
from backups.tables import Column, Table
from backups.wire import Row
from cards.links import is_web_address
from cards.models import Review, UndoneReview

FIRST_YEAR, LAST_YEAR = "1900", "2200"
# Dates a thousand years away make calendars that never end.
DATES = {"date", "instant"}
ANSWERS = {"cards_review": Review, "cards_undonereview": UndoneReview}


class OwnRows:
    """Checks and changes batches of rows (see `sources.one_learner`); `names` are `other_names`."""

    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def __call__(self, table: Table, columns: tuple[Column, ...], rows: list[Row]) -> list[Row]:
        """The rows as they may come in; TransferError for one that may not."""
        limits = _limits(table)
        for row in rows:
            for column, value in zip(columns, row, strict=True):
                if value is not None:
                    _check(table, column, value, limits.get(column.name))
        if self._names and table.name in ANSWERS:
            key = [column.name for column in columns].index(table.key)
            return [self._named(row, key) for row in rows]
        return rows

    def _named(self, row: Row, key: int) -> Row:
        other = self._names.get(str(row[key]))
        return (*row[:key], other, *row[key + 1 :]) if other else row


def other_names(archive: ArchiveSource, user_id: int, using: str) -> dict[str, str]:
    """For answers in the archive whose ids are somebody else's here: the ids to take instead.

    Ids of answers are made by browsers. Who copies an account's data to a second account has them
    twice; nobody may take one that is in use. The other id is the same one in every run.
    """
    names: dict[str, str] = {}
    for stream in archive.streams(Report("archive", NoRejects())):
        if stream.table.name not in ANSWERS:
            continue
        key = [column.name for column in stream.columns].index(stream.table.key)
        for batch in stream.batches:
            wanted = {str(row[key]) for row in batch}
            here, others = _answers(wanted, user_id, using)
            made = {name: _other_name(name, user_id) for name in wanted - here}
            again, _ = _answers(made.values(), user_id, using)
            names |= {old: new for old, new in made.items() if old in others or new in again}
    return names


def _answers(names: Iterable[str], user_id: int, using: str) -> tuple[set[str], set[str]]:
    """Which of these ids are answers of this learner, and which are somebody else's."""
    wanted, mine, others = list(names), set[str](), set[str]()
    for model in ANSWERS.values():
        found = model._default_manager.using(using).filter(pk__in=wanted)
        for name, owner in found.values_list("pk", "owner_id"):
            (mine if owner == user_id else others).add(str(name))
    return mine, others


def _other_name(name: str, user_id: int) -> str:
    digest = salted_hmac("leitner.own_rows", f"{user_id}:{name}", algorithm="sha256")
    return str(uuid.UUID(bytes=digest.digest()[:16]))


def _limits(table: Table) -> dict[str, int]:
    """By column: the most letters that a form takes; the database has no limit for some."""
    fields = table.model._meta.concrete_fields
    return {str(field.column): most for field in fields if (most := field.max_length)}


def _check(table: Table, column: Column, value: str, most: int | None) -> None:
    if column.kind == "text" and most is not None and len(value) > most:
        text = gettext_noop("In one row %(column)s is longer than %(most)s letters.")
        raise TransferError(text, column=column.name, most=f"{most:,}")
    if column.kind in DATES and not FIRST_YEAR <= value[:4] < LAST_YEAR:
        text = gettext_noop("A date is out of range: %(column)s is %(value)s.")
        raise TransferError(text, column=column.name, value=value)
    if (table.name, column.name) == ("cards_tag", "name") and value.split() != [value]:
        raise TransferError(gettext_noop("The name of a tag is empty or has spaces."))
    if table.name != "cards_card":
        return
    if column.name == "link" and value and not is_web_address(value):
        raise TransferError(gettext_noop("A link is no web address."))
    if (
        column.name == "tags"
        and value
        and value != f" {' '.join(value.split())} ".replace("  ", "")
    ):
        raise TransferError(gettext_noop("The tags of a card are not as Leitner writes them."))

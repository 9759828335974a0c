"""Which rows belong to one learner: read off the models' foreign keys, never listed.

A row is a learner's when it names them, itself or through its parents. Groups and the like are
nobody's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models

from backups.tables import Table, tables

Model = type[models.Model]

# The admin log tells of the site, also of what its admins did to others.
NOT_THEIRS = {"admin.LogEntry"}
# How somebody signs in: secrets and addresses, which count for the account that they were made for.
SIGN_IN_APPS = {"account", "mfa"}


@dataclass(frozen=True, slots=True)
class Owned:
    """One table with learners' rows.

    `column` holds the id of the learner, or that of a row of `parent`, which belongs to one.
    """

    model: Model
    column: str
    parent: Owned | None = None

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def depth(self) -> int:
        """How many steps it is from the row to the learner; 0 for the learner's own row."""
        return 1 + self.parent.depth if self.parent else 0

    def condition(self, user_id: int) -> str:
        """SQL that is true for the rows of this learner."""
        if self.parent is None or self.parent.depth == 0:
            return f'"{self.column}" = {int(user_id)}'
        rows = f'SELECT "{_key(self.parent.model)}" FROM "{self.parent.table}"'  # noqa: S608
        return f'"{self.column}" IN ({rows} WHERE {self.parent.condition(user_id)})'


@cache
def owned() -> dict[str, Owned]:
    """Every table that has learners' rows, by its name; also those that do not travel."""
    user = get_user_model()
    found = {user._meta.db_table: Owned(user, _key(user))}
    waiting = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model is not user
    ]
    while True:
        # One step further from the learner in each round: the shortest way counts.
        step = [each for model in waiting if (each := _through(model, found))]
        if not step:
            return found
        found |= {each.table: each for each in step}
        waiting = [model for model in waiting if model._meta.db_table not in found]


@cache
def travelling() -> tuple[tuple[Table, Owned], ...]:
    """The tables of `backups.tables` whose rows make up a learner, parents first.

    Left out: the admin log, and what somebody may do (groups, permissions).
    """
    return tuple(
        (table, owned()[table.name])
        for table in tables()
        if table.name in owned()
        and table.model._meta.label not in NOT_THEIRS
        and not table.model._meta.auto_created
    )


def is_sign_in(table: Table) -> bool:
    """Whether its rows say how somebody signs in."""
    return table.model._meta.app_label in SIGN_IN_APPS


def _through(model: Model, found: dict[str, Owned]) -> Owned | None:
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and not field.null:
            parent = found.get(_target(field)._meta.db_table)
            if parent:
                return Owned(model, str(field.column), parent)
    return None


def _target(field: models.ForeignKey[Any, Any]) -> Model:
    return apps.get_model(field.remote_field.model._meta.label)


def _key(model: Model) -> str:
    return str(model._meta.pk.column)

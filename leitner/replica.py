"""Reads that a copy of the database answers, when it has all that its reader wrote.

The primary counts the writes to a learner's cards (`data_version`), and each request reads that
number there with the account. The replica's own number being the same means that it has every one
of those writes: no clock decides, and a learner never sees older cards than their own last answer.
Whatever else the replica is, behind, away or broken in the middle, the primary answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from django.contrib.auth import get_user_model
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest

from leitner import replica_health
from leitner.replica_health import BROKEN, REPLICA

# Only what `data_version` speaks of may be read there.
APPS = ("cards",)
# How long an export waits for the replica to have everything, and how often it looks.
CATCH_UP_SECONDS, PAUSE = 30.0, 0.05

_reading: ContextVar[bool] = ContextVar("reading", default=False)
P = ParamSpec("P")
T = TypeVar("T")


class Owner(Protocol):
    """Whose cards are read."""

    pk: int
    data_version: int


class Router:
    """For DATABASE_ROUTERS. What comes from the replica is written to the primary, if at all."""

    def db_for_read(self, model: type[Any], **hints: Any) -> str | None:
        if _reading.get() and model._meta.app_label in APPS:
            return REPLICA
        return self.db_for_write(model, **hints)

    def db_for_write(self, model: type[Any], **hints: Any) -> str | None:
        instance = hints.get("instance")
        from_replica = instance is not None and instance._state.db == REPLICA
        return DEFAULT_DB_ALIAS if from_replica else None

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool | None:
        return True if {one._state.db, other._state.db} <= {REPLICA, DEFAULT_DB_ALIAS} else None

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db == REPLICA else None


def read(owner: Owner, work: Callable[[], T]) -> T:
    """What `work` gives; its reads of cards are answered by the replica if it has all of `owner`'s.

    `work` only reads, and is done again with the primary when the replica fails in the middle.
    With a replica one short query more; without, nothing.
    """
    if REPLICA not in connections.settings or not _has_all_of(owner):
        return work()
    token = _reading.set(True)
    try:
        return work()
    except BROKEN as error:
        failed = error
    finally:
        _reading.reset(token)
    result = work()
    # The primary could do it, so it was the replica.
    replica_health.gave_up(failed)
    return result


def from_replica(
    view: Callable[Concatenate[HttpRequest, P], T],
) -> Callable[Concatenate[HttpRequest, P], T]:
    """For views that show the signed-in learner's cards and write nothing: see `read`."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> T:
        owner: Any = request.user
        return read(owner, lambda: view(request, *args, **kwargs))

    return wrapped


def instead_of(using: str, work: Callable[[str], T], seconds: float = CATCH_UP_SECONDS) -> T:
    """`work(alias)` with the replica in place of the database `using`, if it has all of it by now.

    For snapshots, which hold more than `data_version` speaks of: all that the primary has when this
    is called is in it, and so long it is waited for. When the replica fails in the middle, the work
    is done again with `using`.
    """
    if using != DEFAULT_DB_ALIAS or not _caught_up(seconds):
        return work(using)
    try:
        return work(REPLICA)
    except BROKEN as error:
        replica_health.gave_up(error)
        return work(using)


def _caught_up(seconds: float) -> bool:
    """Whether the replica has all that the primary had when this was called; waits for it."""
    if REPLICA not in connections.settings or not replica_health.usable():
        return False
    until = time.monotonic() + seconds
    try:
        asked = replica_health.primary_position()
        while not replica_health.has(asked):
            if time.monotonic() >= until:
                replica_health.lacks_something()
                return False
            time.sleep(PAUSE)
    except BROKEN as error:
        replica_health.gave_up(error)
        return False
    return True


def _has_all_of(owner: Owner) -> bool:
    """Whether the replica is well and has every write to this learner's cards."""
    if not replica_health.usable():
        return False
    accounts = get_user_model()._default_manager.using(REPLICA).filter(pk=owner.pk)
    try:
        version = accounts.values_list("data_version", flat=True).first()
    except BROKEN as error:
        replica_health.gave_up(error)
        return False
    # A higher number says nothing: after a restore the replica may still hold what was before.
    if version != owner.data_version:
        replica_health.lacks_something()
        return False
    return True

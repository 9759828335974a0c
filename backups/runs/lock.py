"""The lock that keeps two runs apart, over all machines that share the database.

It ends with whoever holds it, however they end, so that a lock that is free and a run that has not
ended mean that the run is dead.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import connections

# The number of PostgreSQL's advisory lock: any that nobody else takes in this database.
KEY = 0x6C656974
_SETTINGS = (
    "SELECT set_config(name, '0', true) FROM pg_settings WHERE name IN "
    "('idle_in_transaction_session_timeout', 'transaction_timeout')"
)
_HELD = (
    "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 "
    "AND objid = %s AND objsubid = 1 AND granted AND database = "
    "(SELECT oid FROM pg_database WHERE datname = current_database()))"
)
# Who only looks holds a lock file for a moment.
TRIES, PAUSE = 5, 0.05
# So long a learner waits for the others of the same process.
TURN_SECONDS = 20.0

_turn, _asking, _guard = threading.BoundedSemaphore(1), set[int](), threading.Lock()


class Busy(Exception):
    """Somebody else holds it."""


@contextmanager
def hold(using: str, learner: int | None = None) -> Iterator[None]:
    """Hold the lock of this database while the block runs; Busy, at once, when another does.

    With `learner`, an account's id, it is another lock: that of this learner; on SQLite, which has
    one writer anyway, that of all learners.
    """
    if connections[using].vendor == "postgresql":
        with _in_turn(learner), _transaction(using) as cursor:
            keys = [KEY] if learner is None else [KEY, learner % 2**31]
            places = ", ".join("%s" for _ in keys)
            cursor.execute(f"SELECT pg_try_advisory_xact_lock({places})", keys)
            if cursor.fetchone() != (True,):
                raise Busy
            yield
        return
    descriptor = _open(using, "backup" if learner is None else "learner")
    try:
        for left in reversed(range(TRIES)):
            if _locked(descriptor, fcntl.LOCK_EX):
                break
            if not left:
                raise Busy
            time.sleep(PAUSE)
        yield
    finally:
        os.close(descriptor)


def is_held(using: str) -> bool:
    """Whether somebody holds it just now."""
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute(_HELD, [KEY])
            return bool(cursor.fetchone()[0])
    descriptor = _open(using)
    try:
        return not _locked(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


@contextmanager
def _in_turn(learner: int | None) -> Iterator[None]:
    """Learners of one process after each other: they take connections beside those of the threads.

    `leitner.checks_database` counts on it. Busy, at once, for a learner who is in there already.
    """
    if learner is None:
        yield
        return
    with _guard:
        if learner in _asking:
            raise Busy
        _asking.add(learner)
    try:
        if not _turn.acquire(timeout=TURN_SECONDS):
            raise Busy
        try:
            yield
        finally:
            _turn.release()
    finally:
        _asking.discard(learner)


@contextmanager
def _transaction(using: str) -> Iterator[Any]:
    """One that lasts as long as the block, on a connection of its own.

    The lock belongs to the transaction, not to the session: behind PgBouncer, too, a transaction
    stays with one connection of the server. It holds no view of the data, so nobody waits for it.
    """
    connection: Any = connections.create_connection(using)
    with closing(connection):
        connection.set_autocommit(False)
        with connection.cursor() as cursor:
            cursor.execute(_SETTINGS)
            yield cursor
        connection.rollback()


def _open(using: str, name: str = "backup") -> int:
    path = Path(str(connections[using].settings_dict["NAME"]))
    return os.open(path.with_name(f"{path.name}.{name}-lock"), os.O_RDWR | os.O_CREAT, 0o600)


def _locked(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

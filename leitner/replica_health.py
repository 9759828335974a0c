"""Whether the replica can be read from: known trouble is avoided for a while, and told.

Each process finds out by itself, from what happens to it. While there is trouble one request every
`RETRY_SECONDS` looks whether it is over; all others do not even try to connect.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.core.mail import mail_admins
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections

logger = logging.getLogger(__name__)

REPLICA = "replica"
RETRY_SECONDS = 15.0
# How often a replica that lacks something is asked how far behind it is.
LOOK_SECONDS = 5.0
# The admins are told at once, and again after so long, however often it comes and goes.
AGAIN_SECONDS = 6 * 60 * 60
BROKEN = DatabaseError, InterfaceError

# Copies of one database, and nothing else, have this in common.
_IDENTITY = """(SELECT system_identifier || '/' || (
    SELECT oid FROM pg_database WHERE datname = current_database()) FROM pg_control_system())"""
_PRIMARY = f"SELECT pg_current_wal_flush_lsn()::text, {_IDENTITY}"
_HAS = "SELECT coalesce(pg_last_wal_replay_lsn() >= %s::pg_lsn, false)"
_STATE = f"""
SELECT pg_is_in_recovery(), {_IDENTITY},
    CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() END,
    coalesce(pg_last_wal_replay_lsn() >= %s::pg_lsn, false)
"""
_HELP = (
    "Learners notice nothing: the primary answers everything meanwhile, and exports read from it. "
    "It is used again when it is well. docs/operations/scale.md says what to look at."
)


@dataclass(frozen=True, slots=True)
class State:
    """How the replica is: `trouble` is a sentence, empty when it is well.

    `lag`: for so many seconds at least it has lacked something, as far as this process has seen.
    """

    alive: bool
    lag: float = 0.0
    trouble: str = ""


@dataclass(slots=True)
class _Memory:
    """What this process knows; times are of the monotonic clock."""

    well: bool = False  # Looked at, and nothing has gone wrong since.
    trouble: str = ""
    retry_at: float = 0.0
    look_at: float = 0.0
    lacking: str = ""  # A position in the primary's log that the replica did not have ...
    since: float = 0.0  # ... at this time.


_memory = _Memory()
_lock = threading.Lock()


def forget() -> None:
    """Begin anew, as a process that has just been started."""
    global _memory
    _memory = _Memory()


def state() -> State | None:
    """How the replica is now; None without one. Two queries; DatabaseError when the primary fails.

    For /ready/ and the like: it may be asked every few seconds, and changes nothing.
    """
    if REPLICA not in connections.settings:
        return None
    position, identity = _primary()
    try:
        with connections[REPLICA].cursor() as cursor:
            cursor.execute(_STATE, [position])
            copying, copy_of, paused, has_all = cursor.fetchone()
        lag = _lag(position, has_all)
    except BROKEN as error:
        _close()
        return State(alive=False, trouble=f"The read replica does not answer ({_said(error)}).")
    if not copying or copy_of != identity:
        trouble = "DATABASE_REPLICA_URL names no replica of this database (any more)."
    elif paused:
        trouble = "The read replica does not follow: its replay is paused."
    elif lag > settings.REPLICA_MAX_LAG:
        trouble = f"The read replica has been behind for {lag:,.0f} seconds."
    else:
        trouble = ""
    return State(alive=True, lag=lag, trouble=trouble)


def primary_position() -> str:
    """How far the primary has written its log."""
    return _primary()[0]


def has(position: str) -> bool:
    """Whether the replica has all that the primary had at this position."""
    with connections[REPLICA].cursor() as cursor:
        cursor.execute(_HAS, [position])
        return bool(cursor.fetchone()[0])


def usable() -> bool:
    """Whether to try the replica at all; looks at it before the first time and after trouble."""
    if _memory.well:
        return True
    with _lock:
        now = time.monotonic()
        if now < _memory.retry_at:
            return False
        _memory.retry_at = now + RETRY_SECONDS  # The others do not wait for this look.
    return _look()


def lacks_something() -> None:
    """It did not have what was asked for: most often for a moment only, which is no trouble."""
    with _lock:
        now = time.monotonic()
        if now < _memory.look_at:
            return
        _memory.look_at = now + LOOK_SECONDS
    _look()


def gave_up(error: Exception) -> None:
    """It failed while it was used: nobody tries again for a while."""
    _close()
    _avoid(f"The read replica does not answer ({_said(error)}).")


def _look() -> bool:
    found = state()
    if found and found.trouble:
        _avoid(found.trouble)
        return False
    if _memory.trouble:
        logger.warning("The read replica is well again; it was: %s", _memory.trouble)
        _memory.trouble = ""
    _memory.well = True
    return True


def _primary() -> tuple[str, str]:
    """How far the primary has written its log, and what database it is."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_PRIMARY)
        position, identity = cursor.fetchone()
        return position, identity


def _lag(position: str, has_all: bool) -> float:
    """Seconds since it was first seen to lack what it lacks still."""
    now = time.monotonic()
    if has_all or (_memory.lacking and has(_memory.lacking)):
        _memory.lacking = ""
    if has_all:
        return 0.0
    if not _memory.lacking:
        _memory.lacking, _memory.since = position, now
    return now - _memory.since


def _avoid(trouble: str) -> None:
    news, _memory.well = not _memory.trouble, False
    _memory.trouble, _memory.retry_at = trouble, time.monotonic() + RETRY_SECONDS
    if news:
        logger.error("%s The primary answers meanwhile.", trouble)
    if _to_be_told():
        # Beside the request: a mail server may take its time.
        threading.Thread(target=_tell, args=(trouble,), name="replica-mail", daemon=True).start()


def _to_be_told() -> bool:
    """Whether nobody was told yet; with REDIS_URL one of all processes tells."""
    try:
        return bool(cache.add("replica-told", 1, AGAIN_SECONDS))
    except Exception as error:  # Whatever a cache's driver raises when its server is gone.
        logger.warning("The cache does not answer: %s", error)
        return False


def _tell(trouble: str) -> None:
    try:
        mail_admins("The read replica is in trouble", f"{trouble}\n\n{_HELP}\n")
    except Exception:
        logger.exception("The admins could not be told by mail.")


def _close() -> None:
    """What is left of the connection; the next one is made anew."""
    try:
        connections[REPLICA].close()
    except BROKEN:
        logger.debug("The connection to the replica could not be closed.", exc_info=True)


def _said(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]

"""How the parts of the site are: the one place that `/ready/`, the admin and the metrics ask.

Each part is a function named in the setting HEALTH_CHECKS that returns a `Part` or raises; an app
adds one by naming it there, so that nobody has to know whom there is to ask.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string

from leitner import replica_health

State = Literal["ok", "degraded", "failed"]
# Whoever asks waits so long at most (seconds), and hears what was found so long ago at most.
PATIENCE, FRESH = 2.0, 2.0
# Without these no page can be served; whatever else breaks must not take the site down.
NEEDED = "database", "migrations"
_CONNECTIONS = """
SELECT count(*), current_setting('max_connections')::int
FROM pg_stat_activity WHERE backend_type = 'client backend'
"""


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `failed`: no page can be served. `degraded`: pages go on, somebody should look.

    `said` is a sentence for people; `figures` are numbers and short texts for machines. Neither
    holds a secret or anything of a learner.
    """

    name: str
    state: State = "ok"
    said: str = ""
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Health:
    """All parts; `state` is the worst of theirs."""

    parts: tuple[Part, ...]

    @property
    def state(self) -> State:
        states = {part.state for part in self.parts}
        return "failed" if "failed" in states else "degraded" if "degraded" in states else "ok"

    def numbers(self) -> Iterator[tuple[str, str, float]]:
        """(part, figure, value) of each number; `ok` is 1, or 0 when something is amiss."""
        for part in self.parts:
            yield part.name, "ok", float(part.state == "ok")
            for figure, value in part.figures.items():
                if isinstance(value, int | float):
                    yield part.name, figure, float(value)


class Watch:
    """Looks in a thread of its own, one look at a time, so that what hangs holds up nobody."""

    def __init__(self) -> None:
        self._looking: Future[Health] | None = None
        self._last: tuple[float, Health] | None = None
        self._thread = ThreadPoolExecutor(1, "health")

    def health(self, patience: float = PATIENCE) -> Health:
        """How all parts are; one that does not answer in time is called failed."""
        if self._last and time.monotonic() - self._last[0] < FRESH:
            return self._last[1]
        if self._looking is None or self._looking.done():
            self._looking = self._thread.submit(_look_and_close)
        try:
            found = self._looking.result(patience)
        except TimeoutError:
            sentence = f"Looking took more than {patience:g} seconds; something hangs."
            return Health((Part("answer", "failed", sentence),))
        self._last = time.monotonic(), found
        return found


def look() -> Health:
    """Ask all parts, one after the other, in this thread."""
    return Health(tuple(_ask(name) for name in settings.HEALTH_CHECKS))


def _look_and_close() -> Health:
    try:
        return look()
    finally:
        connections.close_all()


def _ask(dotted: str) -> Part:
    check = import_string(dotted)
    try:
        part: Part = check()
    except Exception as error:  # Whatever it is, it is what somebody wants to know.
        name = dotted.rpartition(".")[2]
        # The words of an error can hold addresses and passwords; its kind cannot.
        state: State = "failed" if name in NEEDED else "degraded"
        return Part(name, state, f"It does not answer ({type(error).__name__}).")
    return part


def database() -> Part:
    """The database answers."""
    start = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        milliseconds = round((time.perf_counter() - start) * 1e3, 1)
        figures: dict[str, Any] = {"vendor": connection.vendor, "ms": milliseconds}
        if connection.vendor == "postgresql":
            cursor.execute(_CONNECTIONS)
            figures["connections"], figures["most_connections"] = cursor.fetchone()
    return Part("database", figures=figures)


def migrations() -> Part:
    """The tables are those of this release."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return Part("migrations", figures={"unapplied": 0})
    said = f"{len(plan)} migrations have not been applied. Run: python manage.py migrate"
    return Part("migrations", "failed", said, {"unapplied": len(plan)})


def cache() -> Part:
    """Redis answers; pages go on without it."""
    if settings.CACHES["default"]["BACKEND"] != "leitner.cache.SteadyRedisCache":
        return Part("cache", figures={"kind": "memory"})
    from leitner import cache as steady  # It brings 9 MB of redis: for those who have one.

    status = steady.status()
    if status.answers:
        return Part("cache", figures={"kind": "redis"})
    said = f"Redis does not answer ({status.reason}); pages go on without it."
    return Part("cache", "degraded", said, {"kind": "redis"})


def replica() -> Part:
    """The replica follows; pages go on without it."""
    state = replica_health.state()
    if state is None:
        return Part("replica", figures={"set": False})
    figures = {"set": True, "lag_seconds": round(state.lag, 1)}
    if state.trouble:
        return Part("replica", "degraded", state.trouble, figures)
    return Part("replica", figures=figures)


watch = Watch()

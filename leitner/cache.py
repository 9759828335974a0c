"""Redis as the cache, without which everything goes on.

What Redis does not answer in time is done by a stand-in: this process's memory, or, where old
copies would do harm (login sessions, which the database has), nothing at all. Whatever is kept in
memory must have a key that never means anything else later, since processes do not hear of each
other: a version or a time belongs into it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.cache import caches
from django.core.cache.backends import redis as django_redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.utils.functional import cached_property
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.retry import Retry

from leitner.circuit import Circuit

# So long a page waits for Redis at most, for a connection and for an answer (seconds).
PATIENCE = 0.25
# Operations after which what Redis has is out of date, if it did not hear of them.
CHANGES = {"set", "set_many", "delete", "delete_many"}
# All servers that this process uses, by address.
_circuits: dict[str, Circuit] = {}


class Missing(ValueError):
    """What was to be incremented is not there."""


class Unreadable(Exception):
    """A value that another release stored."""


class Serializer(django_redis.RedisSerializer):
    """Django's, whose errors can be told from those of a server."""

    def loads(self, data: Any) -> Any:
        try:
            return super().loads(data)
        except Exception as error:
            raise Unreadable from error


class Client(django_redis.RedisCacheClient):
    """Django's, which makes a new object for each operation: here it is made once, which is cheaper
    by half. And an increment is one round trip.
    """

    _one: Redis | None = None

    def get_client(self, key: Any = None, *, write: bool = False) -> Redis:
        if self._one is None:
            self._one = super().get_client(write=True)
        return self._one

    def incr(self, key: Any, delta: int) -> int:
        pipeline = self.get_client(key, write=True).pipeline(transaction=False)
        pipeline.exists(key)
        pipeline.incr(key, delta)
        there, value = pipeline.execute()
        if not there:
            self.delete(key)
            raise Missing(f"Key {key!r} not found.")
        return int(value)


class Steady:
    """The operations of a `Client`, each done by the stand-in when Redis does not."""

    def __init__(self, client: Client, stand_in: BaseCache, circuit: Circuit) -> None:
        self._client, self._stand_in, self._circuit = client, stand_in, circuit

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return partial(self._do, operation)

    def _do(self, operation: str, *args: Any) -> Any:
        way = self._circuit.way()
        if way != "leave":
            try:
                if way == "try":
                    self.settle()
                return getattr(self._client, operation)(*args)
            except Missing:
                raise
            except Unreadable:
                return args[1] if operation == "get" else {}
            except Exception as error:  # Also what a server says that is no Redis at all.
                self._circuit.failed(error)
        if operation == "clear":
            # Nobody empties a cache while a page is made; an operator has to know.
            self._circuit.owes_all = True
            raise NoConnection(self._circuit.reason)
        if operation in CHANGES:
            self._circuit.owe([args[0]] if isinstance(args[0], str) else args[0])
        if operation == "incr" and not self._stand_in.has_key(args[0]):
            # It was counted in Redis until now.
            self._stand_in.set(args[0], 0)
        return getattr(self._stand_in, operation)(*args)

    def settle(self) -> None:
        """Ask again: what changed meanwhile goes first, and a Redis that takes nothing is none."""
        client = self._client.get_client(None, write=True)
        if self._circuit.owes_all:
            client.flushdb()
        while keys := set(self._circuit.owed):
            client.delete(*keys)
            self._circuit.paid(keys)
        client.set("leitner:answers", 1, ex=60)
        self._circuit.works()


class SteadyRedisCache(django_redis.RedisCache):
    """Django's Redis cache, but pages never fail nor wait long when Redis does.

    OPTIONS: `stand_in`, the name in CACHES of the cache that is used meanwhile; `longest`, the most
    seconds that anything is kept, no bound when missing.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = dict(params.get("OPTIONS", {}))
        self._longest: int | None = options.pop("longest", None)
        self._stand_in: str = options.pop("stand_in")
        options |= {
            "socket_timeout": PATIENCE,
            "socket_connect_timeout": PATIENCE,
            # A connection that Redis closed, as when it starts anew, is opened again at once; what
            # takes too long is not tried twice.
            "retry": Retry(NoBackoff(), 1, supported_errors=(NoConnection,)),
        }
        super().__init__(server, params | {"OPTIONS": options})
        self._server, self._redis_options = server, options
        self.circuit = _circuits.setdefault(server, Circuit("Redis"))

    @cached_property
    def _cache(self) -> Steady:
        client = Client([self._server], serializer=Serializer, **self._redis_options)
        return Steady(client, caches[self._stand_in], self.circuit)

    def get_backend_timeout(self, timeout: float | None = DEFAULT_TIMEOUT) -> float | None:
        seconds = super().get_backend_timeout(timeout)
        if self._longest is None:
            return seconds
        return self._longest if seconds is None else min(seconds, self._longest)


@dataclass(frozen=True, slots=True)
class Status:
    """How Redis is: not used, there, or away since when and why (no address, no password)."""

    used: bool
    answers: bool = True
    since: dt.datetime | None = None
    reason: str = ""


def status() -> Status:
    """Asks Redis, but not more often than pages do while it is away. Never raises; waits <1 s."""
    cache = caches["default"]
    if not isinstance(cache, SteadyRedisCache):
        return Status(used=False)
    cache.get("leitner:answers")
    circuit = cache.circuit
    return Status(True, circuit.failing_since is None, circuit.failing_since, circuit.reason)

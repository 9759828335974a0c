"""What stands at REDIS_URL is no Redis, one that takes nothing, or has what nobody can read."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from redis import Redis

from leitner import cache as steady
from tests.valkey import use

ANSWERS = {
    "a web server": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "nothing": b"",
    "noise": bytes(range(1, 256)) * 4,
    "no number": b":x\r\n" * 9,
    "no length": b"$99999999999999999999\r\n",
    "still loading": b"-LOADING Redis is loading the dataset in memory\r\n" * 9,
    "a replica": b"-READONLY You can't write against a read only replica.\r\n" * 9,
    "a full disk": b"-MISCONF Redis is configured to save RDB snapshots\r\n" * 9,
}


@pytest.fixture(params=ANSWERS)
def stranger(
    request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """REDIS_URL leads to what gives this answer to everything, and hangs up."""

    def serve() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                client.recv(4096)
                client.sendall(ANSWERS[request.param])

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        use(f"redis://127.0.0.1:{server.getsockname()[1]}", settings, monkeypatch)
        yield
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.mark.usefixtures("stranger")
def test_memory_does_instead() -> None:
    cache = caches["default"]
    assert cache.get("a", "default") == "default"
    cache.set("a", [1])
    assert cache.get("a") == [1]
    assert cache.add("n", 1)
    assert not cache.add("n", 1)
    assert cache.incr("n") == 2
    cache.delete("a")
    assert cache.get_many(["a", "n"]) == {"n": 2}
    status = steady.status()
    assert (status.used, status.answers) == (True, False)
    assert status.reason


@pytest.mark.usefixtures("stranger")
def test_copies_of_sessions_are_not_kept_in_memory() -> None:
    sessions = caches["sessions"]
    sessions.set("key", {"user": 1})
    assert sessions.get("key") is None
    assert "key" not in sessions


@pytest.mark.usefixtures("redis_cache")
def test_what_nobody_can_read_is_not_there(redis_url: str) -> None:
    cache = caches["default"]
    cache.set("old", [1])
    with Redis.from_url(redis_url) as control:
        for key in control.keys("*old"):
            control.set(key, b"\x80\x04cno_such_module\nnothing\n.")
    assert cache.get("old", "default") == "default"
    assert cache.get_many(["old"]) == {}
    assert steady.status().answers

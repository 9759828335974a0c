"""Clients that are slow, huge or rude do not keep others from learning."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

import pytest

from accounts.models import User
from tests.faults.site import workers
from tests.gunicorns import ask, cookies

MIB = 1 << 20


@pytest.fixture
def memory(site: str, alice: User) -> Callable[[], int]:
    """What the largest worker has grown by, in bytes, since each had its share of pages."""

    def largest() -> int:
        return max(int(worker.memory_info().rss) for worker in workers())

    assert [ask(f"{site}{page}", cookies(alice)) for page in ["/", "/import/"] * 20] == [200] * 40
    before = largest()
    return lambda: largest() - before


def reach(address: str) -> tuple[str, int]:
    parts = urlsplit(address)
    return str(parts.hostname), int(parts.port or 80)


def test_slow_clients_hold_up_nobody_else(site: str, alice: User) -> None:
    """Even if one worker has them all, one of its four threads is left."""
    with ExitStack() as stack:
        for _ in range(3):
            slow = stack.enter_context(closing(socket.create_connection(reach(site))))
            slow.sendall(b"POST /review/answer/ HTTP/1.1\r\nHost: localhost\r\nContent-Le")
        cookie = cookies(alice)
        assert [ask(f"{site}/review/", cookie) for _ in range(10)] == [200] * 10


@pytest.mark.parametrize("path", ["/import/", "/your-data/restore/", "/review/answer/"])
def test_a_hundred_megabytes_are_refused_before_they_are_read(
    site: str, alice: User, path: str, memory: Callable[[], int]
) -> None:
    line = http.client.HTTPConnection(*reach(site), timeout=30)
    line.putrequest("POST", path)
    line.putheader("Cookie", cookies(alice))
    line.putheader("Content-Type", "application/x-www-form-urlencoded")
    line.putheader("Content-Length", str(100 * MIB))
    line.endheaders()
    # Nothing of it was sent, and the answer is there.
    assert line.getresponse().status == 413
    line.close()
    assert memory() < 20 * MIB


def test_a_hundred_megabytes_without_a_length_are_not_kept(
    site: str, alice: User, memory: Callable[[], int]
) -> None:
    with closing(socket.create_connection(reach(site), timeout=30)) as rude:
        head = (
            "POST /import/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
            f"Content-Type: text/plain\r\nCookie: {cookies(alice)}\r\n\r\n"
        )
        rude.sendall(head.encode())
        chunk = b"%x\r\n" % MIB + b"x" * MIB + b"\r\n"
        try:
            for _ in range(100):
                rude.sendall(chunk)
            rude.sendall(b"0\r\n\r\n")
        except OSError:
            pass  # It hung up, as it may.
        assert ask(f"{site}/", cookies(alice)) == 200
    assert memory() < 40 * MIB

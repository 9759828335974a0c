"""Leitner as it is served: gunicorn processes of their own, and learners who ask them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from django.conf import settings
from django.test import Client

from accounts.models import User
from tests.pgbouncer import free_port

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0
TOKEN = "a" * 32


@contextmanager
def machines(
    count: int, folder: Path, *, workers: int, threads: int, **environment: str
) -> Iterator[list[str]]:
    """The addresses of so many machines (here: gunicorns) with this environment only."""
    clean = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(folder)}
    clean |= {"SECRET_KEY": settings.SECRET_KEY, "HTTPS": "0", "DEBUG": "1", "LOG_LEVEL": "WARNING"}
    size = ["--workers", str(workers), "--threads", str(threads)]
    with ExitStack() as stack:
        ports = [free_port() for _ in range(count)]
        for port in ports:
            command = [sys.executable, "-m", "gunicorn", "leitner.wsgi", *size]
            command += ["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
            command += ["--no-control-socket", "--log-level", "warning"]
            process = subprocess.Popen(command, cwd=ROOT, env=clean | environment)
            stack.callback(process.wait, PATIENCE)
            stack.callback(process.terminate)
        for port in ports:
            _wait_for(port)
        yield [f"http://127.0.0.1:{port}" for port in ports]


def _wait_for(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with closing(socket.socket()) as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("gunicorn does not answer")


def cookies(user: User) -> str:
    """What this learner's browser sends once it is signed in."""
    client = Client()
    client.force_login(user)
    session = client.cookies["sessionid"].value
    return f"sessionid={session}; csrftoken={TOKEN}"


def ask(url: str, cookie: str, data: bytes | None = None) -> int:
    """GET, or POST with data; the status of where it leads to."""
    headers = {"Cookie": cookie, "X-CSRFToken": TOKEN}
    request = urllib.request.Request(url, data, headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310
        response.read()
        return int(response.status)

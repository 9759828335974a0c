"""Debian's PgBouncer, transaction pooling, in front of the PostgreSQL of the tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

HOW_TO_GET_PGBOUNCER = (
    "no PgBouncer was found for the tests of pooling: `apt-get install pgbouncer` (Debian, Ubuntu)"
)
PATIENCE = 20.0
# `any`: nobody but the tests reaches it. A client that waits for a connection in vain is told so.
SETTINGS = """
[databases]
* = host={host} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 500
query_wait_timeout = 30
ignore_startup_parameters =
logfile = {log}
"""


def program() -> str | None:
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/sbin")


@contextmanager
def pgbouncer(server_url: str, size: int) -> Iterator[tuple[str, int]]:
    """Host and port of a PgBouncer that keeps `size` connections to each database of the server."""
    path = program()
    if path is None:
        # Where everything must run, a missing program is a failure, never a quiet skip.
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop(HOW_TO_GET_PGBOUNCER)
    parts = urlsplit(server_url)
    host = parse_qs(parts.query)["host"][0]
    listen = free_port()
    with tempfile.TemporaryDirectory(prefix="leitner-pgbouncer-") as folder:
        log, settings = Path(folder) / "log", Path(folder) / "pgbouncer.ini"
        settings.write_text(
            SETTINGS.format(
                host=host,
                port=parts.port or 5432,
                user=parts.username or "postgres",
                listen=listen,
                size=size,
                log=log,
            )
        )
        # It does not run as root; whoever owns the socket of the server may use it.
        who = Path(host).stat().st_uid if os.geteuid() == 0 else None
        Path(folder).chmod(0o700 if who is None else 0o777)
        process = subprocess.Popen(
            [path, "-q", str(settings)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=who,
        )
        try:
            _wait_for(listen, process, log)
            yield "127.0.0.1", listen
        finally:
            process.terminate()
            process.wait(PATIENCE)


def free_port() -> int:
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until it takes clients; its own words when it does not."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with closing(socket.socket()) as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    pytest.fail(f"PgBouncer does not answer. {log.read_text() if log.exists() else ''}")

"""How gunicorn serves Leitner: `gunicorn leitner.wsgi --config python:leitner.gunicorn`.

Lower-case names are gunicorn's settings (https://gunicorn.org/reference/settings/).
"""

from __future__ import annotations

import ctypes
import socket
import struct
from itertools import count
from pathlib import Path
from typing import Any

from prometheus_client.multiprocess import mark_process_dead

from leitner import settings
from leitner.env import count_in

bind = f"{settings.HOST}:{settings.PORT}"
worker_class = "gthread"
workers = settings.WEB_CONCURRENCY
threads = settings.WEB_THREADS
# A worker that gives no sign for so long is replaced; one that is to end has so long to finish.
timeout, graceful_timeout = 60, 50
# Longer than proxies keep a connection, so that none sends into one that is being closed.
keepalive = 90
# Whatever leaks, leaks for so many requests; not all workers begin anew at the same time.
max_requests, max_requests_jitter = 20_000, 4_000
# The sign of life is a file; a slow disk must not look like a dead worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True
# Requests are logged by the application, with their ids.
accesslog = None

# Of glibc's malloc.h.
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
# A client that sends nothing for so long in the middle of a request is hung up on (seconds).
SILENCE = 20


def on_starting(server: Any) -> None:
    """Nothing that was counted before a restart is counted again."""
    settings.METRICS_DIR.mkdir(parents=True, exist_ok=True)
    for path in settings.METRICS_DIR.glob("*.db"):
        path.unlink()


def pre_fork(server: Any, worker: Any) -> None:
    """Each worker counts in files of its place; who takes a place over goes on counting there."""
    taken = {other.place for other in server.WORKERS.values()}
    worker.place = next(place for place in count() if place not in taken)


def post_fork(server: Any, worker: Any) -> None:
    give_memory_back()
    count_in(settings.METRICS_DIR, worker.place)


def give_memory_back() -> None:
    """What a sign-in takes (19 MiB for Argon2) goes back to the system, whichever thread took it.

    glibc would keep it for each thread: 40 MB a worker. Elsewhere there is no mallopt to call.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, 1 << 20)
        mallopt(M_ARENA_MAX, 2)


def child_exit(server: Any, worker: Any) -> None:
    """Its memory is no longer there."""
    mark_process_dead(worker.place, str(settings.METRICS_DIR))  # type: ignore[no-untyped-call]


def when_ready(server: Any) -> None:
    """Connections inherit what is set on the sockets that listen."""
    for listener in server.LISTENERS:
        patience = struct.pack("ll", SILENCE, 0)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
